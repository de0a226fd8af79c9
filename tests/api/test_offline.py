"""Ids that a phone makes itself while it is offline, and the queue that it sends when it is back."""

import asyncio
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from db.keys import new_key
from tests.api.acting import (
    CHIEF,
    GRID,
    NEIGHBOUR,
    RESIDENT,
    SIBLING_GRID,
    act,
    done,
    mutation,
    refused,
    reported,
    standing,
    verbs,
)
from tests.api.served import Site, key_of


def made(locality: str = "weibin") -> str:
    """A ticket's id as a phone makes it."""
    return f"ticket_{locality}_{new_key(datetime.now(UTC))}"


async def report(site: Site, mine: str, grid: str = GRID, **given: Any) -> dict[str, Any]:
    """The input of a report under an id of one's own."""
    unit = await site.unit("weibin", grid)
    return {"id": mine, "unitId": unit, "title": "试", "category": "yard", **given}


async def test_the_ticket_has_the_id_that_was_made_for_it(shop: Site) -> None:
    mine = made()
    assert await done(shop, "ticketReport", RESIDENT, **await report(shop, mine)) == {"id": mine}
    assert (await standing(shop, mine, RESIDENT))["title"] == "试"
    assert await shop.ask("query($i: ID!) { node(id: $i) { id } }", RESIDENT, i=mine) == {
        "node": {"id": mine}
    }


async def test_sent_again_under_its_key_it_is_the_same_ticket(shop: Site) -> None:
    given = await report(shop, made(), clientMutationKey="from the tunnel")
    first = await act(shop, "ticketReport", RESIDENT, "id number", **given)
    before = await shop.count("ticket")
    assert await act(shop, "ticketReport", RESIDENT, "id number", **given) == first
    other = {**given, "id": made()}
    answer = await refused(shop, "ticketReport", RESIDENT, **other)
    assert answer == ("KEY_REUSED", "clientMutationKey")
    assert await shop.count("ticket") == before


async def test_an_id_that_is_taken_is_refused_whoever_s_it_is(shop: Site) -> None:
    """And the answer does not tell whether one may see what has it."""
    mine = await reported(shop)
    hidden = await reported(shop, by=NEIGHBOUR, grid=SIBLING_GRID)
    before = await shop.count("ticket"), await shop.count("ticket_event")

    async def answer(taken: str) -> bytes:
        sent = await report(shop, taken)
        return (await shop.post(mutation("ticketReport"), {"input": sent}, RESIDENT)).content

    assert await answer(mine) == await answer(hidden)
    sent = await report(shop, hidden)
    assert await refused(shop, "ticketReport", RESIDENT, **sent) == ("ID_TAKEN", "id")
    assert (await shop.count("ticket"), await shop.count("ticket_event")) == before


async def test_two_places_may_use_the_same_key(shop: Site) -> None:
    mine = await reported(shop)
    there = f"ticket_huazhou_{key_of(mine)}"
    unit = await shop.unit("huazhou", "大街社区")
    category = await shop.owner.fetchval(
        "SELECT code FROM category WHERE locality_id = 'huazhou' LIMIT 1"
    )
    given = {"id": there, "unitId": unit, "title": "试", "category": category}
    assert await done(shop, "ticketReport", "huazhou", **given) == {"id": there}


@pytest.mark.parametrize(
    "wrong",
    [
        f"ticket_weibin_{uuid.UUID(int=0)}",
        f"ticket_weibin_{uuid.UUID('5f0c7a4e-9d0c-4a58-9c11-6d6f9b1c2a10')}",
        "ticket_huazhou_019b71b5-3660-7a96-b208-76e3beb113d7",
        "ticket_nowhere_019b71b5-3660-7a96-b208-76e3beb113d7",
        "record_weibin_019b71b5-3660-7a96-b208-76e3beb113d7",
        "ticket_weibin_019B71B5-3660-7A96-B208-76E3BEB113D7",
        "019b71b5-3660-7a96-b208-76e3beb113d7",
        "",
    ],
)
async def test_an_id_that_is_not_made_as_described(shop: Site, wrong: str) -> None:
    before = await shop.count("ticket")
    given = await report(shop, wrong)
    (error,) = await shop.errors(mutation("ticketReport"), RESIDENT, input=given)
    assert error["extensions"]["code"] == "BAD_ID"
    assert await shop.count("ticket") == before


async def test_one_id_twice_at_once_makes_one_ticket(shop: Site) -> None:
    mine = made()
    given = await report(shop, mine)
    calls = [act(shop, "ticketReport", RESIDENT, **given) for _ in range(10)]
    answers = await asyncio.gather(*calls)
    codes = sorted(error["code"] for answer in answers for error in answer["userErrors"])
    assert codes == ["ID_TAKEN"] * 9
    assert verbs(await standing(shop, mine)) == ["REPORT"]


QUEUE = """
mutation Queue($report: TicketReportInput!, $accept: TicketAcceptInput!,
    $dispatch: TicketDispatchInput!, $sign: TicketSignInput!, $serve: ServiceRecordAddInput!) {
  ticketReport(input: $report) { ticket { id status } userErrors { code } }
  ticketAccept(input: $accept) { ticket { id status } userErrors { code } }
  ticketDispatch(input: $dispatch) { ticket { id status } userErrors { code } }
  ticketSign(input: $sign) { ticket { id status } userErrors { code } }
  serviceRecordAdd(input: $serve) { serviceRecord { ticket { id status } } userErrors { code } }
}
"""


async def test_a_queue_of_what_was_done_offline_is_sent_in_one_go(shop: Site) -> None:
    """A grid chief finds, takes up and begins in a cellar; the phone sends it all afterwards."""
    mine = made()
    ticket = {"ticketId": mine}

    def key(step: str) -> dict[str, str]:
        return {"clientMutationKey": f"{step} {mine}"}

    queue: dict[str, Any] = {
        "report": await report(shop, mine, **key("report")),
        "accept": {**ticket, **key("accept")},
        "dispatch": {**ticket, "unitId": await shop.unit("weibin", GRID), **key("dispatch")},
        "sign": {**ticket, "hop": 1, **key("sign")},
        "serve": {**ticket, "kind": "REPAIR", "note": "先清了淤", **key("serve")},
    }
    first = await shop.ask(QUEUE, CHIEF, **queue)
    statuses = [each["ticket"] for each in list(first.values())[:4]]
    assert statuses == [
        {"id": mine, "status": each}
        for each in ("REPORTED", "ACCEPTED", "DISPATCHED", "IN_PROGRESS")
    ]
    assert first["serviceRecordAdd"]["serviceRecord"]["ticket"]["id"] == mine
    before = await standing(shop, mine)
    # The answer was lost on the way: all of it is sent again, and nothing is done twice.
    again = await shop.ask(QUEUE, CHIEF, **queue)
    assert all(each["userErrors"] == [] for each in again.values())
    assert await standing(shop, mine) == before
    assert verbs(before) == ["REPORT", "ACCEPT", "DISPATCH", "SIGN"]
    assert len(before["serviceRecords"]["nodes"]) == 1
