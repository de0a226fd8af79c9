"""Transactions on connections that break: done again where that is safe, told where it is not."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from db import pool
from db.embedded import Embedded
from db.failures import FAILURES, BusyError, Failure, OutcomeUnknownError, failure_of, may_repeat
from db.pool import IN_ALL, TRIES, UNDO, Connection, Database
from db.scope import PUBLIC, Scope
from tests.conftest import Scratch

KEY_LOCK = "SELECT pg_advisory_xact_lock(1)"

Lost = asyncpg.ConnectionDoesNotExistError


@pytest_asyncio.fixture
async def database(scratch: Scratch) -> AsyncIterator[Database]:
    made = await Database.connect(scratch.app_dsn, 2)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def admin(server: Embedded) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    made = await asyncpg.connect(server.superuser_dsn)
    yield made
    await made.close()


async def pid(connection: Connection) -> int:
    return await connection.fetchval("SELECT pg_backend_pid()")


class Failing:
    """Work that fails so often before it succeeds, on whichever backend."""

    def __init__(self, times: int, error: Callable[[], Exception] = Lost) -> None:
        self.pids: list[int] = []
        self._times = times
        self._error = error

    async def __call__(self, connection: Connection) -> int:
        self.pids.append(await pid(connection))
        if len(self.pids) <= self._times:
            raise self._error()
        return self.pids[-1]


@pytest.mark.trust(42)
async def test_a_killed_backend_is_not_seen(
    database: Database, admin: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    ended: list[int] = []

    async def read(connection: Connection) -> int:
        here = await pid(connection)
        if not ended:
            ended.append(here)
            await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", here)
        return await connection.fetchval("SELECT pg_backend_pid()")

    assert await database.read(PUBLIC, read) not in ended
    assert ended


async def test_a_statement_under_way_is_asked_again_elsewhere(
    database: Database,
    admin: "asyncpg.Connection[asyncpg.Record]",
    owner: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    """The backend is ended while it waits."""
    await owner.execute("SELECT pg_advisory_lock(7)")
    here = await database.read(PUBLIC, pid)
    reading = asyncio.create_task(
        database.fetch(PUBLIC, "SELECT '1'::json FROM pg_advisory_xact_lock_shared(7)", [])
    )
    waiting = "SELECT wait_event = 'advisory' FROM pg_stat_activity WHERE pid = $1"
    async with asyncio.timeout(10):
        while not await admin.fetchval(waiting, here):
            await asyncio.sleep(0)
    await admin.fetchval("SELECT pg_terminate_backend($1, 5000)", here)
    assert not reading.done()
    await owner.execute("SELECT pg_advisory_unlock(7)")
    assert await reading == b"1"


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize("error", [Lost, asyncpg.DeadlockDetectedError, ConnectionResetError])
@pytest.mark.trust(44)
async def test_what_failed_before_commit_is_done_again(
    database: Database, error: type[Exception], write: bool
) -> None:
    work = Failing(TRIES - 1, error)
    await (database.write if write else database.read)(PUBLIC, work)
    assert len(work.pids) == TRIES


async def test_it_is_not_tried_for_ever(database: Database) -> None:
    work = Failing(TRIES)
    with pytest.raises(Lost):
        await database.read(PUBLIC, work)
    assert len(work.pids) == TRIES


@pytest.mark.parametrize(
    "error", [asyncpg.QueryCanceledError, asyncpg.LockNotAvailableError, ValueError, BusyError]
)
async def test_what_would_fail_or_wait_again_is_not_repeated(
    database: Database, error: type[Exception]
) -> None:
    work = Failing(1, error)
    with pytest.raises(error):
        await database.write(PUBLIC, work, KEY_LOCK)
    assert len(work.pids) == 1


async def ending(connection: Connection) -> None:
    """Lose the connection between the last statement and COMMIT."""
    connection.terminate()


@pytest.mark.parametrize("keyed", [True, False])
async def test_a_lost_commit_is_told_as_such(database: Database, keyed: bool) -> None:
    """And repeated only where a key makes it one effect."""
    ran: list[None] = []

    async def work(connection: Connection) -> None:
        ran.append(await ending(connection))

    with pytest.raises(OutcomeUnknownError):
        await database.write(PUBLIC, work, KEY_LOCK if keyed else None)
    assert len(ran) == (TRIES if keyed else 1)


async def test_a_read_whose_commit_is_lost_is_no_unknown_outcome(database: Database) -> None:
    with pytest.raises(asyncpg.InterfaceError):
        await database.read(PUBLIC, ending)


async def test_what_postgresql_rolled_back_is_not_taken_for_committed(database: Database) -> None:
    async def work(connection: Connection) -> None:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await connection.execute("SELECT 1 / 0")

    with pytest.raises(asyncpg.InFailedSQLTransactionError):
        await database.write(PUBLIC, work)


async def test_nobody_is_handed_an_open_transaction(database: Database) -> None:
    """However often whoever had the connection was broken off."""
    began = asyncio.Event()

    async def work() -> None:
        async with database.transaction(PUBLIC) as connection:
            began.set()
            await connection.execute("SELECT pg_sleep(30)")

    task = asyncio.create_task(work())
    await began.wait()
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)
    state = "SELECT current_setting('linli.scope', true)"
    for _ in range(3):
        async with database._connection() as connection:
            assert not connection.is_in_transaction()
            assert not await connection.fetchval(state)


@pytest.mark.trust(44)
async def test_a_pool_without_a_free_connection_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.transaction(PUBLIC), database.transaction(PUBLIC):
        monkeypatch.setattr("db.lending.QUEUE", 0.01)
        with pytest.raises(BusyError):
            await database.read(PUBLIC, pid)
    assert await database.read(PUBLIC, pid)


@pytest.mark.trust(43)
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("writing", [False, True])
async def test_a_frozen_backend_is_given_up_and_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch, *, writing: bool
) -> None:
    """It neither answers nor ends, and knows of no cancellation."""
    assert IN_ALL + UNDO <= 3
    monkeypatch.setattr("db.pool.IN_ALL", 0.3)
    here = await database.read(PUBLIC, pid)
    os.kill(here, signal.SIGSTOP)
    try:
        with pytest.raises(TimeoutError):
            await (
                database.write(PUBLIC, pid, within=0.3) if writing else database.read(PUBLIC, pid)
            )
        monkeypatch.undo()
        for _ in range(3):
            assert await database.read(PUBLIC, pid) != here
    finally:
        os.kill(here, signal.SIGCONT)


async def test_commit_is_not_cut_short(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would know how it ended."""
    commit = pool._commit

    async def slow(connection: Connection, *, write: bool) -> None:
        await connection.execute("SELECT pg_sleep(0.4)")
        await commit(connection, write=write)

    monkeypatch.setattr(pool, "_commit", slow)
    assert await database.write(PUBLIC, pid, within=0.3)


async def test_what_failed_late_is_not_tried_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hung, and would hang again: its caller is told in time."""
    monkeypatch.setattr(pool, "LATE", -1)
    work = Failing(1)
    with pytest.raises(Lost):
        await database.write(PUBLIC, work)
    assert len(work.pids) == 1


STATES = {
    "08006": Failure.LOST,
    "57P01": Failure.LOST,
    "57P02": Failure.LOST,
    "57P03": Failure.LOST,
    "25P03": Failure.LOST,
    "53300": Failure.BUSY,
    "57014": Failure.SLOW,
    "55P03": Failure.SLOW,
    "40001": Failure.CONFLICT,
    "40P01": Failure.CONFLICT,
    "25006": Failure.UNABLE,
    "53100": Failure.UNABLE,
    "53200": Failure.UNABLE,
    "23505": None,
    "42501": None,
    "22003": None,
}


@pytest.mark.parametrize(("state", "failure"), STATES.items())
@pytest.mark.trust(44)
def test_each_state_is_known(state: str, failure: Failure | None) -> None:
    error = asyncpg.PostgresError.new({"C": state, "M": "said"})
    assert failure_of(error) is failure


def test_only_a_key_makes_an_unknown_outcome_safe() -> None:
    assert may_repeat(OutcomeUnknownError(), keyed=True)
    assert not may_repeat(OutcomeUnknownError(), keyed=False)


def test_each_failure_is_of_some_error() -> None:
    assert set(FAILURES.values()) == set(Failure)


async def test_nothing_of_one_person_stays_for_the_next_in_a_transaction(
    database: Database,
) -> None:
    shown = Scope("here", uuid4(), ("0001",), offices=("AUDITOR",), presented=b"\1" * 32)
    async with database.transaction(shown) as connection:
        await connection.execute(Scope("here", uuid4()).settings())
        left = await connection.fetchrow(
            "SELECT linli_presented(), linli_prefixes(), linli_offices()"
        )
    assert left is not None
    assert tuple(left) == (b"", [], [])


@pytest.mark.trust(45)
async def test_a_connection_given_back_late_does_not_hide_what_ended_its_use(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a server that is told to end goes on with what was cancelled."""
    release, begun = asyncpg.Pool.release, asyncio.Event()

    async def late(self: Any, connection: Any, *, timeout: float) -> None:
        await release(self, connection, timeout=timeout)
        raise TimeoutError

    async def work(_connection: Connection) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncpg.Pool, "release", late)
    reading = asyncio.create_task(database.read(PUBLIC, work))
    await begun.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert await database.enter(PUBLIC, "SELECT '1'::json", []) == b"1"
