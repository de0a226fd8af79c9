"""Tickets as verbs and the clock write them: what was decided, all in one transaction."""

from collections.abc import Sequence
from uuid import UUID

from db import meeting_store, outbox, run
from db.keys import new_key
from db.paths import lineage
from db.pool import Connection
from db.ticket import CLOSED
from db.ticket_change import (
    FACTS,
    LABEL,
    STATE,
    TIMER,
    Change,
    Row,
    due_row,
    event_row,
    hop_rows,
    label_row,
    left_row,
    record_said,
    said,
    ticket_row,
    timer,
)
from db.ticket_lock import Held
from domain.escalation import NextHop
from domain.terms import CLOSED_STATUSES, ChangedNoun, TicketStatus, TicketVerb
from domain.ticket import Decision

V = TicketVerb


async def save(connection: Connection, locality: str, changes: Sequence[Change]) -> None:
    """Write decisions: tickets and their subtrees, routing labels, history, chain, outbox.

    One round trip for each table, however many tickets there are.
    """
    await connection.executemany(TICKET, [ticket_row(each) for each in changes])
    relabelled = [each for each in changes if each.labels() != each.held.labels()]
    if relabelled:
        await connection.executemany(LABELS, [label_row(each) for each in relabelled])
    handed = [await _hand_records(connection, each) for each in relabelled if each.held.served]
    await connection.executemany(EVENT, [event_row(each) for each in changes])
    if retimed := [each for each in changes if each.retimed()]:
        await connection.executemany(DUE, [due_row(each) for each in retimed])
    closed = [each for each in changes if each.decision.state.status in CLOSED_STATUSES]
    moved = [each for each in changes if each.decision.hops]
    if left := [left_row(each) for each in (*moved, *closed) if each.held.state.hop_sequence]:
        await connection.executemany(LEFT, left)
    if moved:
        await connection.executemany(HOP, [row for each in moved for row in hop_rows(each)])
    if parted := [left_row(each) for each in changes if each.parted()]:
        await connection.executemany(PARTED, parted)
    told = [said(each) for each in changes]
    await outbox.tell(connection, locality, [*told, *(one for some in handed for one in some)])


async def fold(connection: Connection, held: Held, into: Held) -> None:
    """Have a ticket carried on by another, with all that it carried itself."""
    place, key, other = held.locality, held.state.id, into.state.id
    await connection.execute(CARRY, place, other, held.carries + 1)
    await connection.execute(CARRY_ON, place, key, other)


async def answer(connection: Connection, change: Change) -> None:
    """Give those whose reports were merged into a ticket the answer that it was given (事事有回音)."""
    event, facts, held = change.decision.event, change.facts(), change.held
    given = facts.resolution, facts.resolved_at, facts.verified_at
    found = await connection.fetch(ANSWER, held.locality, held.state.id, *given)
    told = [
        outbox.Said(
            noun=ChangedNoun.TICKET,
            key=each["id"],
            verb=event.verb,
            at=event.at,
            was_handler_path=each["handler_path"],
            **{name: each[name] for name in LABEL},
        )
        for each in found
    ]
    await outbox.tell(connection, held.locality, told)


async def _hand_records(connection: Connection, change: Change) -> list[outbox.Said]:
    """Let the ticket's service records go where it goes; what is to be told of each."""
    row = label_row(change)
    records = await connection.fetch(RECORDS, *row)
    # After the records: a correction that held one of them has written its event by now.
    await connection.execute(RECORD_EVENTS, *row)
    return [record_said(change, each) for each in records]


async def rearm(connection: Connection, held: Held, ahead: NextHop | None) -> None:
    """Set a ticket's timer by what lies ahead of it, and change nothing else."""
    columns = timer(ahead)
    await connection.execute(REARM, held.locality, held.state.id, *columns.values())


async def meet(connection: Connection, change: Change, meeting: UUID | None = None) -> bool:
    """Put a tabled ticket on its meeting's agenda, and what came of it beside it.

    False if the meeting named is none that it can go to.
    """
    event, held = change.decision.event, change.held
    if event.from_status is TicketStatus.TABLED:
        key, place = held.state.id, held.locality
        if event.verb in ANSWERS:
            await meeting_store.resolve(connection, place, key, event.note, event.at)
        await meeting_store.leave(connection, place, key, event.at)
    if event.verb is V.TABLE:
        labels, path = change.labels(), change.handler_path
        return await meeting_store.table(connection, labels, path, meeting, event.at)
    return True


ANSWERS = (V.RESUME, V.RESOLVE, V.EXPLAIN)


async def create(connection: Connection, facts: Row, decision: Decision) -> bool:
    """Write a new ticket; false if its number or its key is taken."""
    if not await run.insert(connection, "ticket", facts, "ON CONFLICT DO NOTHING"):
        return False
    locality, key, path = facts["locality_id"], facts["id"], facts["unit_path"]
    reporter = facts["reporter_id"]
    event = decision.event
    stands = facts["created_at"], key, event.to_status
    await connection.executemany(ENTER, [(locality, each, *stands) for each in lineage(path)])
    await connection.execute(
        EVENT,
        *(locality, new_key(event.at), key, 1, event.verb, None, event.to_status, event.at),
        *(event.actor, event.note or None, None, None, path, path, None, reporter),
    )
    change = outbox.Said(
        ChangedNoun.TICKET, key, event.verb, event.at, path, path, path, None, reporter
    )
    await outbox.tell(connection, locality, [change])
    return True


def _assigned(names: Sequence[str], start: int) -> str:
    return ", ".join(f"{name} = ${at}" for at, name in enumerate(names, start))


# What its subtrees say of it is written with it, from the same value.
TICKET = f"""
WITH s AS (
    UPDATE ticket_scope SET status = $6, open = $6 NOT IN ({CLOSED})
    WHERE locality_id = $1 AND path = ANY ($4) AND created_at = $5 AND ticket_id = $2
        AND status <> $6)
UPDATE ticket SET joint_scopes = $3, {_assigned((*STATE, *FACTS), 6)}
WHERE locality_id = $1 AND id = $2
"""  # noqa: S608  # names are ours
REARM = f"""
UPDATE ticket SET {_assigned(TIMER, 3)} WHERE locality_id = $1 AND id = $2
"""  # noqa: S608  # as above
_RELABEL = "SET handler_path = $3, joint_scopes = $4 WHERE locality_id = $1 AND ticket_id = $2"
LABELS = f"""
WITH e AS (UPDATE ticket_event {_RELABEL}), h AS (UPDATE escalation_hop {_RELABEL}),
    a AS (UPDATE agenda_item {_RELABEL})
UPDATE attachment {_RELABEL}
"""  # as above
RECORDS = f"UPDATE service_record {_RELABEL} RETURNING id, recipient_id, person_id"  # as above
RECORD_EVENTS = """
UPDATE service_record_event SET handler_path = $3, joint_scopes = $4
WHERE locality_id = $1 AND service_record_id IN (
    SELECT r.id FROM service_record r WHERE r.locality_id = $1 AND r.ticket_id = $2)
"""
EVENT = """
INSERT INTO ticket_event (locality_id, id, ticket_id, sequence, verb, from_status, to_status, at,
    actor_id, note, verdict, due_at, unit_path, handler_path, joint_scopes, reporter_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""
# Of a joint ticket several hops are open at once: all end together.
LEFT = """
UPDATE escalation_hop SET left_at = $3
WHERE locality_id = $1 AND ticket_id = $2 AND left_at IS NULL
"""
# Those called to help; the unit that leads goes on.
PARTED = """
UPDATE escalation_hop h SET left_at = $3 FROM ticket t
WHERE h.locality_id = $1 AND h.ticket_id = $2 AND h.left_at IS NULL
    AND t.locality_id = $1 AND t.id = $2 AND h.to_unit_id <> t.handler_unit_id
"""
CARRY = "UPDATE ticket SET carries = carries + $3 WHERE locality_id = $1 AND id = $2"
CARRY_ON = "UPDATE ticket SET merged_into_id = $3 WHERE locality_id = $1 AND merged_into_id = $2"
ANSWER = """
UPDATE ticket SET resolution = $3, resolved_at = $4, verified_at = $5
WHERE locality_id = $1 AND merged_into_id = $2
RETURNING id, unit_path, handler_path, joint_scopes, reporter_id
"""
DUE = """
UPDATE escalation_hop SET due_at = $3
WHERE locality_id = $1 AND ticket_id = $2 AND left_at IS NULL
"""
HOP = """
INSERT INTO escalation_hop (locality_id, ticket_id, sequence, route, from_unit_id, to_unit_id,
    to_post_id, actor_id, rule, reason, at, due_at,
    unit_path, handler_path, joint_scopes, reporter_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
"""
ENTER = """
INSERT INTO ticket_scope (locality_id, path, created_at, ticket_id, status, open)
VALUES ($1, $2, $3, $4, $5, true)
"""
