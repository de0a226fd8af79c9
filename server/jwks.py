"""An issuer's public keys: fetched within bounds, kept, and fetched anew beside the requests.

What is kept serves while it is being refreshed, and for a day if that fails. A key nobody knows makes
one request wait for a refresh, and so do keys that nobody has asked for in twenty minutes; no more than
one is begun in ten seconds, whoever asks for what.
"""

import asyncio
import json
import logging
import ssl
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from server.issuers import Issuer, secure

SECONDS = 3
"""For one fetch as a whole."""

FRESH, STALE, KEPT, PAUSE = 600, 1_200, 86_400, 10
"""Seconds after which keys are refreshed, after which that is waited for, after which they are trusted
no more, and between two attempts."""

LARGEST = 262_144
MOST_KEYS = 100
SHORTEST_RSA = 2048
DISCOVERY = "/.well-known/openid-configuration"
TYPES = {"R": "RSA", "P": "RSA", "E": "EC"}

PASSING = (OSError, TimeoutError, ValueError, RecursionError, httpx.HTTPError, httpx.InvalidURL)
"""What goes wrong with keys, and may be well at the next attempt."""

log = logging.getLogger("linli")


class UnavailableError(Exception):
    """The issuer's keys are not to be had for the moment."""


class Keys:
    """The keys of one issuer."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._keys: tuple[tuple[str | None, str | None, Key], ...] = ()
        self._loaded = self._tried = float("-inf")
        self._failed = False
        """Whether the latest attempt failed."""
        self._refreshing: asyncio.Task[None] | None = None
        if not isinstance(issuer.jwks, Path):
            _trust()  # now: reading it takes long, and later all would wait for it

    async def find(self, kid: str | None, algorithm: str) -> Key | None:
        """The key of that name that can check that algorithm; without a name, the only such one."""
        found = self._match(kid, algorithm)
        age = time.monotonic() - self._loaded
        if found is None or age >= KEPT:
            await asyncio.shield(self._refresh())
            found = self._match(kid, algorithm)
        elif age >= FRESH:
            refresh = self._refresh()
            # Long unasked, the issuer may have withdrawn it; once it did not answer, nobody waits for it.
            if age >= STALE and not self._failed:
                await asyncio.shield(refresh)
                found = self._match(kid, algorithm)
        if time.monotonic() - self._loaded >= KEPT:
            raise UnavailableError
        return found

    def _match(self, kid: str | None, algorithm: str) -> Key | None:
        kind = "OKP" if algorithm.startswith("Ed") else TYPES.get(algorithm[0])
        fitting = [
            key
            for name, for_only, key in self._keys
            if key.key_type == kind and for_only in (None, algorithm) and kid in (None, name)
        ]
        return fitting[0] if len(fitting) == 1 else None

    def _refresh(self) -> asyncio.Future[None]:
        """The refresh that is going on; a new one, unless one was begun a moment ago."""
        if self._refreshing is not None and not self._refreshing.done():
            return self._refreshing
        if time.monotonic() - self._tried < PAUSE:
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            done.set_result(None)
            return done
        self._tried = time.monotonic()
        self._refreshing = asyncio.create_task(self._load())
        return self._refreshing

    async def _load(self) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                self._keys = read_keys(await self._fetch())
            self._loaded, self._failed = time.monotonic(), False
        except PASSING as error:
            self._failed = True
            # Neither its text nor its URL: they may hold what the issuer chose.
            log.warning("no keys of %r: %s", self._issuer.issuer, type(error).__name__)

    async def _fetch(self) -> bytes:
        at = self._issuer.jwks
        if isinstance(at, Path):
            return await asyncio.to_thread(at.read_bytes)
        return await download(at or await self._discovered())

    async def _discovered(self) -> str:
        """Where the issuer's own document says its keys are."""
        issuer = self._issuer.issuer
        found = _read(await download(issuer.rstrip("/") + DISCOVERY))
        url = found.get("jwks_uri")
        if found.get("issuer") != issuer or not isinstance(url, str) or not secure(url):
            raise ValueError("a discovery document of somebody else")
        return url


@cache
def _trust() -> ssl.SSLContext:
    return httpx.create_ssl_context()


async def download(url: str) -> bytes:
    """A small document; no redirect is followed."""
    async with (
        httpx.AsyncClient(verify=_trust(), timeout=SECONDS) as client,
        client.stream("GET", url, headers={"accept": "application/json"}) as answer,
    ):
        if answer.status_code != 200:
            raise ValueError(f"answered with {answer.status_code}")
        body = bytearray()
        async for chunk in answer.aiter_bytes(chunk_size=16_384):
            body += chunk
            if len(body) > LARGEST:
                raise ValueError("too large")
        return bytes(body)


def read_keys(body: bytes) -> tuple[tuple[str | None, str | None, Key], ...]:
    """The keys of a JWKS that can check signatures: name, algorithm if only one, key."""
    listed = _read(body).get("keys")
    if not isinstance(listed, list):
        raise ValueError("not a set of keys")
    found = [_key(each) for each in cast("list[Any]", listed)[:MOST_KEYS]]
    return tuple(each for each in found if each is not None)


def _read(body: bytes) -> Mapping[str, Any]:
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return cast("Mapping[str, Any]", found)


def _key(given: Any) -> tuple[str | None, str | None, Key] | None:
    """One key; None if it is none for signatures, secret, weak, or not understood."""
    try:
        known: dict[str, Any] = dict(given)
        if known.get("use", "sig") != "sig" or "verify" not in known.get("key_ops", ["verify"]):
            return None
        key, kid, algorithm = JWKRegistry.import_key(known), known.get("kid"), known.get("alg")
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if not isinstance(key, RSAKey | ECKey | OKPKey) or key.is_private:
        return None
    if isinstance(key, RSAKey) and key.raw_value.key_size < SHORTEST_RSA:
        return None
    named = isinstance(kid, str | None) and isinstance(algorithm, str | None)
    return (kid, algorithm, key) if named else None
