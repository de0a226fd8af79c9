"""Signed tokens (JWT) of identity providers, taken apart strictly: a token never says by which key or
in which way it is to be checked."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any, cast

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.util import urlsafe_b64decode

from server.issuers import Issuer
from server.tokens import TokenError

TYPES = {"jwt", "at+jwt", "application/at+jwt"}
"""Many providers leave it out. An ID token has it too: it is refused by its audience, the client."""

UNTRUSTED = {"jku", "jwk", "x5u", "x5c", "crit", "b64"}
"""Headers that would say where the key is, or that another way of reading is meant."""

LONGEST_SUBJECT = 255


class _Registry(jws.JWSRegistry):
    """joserfc's own, without its warning of the name EdDSA, which providers go on using."""

    def get_alg(self, name: str) -> Any:
        """The algorithm of that name, which was already found to be allowed."""
        return self.algorithms[name]


REGISTRY = _Registry(strict_check_header=False)


@dataclass(frozen=True)
class Unverified:
    """A token's parts as they came: nobody vouches for them yet."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def algorithm(self) -> str:
        """How it says it is signed."""
        return str(self.header.get("alg"))

    @property
    def kid(self) -> str | None:
        """The name of the key it says it is signed with."""
        kid = self.header.get("kid")
        if not isinstance(kid, str | None):
            raise TokenError
        return kid


@dataclass(frozen=True)
class Proof:
    """Whom a checked token names, for its issuer, and until when."""

    issuer: Issuer
    subject: str
    expires: float


def take_apart(token: str) -> Unverified:
    """A token's parts; a TokenError if it is not three parts with two JSON objects."""
    try:
        header, claims, _ = (urlsafe_b64decode(part) for part in token.encode("ascii").split(b"."))
        return Unverified(token, _read(header), _read(claims))
    except (ValueError, RecursionError) as error:
        raise TokenError from error


def _read(text: bytes) -> Mapping[str, Any]:
    """A JSON object that says nothing twice, neither itself nor in its parts."""
    found = json.loads(text.decode(), object_pairs_hook=_once)
    if not isinstance(found, dict):
        raise TokenError
    return cast("Mapping[str, Any]", found)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise TokenError
    return found


def prove(token: Unverified, issuer: Issuer, key: Key) -> Proof:
    """Check a token, whose header is checked, with a key of its issuer: signature, then claims."""
    try:
        jws.deserialize_compact(token.text, key, registry=REGISTRY)
    except (JoseError, ValueError, TypeError) as error:
        raise TokenError from error
    return _check_claims(token.claims, issuer)


def check_header(token: Unverified, issuer: Issuer) -> None:
    """Whether a token is of a kind that the issuer signs here; otherwise a TokenError."""
    kind = token.header.get("typ", "JWT")
    known = isinstance(kind, str) and kind.lower() in TYPES
    if not known or UNTRUSTED & token.header.keys() or token.algorithm not in issuer.algorithms:
        raise TokenError


def _check_claims(claims: Mapping[str, Any], issuer: Issuer) -> Proof:
    now, expires = time.time(), _moment(claims.get("exp"))
    begins = [_moment(claims[name]) for name in ("nbf", "iat") if name in claims]
    subject = claims.get("sub")
    if (
        claims.get("iss") != issuer.issuer
        or not _audiences(claims.get("aud")) & set(issuer.audience)
        or now >= expires + issuer.leeway
        or any(begin > now + issuer.leeway for begin in begins)
        or not isinstance(subject, str)
        or not 0 < len(subject) <= LONGEST_SUBJECT
        or not subject.isprintable()
    ):
        raise TokenError
    return Proof(issuer, subject, expires + issuer.leeway)


def _moment(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError
    try:
        moment = float(value)
    except OverflowError as error:
        raise TokenError from error
    if not isfinite(moment):
        raise TokenError
    return moment


def _audiences(value: Any) -> set[str]:
    listed = cast("list[object]", value if isinstance(value, list) else [value])
    return {each for each in listed if isinstance(each, str)}
