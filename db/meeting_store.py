"""Meetings under lock, and their agendas as the verbs on tickets write them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db import run
from db.outbox import Said, tell
from db.paths import lineage
from db.pool import Connection
from domain.terms import ChangedNoun, TicketVerb

Row = dict[str, Any]


@dataclass(frozen=True)
class Called:
    """A meeting under lock."""

    unit_path: str
    held_at: datetime | None


async def lock(connection: Connection, locality: str, key: UUID) -> Called | None:
    """Lock a meeting; None if the place has none such."""
    found = await connection.fetchrow(LOCK, locality, key)
    return None if found is None else Called(found["unit_path"], found["held_at"])


async def table(
    connection: Connection, labels: Row, unit_path: str, meeting: UUID | None, now: datetime
) -> bool:
    """Put a ticket on the agenda of a meeting that its handler, the unit at the path, can go to.

    A meeting that is named must be of that unit or of one above it, and not have been held: what a
    unit cannot decide is decided with it or over it, never below; False if it is another. Where
    none is named it is the unit's own next one, and if none has been called the ticket waits for
    one without standing on an agenda.
    """
    place = labels["locality_id"]
    if meeting is None:
        found = await connection.fetchval(NEXT, place, unit_path, now)
    else:
        found = await connection.fetchval(NAMED, place, meeting, lineage(unit_path))
    if found is None:
        return meeting is None
    item = {**labels, "meeting_id": found, "tabled_at": now}
    await run.insert(connection, "agenda_item", item)
    return True


async def resolve(
    connection: Connection, locality: str, ticket: UUID, resolution: str, now: datetime
) -> None:
    """Write what a meeting resolved on the ticket's open agenda item, if it has one."""
    await connection.execute(RESOLVE, locality, ticket, resolution, now)


async def leave(connection: Connection, locality: str, ticket: UUID, now: datetime) -> None:
    """Take a ticket off the agendas it stands on: it went another way before it was resolved."""
    await connection.execute(LEAVE, locality, ticket, now)


async def gather(
    connection: Connection, locality: str, meeting: UUID, unit_path: str, now: datetime
) -> None:
    """Put before a unit's new meeting the tickets of the unit that wait for one."""
    waiting = [dict(row) for row in await connection.fetch(WAITING, locality, unit_path)]
    for labels in waiting:
        item = {**labels, "locality_id": locality, "meeting_id": meeting, "tabled_at": now}
        await run.insert(connection, "agenda_item", item)
    told = [
        Said(
            noun=ChangedNoun.TICKET,
            key=labels.pop("ticket_id"),
            verb=TicketVerb.TABLE,
            at=now,
            was_handler_path=unit_path,
            **labels,
        )
        for labels in waiting
    ]
    if told:
        await tell(connection, locality, told)


LOCK = """
SELECT unit_path, held_at FROM meeting WHERE locality_id = $1 AND id = $2 FOR UPDATE
"""


# Locked, so that nothing is put before a meeting while it is being said to have been held.
NEXT = """
SELECT id FROM meeting
WHERE locality_id = $1 AND unit_path = $2 AND at >= $3 AND held_at IS NULL
ORDER BY at, id LIMIT 1 FOR SHARE
"""
WAITING = """
SELECT t.id AS ticket_id, t.unit_path, t.handler_path, t.joint_scopes, t.reporter_id FROM ticket t
WHERE t.locality_id = $1 AND t.open AND t.status = 'TABLED' AND t.handler_path = $2
    AND NOT EXISTS (SELECT 1 FROM agenda_item i WHERE i.locality_id = $1
                    AND i.ticket_id = t.id AND i.resolved_at IS NULL)
ORDER BY t.id FOR NO KEY UPDATE OF t
"""
NAMED = """
SELECT id FROM meeting
WHERE locality_id = $1 AND id = $2 AND unit_path = ANY ($3) AND held_at IS NULL
FOR SHARE
"""
RESOLVE = """
UPDATE agenda_item SET resolution = $3, resolved_at = $4
WHERE locality_id = $1 AND ticket_id = $2 AND resolved_at IS NULL
"""
LEAVE = """
UPDATE agenda_item SET resolved_at = $3
WHERE locality_id = $1 AND ticket_id = $2 AND resolved_at IS NULL
"""
