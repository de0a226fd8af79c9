"""`ticketChanged`: who hears of what."""

import asyncio
from typing import Any

import pytest

from tests.api.acting import CHIEF, COMMUNITY, ELSEWHERE, GRID, SIBLING, SIBLING_GRID, reported
from tests.api.served import Site, key_of
from tests.api.telling import (
    Started,
    listening,
    now_of,
    phone,
    phone_of,
    told,
)

HOME = "姜谭路西社区"


async def test_a_change_of_one_ticket_arrives(shop: Site, served: Started) -> None:
    ticket, other = await reported(shop), await reported(shop)
    after = await now_of(shop, COMMUNITY)
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(id=ticket, after=after)
        await told(shop, other)
        change = await told(shop, ticket, "ESCALATE")
        event = await one.event(id)
    assert (event["id"], event["verb"], event["gone"]) == (change, "ESCALATE", False)
    assert event["ticket"]["id"] == event["ticketId"] == ticket
    assert event["ticket"]["handler"]["name"] == GRID


async def test_without_a_cursor_it_begins_now(shop: Site, served: Started) -> None:
    ticket = await reported(shop)
    await told(shop, ticket)
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(id=ticket)
        # It has begun once it answers to a change made after it was asked for.
        heard: asyncio.Task[Any] = asyncio.create_task(one.event(id))
        made = set[str]()
        while not heard.done():
            made.add(await told(shop, ticket))
            await asyncio.wait({heard}, timeout=0.05)
        assert heard.result()["id"] in made


@pytest.mark.parametrize(
    ("unit", "within", "hears"),
    [
        (GRID, "SELF", True),
        (GRID, "SUBTREE", True),
        (GRID, "CHILDREN", False),
        (HOME, "SELF", False),
        (HOME, "CHILDREN", True),
        (HOME, "SUBTREE", True),
        ("姜谭街道", "CHILDREN", False),
        ("姜谭街道", "SUBTREE", True),
    ],
)
async def test_a_unit_hears_of_its_tickets(
    shop: Site, served: Started, unit: str, within: str, hears: bool
) -> None:
    """Heard or not, shown by whether it comes before a change that is heard in any case."""
    ticket, last = await reported(shop), await reported(shop)
    after = await now_of(shop, "weibin")
    path = await shop.owner.fetchval("SELECT path FROM org_unit WHERE name = $1", unit)
    near = {"SELF": path, "SUBTREE": path, "CHILDREN": f"{path}{'z' * 4}"}[within]
    async with phone_of(shop, served, "weibin") as one:
        id = await one.subscribe(unit=await shop.unit("weibin", unit), within=within, after=after)
        await told(shop, ticket)
        await told(shop, last, unit_path=near)
        first = await one.event(id)
    assert (first["ticketId"] == ticket) is hears


@pytest.mark.parametrize("label", ["handler_path", "was_handler_path"])
async def test_a_unit_hears_of_what_it_handles_or_handled(
    shop: Site, served: Started, label: str
) -> None:
    ticket = await reported(shop)
    after = await now_of(shop, "weibin")
    path = await shop.owner.fetchval("SELECT path FROM org_unit WHERE name = $1", SIBLING_GRID)
    async with phone_of(shop, served, "weibin") as one:
        unit = await shop.unit("weibin", SIBLING_GRID)
        id = await one.subscribe(unit=unit, within="SELF", after=after)
        await told(shop, ticket, **{label: path})
        assert (await one.event(id))["ticketId"] == ticket


async def test_what_one_may_not_see_does_not_arrive(shop: Site, served: Started) -> None:
    theirs, ours = await reported(shop), await reported(shop, grid=SIBLING_GRID)
    town = await shop.unit("weibin", "姜谭街道")
    after = await now_of(shop, SIBLING)
    async with phone_of(shop, served, SIBLING) as sibling, phone_of(shop, served, CHIEF) as chief:
        hears = await sibling.subscribe(unit=town, after=after)
        sees = await chief.subscribe(unit=town, after=after)
        await told(shop, theirs)
        await told(shop, ours)
        assert (await sibling.event(hears))["ticketId"] == ours
        assert (await chief.event(sees))["ticketId"] == theirs


async def test_another_place_hears_of_its_own_alone(shop: Site, served: Started) -> None:
    ticket = await reported(shop)
    sql = "SELECT id FROM org_unit WHERE locality_id = 'huazhou' AND parent_id IS NULL LIMIT 1"
    top = f"unit_huazhou_{await shop.owner.fetchval(sql)}"
    found = await shop.ask('{ tickets(locality: "huazhou", first: 1) { nodes { id } } }', ELSEWHERE)
    own = found["tickets"]["nodes"][0]["id"]
    after = await now_of(shop, ELSEWHERE)
    async with phone_of(shop, served, ELSEWHERE) as one:
        await one.subscribe(id=ticket, after=after)
        await one.subscribe(unit=await shop.unit("weibin", GRID), after=after)
        hears = await one.subscribe(id=own, after=after)
        await one.subscribe(unit=top, after=after)
        await told(shop, ticket)
        await told(shop, own)
        events = [await one.take(), await one.take()]
    assert hears in {each["id"] for each in events}
    assert {each["payload"]["data"]["ticketChanged"]["ticketId"] for each in events} == {own}


async def test_what_leaves_ones_sight_arrives_once_as_gone(shop: Site, served: Started) -> None:
    ticket, own = await reported(shop), await reported(shop, grid=SIBLING_GRID)
    path = await shop.owner.fetchval("SELECT path FROM org_unit WHERE name = $1", SIBLING_GRID)
    after = await now_of(shop, SIBLING)
    async with phone_of(shop, served, SIBLING) as one:
        id = await one.subscribe(unit=await shop.unit("weibin", SIBLING_GRID), after=after)
        await told(shop, ticket, "DISPATCH", was_handler_path=path)
        event = await one.event(id)
        assert (event["ticketId"], event["ticket"], event["gone"]) == (ticket, None, True)
        await told(shop, ticket)
        await told(shop, own)
        assert (await one.event(id))["ticketId"] == own


@pytest.mark.trust(18)
async def test_a_post_that_is_taken_away_ends_what_is_heard(own: Site) -> None:
    ticket, after = await reported(own), await now_of(own, COMMUNITY)
    person = (await own.person(COMMUNITY)).person
    async with listening(own) as server, phone_of(own, server, COMMUNITY) as one:
        id = await one.subscribe(id=ticket, after=after)
        first = await told(own, ticket)
        assert (await one.event(id))["id"] == first
        await own.owner.execute(
            "UPDATE appointment SET valid_to = CURRENT_DATE WHERE person_id = $1", person
        )
        message = await one.take()
        assert (message["type"], message["id"]) == ("error", id)
        assert message["payload"][0]["extensions"]["code"] == "STANDING_CHANGED"
        # Begun anew, it tells what the person reported, and nothing that happened before.
        id = await one.subscribe(id=ticket, after=after)
        await told(own, ticket)
        await own.owner.execute(
            "UPDATE ticket SET reporter_id = $2 WHERE id = $1", key_of(ticket), person
        )
        last = await told(own, ticket)
        assert (await one.event(id))["id"] == last


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "BAD_SUBSCRIPTION"),
        ({"id": "{ticket}", "unit": "{unit}"}, "BAD_SUBSCRIPTION"),
        ({"id": "{unit}"}, "BAD_ID"),
        ({"unit": "nonsense"}, "BAD_ID"),
        ({"id": "{ticket}", "after": "nonsense"}, "BAD_CURSOR"),
        ({"id": "{ticket}", "within": "NOWHERE"}, "BAD_VARIABLE"),
    ],
)
async def test_a_wrong_question_is_an_error(
    shop: Site, served: Started, given: dict[str, str], code: str
) -> None:
    known = {"ticket": await reported(shop), "unit": await shop.unit("weibin", GRID)}
    variables = {name: value.format(**known) for name, value in given.items()}
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(**variables)
        message = await one.take()
    assert (message["type"], message["id"]) == ("error", id)
    assert [each["extensions"]["code"] for each in message["payload"]] == [code]


async def test_one_must_say_who_one_is(shop: Site, served: Started) -> None:
    async with phone(served) as one:
        await one.begin()
        await one.subscribe(id=await reported(shop))
        message = await one.take()
    assert message["payload"][0]["extensions"]["code"] == "UNAUTHENTICATED"
