"""Publishing: once a month is over in a place, its counts are worked out, protected and published.

Months that are missing are made up for, oldest first; one that is published is never touched again.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from random import SystemRandom
from uuid import UUID

from db import statistics_store, unit_store
from db.failures import TRANSIENT
from db.pool import Database
from db.scope import Scope
from db.statistics_store import Calendar, Cell, Shown
from domain.statistics import (
    Breakdown,
    Measure,
    Span,
    bounds,
    month_of,
    next_month,
    protected,
    usual_span,
)

EVERY = 3_600.0
"""Seconds until the next look for a month that is over."""

AGAIN = 60.0
"""Seconds until the next try, when the database was not there."""

log = logging.getLogger("linli")

Where = tuple[UUID, bool, bool, Breakdown, str]


async def run(database: Database) -> None:
    """Publish what is missing, at once and then as months end, until cancelled."""
    while True:
        wait = EVERY
        try:
            for locality in await unit_store.localities(database):
                place = await unit_store.whole_place(database, locality)
                await publish(database, place)
        except TRANSIENT as error:
            log.warning("the statistics wait for the database: %s", type(error).__name__)
            wait = AGAIN
        await asyncio.sleep(wait)


async def publish(database: Database, place: Scope) -> int:
    """Publish every month of a place that is over and missing; how many there were."""
    calendar = await statistics_store.calendar(database, place)
    months = list(missing(calendar))
    for month in months:
        span = bounds(month, calendar.time_zone)
        cells = await statistics_store.count(database, place, span)
        rows = await asyncio.to_thread(shown, cells, SystemRandom().random)
        await statistics_store.publish(database, place, month, rows)
    return len(months)


def missing(calendar: Calendar) -> Iterable[date]:
    """The months that are over and not published, oldest first."""
    if calendar.first is None:
        return
    month = month_of(calendar.first, calendar.time_zone)
    while month < month_of(calendar.now, calendar.time_zone):
        if month not in calendar.published:
            yield month
        month = next_month(month)


def shown(cells: Iterable[Cell], chance: Callable[[], float]) -> list[Shown]:
    """What is shown of the cells; nothing where every count is too small."""
    counts: defaultdict[Where, dict[Measure, int]] = defaultdict(dict)
    for cell in cells:
        number = protected(cell.count, cell.people, chance)
        if number is not None:
            part = Breakdown(cell.breakdown)
            where = (cell.unit, cell.top, cell.fine, part, cell.code)
            counts[where][Measure(cell.measure)] = number
    usual = _usual_spans(counts)
    return [Shown(*where, found, usual.get(where)) for where, found in counts.items()]


def _usual_spans(counts: dict[Where, dict[Measure, int]]) -> dict[Where, Span]:
    """For each unit's total, the usual span by what is shown of its spans."""
    spans: defaultdict[UUID, dict[Span, int]] = defaultdict(dict)
    for (unit, _, _, breakdown, code), found in counts.items():
        if breakdown is Breakdown.SPAN:
            spans[unit][Span(code)] = found[Measure.CLOSED]
    totals = (where for where in counts if where[3] is Breakdown.TOTAL)
    usual = ((where, usual_span(spans[where[0]])) for where in totals)
    return {where: span for where, span in usual if span is not None}
