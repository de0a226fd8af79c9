"""What is kept for a time only: after that it is gone, and nothing else is."""

import pytest

from jobs.retention import forget
from tests.api.acting import DISTRICT, GRID, reported
from tests.api.hooks import Worker, deliveries, hooked, receiving
from tests.api.served import Site

AGE = "UPDATE {table} SET at = at - interval '{days} days'"


async def age(site: Site, table: str, days: int) -> None:
    """Make all rows of a table older."""
    await site.owner.execute(AGE.format(table=table, days=days))


async def test_changes_and_deliveries_are_forgotten_after_a_month(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINLI_WEBHOOKS_TO_PRIVATE", "1")
    async with receiving() as receiver:
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
