"""Effects that meet: what happens at the same moment, and what goes along with a ticket."""

import asyncio
from datetime import datetime, timedelta

import asyncpg
import pytest

from db.migrate import migrate
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    GRID,
    RESIDENT,
    SIBLING,
    SIBLING_GRID,
    done,
    refused,
    reported,
    standing,
)
from tests.api.living import does, lived
from tests.api.served import Site, key_of
from tests.api.telling import changes, now_of
from tests.api.test_at_once import waiting


async def test_a_migration_beside_a_running_server_forgets_nothing(own: Site) -> None:
    """Another server starts while this one takes reports: each keeps its change."""
    before = await own.count("change")
    new = {"unitId": await own.unit("weibin", GRID), "title": "花坛需要整理", "category": "yard"}
    await own.token(RESIDENT)
    started = asyncio.Event()

    async def report(times: int) -> None:
        for _ in range(times):
            await done(own, "ticketReport", RESIDENT, **new)
            started.set()

    async def start_again() -> None:
        await started.wait()
        for _ in range(3):
            await migrate(own.scratch.owner_dsn)

    await asyncio.gather(*(report(10) for _ in range(4)), start_again())
    assert await own.count("change") == before + 40


async def test_a_correction_made_while_the_ticket_moves_goes_along(own: Site) -> None:
    ticket = await lived(own, "IN_PROGRESS")
    given = {"ticketId": ticket, "kind": "REPAIR", "note": "先修"}
    record = await done(own, "serviceRecordAdd", CHIEF, **given)
    correcting = await asyncpg.connect(own.scratch.owner_dsn)
    key = key_of(record["id"])
    async with correcting.transaction():
        await correcting.execute("SELECT FROM service_record WHERE id = $1 FOR UPDATE", key)
        moving = asyncio.ensure_future(does(own, "ticketEscalate", CHIEF, ticket))
        await waiting(own, 1)
        await correcting.execute(CORRECTED, key)
    await correcting.close()
    await moving
    paths = "SELECT handler_path FROM {} WHERE {} = $1"
    moved = await own.owner.fetchval(paths.format("service_record", "id"), key)
    event = paths.format("service_record_event", "service_record_id")
    assert await own.owner.fetchval(event, key) == moved


CORRECTED = """
INSERT INTO service_record_event (locality_id, service_record_id, sequence, at, actor_id, reason,
    kind, served_at, note, unit_path, handler_path, joint_scopes, person_id, recipient_id)
SELECT locality_id, id, 1, now(), person_id, '记错了', kind, at, note, unit_path, handler_path,
    joint_scopes, person_id, recipient_id FROM service_record WHERE id = $1
"""


async def test_records_that_go_along_are_told_to_those_who_now_see_them(shop: Site) -> None:
    ticket = await lived(shop, "IN_PROGRESS")
    given = {"ticketId": ticket, "kind": "REPAIR", "note": "先修"}
    record = await done(shop, "serviceRecordAdd", CHIEF, **given)
    cursor = await now_of(shop, SIBLING)
    unit = await shop.unit("weibin", SIBLING_GRID)
    joining = {"ticketId": ticket, "unitIds": [unit], "reason": "请来帮忙"}
    await done(shop, "ticketJoin", CHIEF, **joining)
    told = [each["nodeId"] for each in (await changes(shop, SIBLING, cursor))["nodes"]]
    assert record["id"] in told
    assert ticket in told


async def test_work_begun_again_has_its_time_at_the_unit_that_leads(shop: Site) -> None:
    ticket = await lived(shop, "IN_PROGRESS")
    unit = await shop.unit("weibin", SIBLING_GRID)
    joining = {"ticketId": ticket, "unitIds": [unit], "reason": "请来帮忙"}
    await done(shop, "ticketJoin", CHIEF, **joining)
    await does(shop, "ticketResolve", CHIEF, ticket)
    await does(shop, "ticketRework", CHIEF, ticket)
    read = await standing(shop, ticket, CHIEF)
    open_hops = [hop for hop in read["escalationChain"] if hop["leftAt"] is None]
    due = await shop.owner.fetchval("SELECT hop_due_at FROM ticket WHERE id = $1", key_of(ticket))
    # The unit called was done with it when it was solved.
    assert [hop["toUnit"]["name"] for hop in open_hops] == [GRID]
    assert {datetime.fromisoformat(hop["dueAt"]) for hop in open_hops} == {due}


@pytest.mark.parametrize("verb", ["ticketTable", "ticketDeliberate"])
async def test_a_unit_wins_no_time_by_putting_it_off(own: Site, verb: str) -> None:
    ticket = await lived(own, "IN_PROGRESS")
    earlier = "UPDATE ticket SET hop_started_at = hop_started_at - $2::interval, hop_due_at = hop_due_at - $2::interval"
    await own.owner.execute(f"{earlier} WHERE id = $1", key_of(ticket), timedelta(hours=5))
    was = await own.owner.fetchrow(CLOCK, key_of(ticket))
    await does(own, verb, CHIEF, ticket)
    await done(own, "ticketResume", CHIEF, ticketId=ticket, resolution="继续办")
    now = await own.owner.fetchrow(CLOCK, key_of(ticket))
    # 商量办 stands still while the residents talk: only that long, and that was not an hour.
    assert now is not None
    assert was is not None
    assert (
        was["hop_started_at"] <= now["hop_started_at"] < was["hop_started_at"] + timedelta(0, 3600)
    )


CLOCK = "SELECT hop_started_at, hop_due_at FROM ticket WHERE id = $1"


async def test_a_report_is_folded_only_into_a_matter_one_answers_for(shop: Site) -> None:
    """Seeing the other ticket is not enough: here it is the chief's own, in another grid."""
    elsewhere = await reported(shop, by=CHIEF, grid=SIBLING_GRID)
    report = await reported(shop, by=RESIDENT)
    merge = {"ticketId": report, "intoId": elsewhere}
    assert await refused(shop, "ticketMerge", CHIEF, **merge) == ("FORBIDDEN", "intoId")
    await done(shop, "ticketMerge", COMMUNITY, **merge)
    assert (await standing(shop, report, DISTRICT))["mergedInto"] == {"id": elsewhere}
