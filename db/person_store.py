"""People as they correct what is kept of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from db import run
from db.pool import Connection
from db.scope import Scope

PRIVATE = ("phone", "address", "living_situation", "needs", "skills", "difficulties")


@dataclass(frozen=True)
class Kept:
    """What is kept of somebody, under lock."""

    unit_path: str
    serves: bool
    said: Mapping[str, str]
    private: bool
    """Whether there is a row of personal data."""


async def lock_own(connection: Connection, scope: Scope) -> Kept:
    """What is kept of the scope's person; a second correction waits here."""
    own = scope.locality, scope.person
    person = await connection.fetchrow(PERSON, *own)
    if person is None:
        raise LookupError("the caller is nobody of the place")
    private = await connection.fetchrow(PERSONAL, *own)
    said = {name: (private[name] if private else None) or "" for name in PRIVATE}
    serves = await connection.fetchval(SERVES, *own)
    said["name"] = person["name"]
    return Kept(person["unit_path"], serves, said, private is not None)


async def correct(
    connection: Connection, scope: Scope, kept: Kept, said: Mapping[str, str]
) -> None:
    """Have something else kept of the scope's person; an empty text is no longer kept."""
    name = {"name": said["name"]} if "name" in said else {}
    if name:
        key = {"locality_id": scope.locality, "id": scope.person}
        await run.update(connection, "person", name, key)
    private = {each: said[each] or None for each in PRIVATE if each in said}
    key = {"locality_id": scope.locality, "person_id": scope.person}
    if private and kept.private:
        await run.update(connection, "person_private", private, key)
    elif private:
        row = {**key, "unit_path": kept.unit_path, **private}
        await run.insert(connection, "person_private", row)


PERSON = "SELECT name, unit_path FROM person WHERE locality_id = $1 AND id = $2 FOR UPDATE"
PERSONAL = "SELECT * FROM person_private WHERE locality_id = $1 AND person_id = $2"
SERVES = """
SELECT EXISTS (
    SELECT 1 FROM appointment WHERE locality_id = $1 AND person_id = $2
    AND valid_from <= CURRENT_DATE AND valid_to > CURRENT_DATE
)
"""


async def request_erasure(
    connection: Connection, scope: Scope, requested: datetime, due: datetime
) -> bool:
    """Keep a request to be forgotten; false if there is one still to be carried out."""
    row = {
        "locality_id": scope.locality,
        "person_id": scope.person,
        "requested_at": requested,
        "due_at": due,
    }
    return await run.insert(connection, "erasure", row, ANEW)


# Somebody may come back, and ask again.
ANEW = """
ON CONFLICT (locality_id, person_id) DO UPDATE
SET requested_at = EXCLUDED.requested_at, due_at = EXCLUDED.due_at, done_at = NULL
WHERE erasure.done_at IS NOT NULL
"""


async def time_zone(connection: Connection, locality: str) -> str:
    """The IANA time zone of a place."""
    return await connection.fetchval("SELECT time_zone FROM locality WHERE id = $1", locality)
