"""What is kept for a time only: after that it is gone, and nothing else is."""

import asyncio
from unittest.mock import AsyncMock

import asyncpg
import pytest

from jobs.retention import forget, run
from tests.api.acting import DISTRICT, GRID, reported
from tests.api.hooks import PATIENCE, Worker, deliveries, hooked, receiving
from tests.api.served import Site

AGE = "UPDATE {table} SET at = at - interval '{days} days'"


async def age(site: Site, table: str, days: int) -> None:
    """Make all rows of a table older."""
    await site.owner.execute(AGE.format(table=table, days=days))


async def test_changes_and_deliveries_are_forgotten_after_a_month(own: Site) -> None:
    async with receiving(own) as receiver:
        webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
        old = await reported(own)
        await Worker(own).work()
        for table in ("change", "webhook_delivery", "webhook_attempt"):
            await age(own, table, 32)
        recent = await reported(own)
        await Worker(own).work()
        assert [each.data["id"] for each in receiver.got] == [old, recent]
    for table in ("change", "webhook_delivery", "webhook_attempt"):
        assert await own.count(table) == 2
    await forget(own.database)
    for table in ("change", "webhook_delivery", "webhook_attempt"):
        assert await own.count(table) == 1
    (kept,) = await deliveries(own, webhook, DISTRICT)
    assert kept["ticket"] == {"id": recent}
    assert len(kept["attempts"]) == 1
    assert await own.count("webhook") == 1


async def test_nothing_is_forgotten_a_day_early(own: Site) -> None:
    """A cursor holds for 30 days: what it stands for is kept a day longer."""
    await reported(own)
    await age(own, "change", 30)
    assert await forget(own.database) == 0
    assert await own.count("change") == 1


async def test_every_place_forgets_however_much_there_is(own: Site) -> None:
    await own.owner.execute(
        "INSERT INTO change (locality_id, id, noun, key, at, unit_path, handler_path, "
        "was_handler_path) SELECT l.id, gen_random_uuid(), 'TICKET', gen_random_uuid(), "
        "now() - interval '40 days', '0000', '0000', '0000' "
        "FROM locality l, generate_series(1, 2500)"
    )
    places = await own.count("locality")
    assert await forget(own.database) == places * 2500
    assert await own.count("change") == 0


async def test_a_fault_of_ours_is_not_taken_for_a_database_that_is_away(
    demo: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends the job, which the worker tells with its traceback and begins again."""
    error = asyncpg.UndefinedTableError("no such table")
    monkeypatch.setattr("jobs.retention.forget", AsyncMock(side_effect=error))
    with pytest.raises(asyncpg.UndefinedTableError):
        async with asyncio.timeout(PATIENCE):
            await run(demo.database)
