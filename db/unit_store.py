"""What verbs need to know of a place: its profile, the way up from a unit, who answers on it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from db.paths import lineage
from db.pool import Connection, Database
from db.scope import NOBODY, PUBLIC, Scope
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


async def localities(database: Database) -> list[str]:
    """Every place."""
    async with database.transaction(PUBLIC) as connection:
        return [row["id"] for row in await connection.fetch(LOCALITIES)]


async def whole_place(database: Database, locality: str) -> Scope:
    """The scope of the server itself at work in a place: all of it, as nobody in particular."""
    async with database.transaction(PUBLIC) as connection:
        tops = await connection.fetch(TOPS, locality)
    return Scope(locality, NOBODY, tuple(row["path"] for row in tops))


async def whole_places(connection: Connection) -> list[Scope]:
    """The same for every place that has units."""
    found = await connection.fetch(ALL_TOPS)
    return [Scope(row["locality_id"], NOBODY, tuple(row["paths"])) for row in found]


async def units(connection: Connection, locality: str, paths: Iterable[str]) -> dict[str, Unit]:
    """The units at those paths and all above them, by path."""
    wanted = {above for path in paths for above in lineage(path)}
    found = await connection.fetch(UNITS, locality, sorted(wanted))
    made = (Unit(UnitId(r["id"]), r["path"], r["level_code"], r["closed"]) for r in found)
    return {unit.path: unit for unit in made}


def upwards(known: Mapping[str, Unit], path: str) -> list[Unit]:
    """The unit at a path and all above it that still stand, nearest first."""
    here, *above = (known[each] for each in reversed(lineage(path)))
    return [here, *(unit for unit in above if not unit.closed)]


async def way_up(connection: Connection, locality: str, key: UUID) -> list[Unit]:
    """The unit and all above it that still stand, nearest first; empty if there is no such."""
    path = await connection.fetchval(PATH, locality, key)
    return [] if path is None else upwards(await units(connection, locality, [path]), path)


Seats = dict[str, list[PostSeat]]
"""Posts by the path of their unit."""


async def seats(connection: Connection, locality: str, paths: Iterable[str]) -> Seats:
    """The posts of the units at those paths and all above them, by path, in display order."""
    wanted = sorted({above for path in paths for above in lineage(path)})
    known: Seats = {path: [] for path in wanted}
    for r in await connection.fetch(SEATS, locality, wanted):
        holder, cover = r["holder"], r["cover"]
        seat = PostSeat(
            UnitId(r["unit_id"]),
            PostId(r["id"]),
            PersonId(holder) if holder else None,
            PersonId(cover) if cover else None,
        )
        known[r["unit_path"]].append(seat)
    return known


def answering(known: Seats, path: str) -> Responsible | None:
    """The post that answers for the unit at a path, or the next above that is filled."""
    return responsible_post([seat for above in reversed(lineage(path)) for seat in known[above]])


PLACE = "SELECT number_prefix, revision FROM locality WHERE id = $1"
PROFILE = "SELECT body FROM profile_revision WHERE locality_id = $1 AND revision = $2"
PATH = "SELECT path FROM org_unit WHERE locality_id = $1 AND id = $2"
TOPS = "SELECT path FROM org_unit WHERE locality_id = $1 AND parent_id IS NULL"
ALL_TOPS = """
SELECT locality_id, array_agg(path) AS paths FROM org_unit WHERE parent_id IS NULL
GROUP BY locality_id ORDER BY locality_id
"""
LOCALITIES = "SELECT id FROM locality ORDER BY id"
UNITS = """
SELECT id, path, level_code, valid_to <= CURRENT_DATE AS closed
FROM org_unit WHERE locality_id = $1 AND path = ANY($2)
"""
SEATS = """
SELECT p.unit_path, p.unit_id, p.id,
    min(a.person_id::text) FILTER (WHERE a.capacity = 'HOLDER')::uuid AS holder,
    min(a.person_id::text) FILTER (WHERE a.capacity = 'COVER')::uuid AS cover
FROM post p LEFT JOIN appointment a ON a.locality_id = p.locality_id AND a.post_id = p.id
    AND a.valid_from <= CURRENT_DATE AND a.valid_to > CURRENT_DATE
WHERE p.locality_id = $1 AND p.unit_path = ANY($2)
GROUP BY p.locality_id, p.id
ORDER BY p.position, p.id
"""
