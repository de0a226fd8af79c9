"""Meetings: who calls them, who holds them, who knows of them."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import asyncpg
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
)
from tests.api.gatherings import COMMUNITY_UNIT, MEETING, called, calling, moment, read
from tests.api.served import Site, key_of
from tests.api.test_at_once import waiting
from tests.api.test_nasty import IDS, TEXTS, TIMES, well_behaved


async def test_a_meeting_is_called_and_held(shop: Site) -> None:
    at = moment(days=1)
    given = await calling(shop, COMMUNITY_UNIT, title=" 联席会议 ", at=at, duty="joint_meeting")
    made = await done(shop, "meetingCall", COMMUNITY, MEETING, **given)
    expected = {
        "title": "联席会议",
        "heldAt": None,
        "minutes": None,
        "duty": "joint_meeting",
        "unit": {"name": COMMUNITY_UNIT},
        "caller": {"name": (await shop.person(COMMUNITY)).name},
        "agenda": [],
    }
    assert {name: made[name] for name in expected} == expected
    assert datetime.fromisoformat(made["at"]) == datetime.fromisoformat(at)
    held_at = "2026-01-01T00:00:00+00:00"
    told = {"meetingId": made["id"], "heldAt": held_at, "minutes": "议定三事"}
    held = await done(shop, "meetingHold", DISTRICT, MEETING, **told)
    assert held == {**made, "heldAt": held_at, "minutes": "议定三事"}


async def test_everybody_of_the_place_knows_of_it(shop: Site) -> None:
    meeting = await called(shop)
    for who in (CHIEF, RESIDENT, NEIGHBOUR, SIBLING, DISTRICT):
        assert (await read(shop, meeting, who))["title"] == "例会"
    for who in (ELSEWHERE, None):
        assert await read(shop, meeting, who) is None


async def test_who_may_call_one(shop: Site) -> None:
    given = await calling(shop)
    for who in (RESIDENT, SIBLING, NEIGHBOUR):
        assert await refused(shop, "meetingCall", who, **given) == ("FORBIDDEN", None)
    assert await refused(shop, "meetingCall", ELSEWHERE, **given) == ("UNIT_UNKNOWN", "unitId")
    foreign = {**given, "unitId": given["unitId"].replace("weibin", "huazhou")}
    assert await refused(shop, "meetingCall", CHIEF, **foreign) == ("UNIT_UNKNOWN", "unitId")
    above = await calling(shop, COMMUNITY_UNIT)
    assert await refused(shop, "meetingCall", CHIEF, **above) == ("FORBIDDEN", None)
    for who in (WORKER, COMMUNITY, DISTRICT):
        await done(shop, "meetingCall", who, **given)


async def test_who_may_hold_one(shop: Site) -> None:
    meeting = await called(shop)
    for who in (RESIDENT, SIBLING):
        answer = await refused(shop, "meetingHold", who, meetingId=meeting)
        assert answer == ("FORBIDDEN", None)
    unknown = f"meeting_weibin_{new_key(datetime.now(UTC))}"
    foreign = meeting.replace("weibin", "huazhou")
    for who, given in ((ELSEWHERE, meeting), (ELSEWHERE, foreign), (CHIEF, unknown)):
        answer = await refused(shop, "meetingHold", who, meetingId=given)
        assert answer == ("NOT_FOUND", "meetingId")
    await done(shop, "meetingHold", COMMUNITY, meetingId=meeting)
    answer = await refused(shop, "meetingHold", CHIEF, meetingId=meeting)
    assert answer == ("MEETING_HELD", "meetingId")


LONG = "字" * 4001


async def test_meetings_that_are_refused(shop: Site) -> None:
    cases: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({"title": " \u3000"}, ("TITLE_REQUIRED", "title")),
        ({"title": LONG[:201]}, ("TEXT_TOO_LONG", "title")),
        ({"duty": "joint_meeting"}, ("CADENCE_UNKNOWN", "duty")),  # the secretary's, not his
        ({"duty": "four_must_visit"}, ("CADENCE_UNKNOWN", "duty")),
        ({"duty": "\ue000"}, ("CADENCE_UNKNOWN", "duty")),
    ]
    for given, answer in cases:
        sent = await calling(shop, **given)
        assert await refused(shop, "meetingCall", CHIEF, **sent) == answer
    meeting = await called(shop)
    held = {"meetingId": meeting, "minutes": LONG}
    assert await refused(shop, "meetingHold", CHIEF, **held) == ("TEXT_TOO_LONG", "minutes")
    held = {"meetingId": meeting, "heldAt": moment(minutes=5)}
    assert await refused(shop, "meetingHold", CHIEF, **held) == ("AT_IN_FUTURE", "heldAt")
    for field, sent in (
        ("meetingCall", await calling(shop, title="a\x00b")),
        ("meetingHold", {"meetingId": meeting, "minutes": "a\x00b"}),
    ):
        (error,) = await shop.errors(mutation(field), CHIEF, input=sent)
        assert error["extensions"]["code"] == "BAD_TEXT"
    assert (await read(shop, meeting, CHIEF))["heldAt"] is None


@pytest.mark.parametrize(
    ("field", "name"),
    [
        *(("meetingCall", name) for name in ("unitId", "title", "at", "duty")),
        *(("meetingHold", name) for name in ("meetingId", "heldAt", "minutes")),
    ],
)
async def test_nasty_values(own: Site, field: str, name: str) -> None:
    """Taken or refused by code; never an error of the server's own."""
    for value in [*TEXTS, *IDS, *TIMES, 0, -1, 2**31, 1.5, True, [], {}, None]:
        sound = await calling(own)
        if field == "meetingHold":
            sound = {"meetingId": (await done(own, "meetingCall", CHIEF, **sound))["id"]}
        sent = {"input": {**sound, name: value}}
        well_behaved(await own.post(mutation(field), sent, CHIEF), value)


async def test_one_key_one_meeting(shop: Site) -> None:
    given = await calling(shop, clientMutationKey="one meeting")
    answers = await asyncio.gather(*(act(shop, "meetingCall", CHIEF, **given) for _ in range(10)))
    assert len({answer["meeting"]["id"] for answer in answers}) == 1
    other = {**given, "title": "另一个"}
    answer = await refused(shop, "meetingCall", CHIEF, **other)
    assert answer == ("KEY_REUSED", "clientMutationKey")


async def test_the_meetings_of_a_unit(own: Site) -> None:
    """Its own, or those below it too; by when they are, and whether they were held."""
    first = await called(own, unit=GRID, at=moment(days=1))
    second = await called(own, COMMUNITY, COMMUNITY_UNIT, at=moment(days=2))
    third = await called(own, SIBLING, SIBLING_GRID, at=moment(days=3))
    await done(own, "meetingHold", SIBLING, meetingId=third)
    query = """query($id: ID!, $within: Within! = SUBTREE, $filter: MeetingFilter) {
        orgUnit(id: $id) { meetings(within: $within, filter: $filter) { nodes { id } totalCount } }
    }"""

    async def listed(unit: str, **given: Any) -> list[str]:
        found = await own.ask(query, RESIDENT, id=await own.unit("weibin", unit), **given)
        page = found["orgUnit"]["meetings"]
        assert page["totalCount"] == len(page["nodes"])
        return [each["id"] for each in page["nodes"]]

    assert await listed(COMMUNITY_UNIT) == [third, second, first]
    assert await listed(COMMUNITY_UNIT, within="SELF") == [second]
    assert await listed(COMMUNITY_UNIT, within="CHILDREN") == [third, first]
    assert await listed(GRID) == [first]
    assert await listed(COMMUNITY_UNIT, filter={"held": True}) == [third]
    assert await listed(COMMUNITY_UNIT, filter={"held": False}) == [second, first]
    before = {"at": {"lt": moment(hours=36)}}
    assert await listed(COMMUNITY_UNIT, filter=before) == [first]


async def test_of_two_who_hold_it_at_once_one_does(shop: Site) -> None:
    meeting = await called(shop)
    holder = await asyncpg.connect(shop.scratch.owner_dsn)
    calls: list[asyncio.Future[Any]] = []
    async with holder.transaction():
        await holder.execute("SELECT FROM meeting WHERE id = $1 FOR UPDATE", key_of(meeting))
        for who in (CHIEF, COMMUNITY):
            given = {"meetingId": meeting, "minutes": f"{who}记录"}
            calls.append(asyncio.ensure_future(act(shop, "meetingHold", who, **given)))
            await waiting(shop, len(calls))
    await holder.close()
    errors = [
        [each["code"] for each in answer["userErrors"]] for answer in [await c for c in calls]
    ]
    assert errors == [[], ["MEETING_HELD"]]
    assert (await read(shop, meeting, CHIEF))["minutes"] == f"{CHIEF}记录"
