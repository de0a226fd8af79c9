"""Row 42: backends killed one after another, under readers and under writers."""

import asyncio
import time
from contextlib import suppress

from bench.client import CHIEF, Client, Ledger, writing
from bench.ledger import reconcile
from bench.report import Row
from bench.site import Server, Site, serving

KILL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE application_name = 'linli' AND usename = 'linli_app'
ORDER BY (state = 'idle'), random() LIMIT 1
"""
"""One that is busy, if there is one."""

READ = """
{ tickets(first: 10) { nodes { id title status reporter { name } } } }
"""
READERS = 8


async def backends_killed(site: Site, seconds: int) -> list[Row]:
    """A backend killed every second, under read load and then under write load."""
    async with serving(site) as server:
        return [await _reading(site, server, seconds), await _writing(site, server, seconds)]


async def _kill_for(site: Site, seconds: int) -> int:
    """Kill a backend every second; how many there were."""
    killed = 0
    async with site.superuser() as superuser:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            await asyncio.sleep(1)
            killed += bool(await superuser.fetchval(KILL))
    return killed


async def _reading(site: Site, server: Server, seconds: int) -> Row:
    ledger, answered = Ledger(), 0

    async def read(client: Client) -> None:
        nonlocal answered
        while True:
            began = time.monotonic()
            told = await client.ask(READ, CHIEF)
            answered += told is not None
            ledger.longest = max(ledger.longest, time.monotonic() - began)

    clients = [Client(site, server.url, ledger) for _ in range(READERS)]
    tasks = [asyncio.create_task(read(each)) for each in clients]
    killed = await _kill_for(site, seconds)
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    for each in clients:
        await each.close()
    failed = ledger.codes.total()
    found = f"answered {answered:,}, errors seen {failed}"
    did = f"{killed} backends killed in {seconds} s, {READERS} clients reading"
    return Row(42, did, found, ledger, failed == 0 and answered > 0)


async def _writing(site: Site, server: Server, seconds: int) -> Row:
    ledger = Ledger()
    async with writing(site, server.url, ledger):
        killed = await _kill_for(site, seconds)
    verdict = await reconcile(site.owner, ledger.acknowledged)
    did = f"{killed} backends killed in {seconds} s, 8 clients writing"
    return Row(42, did, verdict.text(), ledger, verdict.holds)
