"""A locality (the tenant), its versioned profile, and the levels and categories that profile names."""

from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from db.base import PlaceRow, Row
from db.columns import C_TEXT, datetime, line, moment, one_of
from domain.terms import LevelKind, Severity, TreeKind


class Locality(Row, table=True):
    """One place served by this server; its slug is its key."""

    id: str = Field(primary_key=True, sa_type=C_TEXT)
    name: str = line()
    division_code: str | None = Field(default=None, sa_type=C_TEXT, foreign_key="division.code")
    time_zone: str = line()
    number_prefix: str = line()
    revision: int
    """The profile revision under which new tickets open."""


class ProfileRevision(PlaceRow, table=True):
    """A profile as it was validated and put in force."""

    locality_id: str = Field(primary_key=True, sa_type=C_TEXT, foreign_key="locality.id")
    revision: int = Field(primary_key=True)
    digest: str = line()
    body: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = moment()


class Level(PlaceRow, table=True):
    """A level of one of the locality's trees."""

    __table_args__ = (one_of("kind", LevelKind), one_of("tree", TreeKind))

    locality_id: str = Field(primary_key=True, sa_type=C_TEXT, foreign_key="locality.id")
    code: str = Field(primary_key=True, sa_type=C_TEXT)
    tree: TreeKind = line()
    name: str = line()
    kind: LevelKind = line()
    depth: int


class Category(PlaceRow, table=True):
    """A kind of matter, with the severity and deadline it starts from."""

    __table_args__ = (one_of("severity", Severity),)

    locality_id: str = Field(primary_key=True, sa_type=C_TEXT, foreign_key="locality.id")
    code: str = Field(primary_key=True, sa_type=C_TEXT)
    name: str = line()
    severity: Severity = line()
    hours: int
