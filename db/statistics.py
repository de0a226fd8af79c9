"""Published counts: a row for each cell that is shown, and which months are published."""

from sqlalchemy import Index
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import C_TEXT, UUID, date, datetime, line, moment, one_of, place, refers
from domain.statistics import Breakdown, Span


class Statistic(PlaceRow, table=True):
    """What is shown of one cell: protected already, and never changed."""

    __table_args__ = (
        one_of("breakdown", Breakdown),
        one_of("usual_span", Span),
        refers("unit_id", "org_unit"),
        Index(
            "ix_statistic_top",
            "locality_id",
            "breakdown",
            "month",
            "code",
            "unit_id",
            postgresql_where="top",
        ),
    )

    locality_id: str = place()
    unit_id: UUID = Field(primary_key=True)
    breakdown: Breakdown = Field(primary_key=True, sa_type=C_TEXT)
    month: date = Field(primary_key=True)
    code: str = Field(primary_key=True, sa_type=C_TEXT)
    """Which part of the breakdown; empty for the total."""
    opened: int | None = None
    closed: int | None = None
    overdue: int | None = None
    pending: int | None = None
    usual_span: Span | None = line(default=None)
    top: bool
    """Whether the unit is the top of its tree."""
    fine: bool
    """Whether it is for data consumers only."""


class StatisticMonth(PlaceRow, table=True):
    """That a month is published: it is so once, whole, for good."""

    locality_id: str = place()
    month: date = Field(primary_key=True)
    published_at: datetime = moment()
