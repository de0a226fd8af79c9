"""The bell: what it tells, and how it heals."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from db import listen
from db.embedded import Embedded
from db.listen import Bell, Heard
from db.outbox import CHANNEL, Said
from domain.terms import ChangedNoun
from tests.api.test_unavailable import Wire
from tests.conftest import Scratch

SECONDS = 10
SAID = Said(ChangedNoun.TICKET, uuid4(), "SIGN", datetime.now(UTC), "00010002", "0001", "0003")


class Ear:
    """What a listener was told, in order."""

    def __init__(self, bell: Bell) -> None:
        self._told: asyncio.Queue[Heard | None] = asyncio.Queue()
        self.stop = bell.hear(self._told.put_nowait)

    async def next(self) -> Heard | None:
        async with asyncio.timeout(SECONDS):
            return await self._told.get()

    def silent(self) -> bool:
        return self._told.empty()


@asynccontextmanager
async def ringing(dsn: str) -> AsyncIterator[tuple[Bell, Ear]]:
    """A bell that is about to listen, and somebody who hears it."""
    bell = Bell(dsn)
    ear = Ear(bell)
    task = asyncio.create_task(bell.run())
    try:
        yield bell, ear
    finally:
        task.cancel()
        await asyncio.wait({task})


async def call(scratch: Scratch) -> None:
    """Ring it once."""
    connection = await asyncpg.connect(scratch.app_dsn)
    await connection.execute(f"NOTIFY {CHANNEL}, '{SAID.call('weibin')}'")
    await connection.close()


HEARD = Heard("weibin", ChangedNoun.TICKET, SAID.key, SAID.id, "00010002", "0001", "0003")


@pytest_asyncio.fixture
async def line(scratch: Scratch) -> AsyncIterator[Wire]:
    """A line to the database that can be cut."""
    with tempfile.TemporaryDirectory(prefix="linli-w-") as folder:
        made = Wire(scratch.app_dsn, Path(folder))
        await made.mend()
        yield made
        await made.cut()


async def test_listeners_are_told_until_they_stop(scratch: Scratch) -> None:
    async with ringing(scratch.app_dsn) as (bell, ear):
        other = Ear(bell)
        assert [await ear.next(), await other.next()] == [None, None]
        await call(scratch)
        assert [await ear.next(), await other.next()] == [HEARD, HEARD]
        other.stop()
        await call(scratch)
        assert await ear.next() == HEARD
        assert other.silent()


async def test_it_heals_when_its_backend_is_ended(scratch: Scratch, server: Embedded) -> None:
    admin = await asyncpg.connect(server.superuser_dsn)
    kill = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        f"WHERE application_name = '{listen.APPLICATION}' AND datname = $1"
    )
    async with ringing(scratch.app_dsn) as (_, ear):
        for _ in range(3):
            assert await ear.next() is None
            assert await admin.fetchval(
                kill, scratch.owner_dsn.rpartition("/")[2].partition("?")[0]
            )
        assert await ear.next() is None
        await call(scratch)
        assert await ear.next() == HEARD
    await admin.close()


async def test_it_heals_when_its_line_is_mended(line: Wire, scratch: Scratch) -> None:
    await line.cut()
    async with ringing(line.dsn) as (_, ear):
        await line.mend()
        assert await ear.next() is None
        await line.cut()
        await call(scratch)
        await line.mend()
        assert await ear.next() is None
        await call(scratch)
        assert await ear.next() == HEARD


async def test_it_heals_when_its_line_falls_silent(
    line: Wire, scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "PATIENCE", 0.2)
    async with ringing(line.dsn) as (_, ear):
        assert await ear.next() is None
        for writer in line._writers:  # nothing passes any more, and nothing is closed
            transport: Any = writer.transport
            transport.pause_reading()
        assert await ear.next() is None
        await call(scratch)
        assert await ear.next() == HEARD


async def test_it_outlives_what_nobody_foresaw_and_tells_it_with_its_traceback(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    connect = asyncpg.connect
    faults = [asyncpg.InvalidPasswordError("no"), ZeroDivisionError(), ConnectionResetError()]

    async def failing(*given: Any, **named: Any) -> Any:
        if faults:
            raise faults.pop()
        return await connect(*given, **named)

    monkeypatch.setattr("db.listen.asyncpg.connect", failing)
    async with ringing(scratch.app_dsn) as (_, ear):
        assert await ear.next() is None
    told = [record.exc_info is not None for record in caplog.records if record.name == "linli"]
    assert told == [False, True, True]
