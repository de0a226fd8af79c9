"""Photographs of tickets as verbs and the edge read and write them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db import run
from db.attachment import Attachment
from db.outbox import Said, tell
from db.policies import render
from db.pool import Connection
from db.scope import Scope
from db.ticket_lock import Held
from db.viewer import Placeholders
from db.visibility import SEEN
from domain.terms import ChangedNoun

ATTACH = "ATTACH"
"""What the outbox calls a photograph's arrival."""


@dataclass(frozen=True)
class Found:
    """A photograph the caller may see; what is kept of it is null while its bytes are awaited."""

    ticket_id: UUID
    stored_at: datetime | None
    media_type: str | None
    digest: str | None
    object_key: str | None


@dataclass(frozen=True)
class Kept:
    """What the object store keeps of a photograph, and where."""

    object_key: str
    media_type: str
    size: int
    width: int
    height: int
    digest: str


async def find(connection: Connection, scope: Scope, key: UUID) -> Found | None:
    """A photograph, if the caller may see it."""
    row = await connection.fetchrow(FIND, scope.locality, key, list(scope.prefixes), scope.person)
    return None if row is None else Found(**row)


async def count(connection: Connection, held: Held, since: datetime) -> int:
    """How many photographs a ticket has, with those announced since a moment."""
    return await connection.fetchval(COUNT, held.locality, held.state.id, since)


async def announce(connection: Connection, held: Held, facts: dict[str, Any]) -> None:
    """Write down that a photograph is awaited."""
    await run.insert(connection, "attachment", {**held.labels(), **facts})


async def keep(connection: Connection, held: Held, key: UUID, kept: Kept) -> bool:
    """Write down that its bytes are kept, and tell so; false if they were already.

    The caller holds the lock of the ticket.
    """
    facts = (kept.object_key, kept.media_type, kept.size, kept.width, kept.height, kept.digest)
    done = await connection.execute(KEEP, held.locality, key, held.now, *facts)
    if done == "UPDATE 0":
        return False
    said = Said(
        noun=ChangedNoun.TICKET,
        key=held.state.id,
        verb=ATTACH,
        at=held.now,
        unit_path=held.unit_path,
        handler_path=held.handler_path,
        was_handler_path=held.handler_path,
        joint_scopes=held.joint_scopes,
        reporter_id=held.reporter_id,
    )
    await tell(connection, held.locality, [said])
    return True


MINE = render(SEEN[Attachment](Placeholders("$1", "$3", "$4")))
FIND = f"""
SELECT ticket_id, stored_at, media_type, digest, object_key FROM attachment
WHERE attachment.locality_id = $1 AND attachment.id = $2 AND {MINE}
"""  # noqa: S608  # the condition is db.visibility's, not a caller's
COUNT = """
SELECT count(*) FROM attachment
WHERE locality_id = $1 AND ticket_id = $2 AND (stored_at IS NOT NULL OR requested_at > $3)
"""
KEEP = """
UPDATE attachment SET stored_at = $3, object_key = $4, media_type = $5, size = $6, width = $7,
    height = $8, digest = $9
WHERE locality_id = $1 AND id = $2 AND stored_at IS NULL
"""
