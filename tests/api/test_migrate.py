"""A place of the first version, with its tickets and records, brought to the newest."""

import asyncio
from typing import Any

import asyncpg
import pytest
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from db.embedded import Embedded
from db.migrate import config, migrate, with_connection
from db.tables import METADATA
from tests.api.acting import CHIEF, WORKER, done, reported
from tests.api.conftest import drop
from tests.api.records import added
from tests.api.served import Owner, Site
from tests.conftest import Scratch, make_scratch

FIRST = """
SELECT c.relname AS table, array_agg(a.attname::text ORDER BY a.attnum) AS names
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0
    AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname <> 'alembic_version'
GROUP BY c.relname
"""


def _to_the_first(connection: Connection) -> None:
    command.upgrade(config(connection), "0001")


async def of_the_first_version(server: Embedded, now: Owner) -> Scratch:
    """A database of the first version, with all the rows of another one that it has columns for."""
    scratch = await make_scratch(server, "template0")
    await with_connection(scratch.owner_dsn, _to_the_first)
    old = await asyncpg.connect(scratch.owner_dsn)
    first = {row["table"]: row["names"] for row in await old.fetch(FIRST)}
    for table in (each.name for each in METADATA.sorted_tables if each.name in first):
        names = ", ".join(first[table])
        # What stands above comes first.
        order = "path" if "path" in first[table] else "1"
        found = await now.fetch(f"SELECT {names} FROM {table} ORDER BY {order}")
        places = ", ".join(f"${at}" for at in range(1, len(first[table]) + 1))
        await old.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", map(tuple, found))
    await old.close()
    return scratch


async def clocks(owner: Owner) -> list[tuple[Any, Any]]:
    """Each ticket's hop clock, and what its hops say of it."""
    found: list[tuple[Any, Any]] = []
    for ticket in await owner.fetch("SELECT * FROM ticket ORDER BY id"):
        hop = await owner.fetchrow(
            "SELECT at, due_at FROM escalation_hop WHERE ticket_id = $1 AND sequence = $2",
            ticket["id"],
            ticket["hops"],
        )
        since = hop["at"] if hop else ticket["created_at"]
        until = (hop["due_at"] if hop else None) or ticket["next_due_at"]
        found.append(((ticket["hop_started_at"], ticket["hop_due_at"]), (since, until)))
    return found


async def test_a_place_of_the_first_version_lives_on(own: Site, server: Embedded) -> None:
    waiting, moved = await reported(own), await reported(own)
    await done(own, "ticketAccept", CHIEF, ticketId=moved)
    await done(own, "ticketEscalate", CHIEF, ticketId=moved, reason="超出网格")
    record = (await added(own, kind="TALK", note="宣传防火"))["id"]
    # The first version knew fewer kinds of service.
    await own.owner.execute("UPDATE service_record SET kind = 'TALK'")
    scratch = await of_the_first_version(server, own.owner)
    await migrate(scratch.owner_dsn)
    site = await Site.open(scratch)
    try:
        told = await clocks(site.owner)
        assert len({said for said, _ in told}) > 2
        assert all(said == hops for said, hops in told), told
        await done(site, "ticketAccept", CHIEF, ticketId=waiting)
        await done(site, "serviceRecordCorrect", WORKER, recordId=record, note="", reason="记错了")
        read = "query($id: ID!) { ticket(id: $id) { status hopDueAt escalationChain { route } } }"
        ticket = (await site.ask(read, CHIEF, id=moved))["ticket"]
        assert ticket["escalationChain"] == [{"route": "UP"}]
        assert ticket["hopDueAt"]
    finally:
        await site.close()
        await drop(server, scratch)


WAITING = """
SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'
    AND relation = 'ticket'::regclass)
"""


@pytest.mark.trust(50)
async def test_a_migration_gives_way_to_those_behind_it(own: Site) -> None:
    """A long read has a table; the migration that wants it lets other reads by, and tries again."""
    reader = await asyncpg.connect(own.scratch.owner_dsn)
    await reader.execute("BEGIN; SELECT count(*) FROM ticket")
    migrating = asyncio.create_task(migrate(own.scratch.owner_dsn))
    for _ in range(2):
        while not await own.owner.fetchval(WAITING):
            if migrating.done():
                await migrating
            await asyncio.sleep(0.01)
        assert (await own.ask("{ tickets(first: 1) { nodes { id } } }", CHIEF))["tickets"]["nodes"]
    assert not migrating.done()
    await reader.execute("COMMIT")
    await migrating
    await reader.close()
    assert (await own.ask("{ tickets(first: 1) { nodes { id } } }", CHIEF))["tickets"]["nodes"]


@pytest.mark.trust(50)
async def test_what_a_migration_cannot_have_it_does_not_do(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.migrate.PATIENCE", 0)
    reader = await asyncpg.connect(own.scratch.owner_dsn)
    await reader.execute("BEGIN; SELECT count(*) FROM ticket")
    with pytest.raises(DBAPIError, match="lock timeout"):
        await migrate(own.scratch.owner_dsn)
    assert (await own.ask("{ tickets(first: 1) { nodes { id } } }", CHIEF))["tickets"]["nodes"]
    await reader.close()
