"""`ticketChanged` after a break, whichever side broke: nothing is lost."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest

from db.embedded import Embedded
from db.outbox import Said, tell
from db.pool import Database
from server.app import make_app
from server.errors import code_of
from tests.api.acting import COMMUNITY, GRID, reported
from tests.api.conftest import name_of
from tests.api.served import KEY, Site
from tests.api.telling import (
    SECONDS,
    Started,
    listening,
    now_of,
    phone_of,
    said_of,
    telling,
    told,
    whole,
)
from tests.api.test_unavailable import Wire

HOME = "姜谭路西社区"


async def test_what_was_missed_comes_first(shop: Site, served: Started) -> None:
    """More than one read holds, and all told in one transaction."""
    ticket = await reported(shop)
    cursor = await now_of(shop, COMMUNITY)
    said = [await said_of(shop, ticket, "RESUME") for _ in range(150)]
    async with telling(shop) as connection:
        await tell(connection, "weibin", said)
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(id=ticket, after=cursor)
        missed = [await one.event(id) for _ in said]
        live = await told(shop, ticket)
        last = await one.event(id)
    ids = [f"change_weibin_{each.id}" for each in said]
    assert sorted(each["id"] for each in missed) == sorted(ids)
    assert last["id"] == live
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(id=ticket, after=missed[119]["cursor"])
        rest = [(await one.event(id))["id"] for _ in range(31)]
    assert rest == [*(each["id"] for each in missed[120:]), live]


async def test_an_older_transaction_may_commit_later(shop: Site, served: Started) -> None:
    early, late = await reported(shop), await reported(shop)
    after = await now_of(shop, COMMUNITY)
    unit = await shop.unit("weibin", GRID)
    first = await said_of(shop, early, "RESUME")
    async with telling(shop) as connection:
        await tell(connection, "weibin", [first])
        second = await told(shop, late)
        async with phone_of(shop, served, COMMUNITY) as one:
            id = await one.subscribe(unit=unit, after=after)
            event = await one.event(id)
            assert event["id"] == second
            third = await told(shop, late)
            assert (await one.event(id))["id"] == third
    # The cursor that came with the later one does not pass the earlier one by.
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(unit=unit, after=event["cursor"])
        assert (await one.event(id))["id"] == f"change_weibin_{first.id}"


async def test_what_happens_during_a_read_is_read_next(
    shop: Site, served: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket, after = await reported(shop), await now_of(shop, COMMUNITY)
    answers: Any = shop.app.state.answers
    read, during = answers._read, list[str]()

    async def slow(*asked: Any) -> Any:
        batch = await read(*asked)
        if not during:
            heard = asyncio.Event()
            stop = shop.bell.hear(lambda _heard: heard.set())
            during.append(await told(shop, ticket))
            await asyncio.wait_for(heard.wait(), SECONDS)
            stop()
        return batch

    monkeypatch.setattr(answers, "_read", slow)
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(id=ticket, after=after)
        assert [(await one.event(id))["id"]] == during


async def test_breaks_among_many_writers_lose_nothing(shop: Site, served: Started) -> None:
    """Writers whose transactions overlap and commit in any order; a reader who keeps leaving."""
    said = [await said_of(shop, await reported(shop), "RESUME") for _ in range(4)]
    scope = await whole(shop, "weibin")
    unit = await shop.unit("weibin", GRID)
    random = Random(8)
    expected = set[str]()

    async def write(first: Said) -> None:
        for _ in range(15):
            said = replace(first, at=datetime.now(UTC))
            expected.add(f"change_weibin_{said.id}")
            async with shop.database.transaction(scope, write=True) as connection:
                await tell(connection, "weibin", [said])
                await connection.execute(f"SELECT pg_sleep({random.uniform(0, 0.02)})")

    def complete() -> bool:
        return len(expected) == 60 and {each["id"] for each in found} == expected

    found: list[Any] = []
    cursor = await now_of(shop, COMMUNITY)
    writing = asyncio.gather(*map(write, said))
    while not complete():
        async with phone_of(shop, served, COMMUNITY) as one:
            id = await one.subscribe(unit=unit, after=cursor)
            for _ in range(random.randint(1, 4)):
                if not complete():
                    found.append(await one.event(id))
        cursor = found[-1]["cursor"]
    await writing


async def test_a_lost_bell_is_hung_anew(server: Embedded, shop: Site, served: Started) -> None:
    ticket = await reported(shop)
    after = await now_of(shop, COMMUNITY)
    kill = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE application_name = 'linli bell' AND datname = $1"
    )
    admin = await asyncpg.connect(server.superuser_dsn)
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(id=ticket, after=after)
        first = await told(shop, ticket)
        assert (await one.event(id))["id"] == first
        for _ in range(3):
            async with telling(shop, "weibin") as connection:
                said = await said_of(shop, ticket, "RESUME")
                await tell(connection, "weibin", [said])
                assert await admin.fetchval(kill, name_of(shop.scratch)) == 1
            assert (await one.event(id))["id"] == f"change_weibin_{said.id}"
    await admin.close()


async def test_a_database_that_was_away_is_read_again(
    own: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bell rings while the line that is read over is cut."""
    ticket, after = await reported(own), await now_of(own, COMMUNITY)
    line = Wire(own.scratch.app_dsn, tmp_path)
    await line.mend()
    database = await Database.connect(line.dsn, 2)
    own.app = make_app(database, KEY, bell=own.bell, demo=True)
    async with listening(own) as server, phone_of(own, server, COMMUNITY) as one:
        id = await one.subscribe(id=ticket, after=after)
        first = await told(own, ticket)
        assert (await one.event(id))["id"] == first
        await line.cut()
        failed = asyncio.Event()

        def noted(error: BaseException) -> str:
            failed.set()
            return code_of(error)

        monkeypatch.setattr("server.errors.code_of", noted)
        second = await told(own, ticket)
        await asyncio.wait_for(failed.wait(), SECONDS)
        await line.mend()
        assert (await one.event(id))["id"] == second
    await database.close()
    await line.cut()
