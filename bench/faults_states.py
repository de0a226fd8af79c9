"""Row 44: each state of PostgreSQL that a client may meet, provoked."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from bench.client import CHIEF, STEPS, Client, Ledger, calling
from bench.ledger import reconcile
from bench.report import Row
from bench.site import Owner, Site, serving

RAISE = """
CREATE SEQUENCE IF NOT EXISTS fault_count;
SELECT setval('fault_count', 1, false);
GRANT USAGE ON SEQUENCE fault_count TO linli_app;
CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('fault_count') <= {times} THEN
        RAISE EXCEPTION 'provoked' USING ERRCODE = '{state}';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fault AFTER INSERT ON ticket_event
    {when} FOR EACH ROW EXECUTE FUNCTION fault()
"""
CALM = "DROP TRIGGER IF EXISTS fault ON ticket_event"

DEFERRED = "DEFERRABLE INITIALLY DEFERRED"
CANCEL = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
END_ALL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'linli' AND usename = 'linli_app'
"""


@dataclass(frozen=True)
class Thrown:
    """A state raised by a trigger, so many times, at the statement or at COMMIT."""

    state: str
    times: int
    when: str
    expected: str
    """The only answer that clients may get in the meantime; empty for none at all."""


THROWN = (
    Thrown("40001", 2, "", ""),
    Thrown("40001", 1, DEFERRED, ""),
    Thrown("40001", 9, "", "503 CONFLICT"),
    Thrown("25006", 2, "", "503 DATABASE_UNAVAILABLE"),
    Thrown("53100", 2, "", "503 DATABASE_UNAVAILABLE"),
)


async def provoked(site: Site) -> list[Row]:
    """Each state in turn: a mutation meets it, repeats, and takes effect once."""
    rows: list[Row] = []
    async with serving(site, {"LINLI_POOL_SIZE": "2"}) as server:
        for thrown in THROWN:
            at = "COMMIT" if thrown.when else "a statement"
            async with _thrown(site, thrown):
                did = f"{thrown.state} {thrown.times} × at {at}"
                rows.append(await _met(site, server.url, did, thrown.expected))
        rows.append(await _behind_lock(site, server.url))
        rows.append(await _cancelled(site, server.url))
        rows.append(await _deadlocked(site, server.url))
        rows.append(await _no_connections(site, server.url))
        rows.append(await _exhausted(site, server.url))
    return rows


@asynccontextmanager
async def _thrown(site: Site, thrown: Thrown) -> AsyncGenerator[None]:
    await site.owner.execute(RAISE.format(times=thrown.times, state=thrown.state, when=thrown.when))
    try:
        yield
    finally:
        await site.owner.execute(CALM)


async def _met(site: Site, url: str, did: str, expected: str) -> Row:
    """A report that meets what was prepared."""
    ledger = Ledger()
    async with calling(site, url, ledger) as client:
        await client.report()
    return await _judged(site, did, ledger, expected)


async def _judged(site: Site, did: str, ledger: Ledger, expected: str) -> Row:
    verdict = await reconcile(site.owner, ledger.acknowledged)
    seen = set(ledger.codes)
    sound = verdict.holds and seen == ({expected} if expected else set())
    return Row(44, did, verdict.text(), ledger, sound)


async def _dispatched(client: Client) -> str:
    """A ticket that may be signed for."""
    ticket = None
    for verb, words in STEPS[:3]:
        ticket = await client.step(verb, words, ticket)
    assert ticket is not None
    return ticket


@asynccontextmanager
async def _holding(site: Site, tickets: Sequence[str]) -> AsyncGenerator[Owner]:
    """Somebody else's transaction that has tickets under lock."""
    async with site.superuser() as other, other.transaction():
        await _lock(other, tickets)
        yield other


async def _lock(other: Owner, tickets: Sequence[str]) -> None:
    keys = [UUID(each.rpartition("_")[2]) for each in tickets]
    await other.execute("SELECT FROM ticket WHERE id = ANY ($1) FOR UPDATE", keys)


async def _until_waiting(site: Site) -> None:
    async with site.superuser() as superuser:
        while not await superuser.fetchval(WAITING):
            await asyncio.sleep(0.02)


async def _behind_lock(site: Site, url: str) -> Row:
    """55P03: a row is locked for longer than a statement waits."""
    ledger = Ledger()
    async with calling(site, url, ledger) as client:
        ticket = await _dispatched(client)
        async with _holding(site, [ticket]):
            signing = asyncio.create_task(client.step("ticketSign", "note", ticket))
            while not ledger.codes:
                await asyncio.sleep(0.05)
        await signing
    return await _judged(site, "55P03: behind a lock", ledger, "503 TIMEOUT")


async def _cancelled(site: Site, url: str) -> Row:
    """57014: the statement is cancelled while it waits."""
    ledger = Ledger()
    async with calling(site, url, ledger) as client:
        ticket = await _dispatched(client)
        async with _holding(site, [ticket]), site.superuser() as superuser:
            signing = asyncio.create_task(client.step("ticketSign", "note", ticket))
            await _until_waiting(site)
            await superuser.fetch(CANCEL)
            while not ledger.codes:
                await asyncio.sleep(0.02)
        await signing
    return await _judged(site, "57014: a statement cancelled", ledger, "503 TIMEOUT")


async def _deadlocked(site: Site, url: str) -> Row:
    """40P01: each of two transactions waits for the other's ticket; ours loses and goes again."""
    ledger = Ledger()
    async with calling(site, url, ledger) as client:
        ours, theirs = sorted([await client.report(), await client.report()])
        async with _holding(site, [theirs]) as other:
            given = {"ticketId": ours, "intoId": theirs}
            merging = asyncio.create_task(client.settle("ticketMerge", CHIEF, "note", given))
            await _until_waiting(site)
            # Whoever has waited for a second looks for a deadlock, and is the one to give way.
            await _lock(other, [ours])
        await merging
    return await _judged(site, "40P01: a deadlock", ledger, "")


async def _no_connections(site: Site, url: str) -> Row:
    """53300: the role may have no more connections, and those it had are gone."""
    ledger = Ledger()
    async with calling(site, url, ledger) as client, site.superuser() as superuser:
        await superuser.execute("ALTER ROLE linli_app CONNECTION LIMIT 0")
        await superuser.fetch(END_ALL)
        reporting = asyncio.create_task(client.report())
        while not ledger.codes:
            await asyncio.sleep(0.05)
        await superuser.execute("ALTER ROLE linli_app CONNECTION LIMIT -1")
        began = time.monotonic()
        await reporting
        healed = time.monotonic() - began
    did = f"53300: no connection left (healed in {healed:.2f} s)"
    return await _judged(site, did, ledger, "503 BUSY")


async def _exhausted(site: Site, url: str) -> Row:
    """All connections of the pool wait for a lock: others are told in time that it is busy."""
    ledger = Ledger()
    async with calling(site, url, ledger) as client, site.superuser() as superuser:
        transaction = superuser.transaction()
        await transaction.start()
        await superuser.execute("LOCK TABLE ticket_event IN ACCESS EXCLUSIVE MODE")
        reporting = [asyncio.create_task(client.report()) for _ in range(10)]
        while not ledger.codes["503 BUSY"]:
            await asyncio.sleep(0.05)
        await transaction.rollback()
        await asyncio.gather(*reporting)
    verdict = await reconcile(site.owner, ledger.acknowledged)
    sound = verdict.holds and set(ledger.codes) <= {"503 BUSY", "503 TIMEOUT"}
    return Row(44, "10 writers on 2 connections that wait", verdict.text(), ledger, sound)
