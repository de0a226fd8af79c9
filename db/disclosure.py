"""Disclosures: each reading of personal data in full, chained; written once, never changed."""

from sqlalchemy import Index
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import UUID, datetime, line, moment, one_of, place, refers
from domain.disclosure import PersonalField, Purpose


class Disclosure(PlaceRow, table=True):
    """One part of somebody's personal data given out once: to whom, why; never the value."""

    __table_args__ = (
        Index(None, "locality_id", "subject_id", "sequence"),
        Index(None, "locality_id", "actor_id", "at"),
        one_of("field", PersonalField),
        one_of("purpose", Purpose),
        refers("actor_id", "person"),
        refers("subject_id", "person"),
        refers("post_id", "post"),
    )

    locality_id: str = place()
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Counts up in each place, without a gap."""
    at: datetime = moment()
    actor_id: UUID
    post_id: UUID | None = None
    """The post by which the actor might read it; null for one's own data."""
    subject_id: UUID
    field: PersonalField = line()
    purpose: Purpose = line()
    ticket_id: UUID | None = None
    """The ticket that the purpose rests on, if it rests on one."""
    record_id: UUID | None = None
    """The service record whose visit learnt it, if one did."""
    answer_id: UUID
    """The same for all that went out in one answer."""
    reason: str | None = line(default=None)
    digest: bytes
    """SHA-256 over the row and the digest of the one before (domain.audit)."""


class DisclosureHead(PlaceRow, table=True):
    """How far a place's chain of disclosures reaches; locked by whoever adds to it."""

    locality_id: str = place()
    sequence: int
    digest: bytes
    removed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Rows up to this one were removed for their age."""
    removed_digest: bytes
    """The digest of the last of them: what the first row kept is sealed with."""
