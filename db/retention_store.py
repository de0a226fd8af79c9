"""What is kept for a time only: changes once told, and deliveries with their attempts."""

from datetime import timedelta

from db.outbox import KEPT_DAYS
from db.pool import Database
from db.scope import Scope

KEPT = timedelta(days=KEPT_DAYS + 1)
"""A day more than cursors hold, so that none loses what it stands for."""

AT_ONCE = 2_000
"""Rows in one transaction, so that nobody waits for it."""


async def forget_some(database: Database, scope: Scope) -> int:
    """Delete some of what is too old in a place; how many changes and deliveries it was."""
    async with database.transaction(scope, write=True) as connection:
        before = await connection.fetchval("SELECT now()") - KEPT
        changes = await connection.fetch(CHANGES, scope.locality, before, AT_ONCE)
        old = await connection.fetch(DELIVERIES, scope.locality, before, AT_ONCE)
        deliveries = [row["id"] for row in old]
        await connection.execute(FORGET_ATTEMPTS, scope.locality, deliveries)
        await connection.execute(FORGET_DELIVERIES, scope.locality, deliveries)
    return len(changes) + len(deliveries)


CHANGES = """
DELETE FROM change WHERE locality_id = $1 AND (tx, id) IN (
    SELECT tx, id FROM change
    WHERE locality_id = $1 AND at < $2 ORDER BY tx, id LIMIT $3
)
RETURNING id
"""
DELIVERIES = """
SELECT id FROM webhook_delivery
WHERE locality_id = $1 AND at < $2 LIMIT $3 FOR UPDATE SKIP LOCKED
"""
FORGET_ATTEMPTS = "DELETE FROM webhook_attempt WHERE locality_id = $1 AND delivery_id = ANY($2)"
FORGET_DELIVERIES = "DELETE FROM webhook_delivery WHERE locality_id = $1 AND id = ANY($2)"
