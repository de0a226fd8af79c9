"""Published counts: what is counted, and how each count is protected (ADR 12).

(tickets of a cell, people behind them, chance) -> number shown | None
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from math import log
from zoneinfo import ZoneInfo

from domain.terms import LevelKind, Term

LEAST = 5
"""Fewer people than this behind a cell, and it is not shown."""

MARGIN = 6
"""So many more there have to be, give or take what chance adds: whether there is one more hardly
changes whether a cell is shown."""

DOUBT = 1.0
"""Scale of what chance adds to the people, as `SPREAD` is of what it adds to the count."""

MOST_OF_ONE = 3
"""Tickets of one resident that a measure of a month counts: the noise hides no more of anybody."""

STEP = 5
"""Counts are shown as multiples of this."""

SPREAD = 3.0
"""Scale of the noise: it is as likely to be k as e^(-|k| / SPREAD) says, with no bound."""

LEAST_HOUSEHOLDS = 50
"""A unit known to have fewer has no counts of its own."""

UNCOUNTED = (LevelKind.BUILDING, LevelKind.STAIRWELL, LevelKind.HUB_HOUSEHOLD)
"""Levels of a few households each: their units have no counts of their own."""

IN_DETAIL = (
    LevelKind.CITY,
    LevelKind.DISTRICT,
    LevelKind.STREET,
    LevelKind.COMMUNITY,
    LevelKind.WARD,
)
"""Levels whose counts everyone sees broken down; of all others everyone sees the totals."""


class Measure(Term):
    """What is counted of tickets in a month: of one resident's, three at most."""

    OPENED = "OPENED", "新增", "Made known in the month."
    CLOSED = "CLOSED", "结案", "Came to their end in the month."
    OVERDUE = (
        "OVERDUE",
        "逾期",
        "Their deadline fell in the month, and they were not finished by it.",
    )
    PENDING = "PENDING", "未结", "Made known in the month, and still open when it ended."


class Breakdown(Term):
    """What published counts are broken down by."""

    TOTAL = "TOTAL", "合计", "Nothing: all of them together."
    CATEGORY = "CATEGORY", "事项类别", "The kind of matter."
    STATUS = "STATUS", "结束方式", "How they ended; only of those that came to their end."
    LEVEL = (
        "LEVEL",
        "办结层级",
        "The level they were with at their end; only of those that came to it.",
    )
    SPAN = (
        "SPAN",
        "办理时长",
        "How long they took until solved; only of those that came to their end.",
    )


class Span(Term):
    """How long it took until a ticket was solved."""

    DAY = "DAY", "一天内", "No more than a day."
    THREE_DAYS = "THREE_DAYS", "三天内", "More than a day, no more than three."
    WEEK = "WEEK", "一周内", "More than three days, no more than a week."
    MONTH = "MONTH", "一月内", "More than a week, no more than thirty days."
    LONGER = "LONGER", "一月以上", "More than thirty days."


SPAN_DAYS = {Span.DAY: 1, Span.THREE_DAYS: 3, Span.WEEK: 7, Span.MONTH: 30}
"""The most days of each span but the last."""


def protected(count: int, people: int, chance: Callable[[], float]) -> int | None:
    """The number shown for a cell; None where it is too small.

    `chance` draws from 0 up to 1, anew each time, and nobody may know what it drew.
    """
    if people < LEAST or people + _noise(DOUBT, chance) < LEAST + MARGIN:
        return None
    shown = round((count + _noise(SPREAD, chance)) / STEP) * STEP
    return shown if shown >= LEAST else None


def _noise(scale: float, chance: Callable[[], float]) -> int:
    """A whole number k, as likely as e^(-|k| / scale) says."""
    return int(-log(1 - chance()) * scale) - int(-log(1 - chance()) * scale)


def usual_span(shown: Mapping[Span, int]) -> Span | None:
    """The span in which the middle ticket lies, by the numbers shown; None without any."""
    total, so_far = sum(shown.values()), 0
    for span in Span:
        so_far += shown.get(span, 0)
        if total and so_far * 2 >= total:
            return span
    return None


def month_of(moment: datetime, time_zone: str) -> date:
    """The first day of the month in which a moment falls, by a place's calendar."""
    return moment.astimezone(ZoneInfo(time_zone)).date().replace(day=1)


def next_month(month: date) -> date:
    """The first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def bounds(month: date, time_zone: str) -> tuple[datetime, datetime]:
    """When a month begins and ends, by a place's calendar."""
    first, last = (
        datetime(day.year, day.month, 1, tzinfo=ZoneInfo(time_zone))
        for day in (month, next_month(month))
    )
    return first, last
