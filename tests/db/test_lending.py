"""Connections kept at hand between two uses, and those that are not."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
import pytest_asyncio

from db.lending import STALE, Connection, Lending, usable
from tests.conftest import Scratch

SIZE = 2


class Clock:
    """Shows what it is set to."""

    time = 1_000.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest_asyncio.fixture
async def pool(scratch: Scratch) -> "AsyncIterator[asyncpg.Pool[asyncpg.Record]]":
    async with asyncpg.create_pool(scratch.app_dsn, min_size=1, max_size=SIZE) as made:
        yield made


@pytest_asyncio.fixture
async def lending(pool: "asyncpg.Pool[asyncpg.Record]", clock: Clock) -> AsyncIterator[Lending]:
    made = Lending(pool, clock)
    yield made
    await made.close()


async def pid(connection: Connection) -> int:
    return await connection.fetchval("SELECT pg_backend_pid()")


async def used(lending: Lending) -> int:
    async with lending.loan() as connection:
        return await pid(connection)


async def test_one_that_was_used_well_is_lent_anew(
    lending: Lending, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    first = await used(lending)
    assert [await used(lending) for _ in range(5)] == [first] * 5
    assert pool.get_size() == 1
    assert pool.get_idle_size() == 0, "it did not go back between its uses"


async def test_one_whose_use_failed_goes_back_to_the_pool(
    lending: Lending, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        async with lending.loan() as connection:
            await connection.execute("BEGIN; SELECT 1 / 0")
    assert pool.get_idle_size() == 1
    async with lending.loan() as connection:
        assert not connection.is_in_transaction()


async def test_one_that_broke_meanwhile_is_not_lent(lending: Lending, scratch: Scratch) -> None:
    async with lending.loan() as one, lending.loan() as other:
        killed, killer = await pid(one), await pid(other)
    admin = await asyncpg.connect(scratch.app_dsn)
    await admin.execute("SELECT pg_terminate_backend($1)", killed)
    await admin.close()
    while usable(one):
        await asyncio.sleep(0.01)
    assert await used(lending) == killer


async def test_one_that_nobody_used_for_long_is_not_trusted(lending: Lending, clock: Clock) -> None:
    first = await used(lending)
    clock.time += STALE - 1
    assert await used(lending) == first
    clock.time += STALE
    assert await used(lending) != first


async def test_one_for_whom_another_waits_is_not_kept(lending: Lending) -> None:
    async with lending.loan(), asyncio.timeout(5):
        async with lending.loan():
            waiting = asyncio.create_task(used(lending))
            await asyncio.sleep(0)
        await waiting


async def test_a_pool_is_closed_though_some_were_at_hand(
    lending: Lending, pool: "asyncpg.Pool[asyncpg.Record]"
) -> None:
    await used(lending)
    async with asyncio.timeout(5), lending.loan():
        await lending.close()
    assert pool.get_idle_size() == pool.get_size()
