"""Whom a bearer token names; and demo tokens, which this server signs itself for trials."""

import os
import secrets
import time
from dataclasses import dataclass
from math import inf
from pathlib import Path
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from domain.identity import TokenScope
from domain.profile_parse import SLUG
from server.settings import SettingsError

ALGORITHM = "HS256"
ISSUER = "linli-demo"
DAYS = 30
SHORTEST_SECRET = 32
MARK = "demo"


ALL_SCOPES = frozenset(scope.value.lower() for scope in TokenScope)


class TokenError(Exception):
    """The token is none that is trusted here, or no longer valid."""

    def __init__(self) -> None:
        super().__init__("This token is not valid here, or has expired.")


@dataclass(frozen=True)
class Identity:
    """Whom a token names."""

    locality: str
    person: UUID
    expires: float = inf
    """When the token ends that named it, in seconds of Unix time."""
    scopes: frozenset[str] = ALL_SCOPES
    """What the token is good for, of what the person may do: read, write, admin."""
    presented: bytes = b""
    """The digest of the login or access token that must still be there at each request."""

    @property
    def expired(self) -> bool:
        return time.time() >= self.expires


def signing_key(secret: str | None, data: Path) -> OctKey:
    """The key of that secret, or of one made once and kept in the data folder, readable by us."""
    if secret is not None and len(secret) < SHORTEST_SECRET:
        raise SettingsError(f"LINLI_SECRET must have at least {SHORTEST_SECRET} characters.")
    return OctKey.import_key(secret or _kept_secret(data / "secret"))


def _kept_secret(file: Path) -> str:
    try:
        return file.read_text()
    except FileNotFoundError:
        file.parent.mkdir(parents=True, exist_ok=True)
    made = secrets.token_urlsafe(48)
    try:
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process made it in the meantime
        return file.read_text()
    with os.fdopen(opened, "w") as stream:
        stream.write(made)
    return made


def mark_demo(data: Path, *, on: bool) -> None:
    """Leave word in the data folder whether the server there takes demo tokens."""
    mark = data / MARK
    if on:
        data.mkdir(parents=True, exist_ok=True)
        mark.touch()
    else:
        mark.unlink(missing_ok=True)


def takes_demo(data: Path) -> bool:
    """Whether the last server on a data folder took demo tokens."""
    return (data / MARK).exists()


def issue(key: OctKey, identity: Identity) -> str:
    """A token for a person, good for 30 days."""
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "sub": f"{identity.locality}/{identity.person}",
        "iat": now,
        "exp": now + DAYS * 86_400,
    }
    return jwt.encode({"alg": ALGORITHM}, claims, key)


def verify(key: OctKey, token: str) -> Identity:
    """Whom a demo token names; a TokenError if it is not ours or has expired."""
    try:
        decoded = jwt.decode(token, key, algorithms=[ALGORITHM])
        registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            sub={"essential": True},
            exp={"essential": True},
        )
        registry.validate(decoded.claims)
        locality, _, person = str(decoded.claims["sub"]).partition("/")
        if SLUG.fullmatch(locality) is None:
            raise TokenError
        return Identity(locality, UUID(person), float(decoded.claims["exp"]))
    except (JoseError, ValueError, OverflowError) as error:
        raise TokenError from error
