"""Logins: which person a subject of an identity provider is."""

from sqlalchemy import Index
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import C_TEXT, UUID, datetime, moment, place, refers


class Login(PlaceRow, table=True):
    """A subject of an issuer that stands for a person of this place."""

    __table_args__ = (
        Index(None, "digest"),
        Index(None, "locality_id", "person_id"),
        refers("person_id", "person"),
    )

    locality_id: str = place()
    issuer: str = Field(primary_key=True, sa_type=C_TEXT)
    subject: str = Field(primary_key=True, sa_type=C_TEXT)
    digest: bytes
    """What is presented to find it: see `db.credential`."""
    person_id: UUID
    added_at: datetime = moment()
