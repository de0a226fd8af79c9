"""Service records: made once, for whom and by whom it may be, in answer to tickets and duties."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from db.keys import new_key
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    ELSEWHERE,
    GRID,
    NEIGHBOUR,
    RESIDENT,
    SIBLING,
    SIBLING_GRID,
    WORKER,
    act,
    done,
    mutation,
    refused,
    reported,
)
from tests.api.records import LONG, SAID, added, declined, minted, person, read
from tests.api.served import Site, key_of
from tests.api.test_nasty import IDS, TEXTS, TIMES, well_behaved


async def test_a_record_says_what_was_done_for_whom_and_by_whom(shop: Site) -> None:
    given = {"kind": "ERRAND", "at": "2026-01-01T08:00:00+08:00", "note": "代买药"}
    resident = await person(shop, RESIDENT)
    made = await added(shop, recipientId=resident, **given)
    record = await read(shop, made["id"], RESIDENT)
    worker, resident = await shop.person(WORKER), await shop.person(RESIDENT)
    assert record == {
        "id": made["id"],
        "kind": "ERRAND",
        "at": "2026-01-01T00:00:00+00:00",
        "note": "代买药",
        "duty": None,
        "person": {"name": worker.name},
        "recipient": {"name": resident.name},
        "ticket": None,
        "orgUnit": {"name": GRID},
        "visit": None,
        "corrections": [],
    }


async def test_a_record_for_a_ticket_is_for_its_reporter(shop: Site) -> None:
    ticket = await reported(shop)
    made = await added(shop, kind="REPAIR", ticketId=ticket)
    record = await read(shop, made["id"], RESIDENT)
    assert record["recipient"]["name"] == (await shop.person(RESIDENT)).name
    assert (record["ticket"]["id"], record["orgUnit"]["name"]) == (ticket, GRID)
    assert await read(shop, made["id"], NEIGHBOUR) is None


async def test_who_sees_a_record(shop: Site) -> None:
    """Its giver, its recipient, and those who serve there or above; as if there were none to
    others."""
    made = (await added(shop, recipientId=await person(shop, RESIDENT)))["id"]
    for who in (WORKER, RESIDENT, CHIEF, COMMUNITY, DISTRICT):
        assert (await read(shop, made, who))["id"] == made
    for who in (SIBLING, NEIGHBOUR, ELSEWHERE, None):
        assert await read(shop, made, who) is None


async def test_where_one_does_not_serve_one_records_nothing(shop: Site) -> None:
    for who in (RESIDENT, SIBLING, NEIGHBOUR):
        assert await declined(shop, who) == ("FORBIDDEN", None)
    assert await declined(shop, ELSEWHERE) == ("UNIT_UNKNOWN", "unitId")


async def test_a_ticket_out_of_sight_is_no_ticket(shop: Site) -> None:
    ticket = await reported(shop)
    answers = [
        await declined(shop, who, ticketId=given)
        for who, given in (
            (SIBLING, ticket),
            (ELSEWHERE, ticket),
            (WORKER, f"ticket_weibin_{new_key(datetime.now(UTC))}"),
            (WORKER, ticket.replace("weibin", "huazhou")),
        )
    ]
    assert answers == [("NOT_FOUND", "ticketId")] * 4
    assert await declined(shop, RESIDENT, ticketId=ticket) == ("FORBIDDEN", None)


async def test_somebody_out_of_sight_is_nobody(shop: Site) -> None:
    neighbour = await person(shop, NEIGHBOUR)
    expected = ("NOT_FOUND", "recipientId")
    assert await declined(shop, recipientId=neighbour) == expected
    assert await declined(shop, recipientId=neighbour.replace("weibin", "huazhou")) == expected


async def test_a_unit_called_to_help_records_what_it_did(shop: Site) -> None:
    ticket = await reported(shop)
    assert await declined(shop, SIBLING, ticketId=ticket) == ("NOT_FOUND", "ticketId")
    await done(shop, "ticketAccept", CHIEF, ticketId=ticket)
    unit = await shop.unit("weibin", SIBLING_GRID)
    await done(shop, "ticketJoin", CHIEF, ticketId=ticket, unitIds=[unit], reason="一起清理")
    visit = {"needs": "扶手"}
    made = (await added(shop, SIBLING, ticketId=ticket, visit=visit))["id"]
    for who in (SIBLING, CHIEF, RESIDENT, COMMUNITY):
        assert (await read(shop, made, who))["ticket"]["id"] == ticket
    by_worker = (await added(shop, WORKER, ticketId=ticket, visit=visit))["id"]
    assert (await read(shop, by_worker, SIBLING))["visit"] is None
    assert await read(shop, made, NEIGHBOUR) is None
    assert await declined(shop, NEIGHBOUR, ticketId=ticket) == ("NOT_FOUND", "ticketId")


@pytest.mark.parametrize(
    ("by", "duty", "kind"),
    [(WORKER, "four_must_visit", "VISIT"), (COMMUNITY, "leaders_weekly", "VISIT")],
)
async def test_a_duty_of_one_s_own(shop: Site, by: str, duty: str, kind: str) -> None:
    made = await added(shop, by, "duty", kind=kind, duty=duty)
    assert made == {"duty": duty}


@pytest.mark.parametrize(
    ("by", "duty"),
    [
        (WORKER, "leaders_weekly"),  # asked of others
        (COMMUNITY, "four_must_visit"),
        (COMMUNITY, "joint_meeting"),  # a meeting, not a service
        (COMMUNITY, "performance"),  # an assessment
        (WORKER, "monthly_visit"),  # of another place
        (WORKER, ""),
        (WORKER, "' OR 1=1 --"),
    ],
)
async def test_a_duty_that_is_not_one_s_own(shop: Site, by: str, duty: str) -> None:
    assert await declined(shop, by, duty=duty) == ("CADENCE_UNKNOWN", "duty")


APPOINT = """
INSERT INTO appointment (locality_id, id, post_id, person_id, unit_path, capacity, valid_to)
SELECT p.locality_id, $1, p.id, $2, p.unit_path, $3, CURRENT_DATE FROM post p
WHERE p.locality_id = 'weibin' AND p.role_code = 'community_secretary' LIMIT 1
"""


@pytest.mark.parametrize("capacity", ["HOLDER", "COVER"])
async def test_a_duty_is_owed_for_a_post_one_has_today(own: Site, capacity: str) -> None:
    worker = (await own.person(WORKER)).person
    await own.owner.execute(APPOINT, new_key(datetime.now(UTC)), worker, capacity)
    assert await declined(own, duty="leaders_weekly") == ("CADENCE_UNKNOWN", "duty")
    term = "UPDATE appointment SET valid_to = 'infinity' WHERE person_id = $1"
    await own.owner.execute(term, worker)
    await added(own, duty="leaders_weekly")


VISIT = {
    "livingSituation": "与孙子同住",
    "needs": "想装扶手",
    "skills": "",
    "difficulties": "腿脚不便",
}


async def test_what_a_visit_learnt_is_read_by_the_visitor_and_the_visited(shop: Site) -> None:
    made = (await added(shop, visit=VISIT, recipientId=await person(shop, RESIDENT)))["id"]
    for who in (WORKER, RESIDENT):
        assert (await read(shop, made, who))["visit"] == {**VISIT, "skills": None}
    masked = {**dict.fromkeys(VISIT, "****"), "skills": None}
    for who in (CHIEF, COMMUNITY, DISTRICT):
        assert (await read(shop, made, who))["visit"] == masked
    for who in (SIBLING, NEIGHBOUR, ELSEWHERE, None):
        assert await read(shop, made, who) is None


async def test_only_a_visit_learns_something(shop: Site) -> None:
    assert await declined(shop, kind="TALK", visit=VISIT) == ("NOT_A_VISIT", "visit")
    before = await shop.count("visit_private")
    assert (await added(shop, asked="visit { needs }", visit={})) == {"visit": None}
    assert (await added(shop, asked="visit { needs }", visit=None)) == {"visit": None}
    assert await shop.count("visit_private") == before


async def test_an_id_of_one_s_own(shop: Site) -> None:
    mine = minted()
    assert (await added(shop, id=mine))["id"] == mine
    assert await declined(shop, id=mine) == ("ID_TAKEN", "id")
    assert await declined(shop, DISTRICT, id=mine, visit=VISIT) == ("ID_TAKEN", "id")
    for bad in (minted("huazhou"), f"record_weibin_{UUID(int=4, version=4)}", "record_x", ""):
        given = {"id": bad, "kind": "VISIT", "unitId": await shop.unit("weibin", GRID)}
        answer = await shop.errors(mutation("serviceRecordAdd"), WORKER, input=given)
        assert answer[0]["extensions"]["code"] == "BAD_ID"


async def test_what_is_recorded_has_happened(shop: Site) -> None:
    soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    assert await declined(shop, at=soon) == ("AT_IN_FUTURE", "at")


async def test_texts_have_a_limit(shop: Site) -> None:
    assert await declined(shop, note=LONG) == ("TEXT_TOO_LONG", "note")
    for name in VISIT:
        too_long = ("TEXT_TOO_LONG", f"visit.{name}")
        assert await declined(shop, visit={name: LONG}) == too_long
    await added(shop, note=LONG[:4000], visit={"needs": LONG[:4000]})


@pytest.mark.parametrize("text", ["a\x00b", "a\u202eb", "👨‍👩‍👧‍👦", "'; DROP TABLE person; --"])
async def test_odd_texts(shop: Site, text: str) -> None:
    given = {"kind": "VISIT", "unitId": await shop.unit("weibin", GRID)}
    for more in ({"note": text}, {"visit": {"needs": text}}, {"duty": text}):
        sent = {"input": {**given, **more}}
        body = (await shop.post(mutation("serviceRecordAdd", SAID), sent, WORKER)).json()
        if text.startswith("a"):
            assert body["errors"][0]["extensions"]["code"] == "BAD_TEXT"
        else:
            assert "errors" not in body
    if not text.startswith("a"):
        made = await added(shop, asked="note visit { needs }", note=text, visit={"needs": text})
        assert made == {"note": text, "visit": {"needs": text}}


@pytest.mark.parametrize(
    ("field", "name"),
    [
        *(("serviceRecordAdd", name) for name in ("id", "kind", "duty", "visit", "visit.skills")),
        *(("serviceRecordCorrect", name) for name in ("recordId", "kind", "at", "note", "reason")),
    ],
)
async def test_nasty_values(shop: Site, field: str, name: str) -> None:
    """Taken or refused by code; never an error of the server's own."""
    unit = await shop.unit("weibin", GRID)
    sound: dict[str, dict[str, Any]] = {
        "serviceRecordAdd": {"kind": "VISIT", "unitId": unit},
        "serviceRecordCorrect": {"recordId": (await added(shop))["id"], "reason": "改"},
    }
    for value in [*TEXTS, *IDS, *TIMES, 0, -1, 2**31, 1.5, True, [], {}, None]:
        outer, _, inner = name.partition(".")
        given = {**sound[field], outer: {inner: value} if inner else value}
        well_behaved(await shop.post(mutation(field), {"input": given}, WORKER), value)


async def test_the_same_key_records_once(shop: Site) -> None:
    unit, key = await shop.unit("weibin", GRID), minted()
    given = {"kind": "VISIT", "unitId": unit, "visit": VISIT, "clientMutationKey": key}
    before = await shop.count("service_record"), await shop.count("visit_private")
    calls = [act(shop, "serviceRecordAdd", WORKER, SAID, **given) for _ in range(10)]
    answers = await asyncio.gather(*calls)
    assert all(answer == answers[0] for answer in answers)
    after = await shop.count("service_record"), await shop.count("visit_private")
    assert after == (before[0] + 1, before[1] + 1)
    other = {**given, "visit": {**VISIT, "needs": "别的"}}
    assert (await refused(shop, "serviceRecordAdd", WORKER, **other))[0] == "KEY_REUSED"


CHANGES = """
SELECT verb, unit_path, handler_path, reporter_id, person_id FROM change
WHERE noun = 'SERVICE_RECORD' AND key = $1 ORDER BY tx
"""


async def test_the_outbox_hears_of_it(shop: Site) -> None:
    resident = await person(shop, RESIDENT)
    made = (await added(shop, recipientId=resident))["id"]
    given = {"recordId": made, "note": "改", "reason": "改"}
    await done(shop, "serviceRecordCorrect", COMMUNITY, **given)
    await refused(shop, "serviceRecordCorrect", COMMUNITY, **given)
    path = "SELECT path FROM org_unit WHERE locality_id = 'weibin' AND name = $1"
    where = await shop.owner.fetchval(path, GRID)
    labels = (where, where, key_of(resident), (await shop.person(WORKER)).person)
    found = [tuple(row) for row in await shop.owner.fetch(CHANGES, key_of(made))]
    assert found == [("ADD", *labels), ("CORRECT", *labels)]
