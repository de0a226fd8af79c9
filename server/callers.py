"""Whoever calls: from the token that is sent to what its person may see at this moment."""

import time
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from db.disclosure_store import Facts
from db.fresh import Reading
from db.pool import Database
from db.scope import PUBLIC, Scope
from db.signing import Signer
from db.standing import OutdatedError
from server import errors
from server.bearers import AmbiguousError, Bearers
from server.body import Refused
from server.context import Context
from server.disclosing import disclose
from server.failed import Failed
from server.jwks import UnavailableError
from server.remembered import Remembered
from server.tokens import ALL_SCOPES, Identity, TokenError

T = TypeVar("T")

Values = list[Any]
Later = Callable[[], Values]

MOST = 10_000
"""People whose scope is remembered."""

REMEMBERED_SECONDS = 3_600
"""For how long; it is checked whenever it is used."""

WHICH_PLACE = "Name a place with the header Linli-Locality: this login is one of several."
NO_KEYS = "Tokens of this issuer cannot be checked for the moment; try again shortly."


class Caller(NamedTuple):
    """Who calls (None: anyone), and in which language they are spoken to."""

    identity: Identity | None
    language: str


@dataclass(frozen=True)
class Callers:
    """Knows callers by their tokens and by the database."""

    database: Database
    key: Any
    bearers: Bearers
    signer: Signer
    webhooks_to_private: bool = False
    """As in `server.settings`."""
    scopes: Remembered[Scope] = field(default_factory=lambda: Remembered(MOST))
    """What people could see when they were here last."""

    async def identify(
        self, authorization: str | None, locality: str | None = None
    ) -> Identity | None:
        """Whom an Authorization header names, in the place that is named if one is; None without
        such a header."""
        if authorization is None:
            return None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise unauthenticated("Send `Authorization: Bearer <token>`.")
        try:
            return await self.bearers.identity(token.strip(), locality or None)
        except TokenError as error:
            raise unauthenticated(str(error)) from error
        except AmbiguousError as error:
            raise Refused(400, "LOCALITY_REQUIRED", WHICH_PLACE) from error
        except UnavailableError as error:
            raise Refused(503, "ISSUER_UNAVAILABLE", NO_KEYS) from error

    async def scope(self, identity: Identity | None) -> Scope:
        """What they may see, by the appointments of today."""
        if identity is None:
            return PUBLIC
        _check(identity)
        return self.learn(identity, await self.database.scope_of(*_who(identity)))

    def learn(self, identity: Identity, found: Scope | None) -> Scope:
        """The scope that was found of somebody, remembered from now on."""
        if found is None:
            raise unauthenticated("Whom this token names is not, or no longer, known here.")
        scope = replace(found, signer=self.signer)
        if self.scopes.get(_who(identity)) != scope:
            self.scopes.put(_who(identity), scope, time.time() + REMEMBERED_SECONDS)
        return scope

    async def disclose(self, identity: Identity, facts: Sequence[Facts]) -> None:
        """Write down which personal data are about to be given to somebody, or raise."""
        await disclose(self.database, Scope(identity.locality, identity.person), facts)

    async def context(self, caller: Caller) -> Context:
        """The context of one operation."""
        return self._context(caller, await self.scope(caller.identity))

    async def reading_as(self, caller: Caller, read: Callable[[Context], Awaitable[T]]) -> T:
        """Read by compiled statements alone, which check the caller's scope themselves.

        They are tried with the scope of the last time, and once more if it has changed since.
        """
        if (known := self.remembered(caller.identity)) is not None:
            with suppress(OutdatedError):
                return await read(self._context(caller, known, remembered=True))
        return await read(await self.context(caller))

    def remembered(self, identity: Identity | None) -> Scope | None:
        """What they could see when they were here last."""
        if identity is None:
            return PUBLIC
        _check(identity)
        return self.scopes.get(_who(identity))

    def _context(self, caller: Caller, scope: Scope, *, remembered: bool = False) -> Context:
        scopes = ALL_SCOPES if caller.identity is None else caller.identity.scopes
        private = self.webhooks_to_private
        return Context(self.database, scope, caller.language, private, scopes, remembered)


class Steady:
    """Reads one thing for somebody over and over, as long as they lose no post or office they began
    with."""

    def __init__(
        self, callers: Callers, identity: Identity, sql: str, values: Callable[[Scope], Values]
    ) -> None:
        self._callers = callers
        self._identity = identity
        self._sql = sql
        self._values = values
        self._own = Scope(identity.locality, identity.person, presented=identity.presented)
        self._known: Scope | None = None
        self._began: Scope | None = None
        self._seen: Scope | None = None

    def reading(self, alike: Hashable) -> Reading:
        """What the statement is to yield under the scope of the same moment (`alike`: as there)."""
        self._known = self._callers.remembered(self._identity)
        return Reading(self._own, self._known, self._ask, alike)

    def _ask(self, found: Scope | None) -> tuple[str, Later]:
        if found is None or found is not self._known:
            found = self._callers.learn(self._identity, found)
        self._watch(found)
        return self._sql, partial(self._values, found)

    def _watch(self, scope: Scope) -> None:
        if scope is self._seen:
            return
        began = self._began = self._began or scope
        kept = set(began.prefixes) <= set(scope.prefixes)
        if not kept or not set(began.offices) <= set(scope.offices):
            raise Failed(errors.failure(errors.STANDING_CHANGED), status=403)
        self._seen = scope


def _who(identity: Identity) -> tuple[str, UUID, bytes]:
    """What a scope depends on."""
    return identity.locality, identity.person, identity.presented


def _check(identity: Identity) -> None:
    if identity.expired:
        raise unauthenticated("This token has expired.")


def unauthenticated(message: str) -> Refused:
    """The caller is not, or no longer, who they say."""
    return Refused(401, "UNAUTHENTICATED", message)
