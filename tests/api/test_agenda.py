"""Tickets put before meetings, and resolved there."""

import asyncio
from datetime import UTC, datetime

import asyncpg

from db.keys import new_key
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    NEIGHBOUR,
    RESIDENT,
    SIBLING,
    SIBLING_GRID,
    done,
    refused,
)
from tests.api.gatherings import COMMUNITY_UNIT, accepted, agenda, called, moment, read, tabled
from tests.api.served import Site, key_of
from tests.api.test_at_once import waiting


async def test_a_ticket_goes_to_the_meeting_named_and_comes_back_resolved(shop: Site) -> None:
    """合江: an unsolved need goes on the meeting's agenda and is resolved there."""
    meeting, ticket = await called(shop), await accepted(shop)
    await tabled(shop, ticket, meetingId=meeting)
    (item,) = (await read(shop, meeting, CHIEF))["agenda"]
    assert (item["ticket"]["id"], item["resolution"]) == (ticket, None)
    await done(shop, "meetingHold", CHIEF, meetingId=meeting, minutes="逐项议过")
    await done(shop, "ticketResume", CHIEF, ticketId=ticket, resolution="物业本周修")
    (item,) = await agenda(shop, ticket, RESIDENT)
    assert item["meeting"] == {"id": meeting, "title": "例会"}
    assert item["resolution"] == "物业本周修"
    assert item["tabledAt"] < item["resolvedAt"]


async def test_of_an_agenda_each_sees_the_tickets_of_their_own(shop: Site) -> None:
    meeting = await called(shop, COMMUNITY, COMMUNITY_UNIT)
    ticket = await accepted(shop)
    await tabled(shop, ticket, meetingId=meeting)
    for who in (CHIEF, COMMUNITY, RESIDENT):
        (item,) = (await read(shop, meeting, who))["agenda"]
        assert item["ticket"]["id"] == ticket
    for who in (SIBLING, NEIGHBOUR):
        assert (await read(shop, meeting, who))["agenda"] == []


async def test_which_meetings_a_ticket_can_go_to(shop: Site) -> None:
    """Those of its handler and of the units above, until they are held."""
    held = await called(shop)
    await done(shop, "meetingHold", CHIEF, meetingId=held)
    beside = await called(shop, SIBLING, SIBLING_GRID)
    unknown = f"meeting_weibin_{new_key(datetime.now(UTC))}"
    foreign = beside.replace("weibin", "huazhou")
    ticket = await accepted(shop)
    for meeting in (held, beside, unknown, foreign):
        given = {"ticketId": ticket, "reason": "请会议定", "meetingId": meeting}
        answer = await refused(shop, "ticketTable", CHIEF, **given)
        assert answer == ("NOT_FOUND", "meetingId")
    assert await agenda(shop, ticket, CHIEF) == []
    above = await called(shop, DISTRICT, "姜谭街道")
    await tabled(shop, ticket, meetingId=above)
    assert [item["meeting"]["id"] for item in await agenda(shop, ticket, CHIEF)] == [above]


async def test_what_is_with_a_unit_does_not_go_to_a_meeting_below(shop: Site) -> None:
    meeting, ticket = await called(shop), await accepted(shop)
    await done(shop, "ticketEscalate", CHIEF, ticketId=ticket, reason="管不了")
    given = {"ticketId": ticket, "reason": "请会议定", "meetingId": meeting}
    assert (await refused(shop, "ticketTable", COMMUNITY, **given))[1] == "meetingId"


async def test_without_a_name_it_goes_to_the_unit_s_next_one(own: Site) -> None:
    ticket = await accepted(own)
    await tabled(own, ticket)
    assert await agenda(own, ticket, CHIEF) == []  # none was called: it waits for one
    await done(own, "ticketResume", CHIEF, ticketId=ticket, resolution="议过")
    await called(own, at=moment(days=-1))  # over
    held = await called(own, at=moment(days=1))
    await done(own, "meetingHold", CHIEF, meetingId=held)
    await called(own, COMMUNITY, COMMUNITY_UNIT, at=moment(days=1))  # another unit's
    late = await called(own, at=moment(days=3))
    following = await called(own, at=moment(days=2))
    await tabled(own, ticket)
    (item,) = await agenda(own, ticket, CHIEF)
    assert item["meeting"]["id"] == following
    assert (await read(own, late, CHIEF))["agenda"] == []


async def test_a_meeting_may_take_a_ticket_up_twice(shop: Site) -> None:
    meeting, ticket = await called(shop), await accepted(shop)
    for resolution in ("先看看", "本周修"):
        await tabled(shop, ticket, meetingId=meeting)
        await done(shop, "ticketResume", CHIEF, ticketId=ticket, resolution=resolution)
    items = await agenda(shop, ticket, CHIEF)
    assert [item["resolution"] for item in items] == ["先看看", "本周修"]


async def test_what_went_another_way_left_the_agenda_without_a_resolution(shop: Site) -> None:
    meeting, ticket = await called(shop), await accepted(shop)
    await tabled(shop, ticket, meetingId=meeting)
    await done(shop, "ticketDeliberate", CHIEF, ticketId=ticket, reason="先商量")
    await tabled(shop, ticket, meetingId=meeting)
    await done(shop, "ticketResume", CHIEF, ticketId=ticket, resolution="本周修")
    items = await agenda(shop, ticket, CHIEF)
    assert sorted(item["resolution"] or "" for item in items) == ["", "本周修"]
    assert all(item["resolvedAt"] for item in items)


async def test_nothing_is_put_before_a_meeting_while_it_is_being_held(shop: Site) -> None:
    """Whoever comes while another says so waits for it, and is refused."""
    meeting, ticket = await called(shop), await accepted(shop)
    given = {"ticketId": ticket, "reason": "请会议定", "meetingId": meeting}
    holder = await asyncpg.connect(shop.scratch.owner_dsn)
    async with holder.transaction():
        held = "UPDATE meeting SET held_at = now() WHERE id = $1"
        await holder.execute(held, key_of(meeting))
        late = asyncio.ensure_future(refused(shop, "ticketTable", CHIEF, **given))
        await waiting(shop, 1)
    await holder.close()
    assert await late == ("NOT_FOUND", "meetingId")


async def test_what_waits_for_a_meeting_stands_on_the_next_one_that_is_called(own: Site) -> None:
    ticket = await accepted(own)
    await tabled(own, ticket)
    assert await agenda(own, ticket, CHIEF) == []
    meeting = await called(own)
    (item,) = await agenda(own, ticket, CHIEF)
    assert (item["meeting"]["id"], item["resolvedAt"]) == (meeting, None)
    await called(own)
    assert len(await agenda(own, ticket, CHIEF)) == 1
