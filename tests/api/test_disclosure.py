"""Personal data in full: for whom, for what, and written down before it goes out."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from db.disclosure_chain import verify
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    ELSEWHERE,
    GRID,
    NEIGHBOUR,
    RESIDENT,
    SIBLING,
    TOWN,
    WORKER,
    done,
    reported,
)
from tests.api.records import added
from tests.api.scene import person
from tests.api.served import Site, key_of
from tests.api.telling import listening, phone_of, told

INTROSPECTION = "__schema { queryType { name } }"

BY_ID = """query($id: ID!, $for: Purpose, $why: String) { node(id: $id) { ... on Person {
  private {
    phone(purpose: $for, reason: $why) address(purpose: $for, reason: $why)
    livingSituation(purpose: $for, reason: $why) needs(purpose: $for, reason: $why)
    skills(purpose: $for, reason: $why) difficulties(purpose: $for, reason: $why)
  }
} } }"""
PARTS = ("phone", "address", "livingSituation", "needs", "skills", "difficulties")
KEPT = {part: f"全部{part}" for part in PARTS}
FILL = """
UPDATE person_private SET phone = $2, address = $3, living_situation = $4, needs = $5, skills = $6,
    difficulties = $7 WHERE person_id = $1
"""
WRITTEN = """
SELECT sequence, actor_id, subject_id, field, purpose, reason, ticket_id, record_id
FROM disclosure WHERE locality_id = 'weibin' ORDER BY sequence
"""


async def known(site: Site, who: str = RESIDENT) -> str:
    """Somebody of whom everything is kept; their id."""
    id = await person(site, who)
    await site.owner.execute(FILL, key_of(id), *KEPT.values())
    return id


async def read(site: Site, by: str | None, id: str, purpose: str, why: str | None = None) -> Any:
    """What somebody is given of a person for a purpose."""
    given = {"id": id, "for": purpose, "why": why}
    node = (await site.ask(BY_ID, by, **given))["node"]
    return node and node["private"]


async def written(site: Site) -> list[Any]:
    """The disclosures of 渭滨, in order."""
    return await site.owner.fetch(WRITTEN)


async def count(site: Site) -> int:
    """How many disclosures there are in 渭滨."""
    return len(await written(site))


def parts(private: Any) -> set[str]:
    """Which parts were given in full."""
    found = {part for part, value in (private or {}).items() if value == KEPT[part]}
    assert all(value is None for part, value in (private or {}).items() if part not in found)
    return found


EVERYTHING = set(PARTS)
EMERGENCY = EVERYTHING - {"skills"}
NONE: set[str] = set()
GIVEN = {
    "OWN": {RESIDENT: EVERYTHING},
    "HOME_VISIT": {WORKER: EVERYTHING, COMMUNITY: EVERYTHING},
    "EMERGENCY": dict.fromkeys((WORKER, CHIEF, COMMUNITY, TOWN, DISTRICT), EMERGENCY),
    "CONTACT_REPORTER": {WORKER: {"phone"}, CHIEF: {"phone"}},
}
"""Who is given what of a resident with a ticket at the grid: a town owes visits too, but is far."""
CALLERS = (
    RESIDENT, WORKER, CHIEF, COMMUNITY, TOWN, DISTRICT, SIBLING, NEIGHBOUR, ELSEWHERE, None,
)  # fmt: skip


@pytest.mark.trust(31)
async def test_who_is_given_what_for_which_purpose(
    own: Site, record_property: Callable[[str, object], None]
) -> None:
    id = await known(own)
    await reported(own)
    cells = 0
    for purpose, given in GIVEN.items():
        for by in CALLERS:
            expected = given.get(by or "", NONE)
            found = parts(await read(own, by, id, purpose, "楼上起火"))
            assert found == expected, (purpose, by)
            cells += len(expected)
            assert await count(own) == cells, (purpose, by)
    record_property("figure", f"{len(CALLERS) * len(GIVEN)} readings, {cells} cells, {cells} rows")
    rows = await written(own)
    assert {row["reason"] for row in rows} == {"楼上起火"}
    assert {row["subject_id"] for row in rows} == {key_of(id)}
    assert [row["sequence"] for row in rows] == [*range(1, cells + 1)]


async def test_a_reporter_is_contacted_by_the_unit_that_handles_it(own: Site) -> None:
    id, ticket = await known(own), await reported(own)
    for by in (CHIEF, WORKER):
        assert parts(await read(own, by, id, "CONTACT_REPORTER")) == {"phone"}
    assert {row["ticket_id"] for row in await written(own)} == {key_of(ticket)}
    await done(own, "ticketAccept", CHIEF, ticketId=ticket)
    await done(own, "ticketDispatch", CHIEF, ticketId=ticket, unitId=await own.unit("weibin", GRID))
    await done(own, "ticketSign", CHIEF, ticketId=ticket)
    await done(own, "ticketEscalate", CHIEF, ticketId=ticket, reason="办不了")
    handlers = {COMMUNITY: {"phone"}, CHIEF: NONE, WORKER: NONE, TOWN: NONE}
    for by, given in handlers.items():
        assert parts(await read(own, by, id, "CONTACT_REPORTER")) == given
    await own.owner.execute("UPDATE ticket SET status = 'CLOSED' WHERE id = $1", key_of(ticket))
    assert parts(await read(own, COMMUNITY, id, "CONTACT_REPORTER")) == NONE


async def test_a_post_opens_while_it_is_held_or_covered(own: Site) -> None:
    id = await known(own)
    worker = (await own.person(WORKER)).person
    term = "UPDATE appointment SET {} WHERE person_id = $1"
    await own.owner.execute(term.format("capacity = 'COVER'"), worker)
    assert parts(await read(own, WORKER, id, "HOME_VISIT")) == EVERYTHING
    await own.owner.execute(term.format("valid_to = CURRENT_DATE"), worker)
    assert await read(own, WORKER, id, "HOME_VISIT") is None
    assert await count(own) == len(EVERYTHING)


async def test_without_a_purpose_it_is_masked_for_everybody(own: Site) -> None:
    id = await known(own)
    await own.owner.execute(
        "UPDATE person_private SET phone = '13800001234' WHERE person_id = $1", key_of(id)
    )
    for by in (RESIDENT, WORKER, DISTRICT):
        private = (await own.ask(BY_ID, by, id=id))["node"]["private"]
        assert private["phone"] == "138****1234"
        assert {private[part] for part in PARTS[1:]} == {"****"}
    assert await count(own) == 0


async def test_what_a_visit_learnt_is_given_for_a_purpose(own: Site) -> None:
    resident = await person(own, RESIDENT)
    visit = {"needs": "想装扶手", "difficulties": "腿脚不便"}
    record = (await added(own, recipientId=resident, visit=visit))["id"]
    query = """query($id: ID!, $for: Purpose) { node(id: $id) { ... on ServiceRecord { visit {
        needs(purpose: $for, reason: "急救") difficulties(purpose: $for, reason: "急救") skills
    } } } }"""
    for by, purpose, given in (
        (RESIDENT, "OWN", True),
        (COMMUNITY, "HOME_VISIT", True),
        (CHIEF, "HOME_VISIT", False),
        (CHIEF, "EMERGENCY", True),
        (COMMUNITY, "OWN", False),
        (CHIEF, "CONTACT_REPORTER", False),
    ):
        before = await count(own)
        found = await own.ask(query, by, **{"id": record, "for": purpose})
        empty = dict.fromkeys(visit)
        assert found["node"]["visit"] == {**(visit if given else empty), "skills": None}
        assert await count(own) == before + 2 * given, (by, purpose)
    assert {row["record_id"] for row in await written(own)} == {key_of(record)}
    masked = (await own.ask(query, CHIEF, id=record))["node"]["visit"]
    assert masked == {**dict.fromkeys(visit, "****"), "skills": None}


OWN_PHONE = "reporter { private { phone(purpose: OWN) } }"


@pytest.mark.trust(31)
async def test_every_way_out_writes_down(own: Site) -> None:
    """Events over WebSocket and as server-sent events, introspection beside."""
    await known(own)
    made = await reported(own)
    beside = f"{{ viewer {{ person {{ private {{ phone(purpose: OWN) }} }} }} {INTROSPECTION} }}"
    answer = await own.ask(beside, RESIDENT)
    assert answer["viewer"]["person"]["private"] == {"phone": KEPT["phone"]}
    assert await count(own) == 1
    follow = f"subscription($id: ID) {{ ticketChanged(id: $id) {{ id ticket {{ {OWN_PHONE} }} }} }}"
    async with listening(own) as server, phone_of(own, server, RESIDENT) as one:
        id = await one.subscribe(follow, id=made)
        heard: asyncio.Task[Any] = asyncio.create_task(one.event(id))
        while not heard.done():
            await told(own, made)
            await asyncio.wait({heard}, timeout=0.05)
    event = heard.result()
    assert event["ticket"]["reporter"]["private"] == {"phone": KEPT["phone"]}
    assert await count(own) >= 2
    before = await count(own)
    headers = {"accept": "text/event-stream"}
    text = (await own.post(beside, None, RESIDENT, headers)).text
    assert KEPT["phone"] in text
    assert await count(own) == before + 1


@pytest.mark.trust(31)
async def test_what_cannot_be_written_down_is_not_given(own: Site) -> None:
    """Whatever the way out: 503, and the value nowhere in the bytes."""
    await known(own)
    await own.owner.execute("REVOKE INSERT ON disclosure FROM linli_app")
    query = "{ viewer { person { name private { phone(purpose: OWN) } } } }"
    answer = await own.post(query, None, RESIDENT)
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "AUDIT_UNAVAILABLE"
    for document in (query, query.replace("{ viewer", f"{{ {INTROSPECTION} viewer")):
        for headers in ({}, {"accept": "text/event-stream"}):
            body = (await own.post(document, None, RESIDENT, headers)).text
            assert KEPT["phone"] not in body
            assert "AUDIT_UNAVAILABLE" in body
    assert await count(own) == 0
    await own.owner.execute("GRANT INSERT ON disclosure TO linli_app")
    assert KEPT["phone"] in (await own.post(query, None, RESIDENT)).text


async def test_many_who_read_at_once_make_one_chain(own: Site) -> None:
    id = await known(own)
    await asyncio.gather(*(read(own, WORKER, id, "HOME_VISIT") for _ in range(20)))
    rows = await written(own)
    assert [row["sequence"] for row in rows] == [*range(1, 20 * len(PARTS) + 1)]
    (check,) = await verify(own.owner)
    assert check.problems == []


LOG = """{ viewer { accessLog(first: 3) { totalCount nodes {
  sequence at field purpose reason digest actorId subjectId
  actor { name } subject { name } post { title unit { name } }
} } } }"""
PLACE_LOG = "{ viewer { locality { accessLog { totalCount nodes { actorId subjectId } } } } }"
OFFICE = """
INSERT INTO office (locality_id, id, person_id, kind, granted_at)
VALUES ('weibin', gen_random_uuid(), $1, 'AUDITOR', now())
"""


async def test_a_person_sees_who_read_their_data(own: Site) -> None:
    id, other = await known(own), await known(own, NEIGHBOUR)
    await read(own, WORKER, id, "EMERGENCY", "煤气泄漏")
    await read(own, DISTRICT, other, "EMERGENCY", "火灾")
    log = (await own.ask(LOG, RESIDENT))["viewer"]["accessLog"]
    assert log["totalCount"] == len(EMERGENCY)
    newest = log["nodes"][0]
    assert (newest["field"], newest["purpose"], newest["reason"]) == (
        "DIFFICULTIES", "EMERGENCY", "煤气泄漏",
    )  # fmt: skip
    assert newest["post"] == {"title": "网格员", "unit": {"name": GRID}}
    worker = await own.person(WORKER)
    assert (newest["actor"]["name"], newest["subjectId"]) == (worker.name, id)
    assert len(bytes.fromhex(newest["digest"])) == 32
    assert (await own.ask(LOG, SIBLING))["viewer"]["accessLog"]["totalCount"] == 0
    assert (await own.ask(LOG))["viewer"]["accessLog"]["totalCount"] == 0


async def test_an_auditor_sees_who_read_whose_data_and_nothing_else_more(own: Site) -> None:
    id, other = await known(own), await known(own, NEIGHBOUR)
    await read(own, WORKER, id, "EMERGENCY", "煤气泄漏")
    await read(own, DISTRICT, other, "EMERGENCY", "火灾")

    async def seen(by: str) -> int:
        log = (await own.ask(PLACE_LOG, by))["viewer"]["locality"]["accessLog"]
        assert len(log["nodes"]) == log["totalCount"]
        return log["totalCount"]

    # Of oneself, and what one read.
    found = {by: await seen(by) for by in (RESIDENT, NEIGHBOUR, WORKER, DISTRICT, CHIEF)}
    each = len(EMERGENCY)
    assert found == {RESIDENT: each, NEIGHBOUR: each, WORKER: each, DISTRICT: each, CHIEF: 0}
    auditor = "weibin/宝氮二区网格/grid_chief"
    await own.owner.execute(OFFICE, (await own.person(auditor)).person)
    assert await seen(auditor) == 2 * each
    assert (await own.ask(BY_ID, auditor, id=other))["node"] is None
