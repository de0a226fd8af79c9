"""Buckets kept in PostgreSQL, for servers of several processes: one statement a charge.

A row says how many points somebody has used that were not restored yet; who has used none has none.
The table is UNLOGGED: after a crash all buckets are full.
"""

from typing import Any

from db.pool import Database

LEFT = "greatest(0, b.used - $3::float8 * greatest(0, extract(epoch FROM now() - b.at)::float8))"

CHARGE = f"""
INSERT INTO bucket AS b (principal, used, at, granted)
VALUES ($1, greatest(0, $2::float8), now(), true)
ON CONFLICT (principal) DO UPDATE SET
    used = greatest(0, {LEFT} + CASE WHEN {LEFT} + $2 <= $4::float8 THEN $2 ELSE 0 END),
    granted = {LEFT} + $2 <= $4,
    at = greatest(b.at, now())
RETURNING used, granted
"""  # noqa: S608  # all of it is ours
"""Restores what the time since has restored, then takes the points if there are so many: the row is
locked meanwhile, and the clock is the database's, so that any number of processes share it."""

FORGET = "DELETE FROM bucket WHERE at < now() - make_interval(secs => $1)"


async def charge(
    database: Database, principal: bytes, points: float, rate: float, capacity: float
) -> tuple[float, bool]:
    """Take points from a bucket, or give some back: what is used now, and whether it was granted."""
    row: Any = await database.alone(CHARGE, principal, points, rate, capacity)
    return row["used"], row["granted"]


async def forget(database: Database, seconds: float) -> None:
    """Remove the buckets that are full again: none was used for so long."""
    await database.alone(FORGET, seconds)
