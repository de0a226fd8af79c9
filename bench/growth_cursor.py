"""The cursor of a ticket deep in a list, found with SQL: nobody pages there to measure it."""

from typing import Any

from bench.by_hand import CURSOR
from bench.place import PLACE

AT = f"""
SELECT {CURSOR} FROM (
    SELECT z.created_at, z.ticket_id AS id FROM ticket_scope z
    JOIN org_unit u ON u.locality_id = z.locality_id AND u.path = z.path
    WHERE u.locality_id = $1 AND u.id = $2
    ORDER BY z.created_at DESC, z.ticket_id DESC OFFSET $3 - 1 LIMIT 1) t
"""


async def deepest(owner: Any, unit: Any, position: int) -> str | None:
    """The cursor of a position in a unit's list; None if the list is shorter."""
    return await owner.fetchval(AT, PLACE, unit, position)
