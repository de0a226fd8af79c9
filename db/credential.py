"""What callers present: logins and access tokens, found by a digest of it and by nothing else.

The row is seen by whoever presents its digest (`db.policies`). What is found here may be remembered:
the scope read of each request asks anew whether it still stands (`db.standing`).
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from db.pool import Database
from db.scope import PUBLIC, Scope


@dataclass(frozen=True)
class Holder:
    """The person that what was presented stands for."""

    locality: str
    person: UUID
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    stale: bool = False
    """Whether its last use was noted more than an hour ago."""


def login_digest(issuer: str, subject: str) -> bytes:
    """What a login is found by."""
    return hashlib.sha256(f"{issuer}\0{subject}".encode()).digest()


def token_digest(token: str) -> bytes:
    """What an access token is found by: nothing else of it is kept."""
    return hashlib.sha256(token.encode()).digest()


async def holders(database: Database, digest: bytes) -> list[Holder]:
    """The people, each of another place, that a login stands for."""
    found = await database.read(
        replace(PUBLIC, presented=digest), lambda connection: connection.fetch(LOGINS, digest)
    )
    return [Holder(row["locality_id"], row["person_id"]) for row in found]


async def bearer(database: Database, locality: str, digest: bytes) -> Holder | None:
    """The person an access token speaks for, while it is good."""
    row = await database.read(
        replace(PUBLIC, presented=digest),
        lambda connection: connection.fetchrow(BY_DIGEST, locality, digest),
    )
    if row is None:
        return None
    return Holder(locality, row["person_id"], row["expires_at"], tuple(row["scopes"]), row["stale"])


async def note_use(database: Database, holder: Holder, digest: bytes) -> None:
    """Note that an access token is in use, unless that was noted in the last hour."""
    own = Scope(holder.locality, holder.person)
    await database.write(own, lambda connection: connection.execute(USED, holder.locality, digest))


LOGINS = "SELECT locality_id, person_id FROM login WHERE digest = $1"
BY_DIGEST = """
SELECT person_id, expires_at, scopes,
    coalesce(last_used_at <= clock_timestamp() - interval '1 hour', true) AS stale
FROM access_token WHERE locality_id = $1 AND digest = $2
    AND revoked_at IS NULL AND expires_at > clock_timestamp()
"""
USED = """
UPDATE access_token SET last_used_at = clock_timestamp()
WHERE locality_id = $1 AND digest = $2 AND revoked_at IS NULL
    AND coalesce(last_used_at <= clock_timestamp() - interval '1 hour', true)
"""
