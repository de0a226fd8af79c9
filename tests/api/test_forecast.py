"""What would become of a ticket: laid out ahead, and then so."""

from datetime import datetime, timedelta
from typing import Any

from db.unit_store import whole_place
from jobs.clock import fire
from tests.api.acting import DISTRICT, GRID, NEIGHBOUR, RESIDENT, done, reported, standing
from tests.api.served import Site, key_of

QUERY = """
query($ticket: ID!, $until: DateTime!) {
  ahead: simulateEscalation(ticketId: $ticket, until: $until) {
    __typename steps { sequence route rule at dueAt unit: toUnit { __typename name level { code } } }
  }
  ticket(id: $ticket) { number }
}
"""
YEARS = "2099-01-01T00:00:00Z"


async def ahead(site: Site, ticket: str, until: str = YEARS, by: str = DISTRICT) -> Any:
    return (await site.ask(QUERY, by, ticket=ticket, until=until))["ahead"]


async def test_the_chain_laid_out_is_the_chain_that_follows(own: Site) -> None:
    await own.owner.execute("UPDATE ticket SET next_due_at = NULL")
    ticket = await reported(own)
    before = await standing(own, ticket)
    steps = (await ahead(own, ticket))["steps"]
    assert [step["sequence"] for step in steps] == list(range(1, len(steps) + 1))
    assert steps[0]["rule"] == before["nextHop"]["rule"]
    assert steps[0]["at"] == before["nextHop"]["dueAt"]
    assert len(steps) > 1
    assert await standing(own, ticket) == before
    late = "UPDATE ticket SET hop_started_at = $2, next_due_at = $2 WHERE id = $1"
    place = await whole_place(own.database, "weibin")
    for _ in steps:
        long_ago = datetime.fromisoformat("2026-01-01T00:00:00Z") - timedelta(days=1)
        await own.owner.execute(late, key_of(ticket), long_ago)
        assert await fire(own.database, place) == 1
    read = await standing(own, ticket)
    came = [(h["route"], h["rule"], h["toUnit"]["name"]) for h in read["escalationChain"]]
    assert came == [(s["route"], s["rule"], s["unit"]["name"]) for s in steps]
    assert read["nextHop"] is None


async def test_it_looks_no_further_than_asked(shop: Site) -> None:
    ticket = await reported(shop)
    steps = (await ahead(shop, ticket))["steps"]
    until = steps[0]["at"]
    assert (await ahead(shop, ticket, until))["steps"] == steps[:1]
    assert (await ahead(shop, ticket, "2026-01-01T00:00:00Z"))["steps"] == []


async def test_only_who_sees_the_ticket_sees_what_is_ahead(shop: Site) -> None:
    ticket = await reported(shop)
    assert (await ahead(shop, ticket, by=RESIDENT))["steps"]
    assert await ahead(shop, ticket, by=NEIGHBOUR) is None
    assert await ahead(shop, ticket, by="huazhou") is None
    missing = ticket[:-4] + "0000"
    assert await ahead(shop, missing) is None
    answer = await shop.post(QUERY, {"ticket": ticket, "until": YEARS})
    assert answer.json()["data"]["ahead"] is None
    wrong = await shop.errors(QUERY, DISTRICT, ticket=await shop.unit("weibin", GRID), until=YEARS)
    assert wrong[0]["extensions"]["code"] == "BAD_ID"


async def test_a_closed_ticket_goes_nowhere(shop: Site) -> None:
    ticket = await reported(shop)
    await done(shop, "ticketReject", DISTRICT, ticketId=ticket, reason="不属于网格事项")
    assert (await ahead(shop, ticket))["steps"] == []


async def test_each_alias_is_told_what_it_asked_for(shop: Site) -> None:
    ticket = await reported(shop)
    both = """query($ticket: ID!, $until: DateTime!) {
      a: simulateEscalation(ticketId: $ticket, until: $until) { steps { to: toUnit { it: id } } }
      b: simulateEscalation(ticketId: $ticket, until: $until) { steps { to: toUnit { it: name } } }
    }"""
    told = await shop.ask(both, DISTRICT, ticket=ticket, until=YEARS)
    ids, names = ([step["to"]["it"] for step in told[name]["steps"]] for name in "ab")
    assert ids
    assert all(each.startswith("unit_") for each in ids)
    assert not any(each.startswith("unit_") for each in names)
