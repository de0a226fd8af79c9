"""Rounds: where they look, and when."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from db.listen import Bell, Heard
from domain.terms import ChangedNoun
from jobs import rounds
from jobs.rounds import Rounds

NEVER = 3600.0
SECONDS = 10
PLACES = ("a", "b", "c")
KEY = UUID(int=1)


class Looker:
    """Writes down where it looked."""

    def __init__(self) -> None:
        self.made: asyncio.Queue[str] = asyncio.Queue()
        self.waits: dict[str, float] = {}
        self.faults: dict[str, list[Exception]] = {}
        self.rounds = Rounds("tests", self.places, self.look, NEVER)
        self.bell = Bell("")

    async def places(self) -> tuple[str, ...]:
        return PLACES

    async def look(self, locality: str) -> float:
        self.made.put_nowait(locality)
        if self.faults.get(locality):
            raise self.faults[locality].pop()
        return self.waits.pop(locality, NEVER)

    async def next(self, count: int) -> list[str]:
        async with asyncio.timeout(SECONDS):
            return [await self.made.get() for _ in range(count)]

    def ring(self, locality: str | None) -> None:
        """What the bell tells everybody."""
        heard = locality and Heard(locality, ChangedNoun.TICKET, KEY, KEY, "0001", "0001", "0001")
        self.bell._tell(heard or None)


@asynccontextmanager
async def going(looker: Looker) -> AsyncIterator[None]:
    task = asyncio.create_task(looker.rounds.run(looker.bell))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_it_looks_everywhere_at_first_and_when_something_may_have_been_missed() -> None:
    looker = Looker()
    async with going(looker):
        assert await looker.next(3) == [*PLACES]
        looker.ring(None)
        assert await looker.next(3) == [*PLACES]


async def test_what_stirs_is_gathered_and_looked_at_once_and_nothing_else_is() -> None:
    looker = Looker()
    async with going(looker):
        await looker.next(3)
        for _ in range(20):
            looker.ring("b")
            await asyncio.sleep(0)
        assert await looker.next(1) == ["b"]
        looker.ring("c")
        assert await looker.next(1) == ["c"], "and b once only"


async def test_what_is_due_is_looked_at_then() -> None:
    looker = Looker()
    looker.waits["b"] = 0.01
    async with going(looker):
        assert await looker.next(4) == [*PLACES, "b"]


async def test_a_place_that_breaks_is_told_of_and_keeps_no_other_waiting(
    caplog: pytest.LogCaptureFixture,
) -> None:
    looker = Looker()
    looker.faults["a"] = [ZeroDivisionError()]
    async with going(looker):
        assert await looker.next(3) == [*PLACES]
    (record,) = caplog.records
    assert record.exc_info is not None


async def test_after_the_database_was_away_it_looks_everywhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rounds, "WAIT_FOR_DATABASE", 0.01)
    looker = Looker()
    looker.faults["b"] = [ConnectionResetError()]
    async with going(looker):
        assert await looker.next(5) == ["a", "b", *PLACES]
    (record,) = caplog.records
    assert record.exc_info is None
