"""Making and revoking access tokens."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from compiler.ids import GlobalId
from db import run
from db.credential import token_digest
from db.keys import new_key
from domain.identity import (
    LETTERS,
    LONGEST_LIFE,
    MOST_TOKENS,
    RANDOM,
    OfficeKind,
    TokenScope,
    access_token,
    usable,
)
from domain.refusal import RefusalCode as Code
from resolvers.caller import Refused, Work

LONGEST_NAME = 100


def new_text(locality: str) -> str:
    """The text of a new access token of a place."""
    return access_token(locality, "".join(secrets.choice(LETTERS) for _ in range(RANDOM)))


async def create(
    work: Work, name: str, scopes: Sequence[TokenScope], expires_at: datetime, text: str
) -> UUID:
    """Make an access token of the caller's own; of its text a hash is kept."""
    if len(name) > LONGEST_NAME:
        raise Refused(Code.TEXT_TOO_LONG, "name", LONGEST_NAME)
    if not usable(scopes):
        raise Refused(Code.SCOPES_INCOMPLETE, "scopes")
    now = await work.now()
    if expires_at <= now:
        raise Refused(Code.DUE_IN_PAST, "expires_at")
    if expires_at > now + LONGEST_LIFE:
        raise Refused(Code.TOO_LATE, "expires_at")
    await _check_room(work)
    facts = {
        "locality_id": work.scope.locality,
        "id": (key := new_key(now)),
        "person_id": work.scope.person,
        "name": name,
        "digest": token_digest(text),
        "scopes": sorted({TokenScope.READ, *scopes}),
        "created_at": now,
        "expires_at": expires_at,
    }
    await run.insert(work.connection, "access_token", facts)
    return key


async def _check_room(work: Work) -> None:
    """Refuse one more than a person may have in use; one at a time."""
    own = work.scope.locality, work.scope.person
    await run.one_by_one(work.connection, f"tokens/{own[0]}/{own[1]}")
    if await work.connection.fetchval(COUNT, *own) >= MOST_TOKENS:
        raise Refused(Code.LIMIT_REACHED, limit=MOST_TOKENS)


async def revoke(work: Work, token: GlobalId) -> UUID:
    """Revoke a token of one's own, or as an administrator any of the place; again changes nothing."""
    found = None
    if token.locality == work.scope.locality:
        found = await work.connection.fetchrow(LOCK, token.locality, token.key)
    if found is None:
        raise Refused(Code.NOT_FOUND, "access_token_id")
    administrator = OfficeKind.ADMINISTRATOR.value in work.scope.offices
    if found["person_id"] != work.scope.person and not administrator:
        raise Refused(Code.FORBIDDEN)
    if found["revoked_at"] is None:
        said = {"revoked_at": await work.now(), "revoked_by_id": work.scope.person}
        key = {"locality_id": token.locality, "id": token.key}
        await run.update(work.connection, "access_token", said, key)
    return token.key


COUNT = """
SELECT count(*) FROM access_token WHERE locality_id = $1 AND person_id = $2
    AND revoked_at IS NULL AND expires_at > clock_timestamp()
"""
# Row security leaves out what the caller may not see.
LOCK = """
SELECT person_id, revoked_at FROM access_token WHERE locality_id = $1 AND id = $2 FOR UPDATE
"""
