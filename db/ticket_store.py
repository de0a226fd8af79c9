"""Tickets as verbs read and write them: lock, decide elsewhere, save all in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from db import run
from db.keys import new_key
from db.paths import lineage
from db.policies import render
from db.pool import Connection
from db.scope import Scope
from db.ticket import Ticket
from db.visibility import SEEN, Placeholders
from domain.escalation import NextHop
from domain.ids import TicketId, UnitId
from domain.terms import CLOSED_STATUSES, Severity, TicketStatus, TicketVerb, Verdict
from domain.ticket import Decision, Event, Hop, TicketState

Row = dict[str, Any]

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The case clock of a ticket that came without one, as some loaded files have them."""


@dataclass(frozen=True)
class Held:
    """A ticket under lock."""

    state: TicketState
    unit_path: str
    handler_path: str
    reporter_id: UUID | None
    profile_revision: int
    events: int
    """How many events it has."""


async def lock(connection: Connection, scope: Scope, key: UUID) -> Held | None:
    """Lock a ticket the caller may see; None if there is none such for the caller."""
    prefixes = list(scope.prefixes)
    if not await connection.fetchval(LOCK, scope.locality, key, prefixes, scope.person):
        return None
    # Read after the lock is had: a statement that waits sees the other tables as they were before.
    found = await connection.fetchrow(HELD, scope.locality, key, prefixes, scope.person)
    if found is None:
        return None
    state = TicketState(
        id=TicketId(found["id"]),
        status=TicketStatus(found["status"]),
        severity=Severity(found["severity"]),
        category=found["category_code"],
        unit_id=UnitId(found["unit_id"]),
        handler_unit_id=UnitId(found["handler_unit_id"]),
        level_code=found["level_code"],
        created_at=found["created_at"],
        due_at=found["due_at"] or NEVER,
        hop_started_at=found["hop_at"] or found["created_at"],
        hop_due_at=found["hop_due_at"],
        hop_sequence=found["hops"],
        returnable=found["returnable"],
        verdict=Verdict(found["verdict"]) if found["verdict"] else None,
    )
    return Held(
        state,
        found["unit_path"],
        found["handler_path"],
        found["reporter_id"],
        found["profile_revision"],
        found["events"],
    )


async def save(
    connection: Connection,
    locality: str,
    held: Held,
    decision: Decision,
    handler_path: str,
    ahead: NextHop | None,
    resolution: str | None,
) -> None:
    """Write what was decided: the ticket, the events and hops appended, the routing labels."""
    key = {"locality_id": locality, "id": decision.state.id}
    facts = {**state_columns(decision, handler_path, ahead), **_facts(decision, resolution)}
    await run.update(connection, "ticket", facts, key)
    of_ticket = {"locality_id": locality, "ticket_id": decision.state.id}
    if handler_path != held.handler_path:
        for table in ("ticket_event", "escalation_hop", "service_record"):
            await run.update(connection, table, {"handler_path": handler_path}, of_ticket)
    labels = {
        **of_ticket,
        "unit_path": held.unit_path,
        "handler_path": handler_path,
        "reporter_id": held.reporter_id,
    }
    await append(connection, labels, decision.events, held.events)
    await move(connection, labels, held.state.hop_sequence, decision.hops)
    if decision.state.status in CLOSED_STATUSES:
        here = {**of_ticket, "sequence": decision.state.hop_sequence}
        await run.update(connection, "escalation_hop", {"left_at": decision.events[-1].at}, here)
        await connection.execute(
            LEAVE, locality, held.state.created_at, decision.state.id, lineage(held.unit_path)
        )


LEAVE = """
UPDATE ticket_scope SET open = false
WHERE locality_id = $1 AND created_at = $2 AND ticket_id = $3 AND path = ANY ($4)
"""


async def place_in_subtrees(
    connection: Connection, locality: str, key: UUID, path: str, created_at: datetime
) -> None:
    """Enter a new ticket in the subtree of its unit and of every unit above."""
    scopes = [(locality, above, created_at, key, True) for above in lineage(path)]
    await connection.executemany(ENTER, scopes)


ENTER = """
INSERT INTO ticket_scope (locality_id, path, created_at, ticket_id, open)
VALUES ($1, $2, $3, $4, $5)
"""


def state_columns(decision: Decision, handler_path: str, ahead: NextHop | None) -> Row:
    """The ticket's columns that follow from its state and what lies ahead."""
    state = decision.state
    return {
        "status": state.status,
        "handler_unit_id": state.handler_unit_id,
        "handler_path": handler_path,
        "due_at": None if state.due_at == NEVER else state.due_at,
        "hops": state.hop_sequence,
        "returnable": state.returnable,
        "verdict": state.verdict,
        "next_route": ahead.route if ahead else None,
        "next_rule": ahead.rule.code if ahead else None,
        "next_unit_id": ahead.to_unit if ahead else None,
        "next_due_at": ahead.due_at if ahead else None,
    }


def _facts(decision: Decision, resolution: str | None) -> Row:
    """The claim, the check and the end, each written when its event happens."""
    at = {event.verb: event.at for event in decision.events}
    facts: Row = {}
    if TicketVerb.RESOLVE in at:
        facts |= {"resolved_at": at[TicketVerb.RESOLVE], "resolution": resolution}
    if TicketVerb.VERIFY in at:
        facts["verified_at"] = at[TicketVerb.VERIFY]
    if decision.state.status in CLOSED_STATUSES:
        facts["closed_at"] = decision.events[-1].at
    return facts


async def append(
    connection: Connection, labels: Row, events: Sequence[Event], earlier: int
) -> None:
    """Add events to the history."""
    for sequence, event in enumerate(events, earlier + 1):
        fact = {
            "id": new_key(event.at),
            "sequence": sequence,
            "verb": event.verb,
            "from_status": event.from_status,
            "to_status": event.to_status,
            "at": event.at,
            "actor_id": event.actor,
            "note": event.note or None,
        }
        await run.insert(connection, "ticket_event", {**labels, **fact})


async def move(connection: Connection, labels: Row, current: int, hops: Sequence[Hop]) -> None:
    """Add hops to the chain; the hop the ticket was on ends where the first begins."""
    if hops and current:
        here = {
            "locality_id": labels["locality_id"],
            "ticket_id": labels["ticket_id"],
            "sequence": current,
        }
        await run.update(connection, "escalation_hop", {"left_at": hops[0].at}, here)
    for hop in hops:
        fact = {
            "sequence": hop.sequence,
            "route": hop.route,
            "from_unit_id": hop.from_unit,
            "to_unit_id": hop.to_unit,
            "to_post_id": hop.to_post,
            "actor_id": hop.actor,
            "rule": hop.rule,
            "reason": hop.reason or None,
            "at": hop.at,
            "due_at": hop.due_at,
        }
        await run.insert(connection, "escalation_hop", {**labels, **fact})


MINE = render(SEEN[Ticket](Placeholders("$1", "$3", "$4")))
# A second caller waits here until the first one is done.
LOCK = f"""
SELECT true FROM ticket WHERE ticket.locality_id = $1 AND ticket.id = $2 AND {MINE}
FOR UPDATE OF ticket
"""  # noqa: S608  # the condition is db.visibility's, not a caller's
HELD = f"""
SELECT ticket.*, u.level_code, h.at AS hop_at, h.due_at AS hop_due_at,
    (SELECT count(*)::int FROM ticket_event e
     WHERE e.locality_id = $1 AND e.ticket_id = ticket.id) AS events
FROM ticket
JOIN org_unit u ON u.locality_id = $1 AND u.id = ticket.handler_unit_id
LEFT JOIN escalation_hop h
    ON h.locality_id = $1 AND h.ticket_id = ticket.id AND h.sequence = ticket.hops
WHERE ticket.locality_id = $1 AND ticket.id = $2 AND {MINE}
"""  # noqa: S608  # as above
