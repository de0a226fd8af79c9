"""Units of a place: from a plan to rows, each with its key and its path."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from db.load.copy import Owner, add
from db.load.ids import uuid_at
from db.paths import DIGITS, WIDTH, label
from domain.demo import PlannedUnit
from domain.escalation import UnitStep
from domain.ids import UnitId

FOUNDED = datetime(2021, 1, 1, tzinfo=UTC)
"""The time in the keys of units, posts and people, which have no moment of their own."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit, as far as the rows that refer to it need it."""

    id: UnitId
    path: str
    level: str
    name: str
    parent: "Unit | None"

    def chain(self) -> list[UnitStep]:
        """The unit and all above it, nearest first."""
        above = self.parent.chain() if self.parent else []
        return [UnitStep(self.id, self.level), *above]


def place_units(
    slug: str, plan: Iterable[PlannedUnit], taken: Mapping[str, str] | None = None
) -> dict[str, Unit]:
    """The units of a plan by their keys; parents come first, `taken` are paths given before."""
    paths = dict(taken or {})
    following = _following(paths.values())
    units: dict[str, Unit] = {}
    for planned in plan:
        parent = units[planned.parent] if planned.parent else None
        above = parent.path if parent else ""
        if planned.key not in paths:
            # Counted here and not by the plan's position: a place may have several roots.
            paths[planned.key] = above + label(following[above])
            following[above] += 1
        unit_id = UnitId(uuid_at(FOUNDED, slug, "unit", planned.key))
        units[planned.key] = Unit(unit_id, paths[planned.key], planned.level, planned.name, parent)
    return units


def _following(paths: Iterable[str]) -> Counter[str]:
    """For each parent's path, the number of its next child."""
    following: Counter[str] = Counter()
    for path in paths:
        above, last = path[:-WIDTH], int(path[-WIDTH:], len(DIGITS))
        following[above] = max(following[above], last + 1)
    return following


async def add_units(connection: Owner, slug: str, plan: Sequence[PlannedUnit]) -> dict[str, Unit]:
    """Add the units of a plan that the place does not have yet; all of the plan by their keys."""
    taken = {row["code"]: row["path"] for row in await connection.fetch(TAKEN, slug)}
    divisions = {each.division for each in plan} - {None}
    known = await connection.fetch(DIVISIONS, list(divisions)) if divisions else []
    units = place_units(slug, plan, taken)
    await add(connection, "org_unit", unit_rows(slug, plan, units, {code for (code,) in known}))
    return units


def unit_rows(
    slug: str, plan: Iterable[PlannedUnit], units: Mapping[str, Unit], divisions: set[str]
) -> list[dict[str, Any]]:
    """Rows of `org_unit`; a division that is not loaded yet is left open."""
    return [
        {
            "locality_id": slug,
            "id": units[planned.key].id,
            "tree": planned.tree,
            "level_code": planned.level,
            "parent_id": units[planned.parent].id if planned.parent else None,
            "path": units[planned.key].path,
            "position": planned.position,
            "code": planned.key,
            "name": planned.name,
            "households": planned.households or None,
            "division_code": planned.division if planned.division in divisions else None,
        }
        for planned in plan
    ]


TAKEN = "SELECT code, path FROM org_unit WHERE locality_id = $1"
DIVISIONS = "SELECT code FROM division WHERE code = ANY ($1::text[])"
