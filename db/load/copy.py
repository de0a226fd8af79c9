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


async def analyze(connection: Owner) -> None:
    """Tell the planner what the loaded tables now hold."""
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
_ANALYZE = """
ANALYZE locality, level, category, org_unit, person, person_private, post, appointment,
    ticket, ticket_event, escalation_hop, service_record
"""
