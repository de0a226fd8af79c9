"""Deliveries: claimed for one attempt, told only what the owner may see, finished with its outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from db import run
from db.pool import Connection, Database
from db.scope import Scope
from db.webhook_store import end
from domain.terms import ChangedNoun
from domain.webhook import Answer, DeliveryStatus, Outcome

LEASE = timedelta(seconds=60)
"""How long a claimed delivery is left alone; after that its worker is taken to be dead."""


@dataclass(frozen=True)
class Due:
    """A delivery claimed for one attempt."""

    id: UUID
    noun: ChangedNoun
    key: UUID
    verb: str | None
    at: datetime
    attempt: int
    tries: int
    """Attempts since it was last replayed, this one included."""


async def claim(
    database: Database, scope: Scope, webhook: UUID, now: datetime, most: int
) -> list[Due]:
    """Take deliveries that are due, so that no other worker attempts them meanwhile."""
    async with database.transaction(scope, write=True) as connection:
        rows = await connection.fetch(CLAIM, scope.locality, webhook, now, now + LEASE, most)
    return [
        Due(
            row["id"],
            ChangedNoun(row["noun"]),
            row["ticket_id"] or row["service_record_id"],
            row["verb"],
            row["at"],
            row["attempts"],
            row["attempts"] - row["replayed_after"],
        )
        for row in rows
    ]


async def seen(database: Database, owner: Scope, due: Sequence[Due]) -> dict[UUID, str | None]:
    """Of the things deliveries are about, those the owner may see: a ticket's with its status."""
    tickets = [each.key for each in due if each.noun is ChangedNoun.TICKET]
    records = [each.key for each in due if each.noun is ChangedNoun.SERVICE_RECORD]
    async with database.transaction(owner) as connection:
        found = await connection.fetch(TICKETS, owner.locality, tickets)
        given = await connection.fetch(RECORDS, owner.locality, records)
    return {row["id"]: row["status"] for row in found} | {row["id"]: None for row in given}


@dataclass(frozen=True)
class Attempt:
    """An attempt that was made."""

    webhook: UUID
    delivery: Due
    milliseconds: int
    answer: Answer


@dataclass(frozen=True)
class Kept:
    """A webhook under lock."""

    locality: str
    owner: UUID
    root_path: str
    failing_since: datetime | None
    now: datetime


async def lock(connection: Connection, locality: str, webhook: UUID) -> Kept | None:
    """Lock a webhook to finish an attempt; None if it was removed meanwhile."""
    found = await connection.fetchrow(LOCK, locality, webhook)
    return None if found is None else Kept(**found)


async def finish(
    connection: Connection, kept: Kept, attempt: Attempt, outcome: Outcome, now: datetime
) -> None:
    """Write down an attempt and what follows, unless another worker has taken over meanwhile."""
    locality, due = kept.locality, attempt.delivery
    made = {
        "locality_id": locality,
        "delivery_id": due.id,
        "number": due.attempt,
        "at": now,
        "milliseconds": attempt.milliseconds,
        "response_code": attempt.answer.code,
        "error": attempt.answer.error,
        "owner_id": kept.owner,
        "root_path": kept.root_path,
    }
    await run.insert(connection, "webhook_attempt", made)
    await _settle(connection, locality, due, outcome)
    if kept.failing_since != outcome.failing_since:
        told = {"failing_since": outcome.failing_since}
        key = {"locality_id": locality, "id": attempt.webhook}
        await run.update(connection, "webhook", told, key)
    if outcome.end is not None:
        await end(connection, locality, attempt.webhook, outcome.end)


async def _settle(connection: Connection, locality: str, due: Due, outcome: Outcome) -> None:
    values = {"status": outcome.status, "next_attempt_at": outcome.next_attempt_at}
    key = {"locality_id": locality, "id": due.id, "attempts": due.attempt}
    await run.update(connection, "webhook_delivery", values, key)


async def withhold(database: Database, scope: Scope, due: Sequence[Due]) -> None:
    """Let deliveries be that the owner may not see."""
    async with database.transaction(scope, write=True) as connection:
        for each in due:
            await _settle(connection, scope.locality, each, Outcome(DeliveryStatus.WITHHELD))


CLAIM = """
UPDATE webhook_delivery SET attempts = attempts + 1, next_attempt_at = $4
WHERE locality_id = $1 AND id IN (
    SELECT id FROM webhook_delivery
    WHERE locality_id = $1 AND webhook_id = $2 AND next_attempt_at <= $3
    ORDER BY next_attempt_at, id LIMIT $5 FOR UPDATE SKIP LOCKED
)
RETURNING id, noun, ticket_id, service_record_id, verb, at, attempts, replayed_after
"""
TICKETS = "SELECT id, status FROM ticket WHERE locality_id = $1 AND id = ANY($2)"
RECORDS = "SELECT id FROM service_record WHERE locality_id = $1 AND id = ANY($2)"
LOCK = """
SELECT locality_id AS locality, owner_id AS owner, root_path, failing_since,
    clock_timestamp() AS now
FROM webhook
WHERE locality_id = $1 AND id = $2 FOR UPDATE
"""
