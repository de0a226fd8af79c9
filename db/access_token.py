"""Access tokens: what a person gives a program to speak for it. Of a secret only a hash is kept."""

from sqlalchemy import ARRAY, Index
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import C_TEXT, UUID, datetime, key, line, moment, place, refers


class AccessToken(PlaceRow, table=True):
    """A token of a person, good for some scopes until it expires or is revoked."""

    __table_args__ = (
        Index(None, "locality_id", "digest", unique=True),
        Index(None, "locality_id", "person_id"),
        Index(None, "locality_id", "created_at", "id"),
        refers("person_id", "person"),
        refers("revoked_by_id", "person"),
    )

    locality_id: str = place()
    id: UUID = key()
    person_id: UUID
    name: str = line()
    digest: bytes
    """SHA-256 of the whole token."""
    scopes: list[str] = Field(sa_type=ARRAY(C_TEXT))
    created_at: datetime = moment()
    expires_at: datetime = moment()
    last_used_at: datetime | None = moment(default=None)
    """To the hour."""
    revoked_at: datetime | None = moment(default=None)
    revoked_by_id: UUID | None = Field(default=None)
