"""Row 50: tables, indexes, grants and policies changed while clients read and write."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import asyncpg

from bench.client import Ledger, writing
from bench.faults_gone import READERS, WRITERS, reading
from bench.ledger import reconcile
from bench.report import Row
from bench.site import Site, serving
from db.migrate import BLOCKED, WAIT, migrate

LONGEST_WAIT = """
SELECT coalesce(max(extract(epoch FROM clock_timestamp() - l.waitstart)), 0)::float8
FROM pg_locks l JOIN pg_stat_activity a USING (pid)
WHERE NOT l.granted AND a.usename = 'linli_app' AND l.locktype = 'relation'
"""
ALTERED = (
    "ALTER TABLE ticket ADD COLUMN tried text NOT NULL DEFAULT 'none'",
    "ALTER TABLE ticket ADD CONSTRAINT tried CHECK (tried <> '') NOT VALID",
    "ALTER TABLE ticket VALIDATE CONSTRAINT tried",
    "CREATE INDEX CONCURRENTLY tried ON ticket (locality_id, tried)",
    "REINDEX INDEX CONCURRENTLY tried",
    "DROP INDEX CONCURRENTLY tried",
    "ALTER TABLE ticket DROP COLUMN tried",
)


async def changed(site: Site, times: int) -> Row:
    """Migrations, and changes of the busiest table, one after the other under load."""
    ledger, waits, done = Ledger(), list[float](), 0
    async with serving(site) as server:
        watching = asyncio.create_task(_watch(site, waits))
        async with reading(site, server.url) as calls, writing(site, server.url, ledger, WRITERS):
            for _ in range(times):
                await migrate(site.embedded.owner_dsn)
                for statement in ALTERED:
                    done += await _altered(site, statement)
        watching.cancel()
    verdict = await reconcile(site.owner, ledger.acknowledged)
    ledger.codes += calls.ledger.codes
    longest = max(waits, default=0)
    did = (
        f"{times} migrations with all policies and {done} changes of the busiest table, "
        f"{READERS} clients reading, {WRITERS} writing"
    )
    found = (
        f"a lock was waited for {longest:.2f} s at most, a read took {calls.longest:.2f} s at most "
        f"({calls.answered:,} answered); {verdict.text()}"
    )
    sound = verdict.holds and not ledger.codes and longest <= 2
    return Row(50, did, found, ledger, sound)


async def _watch(site: Site, waits: list[float]) -> None:
    async with site.superuser() as superuser:
        while True:
            waits.append(await superuser.fetchval(LONGEST_WAIT))
            await asyncio.sleep(0.02)


async def _altered(site: Site, statement: str) -> int:
    """Carry it out as `db.migrate` does, waiting for no lock for long; 1."""
    patient = "CONCURRENTLY" in statement  # it waits for others, but none waits for it
    await site.owner.execute(f"SET lock_timeout = '{0 if patient else WAIT}'")
    await _until_done(lambda: site.owner.execute(statement))
    await site.owner.execute("SET lock_timeout = 0")
    return 1


async def _until_done(work: Callable[[], Awaitable[str]]) -> None:
    until = time.monotonic() + 60
    while True:
        try:
            await work()
        except asyncpg.PostgresError as error:
            if error.sqlstate not in BLOCKED or time.monotonic() > until:
                raise
            await asyncio.sleep(0.3)
        else:
            return
