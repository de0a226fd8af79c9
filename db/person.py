"""People: identity in one table, personal data in another."""

from sqlalchemy import Index
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import UUID, key, line, path, place, refers


class Person(PlaceRow, table=True):
    """Who somebody is: enough to name them, nothing more."""

    __table_args__ = (
        Index(None, "locality_id", "unit_path"),
        refers("unit_id", "org_unit"),
    )

    locality_id: str = place()
    id: UUID = key()
    name: str = line()
    unit_id: UUID
    unit_path: str = path()
    """Where they live or serve: decides who may see them."""
    published: bool = False
    """Whether the name stands on the public grid board (公示牌)."""


class PersonPrivate(PlaceRow, table=True):
    """Personal data, closed by default (DOMAIN §8)."""

    __table_args__ = (refers("person_id", "person"),)

    locality_id: str = place()
    person_id: UUID = Field(primary_key=True)
    unit_path: str = path()
    phone: str | None = line(default=None)
    address: str | None = line(default=None)
    living_situation: str | None = line(default=None)
    needs: str | None = line(default=None)
    skills: str | None = line(default=None)
    difficulties: str | None = line(default=None)
