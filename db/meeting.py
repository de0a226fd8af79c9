"""Meetings of a unit, and the tickets put before them."""

from sqlalchemy import Index
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import C_TEXT, UUID, datetime, key, line, moment, path, paths, place, refers


class Meeting(PlaceRow, table=True):
    """A meeting that a unit calls: the monthly one, a joint one, a residents' council."""

    __table_args__ = (
        Index(None, "locality_id", "unit_path", "at"),
        Index(None, "locality_id", "at", "id"),
        refers("unit_id", "org_unit"),
        refers("caller_id", "person"),
    )

    locality_id: str = place()
    id: UUID = key()
    title: str = line()
    cadence_code: str | None = Field(default=None, sa_type=C_TEXT)
    """The duty of the profile that it fulfils, if any."""
    at: datetime = moment()
    held_at: datetime | None = moment(default=None)
    minutes: str | None = line(default=None)
    unit_id: UUID
    unit_path: str = path()
    caller_id: UUID
    created_at: datetime = moment()


class AgendaItem(PlaceRow, table=True):
    """A ticket on a meeting's agenda, and what was resolved."""

    __table_args__ = (
        Index(None, "locality_id", "ticket_id"),
        refers("meeting_id", "meeting"),
        refers("ticket_id", "ticket"),
    )

    locality_id: str = place()
    meeting_id: UUID = Field(primary_key=True)
    ticket_id: UUID = Field(primary_key=True)
    tabled_at: datetime = moment(primary_key=True)
    """Part of the key: a meeting may have to take the same ticket up twice."""
    resolution: str | None = line(default=None)
    resolved_at: datetime | None = moment(default=None)
    unit_path: str = path()
    handler_path: str = path()
    joint_scopes: list[str] | None = paths()
    reporter_id: UUID | None = None
