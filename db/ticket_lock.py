"""Tickets under lock, as verbs and the clock find them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db.policies import render
from db.pool import Connection
from db.scope import Scope
from db.ticket import Ticket
from db.viewer import Placeholders
from db.visibility import SEEN
from domain.ids import TicketId, UnitId
from domain.terms import Severity, TicketStatus, Verdict
from domain.ticket import TicketState
from domain.ticket_facts import NEVER


@dataclass(frozen=True)
class Facts:
    """The claim, the check and the end, and where a merged ticket went on."""

    resolution: str | None = None
    resolved_at: datetime | None = None
    verified_at: datetime | None = None
    closed_at: datetime | None = None
    merged_into: UUID | None = None


@dataclass(frozen=True)
class Held:
    """A ticket under lock, and the moment at which it was had."""

    state: TicketState
    now: datetime
    locality: str
    unit_path: str
    handler_path: str
    joint_scopes: list[str] | None
    reporter_id: UUID | None
    profile_revision: int
    events: int
    """How many events it has."""
    next_due_at: datetime | None
    carries: int
    """How many reports were merged into it."""
    served: bool
    """Whether services were recorded for it."""
    facts: Facts

    def labels(self) -> dict[str, Any]:
        """What the rows of the ticket repeat of it."""
        return {
            "locality_id": self.locality,
            "ticket_id": self.state.id,
            "unit_path": self.unit_path,
            "handler_path": self.handler_path,
            "joint_scopes": self.joint_scopes,
            "reporter_id": self.reporter_id,
        }


async def lock(connection: Connection, scope: Scope, key: UUID) -> Held | None:
    """Lock a ticket the caller may see; None if there is none such for the caller."""
    prefixes = list(scope.prefixes)
    if not await connection.fetchval(LOCK, scope.locality, key, prefixes, scope.person):
        return None
    # Read after the lock is had: a statement that waits sees the other tables as they were before.
    return await look(connection, scope, key)


async def look(connection: Connection, scope: Scope, key: UUID) -> Held | None:
    """A ticket the caller may see as it stands, without a lock on it."""
    return next(iter(await _held(connection, scope, [key])), None)


async def lock_due(connection: Connection, scope: Scope, most: int) -> list[Held]:
    """Lock tickets whose time has come, longest due first; those that another worker has are not
    waited for."""
    keys = await connection.fetch(DUE, scope.locality, most)
    return await _held(connection, scope, [row["id"] for row in keys]) if keys else []


async def until_due(connection: Connection, locality: str) -> float | None:
    """Seconds until the next ticket of a place is due, less than none if one is; None for never."""
    return await connection.fetchval(UNTIL_DUE, locality)


async def _held(connection: Connection, scope: Scope, keys: Sequence[UUID]) -> list[Held]:
    found = await connection.fetch(HELD, scope.locality, keys, list(scope.prefixes), scope.person)
    return [_read(row) for row in found]


def _read(row: Any) -> Held:
    state = TicketState(
        id=TicketId(row["id"]),
        status=TicketStatus(row["status"]),
        severity=Severity(row["severity"]),
        category=row["category_code"],
        unit_id=UnitId(row["unit_id"]),
        handler_unit_id=UnitId(row["handler_unit_id"]),
        level_code=row["level_code"],
        created_at=row["created_at"],
        due_at=row["due_at"] or NEVER,
        hop_started_at=row["hop_started_at"],
        hop_due_at=row["hop_due_at"],
        hop_sequence=row["hops"],
        returnable=row["returnable"],
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        paused_at=row["paused_at"],
    )
    facts = Facts(
        row["resolution"],
        row["resolved_at"],
        row["verified_at"],
        row["closed_at"],
        row["merged_into_id"],
    )
    return Held(
        state,
        row["now"],
        row["locality_id"],
        row["unit_path"],
        row["handler_path"],
        row["joint_scopes"],
        row["reporter_id"],
        row["profile_revision"],
        row["events"],
        row["next_due_at"],
        row["carries"],
        row["served"],
        facts,
    )


MINE = f"({render(SEEN[Ticket](Placeholders('$1', '$3', '$4')))})"
# A second caller waits here until the first one is done.
LOCK = f"""
SELECT true FROM ticket WHERE ticket.locality_id = $1 AND ticket.id = $2 AND {MINE}
FOR NO KEY UPDATE OF ticket
"""  # noqa: S608  # the condition is db.visibility's, not a caller's
# The moment is a sub-select, read once: else the index would be read on to tickets of next year.
DUE = """
SELECT id FROM ticket
WHERE locality_id = $1 AND next_due_at IS NOT NULL AND next_due_at <= (SELECT clock_timestamp())
ORDER BY next_due_at, id LIMIT $2
FOR NO KEY UPDATE SKIP LOCKED
"""
UNTIL_DUE = """
SELECT extract(epoch FROM next_due_at - clock_timestamp())::float8 FROM ticket
WHERE locality_id = $1 AND next_due_at IS NOT NULL
ORDER BY next_due_at LIMIT 1
"""
HELD = f"""
SELECT ticket.*, u.level_code, clock_timestamp() AS now,
    (SELECT coalesce(max(e.sequence), 0) FROM ticket_event e
     WHERE e.locality_id = $1 AND e.ticket_id = ticket.id) AS events,
    EXISTS (SELECT 1 FROM service_record s
            WHERE s.locality_id = $1 AND s.ticket_id = ticket.id) AS served
FROM ticket JOIN org_unit u ON u.locality_id = $1 AND u.id = ticket.handler_unit_id
WHERE ticket.locality_id = $1 AND ticket.id = ANY ($2) AND {MINE}
ORDER BY ticket.next_due_at, ticket.id
"""  # noqa: S608  # as above
