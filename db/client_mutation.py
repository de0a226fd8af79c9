"""Answers already given, so that a repeated request is answered again and not done again."""

from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import C_TEXT, UUID, datetime, line, moment, place


class ClientMutation(PlaceRow, table=True):
    """One mutation by one person under one client key."""

    locality_id: str = place()
    person_id: UUID = Field(primary_key=True)
    client_key: str = Field(primary_key=True, sa_type=C_TEXT)
    input_digest: str = line()
    answer: dict[str, Any] = Field(sa_type=JSONB)
    created_at: datetime = moment()
