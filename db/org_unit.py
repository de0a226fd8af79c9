"""Organisation units: the nodes of a locality's trees."""

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import (
    C_TEXT,
    UUID,
    date,
    key,
    line,
    one_of,
    path,
    place,
    refers,
    valid_from,
    valid_to,
)
from domain.terms import TreeKind


class OrgUnit(PlaceRow, table=True):
    """One unit: a street, a grid, a building, a stairwell, a department."""

    __table_args__ = (
        UniqueConstraint("locality_id", "path"),
        Index(None, "locality_id", "parent_id", "position"),
        Index(None, "division_code"),
        one_of("tree", TreeKind),
        refers("parent_id", "org_unit"),
        refers("level_code", "level", "code"),
    )

    locality_id: str = place()
    id: UUID = key()
    tree: TreeKind = line()
    level_code: str = Field(sa_type=C_TEXT)
    parent_id: UUID | None = None
    path: str = path()
    """Four base-36 digits a level (db.paths): prefix is ancestry, length is depth."""
    position: int
    code: str = line()
    name: str = line()
    households: int | None = None
    division_code: str | None = Field(default=None, sa_type=C_TEXT, foreign_key="division.code")
    valid_from: date = valid_from()
    valid_to: date = valid_to()
