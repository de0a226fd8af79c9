"""`python -m bench.multiply FOLDER [TIMES]`: makes a simulated place several times as large (10).

What lies below the top of the place is copied inside PostgreSQL, TIMES - 1 times, as further streets
beside its own: units with their posts and people, tickets with their events, hops and service
records, each copy a little earlier than the one before it. Keys and indexes are away meanwhile and
are made anew at the end, which has PostgreSQL check every row against them (`bench.tables`); then
the place is checked (`bench.multiply_check`). All is one transaction.
"""

import asyncio
import sys
import time
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, Column, DateTime, Uuid

from bench.multiply_check import check, sizes
from bench.tables import without_keys
from db.embedded import Embedded
from db.load.copy import Owner, settle
from db.load.files import simulated_profile
from db.migrate import migrate
from db.tables import (
    Appointment,
    EscalationHop,
    OrgUnit,
    Person,
    PersonPrivate,
    Post,
    ServiceRecord,
    Ticket,
    TicketEvent,
)

MOST = 16
"""The copies differ in one hexadecimal digit."""

LOADING = {
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "1h",
}
"""Settings of a PostgreSQL that writes a large place: what is emptied first is not logged."""

STANDING: tuple[type[Any], ...] = (OrgUnit, Person, PersonPrivate, Post, Appointment)
"""What is copied street by street, as it was loaded."""

HAPPENED: tuple[type[Any], ...] = (Ticket, TicketEvent, EscalationHop, ServiceRecord)
"""What is copied in the order of time, all streets' together, as it happens.

Which tickets lie in which subtree follows from them; published counts do too, and are published
anew when the place is served.
"""

TOP = """
SELECT array_agg(id)::text FROM (
    SELECT id FROM org_unit WHERE length(path) = 4
    UNION ALL SELECT id FROM post WHERE length(unit_path) = 4
    UNION ALL SELECT id FROM person WHERE length(unit_path) = 4
    UNION ALL SELECT id FROM appointment WHERE length(unit_path) = 4
    UNION ALL SELECT id FROM ticket WHERE length(unit_path) = 4
) AS at_the_top
"""
"""What stands at the top is there once, whoever refers to it."""

BETWEEN = """
SELECT ((max(created_at) - min(created_at)) / count(*) / $2)::text
FROM ticket WHERE locality_id = $1
"""

STREETS = "SELECT count(*) FROM org_unit WHERE locality_id = $1 AND length(path) = 8"

# The kth copy's key is k further on in the digit after the variant, its path in the second digit of
# the street, which is 0 in the simulation.
FUNCTIONS = """
CREATE OR REPLACE FUNCTION pg_temp.copied_key(id uuid, k integer) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE WHEN k = 0 OR id = ANY ('{top}'::uuid[]) THEN id
    ELSE overlay(id::text PLACING substr('0123456789abcdef0123456789abcdef',
        strpos('0123456789abcdef', substr(id::text, 21, 1)) + k, 1) FROM 21 FOR 1)::uuid END;
CREATE OR REPLACE FUNCTION pg_temp.copied_path(path text, k integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE WHEN length(path) > 4 THEN overlay(path PLACING to_hex(k) FROM 6 FOR 1) ELSE path END;
"""

COPY = """
CREATE TEMPORARY TABLE original ON COMMIT DROP AS TABLE {table};
TRUNCATE {table};
INSERT INTO {table} ({names})
SELECT {values} FROM original, generate_series(0, CASE
    WHEN locality_id = '{place}' AND length({path}) > 4 THEN {times} - 1 ELSE 0 END) AS k
{ordered};
DROP TABLE original
"""

SPECIAL = {
    "ticket.number": "number || CASE WHEN k > 0 THEN '-' || k ELSE '' END",
    "org_unit.code": "code || CASE WHEN k > 0 THEN '-' || k ELSE '' END",
    "org_unit.position": "position + CASE length(path) WHEN 8 THEN k * {streets} ELSE 0 END",
    "org_unit.name": "CASE WHEN k > 0 AND length(path) = 8 "
    "THEN format('第%s街道', position + k * {streets}) ELSE name END",
}
"""Columns whose values are copied in a way of their own."""


async def multiply(owner: Owner, place: str, times: int) -> list[str]:
    """Make a place so many times as large; what was checked, and what it came to."""
    if not 2 <= times <= MOST:
        raise ValueError(f"a place is made 2 to {MOST} times as large")
    async with owner.transaction():
        await owner.execute("SET LOCAL maintenance_work_mem = '1GB'; SET LOCAL work_mem = '512MB'")
        before = await sizes(owner, place)
        await owner.execute(FUNCTIONS.format(top=await owner.fetchval(TOP)))
        words = {
            "place": place,
            "times": times,
            "streets": await owner.fetchval(STREETS, place),
            "between": await owner.fetchval(BETWEEN, place, times),
        }
        copied = (*STANDING, *HAPPENED)
        tables = [str(row.__tablename__) for row in copied]
        async with without_keys(owner, [*tables, "ticket_scope"]):
            for row in copied:
                await owner.execute(_copy(row, words))
            await owner.execute("TRUNCATE ticket_scope, statistic, statistic_month")
            await settle(owner)
        return await check(owner, place, before, times)


def _copy(row: type[Any], words: dict[str, Any]) -> str:
    """The statements that multiply one table."""
    columns = [column for column in row.__table__.columns if column.computed is None]
    path = "path" if "path" in row.__table__.columns else "unit_path"
    return COPY.format(
        table=row.__tablename__,
        names=", ".join(column.name for column in columns),
        values=", ".join(_value(column).format(**words) for column in columns),
        path=path,
        ordered=f"ORDER BY k, {path}" if row in STANDING else "",
        **words,
    )


def _value(column: Column[Any]) -> str:
    """A column of the kth copy of a row."""
    name = column.name
    if special := SPECIAL.get(f"{column.table.name}.{name}"):
        return special
    if isinstance(column.type, Uuid):
        return f"pg_temp.copied_key({name}, k)"
    if name == "path" or name.endswith("_path"):
        return f"pg_temp.copied_path({name}, k)"
    if isinstance(column.type, ARRAY):
        copies = f"ARRAY(SELECT pg_temp.copied_path(p, k) FROM unnest({name}) AS p)"
        return f"CASE WHEN {name} IS NOT NULL THEN {copies} END"
    if isinstance(column.type, DateTime):
        return f"{name} - k * interval '{{between}}'"
    return name


async def main(folder: Path, times: int) -> None:
    """Multiply the simulated place of a folder, and tell."""
    began = time.monotonic()
    async with Embedded(folder, LOADING) as embedded:
        await migrate(embedded.owner_dsn)
        owner = await asyncpg.connect(embedded.owner_dsn)
        for line in await multiply(owner, simulated_profile().slug, times):
            print(line)
        await owner.execute("VACUUM (ANALYZE)")
        await owner.close()
    print(f"took {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10))
