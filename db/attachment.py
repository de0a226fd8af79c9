"""Photographs of a ticket: the row says what there is, the bytes lie in the object store."""

from sqlalchemy import Index

from db.base import PlaceRow
from db.columns import UUID, datetime, key, line, moment, one_of, path, paths, place, refers
from domain.terms import PhotoPhase


class Attachment(PlaceRow, table=True):
    """A photograph of a ticket, from the moment its upload was granted."""

    __table_args__ = (
        Index(None, "locality_id", "ticket_id", "id"),
        one_of("phase", PhotoPhase),
        refers("ticket_id", "ticket"),
        refers("uploader_id", "person"),
    )

    locality_id: str = place()
    id: UUID = key()
    ticket_id: UUID
    phase: PhotoPhase = line()
    name: str = line()
    requested_at: datetime = moment()
    stored_at: datetime | None = moment(default=None)
    """When its bytes were kept; null while they are awaited."""
    media_type: str | None = line(default=None)
    size: int | None = None
    width: int | None = None
    height: int | None = None
    digest: str | None = line(default=None)
    """SHA-256 of the bytes as they are kept, in hexadecimal."""
    object_key: str | None = line(default=None)
    """Where in the object store they lie; says nothing of the ticket."""
    uploader_id: UUID
    unit_path: str = path()
    handler_path: str = path()
    joint_scopes: list[str] | None = paths()
    reporter_id: UUID | None = None
