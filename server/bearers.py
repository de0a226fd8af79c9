"""From the text of a bearer token to whom it names: a demo token, one of an identity provider, or an
access token of ours.

What was found out may be remembered for a moment: signatures, and whom a login or access token stands
for. Whether that still holds is asked of the database with each request (`db.credential`).
"""

import asyncio
import hashlib
import logging
import re
import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from functools import partial
from math import inf

from joserfc.jwk import OctKey

from db.credential import Holder, bearer, holders, login_digest, note_use, token_digest
from db.failures import TRANSIENT
from db.listen import Standing
from db.pool import Database
from domain.identity import PREFIX, locality_of
from server.issuers import Issuer
from server.jwks import Keys
from server.jwt import Proof, Unverified, check_header, prove, take_apart
from server.purse import Purses
from server.remembered import Remembered
from server.tokens import ISSUER, Identity, TokenError, verify

LARGEST = 8_192
"""Bytes of a token."""

MOST = 10_000
PROVED, HELD = 600, 60
"""Seconds that a checked signature is remembered, and whom something stands for."""

SEEKING = 4
"""Look-ups of what nobody remembers that are under way at the same time."""

PRICE = 10
"""Points of a look-up in vain, paid by the address that it came from."""

SIGNED = re.compile(r"[\w-]{16,}\.[\w-]{16,}\.[\w-]{16,}", re.ASCII)

NOTING = 10
"""Uses of access tokens that are being noted at the same time; others are noted next time."""

log = logging.getLogger("linli")


class AmbiguousError(Exception):
    """The subject has logins in several places, and none was named."""


def plausible(authorization: bytes) -> bool:
    """Whether a header looks as if it named somebody; nothing is looked up or proved."""
    scheme, _, token = authorization.decode("latin-1").partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or len(token) > LARGEST:
        return False
    if token.startswith(PREFIX):
        return locality_of(token) is not None
    return SIGNED.fullmatch(token) is not None


class Bearers:
    """Knows whom tokens name; demo tokens are trusted if there is a key to check them with."""

    def __init__(
        self, database: Database, issuers: Sequence[Issuer], demo: OctKey | None, purses: Purses
    ) -> None:
        self._database = database
        self._purses = purses
        self._seeking = asyncio.Semaphore(SEEKING)
        self._issuers = {each.issuer: (each, Keys(each)) for each in issuers}
        self._demo = demo
        self._proved = Remembered[Proof | Identity](MOST)
        self._held = Remembered[tuple[int, Holder]](MOST)
        """Whom something stands for, and how many losses there had been when that was asked."""
        self._losses = 0
        self._lost = Remembered[int](MOST)
        """Of people, which loss was their latest."""
        self.noting = set[asyncio.Task[None]]()
        """Uses of access tokens that are being noted."""

    async def identity(self, token: str, locality: str | None) -> Identity:
        """Whom a token names, in the place that is named if one is; a TokenError if nobody."""
        if len(token) > LARGEST:
            raise TokenError
        if token.startswith(PREFIX):
            found = await self._bearer(token)
        else:
            found = await self._signed(token, locality)
        if locality not in (None, found.locality):
            raise TokenError
        return found

    def forget(self, standing: Standing | None) -> None:
        """Somebody lost something: look anew for what stands for them; for all, if it may be anybody."""
        if standing is None:
            self._held.clear()
            return
        self._losses += 1
        who = standing.locality, standing.person
        # Longer than anything is held that was asked before and came after.
        self._lost.put(who, self._losses, time.time() + 2 * HELD)

    async def _bearer(self, token: str) -> Identity:
        """Whom an access token speaks for."""
        locality, digest = locality_of(token), token_digest(token)
        if locality is None:
            raise TokenError
        holder = await self._holder(digest, partial(self._of_token, locality, digest))
        expires = inf if holder.expires_at is None else holder.expires_at.timestamp()
        scopes = frozenset(scope.lower() for scope in holder.scopes)
        return Identity(holder.locality, holder.person, expires, scopes, digest)

    async def _signed(self, token: str, locality: str | None) -> Identity:
        """Whom a signed token names."""
        key = hashlib.sha256(token.encode()).digest()
        found = self._proved.get(key)
        if found is None:
            found = await self._proof(token)
            self._proved.put(key, found, min(found.expires, time.time() + PROVED))
        if isinstance(found, Identity):
            return found
        return await self._login(found, locality or found.issuer.locality)

    async def _proof(self, token: str) -> Proof | Identity:
        """What a signed token proves; a demo token names a person by itself."""
        unverified = take_apart(token)
        issuer = unverified.claims.get("iss")
        if issuer == ISSUER and self._demo is not None:
            return verify(self._demo, token)
        return await self._prove(unverified, issuer)

    async def _prove(self, token: Unverified, issuer: object) -> Proof:
        """Check a token with the keys of the issuer that it names, if that one is trusted."""
        known = self._issuers.get(issuer) if isinstance(issuer, str) else None
        if known is None:
            raise TokenError
        trusted, keys = known
        check_header(token, trusted)
        key = await keys.find(token.kid, token.algorithm)
        if key is None:
            raise TokenError
        return prove(token, trusted, key)

    async def _login(self, proof: Proof, locality: str | None) -> Identity:
        """The person that a subject is in a place; in its only one, if none is named."""
        trusted = proof.issuer
        if trusted.locality not in (None, locality):
            raise TokenError
        digest = login_digest(trusted.issuer, proof.subject)
        seek = partial(self._of_login, digest, locality)
        holder = await self._holder((digest, locality), seek)
        return Identity(holder.locality, holder.person, proof.expires, trusted.scopes, digest)

    async def _holder(self, key: Hashable, seek: Callable[[], Awaitable[Holder | None]]) -> Holder:
        """Whom something stands for: remembered, or looked up by few at a time and at a price."""
        if (known := self._known(key)) is not None:
            return known
        purse = self._purses.of(None)
        async with self._seeking:
            if (known := self._known(key)) is not None:  # others were asking for it too
                return known
            await purse.pay(PRICE)
            losses = self._losses
            try:
                found = await seek()
            except Exception:
                purse.back(PRICE)
                raise
        if found is None:
            raise TokenError
        purse.back(PRICE)
        self._held.put(key, (losses, found), time.time() + HELD)
        return found

    def _known(self, key: Hashable) -> Holder | None:
        """Whom something stands for, if that is remembered and they lost nothing since."""
        held = self._held.get(key)
        if held is None:
            return None
        losses, holder = held
        lost = self._lost.get((holder.locality, holder.person))
        return holder if lost is None or lost <= losses else None

    async def _of_token(self, locality: str, digest: bytes) -> Holder | None:
        """Whom an access token speaks for; that it is in use is noted."""
        holder = await bearer(self._database, locality, digest)
        if holder is not None:
            self._note(holder, digest)
        return holder

    async def _of_login(self, digest: bytes, locality: str | None) -> Holder | None:
        """Whom a login stands for in a place; in its only one, if none is named."""
        found = await holders(self._database, digest)
        found = [each for each in found if locality in (None, each.locality)]
        if len(found) > 1:
            raise AmbiguousError
        return found[0] if found else None

    def _note(self, holder: Holder, digest: bytes) -> None:
        """Note beside the request that an access token is in use."""
        if holder.stale and len(self.noting) < NOTING:
            task = asyncio.create_task(self._noted(holder, digest))
            self.noting.add(task)
            task.add_done_callback(self.noting.discard)

    async def _noted(self, holder: Holder, digest: bytes) -> None:
        try:
            await note_use(self._database, holder, digest)
        except TRANSIENT as error:
            log.warning("the use of an access token was not noted: %s", type(error).__name__)
