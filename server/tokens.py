"""Demo bearer tokens: who somebody is, signed; what they may see is read from the database."""

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

ALGORITHM = "HS256"
ISSUER = "linli-demo"
DAYS = 30
SHORTEST_SECRET = 32


class TokenError(Exception):
    """The token is not one of ours, or no longer valid."""


@dataclass(frozen=True)
class Identity:
    """Whom a token names."""

    locality: str
    person: UUID
    expires: float = inf
    """When the token ends that named it, in seconds of Unix time."""

    @property
    def expired(self) -> bool:
        return time.time() >= self.expires


def signing_key(secret: str | None, data: Path) -> OctKey:
    """The key of that secret, or of one made once and kept in the data folder, readable by us."""
    if secret is not None and len(secret) < SHORTEST_SECRET:
        raise ValueError(f"LINLI_SECRET must have at least {SHORTEST_SECRET} characters.")
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
    """Whom a token names; a TokenError if it is not ours or has expired."""
    try:
        decoded = jwt.decode(token, key, algorithms=[ALGORITHM])
        registry = jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER},
            sub={"essential": True},
            exp={"essential": True},
        )
        registry.validate(decoded.claims)
        locality, _, person = str(decoded.claims["sub"]).partition("/")
        return Identity(locality, UUID(person), float(decoded.claims["exp"]))
    except (JoseError, ValueError) as error:
        raise TokenError("This token is not valid here, or has expired.") from error
