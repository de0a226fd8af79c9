"""Forgetting people who asked for it: what is theirs alone goes, what is public work stays."""

from collections.abc import Sequence
from uuid import UUID

from db.pool import Connection, Database
from db.scope import Scope
from db.service_record_store import LABELS, tell
from domain.person import ERASED_NAME

AT_ONCE = 50
"""People in one transaction."""

LONGEST = 60
"""Seconds that a statement may take: of a very large place all visits are looked through."""


async def erase_some(database: Database, scope: Scope) -> int:
    """Carry out some requests of a place that nothing stands in the way of; how many."""
    async with database.transaction(scope, write=True) as connection:
        people = await _due(connection, scope.locality, None)
        if people:
            # A correction, a visit, a report or a grant under way ends first: then it counts too.
            await connection.execute(LOCK, scope.locality, people)
            people = await _due(connection, scope.locality, people)
        if people:
            await _erase(connection, scope.locality, people)
    return len(people)


async def _due(
    connection: Connection, locality: str, among: Sequence[UUID] | None
) -> Sequence[UUID]:
    found = await connection.fetch(DUE, locality, AT_ONCE, among)
    return [row["person_id"] for row in found]


async def _erase(connection: Connection, locality: str, people: Sequence[UUID]) -> None:
    await connection.execute(f"SET LOCAL statement_timeout = '{LONGEST}s'")
    theirs = (
        f"DELETE FROM {table} WHERE locality_id = $1 AND {column} = ANY($2)"  # noqa: S608  # names are ours
        for table, column in THEIRS
    )
    # Notes first: a record that is being corrected is waited for, and then that correction is seen too.
    for sql in theirs:
        await connection.execute(sql, locality, people, timeout=LONGEST)
    visits = await connection.fetch(NOTES, locality, people, timeout=LONGEST)
    await connection.execute(CORRECTIONS, locality, people, timeout=LONGEST)
    if visits:
        # Whoever keeps a copy reads them anew, and has nothing left of it either.
        await tell(connection, "FORGET", locality, visits, visits[0]["at"])
    await connection.execute(NAMELESS, locality, people, ERASED_NAME)
    await connection.execute(DONE, locality, people)


THEIRS = (
    ("person_private", "person_id"),
    ("visit_private", "recipient_id"),
    ("login", "person_id"),
    ("access_token", "person_id"),
    ("client_mutation", "person_id"),
)
"""Whose rows go. Tickets stay, reported by somebody without a name; so does who read the data."""

_VISITS = """
WHERE locality_id = $1 AND recipient_id = ANY($2) AND (ticket_id IS NULL OR kind = 'VISIT')
"""
NOTES = f"""
UPDATE service_record SET note = NULL, corrections = 0 {_VISITS}
RETURNING id, {", ".join(LABELS)}, now() AS at
"""  # noqa: S608 - ours
CORRECTIONS = f"""
DELETE FROM service_record_event WHERE locality_id = $1 AND recipient_id = ANY($2)
AND service_record_id IN (SELECT id FROM service_record {_VISITS})
"""  # noqa: S608 - as above
"""What was noted of a visit speaks of whom it was made to; of other work, of the matter, which stays."""

# Whoever has an open ticket, a post or an office is still needed by name.
DUE = """
SELECT person_id FROM erasure e WHERE locality_id = $1 AND done_at IS NULL
AND ($3::uuid[] IS NULL OR person_id = ANY($3))
AND NOT EXISTS (
    SELECT 1 FROM ticket t WHERE t.locality_id = $1 AND t.reporter_id = e.person_id AND t.open
)
AND NOT EXISTS (
    SELECT 1 FROM appointment a
    WHERE a.locality_id = $1 AND a.person_id = e.person_id AND a.valid_to > CURRENT_DATE
)
AND NOT EXISTS (
    SELECT 1 FROM office o
    WHERE o.locality_id = $1 AND o.person_id = e.person_id AND o.valid_to > CURRENT_DATE
)
ORDER BY requested_at LIMIT $2 FOR UPDATE SKIP LOCKED
"""
LOCK = "SELECT FROM person WHERE locality_id = $1 AND id = ANY($2) ORDER BY id FOR UPDATE"
NAMELESS = """
UPDATE person SET name = $3, published = false WHERE locality_id = $1 AND id = ANY($2)
"""
DONE = "UPDATE erasure SET done_at = now() WHERE locality_id = $1 AND person_id = ANY($2)"
