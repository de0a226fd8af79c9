"""What verbs need to know of the posts somebody fills."""

from uuid import UUID

from db.pool import Connection


async def roles(connection: Connection, locality: str, person: UUID) -> frozenset[str]:
    """The codes of the roles that a person holds or covers today."""
    found = await connection.fetch(ROLES, locality, person)
    return frozenset(row["role_code"] for row in found)


ROLES = """
SELECT DISTINCT p.role_code
FROM appointment a JOIN post p ON p.locality_id = $1 AND p.id = a.post_id
WHERE a.locality_id = $1 AND a.person_id = $2
    AND a.valid_from <= CURRENT_DATE AND a.valid_to > CURRENT_DATE
"""
