"""Requests to be forgotten."""

from sqlmodel import Field

from db.base import PlaceRow
from db.columns import UUID, datetime, moment, place, refers


class Erasure(PlaceRow, table=True):
    """A person's request that what is kept of them be deleted, and when it was."""

    __table_args__ = (refers("person_id", "person"),)

    locality_id: str = place()
    person_id: UUID = Field(primary_key=True)
    requested_at: datetime = moment()
    due_at: datetime = moment()
    """The law's term; whoever still has an open ticket or a post waits for its end."""
    done_at: datetime | None = moment(default=None)
