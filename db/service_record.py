"""Service records: what was done for residents, recorded once and counted by every ledger."""

from sqlalchemy import Index
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import C_TEXT, UUID, datetime, key, line, moment, one_of, path, paths, place, refers
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
    cadence_code: str | None = Field(default=None, sa_type=C_TEXT)
    """The duty of the profile that it fulfils, if any."""
    corrections: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    unit_id: UUID
    unit_path: str = path()
    handler_path: str = path()
    joint_scopes: list[str] | None = paths()
    person_id: UUID
    """Who did it."""
    recipient_id: UUID | None = None
    """For whom."""


class ServiceRecordEvent(PlaceRow, table=True):
    """One correction of a service record: what it said before; never changed, and gone with whom it is about."""

    __table_args__ = (
        one_of("kind", ServiceKind),
        refers("service_record_id", "service_record"),
        refers("actor_id", "person"),
    )

    locality_id: str = place()
    service_record_id: UUID = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    at: datetime = moment()
    """When it was corrected."""
    actor_id: UUID
    reason: str = line()
    kind: ServiceKind = line()
    served_at: datetime = moment()
    note: str | None = line(default=None)
    unit_path: str = path()
    handler_path: str = path()
    joint_scopes: list[str] | None = paths()
    person_id: UUID
    recipient_id: UUID | None = None


class VisitPrivate(PlaceRow, table=True):
    """What a home visit learnt of a household (article 001, 鑫茂): personal data, closed by default."""

    __table_args__ = (refers("service_record_id", "service_record"),)

    locality_id: str = place()
    service_record_id: UUID = Field(primary_key=True)
    unit_path: str = path()
    person_id: UUID
    recipient_id: UUID | None = None
    living_situation: str | None = line(default=None)
    needs: str | None = line(default=None)
    skills: str | None = line(default=None)
    """Interests and skills."""
    difficulties: str | None = line(default=None)
