"""Several units called together (街道吹哨、部门报到): who leads, who sees the ticket, who acts on it."""

from typing import Any

import pytest

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
    TOWN,
    done,
    refused,
    standing,
)
from tests.api.living import INPUTS, WHY, does, lived, told
from tests.api.served import Site

OTHER_GRID, OTHER_CHIEF = "姜谭路西第3网格", "weibin/姜谭路西第3网格"
FAR_COMMUNITY, FAR, ABOVE_FAR = "长岭社区", "weibin/长岭社区", "weibin/清姜街道"
BESIDE_FAR = "weibin/桥南街道"


async def seen(site: Site, ticket: str, who: str) -> bool:
    """Whether somebody finds a ticket, by whichever way they look for it."""
    query = """query($id: ID!, $number: String!) {
      ticket(id: $id) { id events(first: 1) { nodes { verb } } }
      node(id: $id) { id } ticketByNumber(number: $number) { id }
    }"""
    number = (await standing(site, ticket))["number"]
    found = await site.ask(query, who, id=ticket, number=number)
    answers = {bool(each) for each in found.values()}
    assert len(answers) == 1, found
    return answers.pop()


async def test_the_units_called_see_it_all_and_nobody_else_does(shop: Site) -> None:
    ticket = await lived(shop, "IN_PROGRESS")
    await done(shop, "serviceRecordAdd", CHIEF, ticketId=ticket, kind="REPAIR", note="先修")
    called = (SIBLING, FAR, ABOVE_FAR)
    strangers = (NEIGHBOUR, OTHER_CHIEF, BESIDE_FAR, ELSEWHERE)
    for who in (*called, *strangers):
        assert not await seen(shop, ticket, who), who
    await does(shop, "ticketJoin", CHIEF, ticket, unitIds=[SIBLING_GRID, FAR_COMMUNITY])
    await done(shop, "serviceRecordAdd", CHIEF, ticketId=ticket, kind="REPAIR", note="再修")
    whole = await standing(shop, ticket)
    for who in called:
        assert await seen(shop, ticket, who), who
        read = await standing(shop, ticket, who)
        for part in ("status", "title", "body", "dueAt", "hopCount", "nextHop"):
            assert read[part] == whole[part]
        assert [e["verb"] for e in read["events"]["nodes"]][-1] == "JOIN"
        assert len(read["events"]["nodes"]) == len(whole["events"]["nodes"])
        assert [h["toUnit"] for h in read["escalationChain"]] == [
            h["toUnit"] for h in whole["escalationChain"]
        ]
        assert [r["note"] for r in read["serviceRecords"]["nodes"]] == ["再修", "先修"]
    for who in strangers:
        assert not await seen(shop, ticket, who), who


async def test_what_happens_later_reaches_the_units_called_too(shop: Site) -> None:
    """Also after it has moved on: whoever was called remains a part of its story."""
    ticket = await lived(shop, "JOINT")
    await does(shop, "ticketEscalate", CHIEF, ticket)
    await does(shop, "ticketSign", COMMUNITY, ticket)
    await does(shop, "ticketResolve", COMMUNITY, ticket)
    read = await standing(shop, ticket, SIBLING)
    assert [e["verb"] for e in read["events"]["nodes"]][-4:] == [
        *("JOIN", "ESCALATE", "SIGN", "RESOLVE"),
    ]
    await does(shop, "ticketRework", COMMUNITY, ticket)
    await does(shop, "ticketJoin", COMMUNITY, ticket, unitIds=[FAR_COMMUNITY])
    assert await seen(shop, ticket, SIBLING)
    assert await seen(shop, ticket, FAR)


async def test_to_be_called_is_not_to_answer_for_it(shop: Site) -> None:
    ticket = await lived(shop, "JOINT")
    assert (await standing(shop, ticket, SIBLING))["allowedVerbs"] == []
    before = await standing(shop, ticket)
    for field in INPUTS:
        # A unit named beyond one's own is refused as such; the verb is refused all the same.
        answer = await refused(shop, field, SIBLING, ticketId=ticket, **await told(shop, field))
        expected = ("NOT_FOUND", "intoId") if field == "ticketMerge" else ("FORBIDDEN", None)
        assert answer == expected
    assert await standing(shop, ticket) == before


async def called_together(site: Site, by: str, **given: Any) -> Any:
    """A ticket in progress for which units are called; the ticket afterwards."""
    ticket = await lived(site, "IN_PROGRESS")
    await does(site, "ticketJoin", by, ticket, **given)
    return await standing(site, ticket)


async def test_the_unit_that_has_it_leads_unless_another_is_named(shop: Site) -> None:
    called = [SIBLING_GRID, FAR_COMMUNITY]
    kept = await called_together(shop, CHIEF, unitIds=called)
    assert kept["handler"]["name"] == GRID
    _, lead, *others = kept["escalationChain"]
    assert [hop["toUnit"]["name"] for hop in (lead, *others)] == [GRID, *called]
    assert {hop["fromUnit"]["name"] for hop in (lead, *others)} == {GRID}
    assert lead["toPost"]["title"] == "基础网格长"


async def test_each_unit_called_is_answered_for_by_its_post(shop: Site) -> None:
    """Escalation is to a post (DOMAIN §3), whichever route the ticket takes."""
    read = await called_together(shop, CHIEF, unitIds=[SIBLING_GRID])
    lead, helper = read["escalationChain"][-2:]
    for hop in (lead, helper):
        assert hop["toPost"] is not None
        assert hop["toPost"]["unit"] == hop["toUnit"]


@pytest.mark.parametrize(
    ("by", "lead"),
    [(CHIEF, "姜谭路西社区"), (CHIEF, "姜谭街道"), (COMMUNITY, SIBLING_GRID), (TOWN, GRID)],
)
async def test_another_unit_leads(shop: Site, by: str, lead: str) -> None:
    read = await called_together(shop, by, unitIds=[OTHER_GRID], leadId=lead)
    assert (read["status"], read["handler"]["name"]) == ("JOINT", lead)
    ways = [hop["toUnit"]["name"] for hop in read["escalationChain"][-2:]]
    assert ways == [lead, OTHER_GRID]
    assert read["orgUnit"]["name"] == GRID


@pytest.mark.parametrize("lead", [SIBLING_GRID, OTHER_GRID, FAR_COMMUNITY, "清姜街道"])
async def test_one_does_not_make_a_unit_lead_that_one_is_not_over(shop: Site, lead: str) -> None:
    ticket = await lived(shop, "IN_PROGRESS")
    sent = await told(shop, "ticketJoin", unitIds=[GRID], leadId=lead)
    answer = await refused(shop, "ticketJoin", CHIEF, ticketId=ticket, **sent)
    assert answer == ("FORBIDDEN", "leadId")


async def test_units_are_called_once_each_and_the_lead_not_at_all(shop: Site) -> None:
    called = [SIBLING_GRID, GRID, SIBLING_GRID, OTHER_GRID]
    read = await called_together(shop, CHIEF, unitIds=called)
    ways = [hop["toUnit"]["name"] for hop in read["escalationChain"][1:]]
    assert ways == [GRID, SIBLING_GRID, OTHER_GRID]


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        ([], ("UNIT_REQUIRED", "unitIds")),
        ([GRID], ("SAME_UNIT", "unitIds")),
        ([GRID, GRID], ("SAME_UNIT", "unitIds")),
        ([f"姜谭路西第{n}网格" for n in range(3, 24)], ("TOO_MANY", "unitIds")),
    ],
    ids=["none", "itself", "itself twice", "21"],
)
async def test_whom_one_cannot_call(
    shop: Site, called: list[str], expected: tuple[str, str]
) -> None:
    ticket = await lived(shop, "IN_PROGRESS")
    before = await standing(shop, ticket)
    sent = await told(shop, "ticketJoin", unitIds=called)
    assert await refused(shop, "ticketJoin", CHIEF, ticketId=ticket, **sent) == expected
    assert await standing(shop, ticket) == before


async def test_twenty_can_be_called_and_all_their_stays_end_together(shop: Site) -> None:
    twenty = [f"姜谭路西第{n}网格" for n in range(3, 23)]
    ticket = await lived(shop, "IN_PROGRESS")
    await does(shop, "ticketJoin", CHIEF, ticket, unitIds=twenty)
    read = await standing(shop, ticket)
    assert read["hopCount"] == 22
    stays = read["escalationChain"][1:]
    assert [hop["leftAt"] for hop in stays] == [None] * 21
    assert (await standing(shop, ticket, "weibin/姜谭路西第22网格"))["id"] == ticket
    await done(shop, "ticketEscalate", CHIEF, ticketId=ticket, **WHY)
    *_, last = (after := await standing(shop, ticket, DISTRICT))["escalationChain"]
    assert [hop["leftAt"] for hop in after["escalationChain"][1:-1]] == [last["at"]] * 21


async def test_the_resident_sees_who_was_called(shop: Site) -> None:
    read = await standing(shop, await lived(shop, "JOINT"), RESIDENT)
    assert [hop["toUnit"]["name"] for hop in read["escalationChain"][-2:]] == [GRID, SIBLING_GRID]
