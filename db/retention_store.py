"""Forgetting what is kept for a time only, class by class, a few rows at a time."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from db.pool import Connection, Database
from db.scope import Scope
from domain.retention import KEPT, Kept

AT_ONCE = 2_000
"""Rows in one transaction, so that nobody waits for it."""

Forget = Callable[[Connection, str, datetime], Awaitable[int]]
"""Delete some of a place's rows from before a moment; how many there were."""


async def forget_some(database: Database, scope: Scope, kept: Kept) -> int:
    """Delete some of what is too old of a class in a place; how many rows it was."""
    async with database.transaction(scope, write=True) as connection:
        before = await connection.fetchval("SELECT now()") - KEPT[kept].span
        return await FORGET[kept](connection, scope.locality, before)


def _by(sql: str) -> Forget:
    async def forget(connection: Connection, locality: str, before: datetime) -> int:
        return int((await connection.execute(sql, locality, before, AT_ONCE)).split()[-1])

    return forget


async def _deliveries(connection: Connection, locality: str, before: datetime) -> int:
    """Deliveries, and their attempts with them."""
    found = await connection.fetch(DELIVERIES, locality, before, AT_ONCE)
    old = [row["id"] for row in found]
    await connection.execute(FORGET_ATTEMPTS, locality, old)
    await connection.execute(FORGET_DELIVERIES, locality, old)
    return len(old)


async def _disclosures(connection: Connection, locality: str, before: datetime) -> int:
    """The first disclosures of a chain; its head keeps the digest that the rest is sealed on."""
    await connection.execute(LOCK_HEAD, locality)
    first = await connection.fetch(FIRST_DISCLOSURES, locality, AT_ONCE)
    young = next((at for at, row in enumerate(first) if row["at"] >= before), len(first))
    if young == 0:
        return 0
    last = first[young - 1]
    await connection.execute(FORGET_DISCLOSURES, locality, last["sequence"])
    await connection.execute(MOVE_HEAD, locality, last["sequence"], last["digest"])
    return young


FORGET: Mapping[Kept, Forget] = {
    Kept.CHANGES: _by("""
    DELETE FROM change WHERE locality_id = $1 AND (tx, id) IN (
        SELECT tx, id FROM change
        WHERE locality_id = $1 AND at < $2 ORDER BY tx, id LIMIT $3
    )
    """),
    Kept.DELIVERIES: _deliveries,
    Kept.KEYS: _by("""
    DELETE FROM client_mutation WHERE locality_id = $1 AND (person_id, client_key) IN (
        SELECT person_id, client_key FROM client_mutation
        WHERE locality_id = $1 AND created_at < $2 LIMIT $3
    )
    """),
    Kept.TOKENS: _by("""
    DELETE FROM access_token WHERE locality_id = $1 AND id IN (
        SELECT id FROM access_token
        WHERE locality_id = $1 AND least(revoked_at, expires_at) < $2 LIMIT $3
    )
    """),
    Kept.VISITS: _by("""
    DELETE FROM visit_private WHERE locality_id = $1 AND service_record_id IN (
        SELECT v.service_record_id FROM visit_private v JOIN service_record s
            ON s.locality_id = v.locality_id AND s.id = v.service_record_id
        WHERE v.locality_id = $1 AND s.at < $2 LIMIT $3
    )
    """),
    Kept.DISCLOSURES: _disclosures,
}

DELIVERIES = """
SELECT id FROM webhook_delivery
WHERE locality_id = $1 AND at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED
"""
FORGET_ATTEMPTS = "DELETE FROM webhook_attempt WHERE locality_id = $1 AND delivery_id = ANY($2)"
FORGET_DELIVERIES = "DELETE FROM webhook_delivery WHERE locality_id = $1 AND id = ANY($2)"
LOCK_HEAD = "SELECT FROM disclosure_head WHERE locality_id = $1 FOR UPDATE"
FIRST_DISCLOSURES = """
SELECT sequence, digest, at FROM disclosure WHERE locality_id = $1 ORDER BY sequence LIMIT $2
"""
FORGET_DISCLOSURES = "DELETE FROM disclosure WHERE locality_id = $1 AND sequence <= $2"
MOVE_HEAD = "UPDATE disclosure_head SET removed = $2, removed_digest = $3 WHERE locality_id = $1"
