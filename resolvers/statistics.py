"""Published counts: rows of a table, as they were protected and written down."""

from enum import Enum
from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, Select, case, select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.order import OrderDirection, Ordering
from db.tables import Category, Level, Locality, OrgUnit, Statistic, StatisticMonth
from domain.statistics import Breakdown

By = Annotated[
    Breakdown, strawberry.argument(description="What they are broken down by, if by anything.")
]


@strawberry.enum(description="What published counts can be sorted by.")
class StatisticOrderField(Enum):
    MONTH = strawberry.enum_value("MONTH", description="The month they are of.")


@strawberry.input(description="How published counts are sorted.")
class StatisticOrder:
    field: StatisticOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.DESC
    )


ORDER = Ordering(
    StatisticOrder,
    {StatisticOrderField.MONTH: ("month", "code", "unit_id")},
    (StatisticOrderField.MONTH, OrderDirection.DESC),
)


def of_unit(unit: type[OrgUnit], by: By = Breakdown.TOTAL) -> Select[Statistic]:
    """The counts of what arose in the unit, or below it."""
    return select(Statistic).where(
        col(Statistic.unit_id) == unit.id, col(Statistic.breakdown) == by
    )


def of_locality(locality: type[Locality], by: By = Breakdown.TOTAL) -> Scoped:
    """The counts of the tops of the locality's trees."""
    tops = select(Statistic).where(col(Statistic.top), col(Statistic.breakdown) == by)
    return Scoped(tops, locality.id)


def months(locality: type[Locality]) -> Scoped:
    """The months published, oldest first."""
    return Scoped(select(StatisticMonth).order_by(col(StatisticMonth.month)), locality.id)


def part(breakdown: Breakdown) -> Any:
    """Which part it is, of counts that are broken down so."""

    def resolver(row: type[Statistic]) -> ColumnElement[str | None]:
        return case((col(row.breakdown) == breakdown, col(row.code)))

    return resolver


def category(row: type[Statistic]) -> Select[Category]:
    """The kind of matter, of counts that are broken down by it."""
    return select(Category).where(
        col(Category.code) == row.code, col(row.breakdown) == Breakdown.CATEGORY
    )


def level(row: type[Statistic]) -> Select[Level]:
    """The level, of counts that are broken down by it."""
    return select(Level).where(col(Level.code) == row.code, col(row.breakdown) == Breakdown.LEVEL)
