"""Rows 41 and 43: PostgreSQL stops, a backend freezes, the network falls silent; all of it heals."""

import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.client import CHIEF, Client, Ledger, writing
from bench.ledger import reconcile
from bench.proxy import Line
from bench.report import Row
from bench.site import Site, serving

READ = "{ tickets(first: 10) { nodes { id title status reporter { name } } } }"
READERS, WRITERS = 8, 4
STEADY = 10
"""Answers one after the other by which we know that it has healed."""

BOUND = 3.0
"""Seconds that a call may take."""

BACKENDS = """
SELECT pid FROM pg_stat_activity WHERE application_name = 'linli' AND usename = 'linli_app'
ORDER BY (state = 'idle'), random()
"""


@dataclass
class Calls:
    """What readers were told, and how long they waited for it."""

    answered: int = 0
    failed: int = 0
    longest: float = 0
    ledger: Ledger = field(default_factory=Ledger)

    async def read(self, client: Client) -> bool:
        """One call; whether it was answered."""
        began = time.monotonic()
        told = await client.ask(READ, CHIEF)
        self.longest = max(self.longest, time.monotonic() - began)
        self.answered += told is not None
        self.failed += told is None
        return told is not None


@asynccontextmanager
async def reading(site: Site, url: str) -> AsyncGenerator[Calls]:
    """Readers for a while."""
    calls, stop = Calls(), asyncio.Event()
    clients = [Client(site, url, calls.ledger) for _ in range(READERS)]

    async def read(client: Client) -> None:
        while not stop.is_set():
            if not await calls.read(client):
                await asyncio.sleep(0.02)

    tasks = [asyncio.create_task(read(each)) for each in clients]
    try:
        yield calls
    finally:
        stop.set()
        await asyncio.gather(*tasks)
        for each in clients:
            await each.close()


async def healed(site: Site, url: str) -> float:
    """Seconds until calls are answered one after the other."""
    began, calls, steady = time.monotonic(), Calls(), 0
    client = Client(site, url, Ledger())
    first = began
    while steady < STEADY:
        sent = time.monotonic()
        good = await calls.read(client) and time.monotonic() - sent < 1
        first = first if good and steady else time.monotonic()
        steady = steady + 1 if good else 0
    await client.close()
    return first - began


async def stopped(site: Site, times: int) -> Row:
    """Row 41: PostgreSQL ended at once, again and again, under readers and writers."""
    ledger, took = Ledger(), list[float]()
    async with (
        serving(site) as server,
        reading(site, server.url) as calls,
        writing(site, server.url, ledger, WRITERS),
    ):
        for _ in range(times):
            await asyncio.sleep(random.uniform(0.5, 1.5))
            await site.stop_at_once()
            await asyncio.sleep(random.uniform(0.2, 1))
            await site.revive()
            took.append(await healed(site, server.url))
    verdict = await reconcile(site.owner, ledger.acknowledged)
    ledger.codes += calls.ledger.codes
    wrong = {code for code in ledger.codes if not code.startswith("503 ")}
    found = (
        f"served again {max(took):.2f} s after its return at the latest, by the same server; "
        f"a read took {calls.longest:.1f} s at most; {verdict.text()}"
    )
    sound = verdict.holds and max(took) <= 2 and not wrong
    did = f"PostgreSQL stopped at once {times} ×, {READERS} clients reading, {WRITERS} writing"
    return Row(41, did, found, ledger, sound)


async def frozen(site: Site, seconds: int) -> list[Row]:
    """Row 43: all backends of the server stopped, one of them, and then the line gone silent."""
    one = f"one busy backend frozen for {seconds} s"
    each = f"all backends of the server frozen for {seconds} s"
    with tempfile.TemporaryDirectory(prefix="linli-line-") as folder:
        line = Line(site.embedded.app_dsn, Path(folder))
        silent = f"the line to PostgreSQL silent for {seconds} s"
        async with line.open(), serving(site, {"DATABASE_URL": line.dsn}) as server:
            return [
                await _bounded(site, server.url, one, lambda: _freeze(site, seconds, 1)),
                await _bounded(site, server.url, each, lambda: _freeze(site, seconds, 100)),
                await _bounded(site, server.url, silent, lambda: _silence(line, seconds)),
            ]


async def _freeze(site: Site, seconds: int, most: int) -> None:
    async with site.superuser() as superuser:
        found = [row["pid"] for row in await superuser.fetch(BACKENDS)][:most]
    for pid in found:
        os.kill(pid, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        for pid in found:
            os.kill(pid, signal.SIGCONT)


async def _silence(line: Line, seconds: int) -> None:
    line.fall_silent()
    try:
        await asyncio.sleep(seconds)
    finally:
        line.speak()


async def _bounded(site: Site, url: str, did: str, fault: Callable[[], Awaitable[None]]) -> Row:
    """Readers and a writer under a fault: how long each call took, and until it had healed."""
    ledger = Ledger()
    async with reading(site, url) as calls, writing(site, url, ledger, 1):
        await asyncio.sleep(1)
        await fault()
        took = await healed(site, url)
    verdict = await reconcile(site.owner, ledger.acknowledged)
    wrong = {code for code in calls.ledger.codes if not code.startswith("503 ")}
    ledger.codes += calls.ledger.codes
    found = (
        f"a read took {calls.longest:.2f} s at most ({calls.answered:,} answered), a sending of a "
        f"write {ledger.sent:.2f} s; healed {took:.2f} s after it; {verdict.text()}"
    )
    bounded = calls.longest <= BOUND and ledger.sent <= BOUND
    return Row(43, did, found, ledger, verdict.holds and bounded and took <= 5 and not wrong)
