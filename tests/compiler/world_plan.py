"""What the world holds before chance comes in: its places, trees, names and days."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from db.scope import Scope
from domain.terms import (
    LevelKind,
)

Row = dict[str, Any]

ALWAYS, FOR_EVER = date.min, date.max
START = datetime(2025, 3, 1, 8, 0, tzinfo=UTC)
PLACES = ("riverside", "old_town")
STREET, COMMUNITY, GRID, BUILDING = "street", "community", "grid", "building"
# Everything JSON, SQL or a careless format string could trip over.
NAMES = (
    "河畔街道",
    'North "Gate"',
    "O'Brien",
    "back\\slash",
    "100% %s",
    "a:b :name $1",
    "two\nlines\ttab",
    "🏘️ 邻里",
    "<b>&amp;</b>",
    "\u2028\u0001",
    "Zeta",
    "alpha",
)


@dataclass(repr=False)
class World:
    """Every table's rows, and who looks at them."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    viewers: dict[str, Scope] = field(default_factory=dict)

    def of(self, table: str, locality: str | None = None) -> list[Row]:
        """A table's rows, of one locality if one is named."""
        rows = self.rows[table]
        return rows if locality is None else [r for r in rows if r["locality_id"] == locality]

    def global_id(self, table: str, row: Row) -> str:
        """The row's global id."""
        return f"{TAGS[table]}_{row['locality_id']}_{row['id']}"

    def unit(self, name: str, locality: str = PLACES[0]) -> Row:
        """The unit of that code."""
        return next(r for r in self.of("org_unit", locality) if r["code"] == name)


TAGS = {
    "org_unit": "unit",
    "person": "person",
    "post": "post",
    "ticket": "ticket",
    "service_record": "record",
    "meeting": "meeting",
    "attachment": "attachment",
    "webhook": "webhook",
    "webhook_delivery": "delivery",
    "access_token": "token",
    "office": "office",
}
# code, parent, level, name, abolished
DIVISIONS = (
    ("440000000000", None, "PROVINCE", "广东省", FOR_EVER),
    ("441900000000", "440000000000", "PREFECTURE", "东莞市", FOR_EVER),
    ("441900003000", "441900000000", "TOWNSHIP", "东城街道", FOR_EVER),  # no county between
    ("441900003001", "441900003000", "VILLAGE", "岗贝社区", FOR_EVER),
    ("110000000000", None, "PROVINCE", "北京市", FOR_EVER),
    ("110100000000", "110000000000", "PREFECTURE", "市辖区", FOR_EVER),
    ("110101000000", "110100000000", "COUNTY", "东城区", FOR_EVER),
    ("110103000000", "110100000000", "COUNTY", "崇文区", date(2010, 7, 1)),
)
SIGNIFICANT = {"PROVINCE": 2, "PREFECTURE": 4, "COUNTY": 6, "TOWNSHIP": 9, "VILLAGE": 12}
# tree, code, name, kind, depth
LEVELS = (
    ("GRID", STREET, "街道", LevelKind.STREET, 1),
    ("GRID", COMMUNITY, "社区", LevelKind.COMMUNITY, 2),
    ("GRID", GRID, "网格", LevelKind.GRID, 3),
    ("GRID", BUILDING, "楼栋", LevelKind.BUILDING, 4),
    ("PARTY", "committee", "党工委", LevelKind.DEPARTMENT, 1),
    ("PARTY", "branch", "党支部", LevelKind.DEPARTMENT, 2),
)
# code, parent, position, held from, held until; parents first
CLOSED, FUTURE = date(2020, 6, 1), date(2999, 1, 1)
GRID_TREE = (
    ("S", None, 0, ALWAYS, FOR_EVER),
    ("C1", "S", 2, ALWAYS, FOR_EVER),
    ("C2", "S", 1, date(2012, 5, 1), FOR_EVER),
    ("C3", "S", 1, ALWAYS, CLOSED),  # shares its position with C2
    ("G1", "C1", 0, ALWAYS, FOR_EVER),
    ("G2", "C1", 1, CLOSED, FOR_EVER),
    ("G3", "C1", 2, FUTURE, FOR_EVER),
    ("G4", "C2", 0, ALWAYS, FOR_EVER),
    ("G5", "C3", 0, ALWAYS, FOR_EVER),  # outlives its parent
    ("B1", "G1", 0, ALWAYS, FOR_EVER),
    ("B2", "G1", 1, ALWAYS, date(2024, 1, 1)),
    ("B3", "G4", 0, ALWAYS, FOR_EVER),
)
PARTY_TREE = (
    ("P", None, 0, ALWAYS, FOR_EVER),
    ("P1", "P", 0, ALWAYS, FOR_EVER),
    ("P2", "P", 1, ALWAYS, FOR_EVER),
)
SMALL_TREE = tuple(line for line in GRID_TREE if line[0] in ("S", "C1", "C2", "G1", "G4", "B1"))
