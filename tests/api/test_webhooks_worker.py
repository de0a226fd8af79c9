"""The workers: they share, they die, they wake when there is something to do, and not before."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from unittest.mock import AsyncMock

import asyncpg
import pytest

from db import webhook_store
from db.delivery_store import LEASE
from db.listen import Bell
from db.pool import Database
from db.scope import PUBLIC, Scope
from db.webhook_store import Standing
from jobs.webhooks import SOON, run
from tests.api.acting import DISTRICT, ELSEWHERE, GRID, reported
from tests.api.hooks import PATIENCE, Receiver, Worker, deliveries, hooked, read
from tests.api.served import Site


async def test_two_workers_share_without_doubling(own: Site, receiver: Receiver) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    for _ in range(20):
        await reported(own)
    workers = [Worker(own) for _ in range(3)]
    await asyncio.gather(*(worker.work() for worker in workers))
    assert len(receiver.got) == len({each.data["id"] for each in receiver.got}) == 20
    assert (await read(own, webhook, DISTRICT))["deliveries"]["totalCount"] == 20


async def test_what_a_dead_worker_had_claimed_is_told_by_another(
    own: Site, receiver: Receiver
) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    await reported(own)
    receiver.held = asyncio.Event()
    dead = Worker(own)
    await dead.look()
    await asyncio.wait_for(receiver.reached.wait(), PATIENCE)
    await dead.courier.stop()
    receiver.held.set()
    worker = Worker(own)
    await worker.work()
    assert len(receiver.got) == 1, "it is still claimed"
    worker.ahead = LEASE + timedelta(seconds=1)
    await worker.work()
    first, again = receiver.got
    assert first.id == again.id
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    assert delivery["status"] == "DELIVERED"
    assert [each["number"] for each in delivery["attempts"]] == [2]


async def test_a_worker_that_was_taken_for_dead_changes_nothing(
    own: Site, receiver: Receiver
) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    await reported(own)
    receiver.held = asyncio.Event()
    receiver.answers = ["204 No Content", "500 Too late"]
    slow = Worker(own)
    await slow.look()
    await asyncio.wait_for(receiver.reached.wait(), PATIENCE)
    receiver.reached.clear()
    other = Worker(own)
    other.ahead = LEASE + timedelta(seconds=1)
    await other.look()
    await asyncio.wait_for(receiver.reached.wait(), PATIENCE)
    receiver.held.set()
    await asyncio.gather(slow.courier.rest(), other.courier.rest())
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    codes = {each["number"]: each["responseCode"] for each in delivery["attempts"]}
    # Whichever got which answer, the one that holds the claim decides.
    assert sorted(codes.values()) == [204, 500]
    assert delivery["status"] == ("DELIVERED" if codes[2] == 204 else "PENDING")


@asynccontextmanager
async def at_work(site: Site) -> AsyncIterator[Database]:
    """A worker that delivers, and hears a bell, on a connection of its own."""
    database, bell = (
        await Database.connect(site.scratch.app_dsn, size=1),
        Bell(site.scratch.app_dsn),
    )
    hung = asyncio.Event()
    bell.hear(lambda _: hung.set())
    tasks = [asyncio.create_task(bell.run())]
    try:
        await asyncio.wait_for(hung.wait(), PATIENCE)
        tasks.append(asyncio.create_task(run(database, bell, to_private=True)))
        yield database
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()


class Looks:
    """Where the worker looked, and when."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[tuple[str, float]] = []
        self._more = asyncio.Condition()
        self._look = webhook_store.standings
        monkeypatch.setattr(webhook_store, "standings", self._standings)

    async def _standings(self, database: Database, scope: Scope) -> list[Standing]:
        found = await self._look(database, scope)
        async with self._more:
            self.made.append((scope.locality, asyncio.get_running_loop().time()))
            self._more.notify_all()
        return found

    async def reach(self, count: int) -> None:
        """Wait until there were so many."""
        async with asyncio.timeout(PATIENCE), self._more:
            await self._more.wait_for(lambda: len(self.made) >= count)


async def test_it_looks_only_where_something_stirred_and_a_webhook_is(
    own: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks(monkeypatch)
    await hooked(own, DISTRICT, GRID, receiver.url)
    top = await own.owner.fetchval(ELSEWHERE_TOP)
    await hooked(own, ELSEWHERE, top, receiver.url, "huazhou")
    async with at_work(own):
        await looks.reach(2)
        looks.made.clear()
        for _ in range(10):
            await reported(own)
        while len(receiver.got) < 10:
            receiver.reached.clear()
            await asyncio.wait_for(receiver.reached.wait(), PATIENCE)
    assert {locality for locality, _ in looks.made} == {"weibin"}


async def test_it_waits_a_moment_while_another_transaction_holds_the_webhook(
    own: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = Looks(monkeypatch)
    await hooked(own, DISTRICT, GRID, receiver.url)
    ticket = await reported(own)
    async with own.owner.transaction():
        # It began after the change, which therefore waits for nobody.
        await own.owner.execute("SELECT FROM webhook FOR UPDATE")
        async with at_work(own):
            await looks.reach(4)
            took = looks.made[-1][1] - looks.made[0][1]
            assert took >= 3 * SOON
            assert receiver.got == []
    await Worker(own).work()
    assert [each.data["id"] for each in receiver.got] == [ticket]


async def test_a_fault_is_told_with_its_traceback_and_one_that_passes_is_not(
    own: Site, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await hooked(own, DISTRICT, GRID, receiver.url)
    await reported(own)
    for error, told in (
        (asyncpg.InsufficientPrivilegeError("no"), True),
        (asyncpg.AdminShutdownError("no"), False),
    ):
        caplog.clear()
        monkeypatch.setattr(webhook_store, "fan_out", AsyncMock(side_effect=error))
        await Worker(own).work()
        (record,) = (each for each in caplog.records if each.name == "linli")
        assert bool(record.exc_info) == told


async def test_the_bell_wakes_it_and_it_outlives_its_connections(
    own: Site, receiver: Receiver
) -> None:
    await hooked(own, DISTRICT, GRID, receiver.url)
    async with at_work(own) as database:
        for again in (True, True, False):
            receiver.reached.clear()
            ticket = await reported(own)
            await asyncio.wait_for(receiver.reached.wait(), PATIENCE)
            assert receiver.got[-1].data["id"] == ticket
            if again:
                async with database.transaction(PUBLIC) as connection:
                    mine = await connection.fetchval("SELECT pg_backend_pid()")
                async with own.database.transaction(PUBLIC) as connection:
                    assert await connection.fetch(KILL, mine)


ELSEWHERE_TOP = """
SELECT name FROM org_unit WHERE locality_id = 'huazhou' AND parent_id IS NULL ORDER BY path
"""
KILL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND (pid = $1 OR application_name = 'linli bell')
"""
