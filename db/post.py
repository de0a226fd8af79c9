"""Posts live in units; appointments give them to people for a term."""

from sqlalchemy import Index
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
from domain.terms import Capacity, RoleKind


class Post(PlaceRow, table=True):
    """A post of a unit, whether or not anybody holds it."""

    __table_args__ = (
        Index(None, "locality_id", "unit_id", "position"),
        Index(None, "locality_id", "unit_path", "position"),
        one_of("kind", RoleKind),
        refers("unit_id", "org_unit"),
    )

    locality_id: str = place()
    id: UUID = key()
    unit_id: UUID
    unit_path: str = path()
    role_code: str = Field(sa_type=C_TEXT)
    title: str = line()
    kind: RoleKind = line()
    position: int
    official_phone: str | None = line(default=None)


class Appointment(PlaceRow, table=True):
    """A person in a post, as holder (A) or cover (B), for a term."""

    __table_args__ = (
        Index(None, "locality_id", "post_id", "capacity"),
        Index(None, "locality_id", "person_id"),
        one_of("capacity", Capacity),
        refers("post_id", "post"),
        refers("person_id", "person"),
    )

    locality_id: str = place()
    id: UUID = key()
    post_id: UUID
    person_id: UUID
    unit_path: str = path()
    """The post's unit: the subtree the appointment lets its person see."""
    capacity: Capacity = line()
    valid_from: date = valid_from()
    valid_to: date = valid_to()
