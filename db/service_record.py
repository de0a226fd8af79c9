"""Service records: what was done for residents, recorded once and counted by every ledger."""

from sqlalchemy import Index

from db.base import PlaceRow
from db.columns import UUID, datetime, key, line, moment, one_of, path, place, refers
from domain.terms import ServiceKind


class ServiceRecord(PlaceRow, table=True):
    """A visit, errand, mediation, talk, repair or patrol finding."""

    __table_args__ = (
        Index(None, "locality_id", "ticket_id", "at"),
        Index(None, "locality_id", "unit_path", "at"),
        Index(None, "locality_id", "at", "id"),
        one_of("kind", ServiceKind),
        refers("ticket_id", "ticket"),
        refers("unit_id", "org_unit"),
        refers("person_id", "person"),
        refers("recipient_id", "person"),
    )

    locality_id: str = place()
    id: UUID = key()
    kind: ServiceKind = line()
    at: datetime = moment()
    note: str | None = line(default=None)
    ticket_id: UUID | None = None
    unit_id: UUID
    unit_path: str = path()
    handler_path: str = path()
    person_id: UUID
    """Who did it."""
    recipient_id: UUID | None = None
    """For whom."""
