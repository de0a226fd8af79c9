"""The outbox: every change of what clients may hold a copy of, in an order that can be resumed."""

from sqlalchemy import BigInteger, text
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import C_TEXT, UUID, datetime, moment, one_of, path, paths, place
from domain.terms import ChangedNoun


class Change(PlaceRow, table=True):
    """That something changed; what it is now is read where it lies, under the reader's own scope."""

    __table_args__ = (one_of("noun", ChangedNoun),)

    locality_id: str = place()
    tx: int = Field(
        primary_key=True,
        sa_type=BigInteger,
        sa_column_kwargs={"server_default": text("pg_current_xact_id()::text::bigint")},
    )
    """The transaction: all below the oldest one still running are there for good (db.outbox)."""
    id: UUID = Field(primary_key=True)
    noun: ChangedNoun = Field(sa_type=C_TEXT)
    key: UUID
    verb: str | None = Field(default=None, sa_type=C_TEXT)
    at: datetime = moment()
    unit_path: str = path()
    handler_path: str = path()
    was_handler_path: str = path()
    """Whose it was before: they too learn that it changed, if only that it is gone."""
    joint_scopes: list[str] | None = paths()
    reporter_id: UUID | None = None
    """The ticket's reporter, or the record's recipient."""
    person_id: UUID | None = None
    """Who gave the service."""
