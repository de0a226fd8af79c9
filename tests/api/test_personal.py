"""What residents do about what is kept of them: read it, correct it, have it deleted."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from db import service_record_store
from jobs.retention import forget
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    GRID,
    NEIGHBOUR,
    RESIDENT,
    SIBLING,
    SIBLING_GRID,
    WORKER,
    done,
    refused as refused_verb,
    reported,
)
from tests.api.records import added, declined, read as record
from tests.api.scene import person
from tests.api.served import Site, key_of
from tests.api.telling import changes, now_of
from tests.api.test_disclosure import KEPT, known, read, written

CORRECT = """mutation($input: PersonCorrectInput!) { personCorrect(input: $input) {
  person { id name private { phone address needs } }
  userErrors { code message field } clientMutationKey
} }"""
REQUEST = """mutation($input: ErasureRequestInput!) { erasureRequest(input: $input) {
  erasure { requestedAt dueAt doneAt } userErrors { code field } clientMutationKey
} }"""
ERASURE = "{ viewer { person { name } erasure { requestedAt dueAt doneAt } } }"


async def correct(site: Site, by: str, **given: Any) -> Any:
    """Correct what is kept of oneself."""
    return (await site.ask(CORRECT, by, input=given))["personCorrect"]


async def refused(site: Site, by: str, **given: Any) -> tuple[str, str | None]:
    """The same where nothing is to come of it."""
    payload = await correct(site, by, **given)
    assert payload["person"] is None
    (error,) = payload["userErrors"]
    return error["code"], error["field"]


async def ask_for_erasure(site: Site, by: str, **given: Any) -> Any:
    """Ask to be forgotten."""
    return (await site.ask(REQUEST, by, input=given))["erasureRequest"]


async def test_one_corrects_one_s_own_and_nobody_else_s(own: Site) -> None:
    await known(own)
    neighbour = await known(own, NEIGHBOUR)
    made = await correct(own, RESIDENT, phone=" 139-1234-5678 ", needs="", name="李四")
    assert made["userErrors"] == []
    assert made["person"]["name"] == "李四"
    kept = await read(own, RESIDENT, made["person"]["id"], "OWN")
    assert {**kept, "needs": None, "phone": "139-1234-5678"} == kept
    assert kept["address"] == KEPT["address"]
    assert (await read(own, NEIGHBOUR, neighbour, "OWN"))["phone"] == KEPT["phone"]


async def test_a_correction_that_is_none_or_not_allowed(own: Site) -> None:
    await known(own)
    for by, given, expected in (
        (RESIDENT, {"phone": "+1"}, ("PHONE_MALFORMED", "phone")),
        (RESIDENT, {}, ("NOTHING_CHANGED", None)),
        (RESIDENT, {"phone": KEPT["phone"]}, ("NOTHING_CHANGED", None)),
        (RESIDENT, {"phone": "call me"}, ("PHONE_MALFORMED", "phone")),
        (RESIDENT, {"name": " "}, ("NAME_REQUIRED", "name")),
        (RESIDENT, {"name": "已注销"}, ("NAME_REQUIRED", "name")),
        (RESIDENT, {"livingSituation": "x" * 4001}, ("TEXT_TOO_LONG", "livingSituation")),
        (WORKER, {"name": "市长"}, ("FORBIDDEN", "name")),
    ):
        assert await refused(own, by, **given) == expected
    assert (await correct(own, WORKER, phone="139-0000-0000"))["userErrors"] == []
    errors = await own.errors(CORRECT, None, input={"phone": "139-0000-0000"})
    assert errors[0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_of_whom_nothing_was_kept_something_is(own: Site) -> None:
    key = key_of(await person(own, RESIDENT))
    await own.owner.execute("DELETE FROM person_private WHERE person_id = $1", key)
    made = await correct(own, RESIDENT, address="新址", clientMutationKey="k")
    assert made["person"]["private"] == {"phone": None, "address": "****", "needs": None}
    assert (await read(own, RESIDENT, made["person"]["id"], "OWN"))["address"] == "新址"
    # The same once more is the same answer.
    assert await correct(own, RESIDENT, address="新址", clientMutationKey="k") == made
    assert len(await written(own)) == 1


async def test_whoever_asks_is_forgotten_once_nothing_is_open(own: Site) -> None:
    id, ticket = await known(own), await reported(own)
    key = key_of(id)
    visit = (await added(own, recipientId=id, visit={"needs": "扶手"}))["id"]
    await read(own, WORKER, id, "HOME_VISIT")
    before = len(await written(own))
    made = await ask_for_erasure(own, RESIDENT)
    assert made["userErrors"] == []
    assert made["erasure"]["doneAt"] is None
    # A double tap asks once.
    again = await ask_for_erasure(own, RESIDENT)
    assert (again["erasure"], again["userErrors"][0]["code"]) == (None, "ALREADY_REQUESTED")
    await own.owner.execute(
        "INSERT INTO login (locality_id, issuer, subject, digest, person_id, added_at) "
        "VALUES ('weibin', 'https://id.example', 'r', '', $1, now())",
        key,
    )
    await own.owner.execute(
        "INSERT INTO access_token (locality_id, id, person_id, name, digest, scopes, created_at, "
        "expires_at) VALUES ('weibin', $1, $1, '', '', '{}', now(), now() + interval '1 day')",
        key,
    )
    # The ticket is open: they are still needed.
    await forget(own.database)
    assert (await own.ask(ERASURE, RESIDENT))["viewer"]["erasure"] == made["erasure"]
    await done(own, "ticketWithdraw", RESIDENT, ticketId=ticket)
    await forget(own.database)
    mine = (await own.ask(ERASURE, RESIDENT))["viewer"]
    assert mine["person"] == {"name": "已注销"}
    assert mine["erasure"]["doneAt"] is not None
    for table, column in (
        ("person_private", "person_id"),
        ("visit_private", "recipient_id"),
        ("login", "person_id"),
        ("access_token", "person_id"),
        ("client_mutation", "person_id"),
    ):
        left = f"SELECT count(*) FROM {table} WHERE {column} = $1"
        assert await own.owner.fetchval(left, key) == 0, table
    seen = (
        "query($t: ID!, $r: ID!) { ticket(id: $t) { title reporter { name } } node(id: $r) { id } }"
    )
    found = await own.ask(seen, CHIEF, t=ticket, r=visit)
    assert found["ticket"]["reporter"] == {"name": "已注销"}
    assert found["node"] == {"id": visit}
    assert len(await written(own)) == before
    # Somebody who comes back may ask again.
    assert (await correct(own, RESIDENT, phone="139-0000-0000"))["userErrors"] == []
    anew = await ask_for_erasure(own, RESIDENT)
    assert (anew["userErrors"], anew["erasure"]["doneAt"]) == ([], None)
    assert (await ask_for_erasure(own, RESIDENT))["erasure"] is None
    await forget(own.database)
    assert (await own.ask(ERASURE, RESIDENT))["viewer"]["erasure"]["doneAt"] is not None
    nobody_else = "SELECT count(*) FROM person WHERE name = '已注销'"
    assert await own.owner.fetchval(nobody_else) == 1


async def test_what_is_corrected_meanwhile_is_forgotten_too(own: Site) -> None:
    """A correction that began before is waited for, and what it adds goes with the rest."""
    key = key_of(await known(own))
    await own.owner.execute("DELETE FROM person_private WHERE person_id = $1", key)
    await ask_for_erasure(own, RESIDENT)
    async with own.owner.transaction():
        await own.owner.execute("SELECT FROM person WHERE id = $1 FOR UPDATE", key)
        forgetting = asyncio.create_task(forget(own.database))
        while not await own.owner.fetchval(WAITING):
            assert not forgetting.done()
            await asyncio.sleep(0.01)
        await own.owner.execute(ADD_PRIVATE, key)
    await forgetting
    assert await own.owner.fetchval("SELECT name FROM person WHERE id = $1", key) == "已注销"
    kept = "SELECT count(*) FROM person_private WHERE person_id = $1"
    assert await own.owner.fetchval(kept, key) == 0


async def test_who_is_given_an_office_meanwhile_is_not_forgotten(own: Site) -> None:
    """Nor who reports something, or is given a post: their name is needed again."""
    key = key_of(await known(own))
    await ask_for_erasure(own, RESIDENT)
    async with own.owner.transaction():
        await own.owner.execute(GIVE_OFFICE, uuid4(), key)
        forgetting = asyncio.create_task(forget(own.database))
        while not await own.owner.fetchval(WAITING):
            assert not forgetting.done()
            await asyncio.sleep(0.01)
    await forgetting
    assert await own.owner.fetchval("SELECT name FROM person WHERE id = $1", key) != "已注销"
    await own.owner.execute("DELETE FROM office WHERE person_id = $1", key)
    await forget(own.database)
    assert await own.owner.fetchval("SELECT name FROM person WHERE id = $1", key) == "已注销"


async def test_nothing_more_is_kept_of_whom_was_forgotten(own: Site) -> None:
    """What was noted of them goes, what was done for their ticket stays, and no more is written."""
    id, ticket = await known(own), await reported(own)
    visit = (await added(own, recipientId=id, note="独居", visit={"needs": "扶手"}))["id"]
    said = {"recordId": visit, "note": "独居，腿脚不便", "reason": "补记"}
    await done(own, "serviceRecordCorrect", WORKER, "id", **said)
    repair = (await added(own, CHIEF, ticketId=ticket, kind="REPAIR", note="换灯泡"))["id"]
    called = (await added(own, ticketId=ticket, note="独居"))["id"]
    await done(own, "ticketWithdraw", RESIDENT, ticketId=ticket)
    await ask_for_erasure(own, RESIDENT)
    before = await now_of(own, WORKER)
    await forget(own.database)
    told = (await changes(own, WORKER, before))["nodes"]
    # Whoever keeps a copy hears that it is not so any more.
    assert {each["nodeId"] for each in told if each["verb"] == "FORGET"} == {visit, called}
    for each in (visit, called):
        left = await record(own, each, WORKER)
        assert (left["note"], left["corrections"], left["kind"]) == (None, [], "VISIT")
    assert (await record(own, repair, WORKER))["note"] == "换灯泡"
    for given in (
        {"recipientId": id, "visit": {"needs": "胰岛素"}},
        {"recipientId": id, "note": "独居"},
        {"ticketId": ticket, "visit": {"livingSituation": "独居"}},
        {"ticketId": ticket, "note": "独居"},
    ):
        assert await declined(own, WORKER, **given) == ("FORGOTTEN", "recipientId")
    for more in (said, {"recordId": visit, "kind": "TALK", "reason": "独居"}):
        refusal = await refused_verb(own, "serviceRecordCorrect", WORKER, **more)
        assert refusal == ("FORGOTTEN", "recordId")
    # Whoever comes back says so by a name.
    assert (await correct(own, RESIDENT, name="李归"))["userErrors"] == []
    await added(own, recipientId=id, visit={"needs": "扶手"})


async def test_who_cannot_see_them_keeps_nothing_more_either(own: Site) -> None:
    """The handler of another grid, whom the ticket's reporter is not shown to."""
    id, ticket = await known(own), await reported(own)
    elsewhere = await own.unit("weibin", SIBLING_GRID)
    await done(own, "ticketAccept", CHIEF, ticketId=ticket)
    await done(own, "ticketDispatch", COMMUNITY, ticketId=ticket, unitId=elsewhere)
    await done(own, "ticketSign", SIBLING, ticketId=ticket)
    await own.owner.execute("UPDATE person SET name = '已注销' WHERE id = $1", key_of(id))
    given = {"ticketId": ticket, "visit": {"needs": "胰岛素"}}
    assert await declined(own, SIBLING, **given) == ("FORGOTTEN", "recipientId")


async def test_a_correction_under_way_is_waited_for(own: Site, monkeypatch: Any) -> None:
    """It has its record, and forgetting the person: neither waits for the other in a ring."""
    id = await known(own)
    visit = (await added(own, recipientId=id, note="独居"))["id"]
    await ask_for_erasure(own, RESIDENT)
    has, go, lock = asyncio.Event(), asyncio.Event(), service_record_store.lock

    async def held(*given: Any) -> Any:
        kept = await lock(*given)
        has.set()
        await go.wait()
        return kept

    monkeypatch.setattr(service_record_store, "lock", held)
    said = {"recordId": visit, "kind": "TALK", "reason": "独居"}
    correcting = asyncio.create_task(done(own, "serviceRecordCorrect", WORKER, "id", **said))
    await has.wait()
    forgetting = asyncio.create_task(forget(own.database))
    while not await own.owner.fetchval(WAITING):
        assert not forgetting.done()
        await asyncio.sleep(0.01)
    go.set()
    await asyncio.gather(correcting, forgetting)
    left = await record(own, visit, WORKER)
    assert (left["kind"], left["note"], left["corrections"]) == ("TALK", None, [])


async def test_a_visit_waits_for_whom_is_being_forgotten(own: Site) -> None:
    id, unit = await known(own), await own.unit("weibin", GRID)
    given = {"kind": "VISIT", "unitId": unit, "recipientId": id, "visit": {"needs": "扶手"}}
    async with own.owner.transaction():
        await own.owner.execute("SELECT FROM person WHERE id = $1 FOR UPDATE", key_of(id))
        adding = asyncio.create_task(refused_verb(own, "serviceRecordAdd", WORKER, **given))
        while not await own.owner.fetchval(WAITING):
            assert not adding.done()
            await asyncio.sleep(0.01)
        await own.owner.execute("UPDATE person SET name = '已注销' WHERE id = $1", key_of(id))
    assert await adding == ("FORGOTTEN", "recipientId")


WAITING = """
SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)
"""
GIVE_OFFICE = """
INSERT INTO office (locality_id, id, person_id, kind, valid_from, granted_at)
SELECT locality_id, $1, id, 'AUDITOR', CURRENT_DATE, now() FROM person WHERE id = $2
"""
ADD_PRIVATE = """
INSERT INTO person_private (locality_id, person_id, unit_path, phone)
SELECT locality_id, id, unit_path, '139-0000-0000' FROM person WHERE id = $1
"""


async def test_whoever_holds_a_post_is_not_forgotten_yet(own: Site) -> None:
    await ask_for_erasure(own, WORKER)
    await forget(own.database)
    assert (await own.ask(ERASURE, WORKER))["viewer"]["erasure"]["doneAt"] is None
    worker = (await own.person(WORKER)).person
    end = "UPDATE appointment SET valid_to = CURRENT_DATE WHERE person_id = $1"
    await own.owner.execute(end, worker)
    await own.owner.execute("UPDATE ticket SET status = 'CLOSED' WHERE reporter_id = $1", worker)
    await forget(own.database)
    mine = (await own.ask(ERASURE, WORKER))["viewer"]
    assert (mine["person"]["name"], mine["erasure"]["doneAt"] is None) == ("已注销", False)


@pytest.mark.parametrize("by", [RESIDENT, None])
async def test_without_a_request_there_is_none(demo: Site, by: str | None) -> None:
    assert (await demo.ask(ERASURE, by))["viewer"]["erasure"] is None


async def test_a_request_by_key_is_made_once(own: Site) -> None:
    first = await ask_for_erasure(own, NEIGHBOUR, clientMutationKey="k")
    assert await ask_for_erasure(own, NEIGHBOUR, clientMutationKey="k") == first
    assert await own.count("erasure") == 1
