"""Webhooks as the worker sees them: what is new for each, and how each is told."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from db import unit_store
from db.keys import new_key
from db.outbox import NUMBERING, OLDEST
from db.pool import Connection, Database
from db.scope import PUBLIC, Scope
from domain.terms import ChangedNoun
from domain.webhook import Wanted, WebhookEnd

AT_ONCE = 500
"""Changes read in one transaction."""


@dataclass(frozen=True)
class Standing:
    """What there is to do for a webhook."""

    id: UUID
    behind: bool
    """Whether changes lie ready for it."""
    blocked: bool
    """Whether changes are there that a transaction still running may yet come before."""
    due_at: datetime | None
    now: datetime


@dataclass(frozen=True)
class Channel:
    """Where and how a webhook tells, and on whose behalf."""

    id: UUID
    url: str
    owner: UUID
    secrets: tuple[bytes, ...]
    failing: bool
    now: datetime


async def in_use(database: Database) -> dict[str, Scope]:
    """The places that have a webhook in use, each with the scope of all of it."""
    found: dict[str, Scope] = {}
    async with database.transaction(PUBLIC) as connection:
        for scope in await unit_store.whole_places(connection):
            await connection.execute(scope.settings())
            if await connection.fetchval(IN_USE, scope.locality):
                found[scope.locality] = scope
    return found


async def standings(database: Database, scope: Scope) -> list[Standing]:
    """What there is to do in a place."""
    async with database.transaction(scope) as connection:
        return [Standing(**row) for row in await connection.fetch(STANDINGS, scope.locality)]


async def fan_out(database: Database, scope: Scope, webhook: UUID) -> int | None:
    """Make deliveries of the changes next in order and move the webhook's place past them.

    How many changes were read; None if another transaction holds the webhook.
    """
    async with database.transaction(scope, write=True) as connection:
        kept = await connection.fetchrow(LOCK_IDLE, scope.locality, webhook)
        if kept is None:
            return None
        if kept["seen_epoch"] != await connection.fetchval(f"SELECT {NUMBERING}"):
            await connection.execute(ANEW, scope.locality, webhook)
            return 0
        place = (kept["seen_tx"], kept["seen_id"])
        changes = await connection.fetch(CHANGES, scope.locality, *place, AT_ONCE)
        if changes:
            now = await connection.fetchval("SELECT clock_timestamp()")
            wanted = Wanted(kept["nouns"], kept["verbs"], kept["unit_path"])
            rows = [_delivery(kept, each, now) for each in changes if _takes(wanted, each)]
            await connection.executemany(DELIVER, rows)
            last = changes[-1]
            await connection.execute(MOVE, scope.locality, webhook, last["tx"], last["id"])
        return len(changes)


def _takes(wanted: Wanted, change: Any) -> bool:
    places = [change["unit_path"], change["handler_path"], change["was_handler_path"]]
    return wanted.takes(change["noun"], change["verb"], places + (change["joint_scopes"] or []))


def _delivery(kept: Any, change: Any, now: datetime) -> tuple[object, ...]:
    of_ticket = change["noun"] == ChangedNoun.TICKET.value
    return (
        kept["locality_id"],
        new_key(now),
        kept["id"],
        change["noun"],
        change["key"] if of_ticket else None,
        None if of_ticket else change["key"],
        change["verb"],
        change["at"],
        now,
        kept["owner_id"],
        kept["root_path"],
    )


async def channel(database: Database, scope: Scope, webhook: UUID) -> Channel | None:
    """How a webhook tells; None if it has stopped."""
    async with database.transaction(scope) as connection:
        found = await connection.fetchrow(CHANNEL, scope.locality, webhook)
    if found is None:
        return None
    former = (found["former_secret"],) if found["former_secret"] else ()
    return Channel(
        webhook,
        found["url"],
        found["owner_id"],
        (found["secret"], *former),
        found["failing_since"] is not None,
        found["now"],
    )


async def end(connection: Connection, locality: str, webhook: UUID, why: WebhookEnd) -> None:
    """Switch a webhook off, unless it is off already."""
    await connection.execute(END, locality, webhook, why)


IN_USE = "SELECT EXISTS (SELECT FROM webhook WHERE locality_id = $1 AND ended IS NULL)"
STANDINGS = f"""
SELECT w.id,
    w.seen_epoch <> {NUMBERING} OR EXISTS (SELECT FROM change c WHERE c.locality_id = $1
        AND (c.tx, c.id) > (w.seen_tx, w.seen_id) AND c.tx < {OLDEST}) AS behind,
    coalesce((SELECT max(c.tx) FROM change c WHERE c.locality_id = $1) >= {OLDEST}, false)
        AS blocked,
    (SELECT min(d.next_attempt_at) FROM webhook_delivery d WHERE d.locality_id = $1
        AND d.webhook_id = w.id AND d.next_attempt_at IS NOT NULL) AS due_at,
    clock_timestamp() AS now
FROM webhook w WHERE w.locality_id = $1 AND w.ended IS NULL
"""  # noqa: S608  # a constant of ours
LOCK_IDLE = """
SELECT * FROM webhook WHERE locality_id = $1 AND id = $2 AND ended IS NULL
FOR UPDATE SKIP LOCKED
"""
CHANGES = f"""
SELECT tx, id, noun, key, verb, at, unit_path, handler_path, was_handler_path, joint_scopes
FROM change WHERE locality_id = $1 AND (tx, id) > ($2, $3) AND tx < {OLDEST}
ORDER BY tx, id LIMIT $4
"""  # noqa: S608  # as above
DELIVER = """
INSERT INTO webhook_delivery (locality_id, id, webhook_id, noun, ticket_id, service_record_id,
    verb, at, status, attempts, replayed_after, next_attempt_at, owner_id, root_path)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'PENDING', 0, 0, $9, $10, $11)
"""
ANEW = f"""
UPDATE webhook SET seen_epoch = {NUMBERING}, seen_tx = pg_current_xact_id()::text::bigint
WHERE locality_id = $1 AND id = $2
"""  # noqa: S608  # as above
"""Loaded into another database, where transactions bear other numbers: the place means nothing."""

MOVE = "UPDATE webhook SET seen_tx = $3, seen_id = $4 WHERE locality_id = $1 AND id = $2"
CHANNEL = """
SELECT url, owner_id, secret, failing_since, clock_timestamp() AS now,
    CASE WHEN former_until > clock_timestamp() THEN former_secret END AS former_secret
FROM webhook WHERE locality_id = $1 AND id = $2 AND ended IS NULL
"""
END = """
UPDATE webhook SET ended = $3, ended_at = clock_timestamp()
WHERE locality_id = $1 AND id = $2 AND ended IS NULL
"""
