"""Counting tickets for publication, and keeping what is published: a month is, once, for good."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from db.paths import WIDTH
from db.pool import Connection, Database
from db.scope import Scope
from domain.statistics import (
    IN_DETAIL,
    LEAST,
    LEAST_HOUSEHOLDS,
    MOST_OF_ONE,
    SPAN_DAYS,
    UNCOUNTED,
    Breakdown,
    Measure,
    Span,
)

COUNTING = 300
"""Seconds that counting a month may take; of 5,000,000 tickets it takes some twenty."""


@dataclass(frozen=True)
class Calendar:
    """What tells which months of a place are to be published."""

    time_zone: str
    now: datetime
    first: datetime | None
    """When its first ticket was made known."""
    published: frozenset[date]


@dataclass(frozen=True)
class Cell:
    """Some tickets as they are counted, not to be shown."""

    unit: UUID
    top: bool
    fine: bool
    breakdown: Breakdown
    code: str
    measure: Measure
    count: int
    people: int


@dataclass(frozen=True)
class Shown:
    """What is shown of one cell; None where a count is too small."""

    unit: UUID
    top: bool
    fine: bool
    breakdown: Breakdown
    code: str
    counts: dict[Measure, int]
    usual_span: Span | None = None


async def calendar(database: Database, place: Scope) -> Calendar:
    """The place's time, its first ticket and the months published."""

    async def work(connection: Connection) -> Calendar:
        row = await connection.fetchrow(CALENDAR, place.locality)
        if row is None:
            raise LookupError(f"there is no locality {place.locality}")
        months = await connection.fetch(MONTHS, place.locality)
        published = frozenset(each["month"] for each in months)
        return Calendar(row["time_zone"], row["now"], row["first"], published)

    return await database.read(place, work)


async def count(database: Database, place: Scope, span: tuple[datetime, datetime]) -> list[Cell]:
    """Every cell of a month that may be large enough to show."""
    # A transaction of its own, that only reads: one that writes would hold `changes` back all the
    # while; and `Database.read` is for what somebody waits for.
    patience = f"SET LOCAL statement_timeout = '{COUNTING}s'"
    async with database.transaction(place, first=patience) as connection:
        rows = await connection.fetch(COUNT, place.locality, *span, LEAST, timeout=COUNTING)
    return [Cell(*row) for row in rows]


async def publish(database: Database, place: Scope, month: date, rows: Sequence[Shown]) -> bool:
    """Publish a month; False if it is published already."""

    async def work(connection: Connection) -> bool:
        if not await connection.fetchval(BEGIN_MONTH, place.locality, month):
            return False
        # In one go: of a large place they are very many, and until it ends `changes` are held back.
        if rows:
            columns = map(list, zip(*map(_values, rows), strict=True))
            await connection.execute(INSERT, place.locality, month, *columns)
        return True

    return await database.write(place, work, within=None)


def _values(row: Shown) -> tuple[object, ...]:
    counts = (row.counts.get(measure) for measure in Measure)
    return (row.unit, row.breakdown, row.code, *counts, row.usual_span, row.top, row.fine)


def _words(terms: Sequence[str]) -> str:
    return ", ".join(f"'{term}'" for term in terms)


SPAN_SQL = " ".join(
    f"WHEN coalesce(t.resolved_at, t.closed_at) - t.created_at <= interval '{days} days' "
    f"THEN '{span}'"
    for span, days in SPAN_DAYS.items()
)
CALENDAR = """
SELECT l.time_zone, now(), (
    SELECT t.created_at FROM ticket t
    WHERE t.locality_id = $1 ORDER BY t.created_at, t.id LIMIT 1
) AS first
FROM locality l WHERE l.id = $1
"""
MONTHS = "SELECT month FROM statistic_month WHERE locality_id = $1"
BEGIN_MONTH = """
INSERT INTO statistic_month (locality_id, month, published_at) VALUES ($1, $2, now())
ON CONFLICT DO NOTHING RETURNING true
"""
INSERT = """
INSERT INTO statistic (locality_id, month, unit_id, breakdown, code,
    opened, closed, overdue, pending, usual_span, top, fine)
SELECT $1, $2, * FROM unnest($3::uuid[], $4::text[], $5::text[], $6::integer[], $7::integer[],
    $8::integer[], $9::integer[], $10::text[], $11::boolean[], $12::boolean[])
"""
# Somebody who serves reports what others need: each such ticket counts as of a person of its own, but
# not what they report before their first term or after the last.
# Each person sets one of 64 bits. So the month's tickets are summed up once, whatever they are broken
# down by, and never are more people counted than there are; now and then two are taken for one.
COUNT = f"""
WITH counted_unit AS (
    SELECT u.id, u.path, u.parent_id IS NULL AS top,
        l.kind NOT IN ({_words(IN_DETAIL)}) AS fine
    FROM org_unit u JOIN level l ON l.locality_id = $1 AND l.code = u.level_code
    WHERE u.locality_id = $1 AND l.kind NOT IN ({_words(UNCOUNTED)})
        AND coalesce(u.households, {LEAST_HOUSEHOLDS}) >= {LEAST_HOUSEHOLDS}
), serving AS (
    SELECT person_id, range_agg(daterange(valid_from, valid_to)) AS terms
    FROM appointment WHERE locality_id = $1 AND valid_from < valid_to GROUP BY 1
), told AS (
    SELECT t.id, t.unit_path, measure, t.category_code, t.status, h.level_code,
        CASE {SPAN_SQL} ELSE '{Span.LONGER}' END AS span,
        CASE WHEN s.person_id IS NULL THEN t.reporter_id END AS resident
    FROM ticket t
    LEFT JOIN serving s ON s.person_id = t.reporter_id AND s.terms @> t.created_at::date
    LEFT JOIN org_unit h ON h.locality_id = $1 AND h.id = t.handler_unit_id
    CROSS JOIN LATERAL unnest(ARRAY[
        CASE WHEN t.created_at >= $2 THEN '{Measure.OPENED}' END,
        CASE WHEN t.closed_at < $3 THEN '{Measure.CLOSED}' END,
        CASE WHEN t.due_at >= $2 AND t.due_at < $3
            AND coalesce(t.resolved_at, t.closed_at, 'infinity') > t.due_at
            THEN '{Measure.OVERDUE}' END,
        CASE WHEN t.created_at >= $2 AND coalesce(t.closed_at, 'infinity') >= $3
            THEN '{Measure.PENDING}' END
    ]) AS m(measure)
    WHERE t.locality_id = $1 AND t.created_at < $3
        AND (t.closed_at IS NULL OR t.closed_at >= $2) AND measure IS NOT NULL
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY measure, resident ORDER BY id) AS nth FROM told
), counted AS (
    SELECT unit_path, measure, category_code, status, level_code, span, count(*) AS tickets,
        bit_or(1::bigint << (63 & uuid_hash(coalesce(resident, id)))) AS people
    FROM numbered WHERE resident IS NULL OR nth <= {MOST_OF_ONE}
    GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT u.id, u.top, u.fine AND breakdown <> '{Breakdown.TOTAL}', breakdown, code, measure,
    sum(tickets)::integer, bit_count(bit_or(people)::bit(64))::integer
FROM counted c
CROSS JOIN LATERAL generate_series({WIDTH}, length(c.unit_path), {WIDTH}) AS depth
JOIN counted_unit u ON u.path = left(c.unit_path, depth)
CROSS JOIN LATERAL (VALUES
    ('{Breakdown.TOTAL}', ''), ('{Breakdown.CATEGORY}', c.category_code),
    ('{Breakdown.STATUS}', c.status), ('{Breakdown.LEVEL}', c.level_code),
    ('{Breakdown.SPAN}', c.span)
) AS part(breakdown, code)
WHERE code IS NOT NULL AND (measure = '{Measure.CLOSED}'
    OR breakdown IN ('{Breakdown.TOTAL}', '{Breakdown.CATEGORY}'))
GROUP BY u.id, u.top, u.fine, breakdown, code, measure
HAVING sum(tickets) >= $4
"""  # noqa: S608  # composed of this program's own words
