"""Offices: what people may see or do for a whole place, for a term."""

from sqlalchemy import Index, text
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import (
    UUID,
    date,
    datetime,
    key,
    line,
    moment,
    one_of,
    place,
    refers,
    valid_from,
    valid_to,
)
from domain.identity import APART, OfficeKind

_APART = ", ".join(f"'{kind.value}'" for kind in sorted(APART))

ONE_SIDE = f"kind IN ({_APART}) AND valid_to = 'infinity'"
"""Of a person's offices without an end, at most one: so nobody holds two that exclude each other,
however many are given at once. Verbs give no other ones (`db.writing`)."""


class Office(PlaceRow, table=True):
    """An office that a person holds for a term, and who gave and took it."""

    __table_args__ = (
        Index(None, "locality_id", "person_id"),
        Index(None, "locality_id", "granted_at", "id"),
        Index(
            "ix_office_one_side",
            "locality_id",
            "person_id",
            unique=True,
            postgresql_where=text(ONE_SIDE),
        ),
        one_of("kind", OfficeKind),
        refers("person_id", "person"),
        refers("granted_by_id", "person"),
        refers("revoked_by_id", "person"),
    )

    locality_id: str = place()
    id: UUID = key()
    person_id: UUID
    kind: OfficeKind = line()
    valid_from: date = valid_from()
    valid_to: date = valid_to()
    granted_at: datetime = moment()
    granted_by_id: UUID | None = Field(default=None)
    """Null: on the server's command line."""
    revoked_at: datetime | None = moment(default=None)
    revoked_by_id: UUID | None = Field(default=None)


TODAY = "valid_from <= CURRENT_DATE AND valid_to > CURRENT_DATE"
"""That an office is held."""

HELD = f"""
SELECT id FROM office WHERE locality_id = $1 AND person_id = $2 AND kind = $3 AND {TODAY}
"""  # noqa: S608  # a constant of ours

HELD_APART = """
SELECT EXISTS (SELECT FROM office WHERE locality_id = $1 AND person_id = $2
    AND kind = ANY($3::text[]) AND valid_to > CURRENT_DATE)
"""
"""Whether somebody holds one of several offices, or is to."""


UNLESS_APART = "ON CONFLICT DO NOTHING"
"""Where somebody else has just given the person an office that excludes this one."""


def granting(locality: str) -> str:
    """What is done one at a time: giving and taking the offices of a place."""
    return f"offices/{locality}"
