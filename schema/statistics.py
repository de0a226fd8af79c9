"""Published counts (公开统计): what anyone may know of how many tickets there were."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from compiler.fields import column, entity, link, value
from db import tables
from domain.statistics import Breakdown, Span
from domain.terms import TicketStatus
from resolvers import org_unit as read_org_unit, statistics as read_statistics

if TYPE_CHECKING:
    from schema.locality import Category, Level
    from schema.org_unit import OrgUnit

SMALL = "null if it is not shown."


@entity(
    tables.Statistic,
    "Tickets of one month, counted for anyone to read (公开统计). A count is shown as a multiple "
    "of 5 and by chance a little off, as a rule by 5 at most; one that fewer than 5 people stand "
    "behind is not shown, nor as a rule one of fewer than 11. Of one resident's tickets three count "
    "at most. So parts do not add up to their whole, and nothing can be made out by taking one "
    "count from another. What is shown once never changes.",
)
class Statistic:
    month: date = column("The first day of the month, by the place's calendar.")
    breakdown: Breakdown = column("What it is broken down by.")
    org_unit: Annotated["OrgUnit", strawberry.lazy("schema.org_unit")] | None = link(
        read_org_unit.of("unit_id"),
        "It is of what arose in this unit, or below it; null if you may not see the unit.",
    )
    category: Annotated["Category", strawberry.lazy("schema.locality")] | None = link(
        read_statistics.category, "The kind of matter; null unless broken down by CATEGORY."
    )
    level: Annotated["Level", strawberry.lazy("schema.locality")] | None = link(
        read_statistics.level, "The level at the end; null unless broken down by LEVEL."
    )
    status: TicketStatus | None = value(
        read_statistics.part(Breakdown.STATUS), "How they ended; null unless broken down by STATUS."
    )
    span: Span | None = value(
        read_statistics.part(Breakdown.SPAN), "How long they took; null unless broken down by SPAN."
    )
    opened: int | None = column(f"How many were made known in the month; {SMALL}")
    closed: int | None = column(f"How many came to their end in the month; {SMALL}")
    overdue: int | None = column(
        f"Of how many the deadline fell in the month and was not kept; {SMALL}"
    )
    pending: int | None = column(
        f"How many were made known in the month and still open when it ended; {SMALL}"
    )
    usual_span: Span | None = column(
        "Half of those that came to their end were solved within this time, by the counts that are "
        "shown; only where nothing is broken down, and null if none of them is shown."
    )


@entity(tables.StatisticMonth, "A month whose counts are published.")
class StatisticMonth:
    month: date = column("The first day of the month.")
    published_at: datetime = column("When its counts were published, for good.")
