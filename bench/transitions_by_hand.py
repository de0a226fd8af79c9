"""RESOLVE and REWORK written by hand: the same rows in as few round trips as their order allows.

What must wait for what: the key's lock before its earlier answer, the ticket's lock before what is
read of it, that before what is written, and that before COMMIT.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import sha256
from uuid import UUID, uuid4

import asyncpg

from db.keys import new_key
from db.paths import lineage
from db.pool import SETTINGS
from db.scope import Scope
from domain.terms import TicketVerb

EARLIER = """
SELECT answer FROM client_mutation WHERE locality_id = $1 AND person_id = $2 AND client_key = $3
"""
LOCK = "SELECT status FROM ticket WHERE locality_id = $1 AND id = $2 FOR UPDATE"
HELD = """
SELECT ticket.*, clock_timestamp() AS now, (SELECT max(e.sequence) FROM ticket_event e
    WHERE e.locality_id = $1 AND e.ticket_id = ticket.id) AS events
FROM ticket WHERE locality_id = $1 AND id = $2
"""
WRITE = """
WITH t AS (
    UPDATE ticket SET status = $3, resolution = $4, resolved_at = $5, paused_at = $5,
        due_at = due_at + $20, hop_started_at = hop_started_at + $20,
        hop_due_at = hop_due_at + $20
    WHERE locality_id = $1 AND id = $2
), s AS (
    UPDATE ticket_scope SET status = $3
    WHERE locality_id = $1 AND path = ANY ($22) AND created_at = $23 AND ticket_id = $2
), h AS (
    UPDATE escalation_hop SET due_at = due_at + $20
    WHERE locality_id = $1 AND ticket_id = $2 AND sequence = $21 AND $9 = 'RESOLVED'
), e AS (
    INSERT INTO ticket_event (locality_id, id, ticket_id, sequence, verb, from_status, to_status,
        at, actor_id, note, unit_path, handler_path, joint_scopes, reporter_id)
    VALUES ($1, $6, $2, $7, $8, $9, $3, $10, $11, $12, $13, $14, $15, $16)
), c AS (
    INSERT INTO change (locality_id, id, noun, key, verb, at, unit_path, handler_path,
        was_handler_path, joint_scopes, reporter_id)
    VALUES ($1, $17, 'TICKET', $2, $8, $10, $13, $14, $14, $15, $16)
), m AS (
    INSERT INTO client_mutation (locality_id, person_id, client_key, input_digest, answer,
        created_at)
    VALUES ($1, $11, $12, $18, jsonb_build_object('key', $2), $10)
)
SELECT pg_notify('linli_change', $19)
"""
GOES = {
    TicketVerb.RESOLVE: ("IN_PROGRESS", "RESOLVED"),
    TicketVerb.REWORK: ("RESOLVED", "IN_PROGRESS"),
}


class ByHand:
    """Two verbs on a pool of its own, with the server's settings and role."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", scope: Scope) -> None:
        self._pool = pool
        self._scope = scope

    @classmethod
    @asynccontextmanager
    async def open(cls, dsn: str, scope: Scope, size: int) -> "AsyncGenerator[ByHand]":
        """The verbs over a pool."""
        settings = {**SETTINGS, "application_name": "by hand"}
        async with asyncpg.create_pool(
            dsn, min_size=1, max_size=size, server_settings=settings, reset=_nothing
        ) as pool:
            yield cls(pool, scope)

    async def step(self, ticket: str, verb: TicketVerb) -> None:
        """Carry a verb out under a new key."""
        scope, key, words = self._scope, UUID(ticket.rpartition("_")[2]), uuid4().hex
        told = sha256(words.encode())
        number = int.from_bytes(told.digest()[:8], signed=True)
        async with self._pool.acquire() as connection:
            await connection.execute(
                f"BEGIN; {scope.settings()} SELECT pg_advisory_xact_lock({number})"
            )
            assert await connection.fetchrow(EARLIER, scope.locality, scope.person, words) is None
            was, to = GOES[verb]
            assert await connection.fetchval(LOCK, scope.locality, key) == was
            held = await connection.fetchrow(HELD, scope.locality, key)
            assert held is not None
            now: datetime = held["now"]
            solved = (words, now) if verb is TicketVerb.RESOLVE else (None, None)
            event, change, path = new_key(now), new_key(now), held["unit_path"]
            labels = (path, held["handler_path"], held["joint_scopes"], held["reporter_id"])
            call = f"{scope.locality} TICKET {key} {change} {path} {path} {path}"
            said = (held["events"] + 1, verb, was, now, scope.person, words, *labels)
            stood = now - (held["paused_at"] or now)
            last = (change, told.hexdigest(), call, stood, held["hops"], lineage(path))
            await connection.execute(
                WRITE, scope.locality, key, to, *solved, event, *said, *last, held["created_at"]
            )
            await connection.execute("COMMIT")


async def _nothing(_connection: object) -> None:
    """Every use is one transaction."""
