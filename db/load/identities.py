"""Logins and offices, written as the owner: by the command line, on nobody's behalf."""

from datetime import datetime
from uuid import UUID

from db import run
from db.keys import new_key
from db.load.copy import Owner, affected
from db.office import HELD, HELD_APART, TODAY, UNLESS_APART, granting
from domain.identity import OfficeKind, excluded_by


async def put_login(
    owner: Owner, locality: str, issuer: str, subject: str, digest: bytes, person: UUID
) -> None:
    """Let a subject of an issuer speak for a person of a place, and for no other there."""
    await owner.execute(PUT_LOGIN, locality, issuer, subject, digest, person)


async def drop_login(owner: Owner, locality: str, issuer: str, subject: str) -> bool:
    """Let it speak for nobody there; false if it did not."""
    return affected(await owner.execute(DROP_LOGIN, locality, issuer, subject)) == 1


async def logins(owner: Owner, locality: str) -> list[tuple[str, ...]]:
    """A place's logins: issuer, subject, person."""
    return [tuple(row) for row in await owner.fetch(LOGINS, locality)]


async def grant(owner: Owner, locality: str, person: UUID, kind: OfficeKind, now: datetime) -> bool:
    """Give a person an office from today on, unless it holds it; false if another excludes it."""
    async with owner.transaction():
        await run.one_by_one(owner, granting(locality))
        if await owner.fetchval(HELD, locality, person, kind) is not None:
            return True
        if await owner.fetchval(HELD_APART, locality, person, [*excluded_by(kind)]):
            return False
        given = await owner.execute(GRANT, locality, person, kind, new_key(now), now)
    return affected(given) == 1


async def revoke(owner: Owner, locality: str, person: UUID, kind: str) -> bool:
    """Take an office at once; false if the person did not hold it."""
    return affected(await owner.execute(REVOKE, locality, person, kind)) > 0


async def offices(owner: Owner, locality: str) -> list[tuple[str, ...]]:
    """Who holds an office of a place today: office, person, since when."""
    return [tuple(row) for row in await owner.fetch(OFFICES, locality)]


PUT_LOGIN = """
INSERT INTO login (locality_id, issuer, subject, digest, person_id, added_at)
VALUES ($1, $2, $3, $4, $5, clock_timestamp())
ON CONFLICT (locality_id, issuer, subject) DO UPDATE SET person_id = EXCLUDED.person_id
"""
DROP_LOGIN = "DELETE FROM login WHERE locality_id = $1 AND issuer = $2 AND subject = $3"
LOGINS = """
SELECT l.issuer, l.subject, p.name
FROM login l JOIN person p ON p.locality_id = l.locality_id AND p.id = l.person_id
WHERE l.locality_id = $1 ORDER BY l.issuer, l.subject
"""
GRANT = f"""
INSERT INTO office (locality_id, id, person_id, kind, valid_from, granted_at)
VALUES ($1, $4, $2, $3, CURRENT_DATE, $5) {UNLESS_APART}
"""  # noqa: S608  # a constant of ours
REVOKE = f"""
UPDATE office SET valid_to = CURRENT_DATE, revoked_at = clock_timestamp()
WHERE locality_id = $1 AND person_id = $2 AND kind = $3 AND {TODAY}
"""  # noqa: S608  # a constant of ours
OFFICES = f"""
SELECT o.kind, p.name, o.granted_at::text
FROM office o JOIN person p ON p.locality_id = o.locality_id AND p.id = o.person_id
WHERE o.locality_id = $1 AND {TODAY} ORDER BY o.kind, p.name, o.id
"""  # noqa: S608  # as above
