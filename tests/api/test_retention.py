"""What is kept for a time only: after that it is gone, and nothing else is."""

import asyncio
from unittest.mock import AsyncMock

import asyncpg
import pytest

from db.disclosure_chain import verify
from db.unit_store import whole_place
from domain.retention import KEPT, Kept
from jobs.retention import forget, run
from tests.api.acting import DISTRICT, GRID, RESIDENT, WORKER, reported
from tests.api.hooks import PATIENCE, Worker, deliveries, hooked, receiving
from tests.api.records import added
from tests.api.scene import person
from tests.api.served import Site, key_of
from tests.api.test_audit_chain import seal_anew

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


FORGOTTEN = ("client_mutation", "access_token", "visit_private", "disclosure")


async def test_each_class_is_kept_for_its_time_and_no_longer(own: Site) -> None:
    """Of each something a day too old, and something that has a day left."""
    resident = await person(own, RESIDENT)
    for at in ("old", "young"):
        await reported(own, clientMutationKey=at)
        await added(own, recipientId=resident, visit={"needs": at}, note=at)
        await own.owner.execute(TOKEN, key_of(resident), at)
    private = "query($id: ID!) { node(id: $id) { ... on Person { private { %s } } } }"
    for part in ("phone", "address"):
        await own.ask(private % f"{part}(purpose: HOME_VISIT)", WORKER, id=resident)
    for sql, kept in AGED:
        for old, days in ((True, KEPT[kept].days + 1), (False, KEPT[kept].days - 1)):
            await own.owner.execute(sql.format(days=days), old)
    before = {table: await own.count(table) for table in FORGOTTEN}
    await seal_anew(own.owner, 1)
    assert await forget(own.database) == len(FORGOTTEN)
    for table in FORGOTTEN:
        assert await own.count(table) == before[table] - 1, table
    assert await own.owner.fetchval("SELECT client_key FROM client_mutation") == "young"
    assert await own.owner.fetchval("SELECT name FROM access_token") == "young"
    assert await own.owner.fetchval("SELECT needs FROM visit_private") == "young"
    assert await own.owner.fetchval("SELECT field FROM disclosure") == "ADDRESS"
    # The record of the visit stays, and the chain holds from where it now begins.
    assert await own.owner.fetchval("SELECT count(*) FROM service_record WHERE note = 'old'") == 1
    (check,) = await verify(own.owner)
    assert (check.problems, check.rows, check.sequence) == ([], 1, 2)
    await own.ask(private % "phone(purpose: HOME_VISIT)", WORKER, id=resident)
    assert (await verify(own.owner))[0].problems == []


TOKEN = """
INSERT INTO access_token (locality_id, id, person_id, name, digest, scopes, created_at, expires_at)
VALUES ('weibin', gen_random_uuid(), $1, $2::text, sha256(convert_to($2::text, 'UTF8')), '{}', now(), now())
"""
AGED = (
    (
        "UPDATE client_mutation SET created_at = now() - interval '{days} days' "
        "WHERE (client_key = 'old') = $1",
        Kept.KEYS,
    ),
    (
        "UPDATE access_token SET expires_at = now() - interval '{days} days' "
        "WHERE (name = 'old') = $1",
        Kept.TOKENS,
    ),
    (
        "UPDATE service_record SET at = now() - interval '{days} days' "
        "WHERE (note = 'old') = $1 AND note IN ('old', 'young')",
        Kept.VISITS,
    ),
    (
        "UPDATE disclosure SET at = now() - interval '{days} days' WHERE (sequence = 1) = $1",
        Kept.DISCLOSURES,
    ),
)


async def test_a_young_disclosure_cannot_be_forgotten(own: Site) -> None:
    """Not even by the server at work: the policy of the table forbids it."""
    resident = await person(own, RESIDENT)
    text = "query($id: ID!) { node(id: $id) { ... on Person { private { phone(purpose: OWN) } } } }"
    await own.ask(text, RESIDENT, id=resident)
    scope = await whole_place(own.database, "weibin")
    async with own.database.transaction(scope, write=True) as connection:
        assert await connection.execute("DELETE FROM disclosure") == "DELETE 0"
    assert await own.count("disclosure") == 1
