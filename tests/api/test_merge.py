"""One matter reported twice (并单): which ticket carries it on."""

import asyncio
from typing import Any

import pytest

from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    NEIGHBOUR,
    RESIDENT,
    SIBLING,
    SIBLING_GRID,
    act,
    done,
    mutation,
    refused,
    reported,
    standing,
)
from tests.api.living import does, lived
from tests.api.served import Site
from tests.api.telling import changes, now_of

NOBODY_S = "019b71b5-3660-7a96-b208-76e3beb113d7"


async def test_the_other_ticket_carries_it_on(shop: Site) -> None:
    first, second = await reported(shop), await reported(shop, by=CHIEF)
    before = await standing(shop, first)
    await does(shop, "ticketMerge", CHIEF, second, intoId=first)
    merged = await standing(shop, second, CHIEF)
    assert (merged["status"], merged["open"]) == ("MERGED", False)
    assert merged["mergedInto"] == {"id": first}
    assert (merged["nextHop"], merged["allowedVerbs"]) == (None, [])
    assert merged["closedAt"] == merged["events"]["nodes"][-1]["at"]
    assert await standing(shop, first) == before


@pytest.mark.parametrize("status", ["ACCEPTED", "IN_PROGRESS", "RESOLVED", "FOLLOWED_UP"])
async def test_it_is_merged_into_a_ticket_however_far_that_has_come(
    shop: Site, status: str
) -> None:
    into = await lived(shop, status)
    report = await reported(shop)
    await does(shop, "ticketMerge", CHIEF, report, intoId=into)
    assert (await standing(shop, report))["mergedInto"] == {"id": into}
    assert (await standing(shop, into))["status"] == status


@pytest.mark.parametrize("status", ["CLOSED", "REJECTED", "MERGED", "WITHDRAWN"])
async def test_a_finished_ticket_carries_nothing_on(shop: Site, status: str) -> None:
    report, into = await reported(shop), await lived(shop, status)
    answer = await refused(shop, "ticketMerge", CHIEF, ticketId=report, intoId=into)
    assert answer == ("TARGET_CLOSED", "intoId")
    assert (await standing(shop, report))["status"] == "REPORTED"


async def test_a_ticket_does_not_carry_itself_on(shop: Site) -> None:
    report = await reported(shop)
    answer = await refused(shop, "ticketMerge", CHIEF, ticketId=report, intoId=report)
    assert answer == ("TARGET_REQUIRED", "intoId")


async def test_a_ticket_out_of_sight_is_one_that_is_not_there(shop: Site) -> None:
    report = await reported(shop)
    hidden = await reported(shop, by=SIBLING, grid=SIBLING_GRID)
    closed = await reported(shop, by=SIBLING, grid=SIBLING_GRID)
    await does(shop, "ticketReject", SIBLING, closed)

    async def answer(into: str) -> bytes:
        sent = {"ticketId": report, "intoId": into}
        return (await shop.post(mutation("ticketMerge"), {"input": sent}, CHIEF)).content

    absent = await answer(f"ticket_weibin_{NOBODY_S}")
    assert b'"NOT_FOUND"' in absent
    assert b'"intoId"' in absent
    there = await shop.ticket("育红路小区下水堵塞")
    for into in (hidden, closed, there, f"ticket_nowhere_{NOBODY_S}"):
        assert await answer(into) == absent
    # Whoever sees both may say that they are the same matter.
    await does(shop, "ticketMerge", COMMUNITY, report, intoId=hidden)
    assert (await standing(shop, report, COMMUNITY))["mergedInto"] == {"id": hidden}


async def test_whoever_may_not_see_the_other_ticket_learns_nothing_of_it(shop: Site) -> None:
    report = await reported(shop)
    into = await reported(shop, by=SIBLING, grid=SIBLING_GRID)
    await does(shop, "ticketMerge", COMMUNITY, report, intoId=into)
    for who in (RESIDENT, CHIEF):
        read = await standing(shop, report, who)
        assert (read["status"], read["mergedInto"]) == ("MERGED", None)


async def test_one_merges_only_what_one_may_decide(shop: Site) -> None:
    report, into = await reported(shop), await reported(shop)
    answer = await refused(shop, "ticketMerge", RESIDENT, ticketId=report, intoId=into)
    assert answer == ("FORBIDDEN", None)


async def merge(site: Site, ticket: str, into: str, by: str) -> Any:
    payload = await act(site, "ticketMerge", by, ticketId=ticket, intoId=into)
    return next((error["code"] for error in payload["userErrors"]), None)


async def test_two_tickets_merged_into_each_other_at_once(shop: Site) -> None:
    """No deadlock, no circle: whichever comes second finds the other one finished."""
    for _ in range(10):
        one, other = await reported(shop), await reported(shop)
        answers = await asyncio.gather(
            merge(shop, one, other, CHIEF), merge(shop, other, one, DISTRICT)
        )
        assert sorted(answers, key=str) in ([None, "TARGET_CLOSED"], ["TARGET_CLOSED", None])
        read = [await standing(shop, each) for each in (one, other)]
        assert sorted(each["status"] for each in read) == ["MERGED", "REPORTED"]
        assert [each["mergedInto"] for each in read].count(None) == 1


async def test_a_circle_of_many_leaves_one_open(shop: Site) -> None:
    ring = [await reported(shop) for _ in range(8)]
    await asyncio.gather(
        *(merge(shop, a, b, COMMUNITY) for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))
    )
    assert "REPORTED" in [(await standing(shop, each))["status"] for each in ring]


async def test_many_reports_of_one_matter_at_once(shop: Site) -> None:
    into, *reports = [await reported(shop) for _ in range(9)]
    answers = await asyncio.gather(*(merge(shop, each, into, CHIEF) for each in reports))
    assert answers == [None] * 8
    assert (await standing(shop, into))["status"] == "REPORTED"


async def test_whoever_reported_it_first_or_second_hears_the_answer(shop: Site) -> None:
    """The neighbour does not see the ticket that carries theirs on, but how it was solved."""
    main = await lived(shop, "IN_PROGRESS")
    folded = await reported(shop, by=NEIGHBOUR)
    between = await reported(shop, by=RESIDENT)
    await does(shop, "ticketMerge", COMMUNITY, folded, intoId=between)
    await does(shop, "ticketMerge", COMMUNITY, between, intoId=main)
    assert await carried(shop, main) == 2
    cursor = await now_of(shop, NEIGHBOUR)
    await done(shop, "ticketResolve", CHIEF, ticketId=main, resolution="路灯已换")
    read = await standing(shop, folded, NEIGHBOUR)
    assert (read["status"], read["mergedInto"]) == ("MERGED", None)
    assert read["resolution"] == "路灯已换"
    assert read["resolvedAt"] == (await standing(shop, main, CHIEF))["resolvedAt"]
    told = [each["nodeId"] for each in (await changes(shop, NEIGHBOUR, cursor))["nodes"]]
    assert told == [folded]
    await does(shop, "ticketRework", CHIEF, main)
    assert (await standing(shop, folded, NEIGHBOUR))["resolution"] is None


async def carried(site: Site, ticket: str) -> int:
    query = "query($id: ID!) { ticket(id: $id) { carriedCount } }"
    return (await site.ask(query, DISTRICT, id=ticket))["ticket"]["carriedCount"]
