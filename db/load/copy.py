"""Writing many rows at once: COPY into a staging table, then add what is new."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeAlias

from db.load.report import Progress

if TYPE_CHECKING:
    import asyncpg

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
"""A connection as the role that owns the tables; row security does not apply to it."""

STEP = 10_000
"""Rows between two calls of the progress callback."""

Rows = Iterable[Mapping[str, Any]]
"""Rows as column name to value; all rows of one call name the same columns."""


async def add(connection: Owner, table: str, rows: Rows) -> int:
    """Add the rows whose key is new; says how many there were."""
    iterator = iter(rows)
    first = next(iterator, None)
    if first is None:
        return 0
    columns = list(first)
    staging = f"new_{table}"
    await connection.execute(_STAGE.format(staging=staging, table=table))
    records = (tuple(row[name] for name in columns) for row in chain([first], iterator))
    await stream(connection, staging, columns, records)
    names = ", ".join(f'"{name}"' for name in columns)
    done = await connection.execute(_ADD.format(table=table, staging=staging, names=names))
    await connection.execute(f"DROP TABLE {staging}")
    return affected(done)


async def stream(
    connection: Owner, table: str, columns: Sequence[str], records: Iterable[Sequence[Any]]
) -> None:
    """COPY records into a table as they come."""
    await connection.copy_records_to_table(table, columns=list(columns), records=records)


async def settle(connection: Owner) -> None:
    """Enter new tickets in their subtrees, and tell the planner what the tables now hold."""
    await connection.execute(_SCOPES)
    await connection.execute(_ANALYZE)


def counted(records: Iterable[Sequence[Any]], progress: Progress) -> Iterator[Sequence[Any]]:
    """The same records, reported every few thousand and at the end."""
    done = 0
    for done, record in enumerate(records, 1):
        if done % STEP == 0:
            progress(done)
        yield record
    progress(done)


def affected(status: str) -> int:
    """The number of rows in a command's status: `INSERT 0 42` is 42."""
    return int(status.rpartition(" ")[2])


# Table and column names come from this package's own tables, never from a file.
_STAGE = "CREATE TEMPORARY TABLE {staging} (LIKE {table} INCLUDING DEFAULTS) ON COMMIT DROP"
_ADD = "INSERT INTO {table} ({names}) SELECT {names} FROM {staging} ON CONFLICT DO NOTHING"
# A path has four characters a level (db.paths).
_SCOPES = """
INSERT INTO ticket_scope (locality_id, path, created_at, ticket_id, status, open)
SELECT t.locality_id, left(t.unit_path, 4 * step), t.created_at, t.id, t.status, t.open
FROM ticket t, generate_series(1, length(t.unit_path) / 4) step
WHERE NOT EXISTS (
    SELECT FROM ticket_scope s WHERE s.locality_id = t.locality_id AND s.path = t.unit_path
        AND s.created_at = t.created_at AND s.ticket_id = t.id)
ORDER BY 1, 2, 3, 4
"""
_ANALYZE = """
ANALYZE ticket_scope, locality, level, category, org_unit, person, person_private, post, appointment,
    ticket, ticket_event, escalation_hop, service_record
"""
