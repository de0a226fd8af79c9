"""What verbs need to know of a place: its profile, the way up from a unit, who answers on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from db.paths import lineage
from db.pool import Connection
from domain.escalation import PostSeat, Responsible, UnitStep, responsible_post
from domain.ids import PersonId, PostId, UnitId
from domain.profile import Profile
from domain.profile_parse import parse_profile


@dataclass(frozen=True)
class Unit:
    """A unit as a verb finds it."""

    id: UnitId
    path: str
    level_code: str
    closed: bool


def steps(chain: Sequence[Unit]) -> list[UnitStep]:
    """A chain of units as escalation sees it."""
    return [UnitStep(unit.id, unit.level_code) for unit in chain]


async def place(connection: Connection, locality: str) -> tuple[str, int]:
    """The locality's number prefix and the profile revision in force."""
    found = await connection.fetchrow(PLACE, locality)
    if found is None:
        raise LookupError(f"there is no locality {locality}")
    return found["number_prefix"], found["revision"]


async def profile(connection: Connection, locality: str, revision: int) -> Profile:
    """A revision of the locality's profile; revisions never change, so they are remembered."""
    known = _PROFILES.get((locality, revision))
    if known is None:
        body = orjson.loads(await connection.fetchval(PROFILE, locality, revision))
        known = parse_profile(body, f"{locality} revision {revision}")
        _PROFILES[locality, revision] = known
    return known


_PROFILES: dict[tuple[str, int], Profile] = {}


async def way_up(connection: Connection, locality: str, key: UUID) -> list[Unit]:
    """The unit and all above it, nearest first; empty if there is no such unit."""
    path = await connection.fetchval(PATH, locality, key)
    if path is None:
        return []
    found = await connection.fetch(CHAIN, locality, lineage(path))
    return [Unit(UnitId(r["id"]), r["path"], r["level_code"], r["closed"]) for r in found]


async def answering(
    connection: Connection, locality: str, chain: Sequence[Unit]
) -> Responsible | None:
    """The post that answers for the first unit of a chain, or the next above that is filled."""
    found = await connection.fetch(SEATS, locality, [unit.path for unit in chain])
    seats = [
        PostSeat(
            UnitId(r["unit_id"]),
            PostId(r["id"]),
            PersonId(r["holder"]) if r["holder"] else None,
            PersonId(r["cover"]) if r["cover"] else None,
        )
        for r in found
    ]
    return responsible_post(seats)


PLACE = "SELECT number_prefix, revision FROM locality WHERE id = $1"
PROFILE = "SELECT body FROM profile_revision WHERE locality_id = $1 AND revision = $2"
PATH = "SELECT path FROM org_unit WHERE locality_id = $1 AND id = $2"
CHAIN = """
SELECT id, path, level_code, valid_to <= CURRENT_DATE AS closed
FROM org_unit WHERE locality_id = $1 AND path = ANY($2)
ORDER BY length(path) DESC
"""
SEATS = """
SELECT p.unit_id, p.id,
    min(a.person_id::text) FILTER (WHERE a.capacity = 'HOLDER')::uuid AS holder,
    min(a.person_id::text) FILTER (WHERE a.capacity = 'COVER')::uuid AS cover
FROM post p LEFT JOIN appointment a ON a.locality_id = p.locality_id AND a.post_id = p.id
    AND a.valid_from <= CURRENT_DATE AND a.valid_to > CURRENT_DATE
WHERE p.locality_id = $1 AND p.unit_path = ANY($2)
GROUP BY p.locality_id, p.id
ORDER BY length(p.unit_path) DESC, p.position, p.id
"""
