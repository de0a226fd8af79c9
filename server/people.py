"""Finding somebody to speak for: `linli token --as NAME`."""

from dataclasses import dataclass
from uuid import UUID

import asyncpg

from server.dsn import connected


@dataclass(frozen=True)
class Found:
    """A person of a place."""

    locality: str
    person: UUID
    name: str
    serves: str


async def find(owner_dsn: str, name: str) -> list[Found]:
    """People that a name stands for.

    `weibin` is whoever heads the place, `weibin/姜谭路西社区` whoever heads that unit,
    `weibin/姜谭路西社区/grid_worker` the first with that role there,
    `weibin/姜谭路西社区/resident` somebody who lives there and holds no post;
    anything else is a person's name.
    """
    locality, _, rest = name.partition("/")
    unit, _, role = rest.partition("/")
    connection = await connected(owner_dsn)
    try:
        if role == "resident":
            rows = await connection.fetch(RESIDENT, locality, unit)
        else:
            rows = await connection.fetch(HOLDER, locality, unit, role)
        rows = rows or await connection.fetch(NAMED, name)
    finally:
        await connection.close()
    return [Found(row["locality_id"], row["id"], row["name"], row["serves"]) for row in rows]


async def is_place(owner: "asyncpg.Connection[asyncpg.Record]", slug: str) -> bool:
    """Whether there is a place of that slug."""
    return await owner.fetchval("SELECT EXISTS (SELECT FROM locality WHERE id = $1)", slug)


HOLDER = """
SELECT n.locality_id, n.id, n.name, u.name || ' ' || p.title AS serves
FROM org_unit u
JOIN post p ON p.locality_id = u.locality_id AND p.unit_id = u.id
JOIN appointment a ON a.locality_id = p.locality_id AND a.post_id = p.id
    AND a.capacity = 'HOLDER' AND a.valid_from <= CURRENT_DATE AND a.valid_to > CURRENT_DATE
JOIN person n ON n.locality_id = a.locality_id AND n.id = a.person_id
WHERE u.locality_id = $1 AND ($2 = '' OR u.name = $2 OR u.code = $2)
    AND ($3 = '' OR p.role_code = $3)
ORDER BY length(u.path), u.path, p.position, p.id
LIMIT 1
"""
RESIDENT = """
SELECT n.locality_id, n.id, n.name, 'resident of ' || h.name AS serves
FROM org_unit u
JOIN person n ON n.locality_id = u.locality_id AND n.unit_path ^@ u.path AND NOT n.published
JOIN org_unit h ON h.locality_id = n.locality_id AND h.id = n.unit_id
WHERE u.locality_id = $1 AND (u.name = $2 OR u.code = $2)
    AND NOT EXISTS (SELECT 1 FROM appointment a
                    WHERE a.locality_id = n.locality_id AND a.person_id = n.id)
ORDER BY n.unit_path, n.id
LIMIT 1
"""
NAMED = """
SELECT n.locality_id, n.id, n.name, u.name AS serves
FROM person n JOIN org_unit u ON u.locality_id = n.locality_id AND u.id = n.unit_id
WHERE n.name = $1 ORDER BY n.locality_id, n.id LIMIT 10
"""
