"""Buckets of points: taken, restored, given back; in memory and shared through the database."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
import pytest_asyncio

from db import bucket
from db.pool import Database
from server.bucket import ASKING, MOST, InDatabase, InMemory, maximum
from tests.api.served import Owner
from tests.conftest import Scratch

ME, OTHER = b"me", b"other"
RATE = 50
"""A bucket of a thousand points."""


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_bucket_is_emptied_and_restored() -> None:
    clock = Clock()
    buckets = InMemory(clock)
    assert (await buckets.charge(ME, 900, RATE)).available == 100
    refused = await buckets.charge(ME, 200, RATE)
    assert (refused.granted, refused.available, refused.wait(200)) == (False, 100, 2)
    assert (await buckets.charge(OTHER, 1_000, RATE)).granted
    clock.now = 1.9
    assert not (await buckets.charge(ME, 200, RATE)).granted
    clock.now = 2.0
    assert (await buckets.charge(ME, 200, RATE)).available == 0
    clock.now = 1_000.0
    assert (await buckets.charge(ME, 1, RATE)).available == 999


async def test_what_was_not_needed_is_given_back_and_no_more() -> None:
    buckets = InMemory(Clock())
    await buckets.charge(ME, 1_000, RATE)
    buckets.give_back(ME, 400, RATE)
    assert (await buckets.charge(ME, 0, RATE)).available == 400
    buckets.give_back(ME, 5_000, RATE)
    assert (await buckets.charge(ME, 0, RATE)).available == 1_000


async def test_however_slow_a_bucket_holds_the_dearest_operation() -> None:
    assert (maximum(1), maximum(50), maximum(200)) == (1_000, 1_000, 4_000)


async def test_so_many_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST >= 10_000
    monkeypatch.setattr("server.bucket.MOST", 3)
    buckets = InMemory(Clock())
    for at in range(4):
        await buckets.charge(b"%d" % at, 600, RATE)
    assert (await buckets.charge(b"3", 600, RATE)).granted is False
    assert (await buckets.charge(b"0", 600, RATE)).granted is True


@pytest_asyncio.fixture
async def database(scratch: Scratch) -> AsyncIterator[Database]:
    made = await Database.connect(scratch.app_dsn, 8)
    yield made
    await made.close()


async def test_processes_share_one_bucket(database: Database) -> None:
    """Thirty at once, from two processes, on a bucket that has enough for ten."""
    both = InDatabase(database), InDatabase(database)
    charges = [both[at % 2].charge(ME, 100, 1) for at in range(30)]
    standings = await asyncio.gather(*charges)
    assert sum(each.granted for each in standings) == 10
    assert all(each.wait(100) in range(90, 101) for each in standings if not each.granted)
    assert (await both[0].charge(OTHER, 1_000, 1)).granted


async def test_a_shared_bucket_is_restored_by_the_clock_of_the_database(
    database: Database, owner: Owner
) -> None:
    shared = InDatabase(database)
    assert (await shared.charge(ME, 1_000, RATE)).granted
    assert not (await shared.charge(ME, 500, RATE)).granted
    await owner.execute("UPDATE bucket SET at = at - interval '10 seconds'")
    assert (await shared.charge(ME, 500, RATE)).granted


async def test_what_is_given_back_comes_with_the_next_charge(database: Database) -> None:
    shared = InDatabase(database)
    await shared.charge(ME, 1_000, 1)
    shared.give_back(ME, 300, 1)
    assert not (await shared.charge(ME, 400, 1)).granted
    assert (await shared.charge(ME, 200, 1)).granted
    assert not (await shared.charge(ME, 200, 1)).granted


async def test_what_is_given_back_late_was_restored_meanwhile(database: Database) -> None:
    clock = Clock()
    shared, other = InDatabase(database, clock), InDatabase(database)
    await shared.charge(ME, 400, 1)
    shared.give_back(ME, 390, 1)
    await other.charge(ME, 500, 1)
    clock.now = 300.0
    assert (await shared.charge(ME, 0, 1)).used == pytest.approx(810, abs=5)


async def test_what_is_given_back_later_is_owed_whole(database: Database) -> None:
    clock = Clock()
    shared = InDatabase(database, clock)
    await shared.charge(ME, 1_000, 1)
    shared.give_back(ME, 10, 1)
    clock.now = 100.0
    shared.give_back(ME, 300, 1)
    assert (await shared.charge(ME, 0, 1)).used == pytest.approx(700, abs=5)


class Busy:
    """A database that answers when it is told to."""

    def __init__(self) -> None:
        self.at_work = self.most = 0
        self.may_answer = asyncio.Event()

    async def alone(self, _sql: str, *_values: Any) -> dict[str, Any]:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        await self.may_answer.wait()
        self.at_work -= 1
        return {"used": 1.0, "granted": True}


async def test_charges_take_few_of_the_connections() -> None:
    """They are made before admission: whoever floods a bucket must leave the others theirs."""
    assert ASKING <= 4
    busy = Busy()
    shared = InDatabase(cast("Database", busy))
    charges = [asyncio.create_task(shared.charge(b"%d" % at, 1, RATE)) for at in range(50)]
    for _ in charges:
        await asyncio.sleep(0)
    assert busy.at_work == ASKING
    for each in charges[10:20]:  # who leaves meanwhile neither keeps a place nor makes another
        each.cancel()
    busy.may_answer.set()
    await asyncio.gather(*charges, return_exceptions=True)
    assert all(each.cancelled() or each.result().granted for each in charges)
    assert (busy.most, busy.at_work) == (ASKING, 0)


async def test_full_buckets_are_forgotten(database: Database, owner: Owner) -> None:
    shared = InDatabase(database)
    for each in (ME, OTHER):
        await shared.charge(each, 10, RATE)
    await owner.execute("UPDATE bucket SET at = at - interval '2 minutes' WHERE principal = $1", ME)
    await bucket.forget(database, 60)
    assert [row[0] for row in await owner.fetch("SELECT principal FROM bucket")] == [OTHER]
