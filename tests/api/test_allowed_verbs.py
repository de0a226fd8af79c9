"""`allowedVerbs`: the buttons that a phone draws are the verbs that are then carried out."""

import pytest

from domain.permission import Tie, may
from domain.terms import TicketStatus
from domain.ticket import allowed_verbs
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    NEIGHBOUR,
    RESIDENT,
    SIBLING,
    TOWN,
    WORKER,
    act,
    standing,
)
from tests.api.living import does, lived, told
from tests.api.served import Site
from tests.api.test_every_verb import VERBS
from tests.api.test_verb_inputs import LONG, WORDS
from tests.domain.ticket_samples import ticket as sample

NEAR = frozenset({Tie.PLACE})
HANDLER = NEAR | {Tie.HANDLER}
ABOVE = HANDLER | {Tie.ABOVE}
REPORTER = frozenset({Tie.REPORTER})
# How everybody is tied to a ticket of the grid, written out by hand.
AT_THE_GRID = {
    RESIDENT: REPORTER,
    **dict.fromkeys((CHIEF, WORKER), HANDLER),
    **dict.fromkeys((COMMUNITY, TOWN, DISTRICT), ABOVE),
}
AT_THE_COMMUNITY = {
    RESIDENT: REPORTER,
    **dict.fromkeys((CHIEF, WORKER), NEAR),
    COMMUNITY: HANDLER,
    **dict.fromkeys((TOWN, DISTRICT), ABOVE),
}
AT_THE_TOP = {
    RESIDENT: REPORTER,
    **dict.fromkeys((CHIEF, WORKER, COMMUNITY, TOWN), NEAR),
    DISTRICT: ABOVE,
}


def expected(status: str, ties: frozenset[Tie], returnable: bool = True) -> list[str]:
    """What the rules allow: the state machine's verbs, as far as they are the viewer's."""
    state = sample(TicketStatus(status), returnable=returnable)
    return [verb.value for verb in allowed_verbs(state) if may(verb, ties)]


async def buttons(site: Site, ticket: str, who: str) -> list[str]:
    query = "query($id: ID!) { ticket(id: $id) { allowedVerbs } }"
    return (await site.ask(query, who, id=ticket))["ticket"]["allowedVerbs"]


@pytest.mark.parametrize("status", TicketStatus)
async def test_everybody_s_buttons_in_every_status(shop: Site, status: str) -> None:
    ticket = await lived(shop, status)
    for who, ties in AT_THE_GRID.items():
        assert await buttons(shop, ticket, who) == expected(status, ties), who


@pytest.mark.parametrize(
    ("up_to", "everybody"), [("姜谭路西社区", AT_THE_COMMUNITY), ("渭滨区", AT_THE_TOP)]
)
async def test_a_ticket_that_was_passed_up_is_those_people_s_no_longer(
    shop: Site, up_to: str, everybody: dict[str, frozenset[Tie]]
) -> None:
    ticket = await lived(shop, "DISPATCHED")
    await does(shop, "ticketEscalate", CHIEF, ticket, unitId=up_to)
    for who, ties in everybody.items():
        assert await buttons(shop, ticket, who) == expected("DISPATCHED", ties), who
    await does(shop, "ticketDispute", DISTRICT, ticket)
    for who, ties in everybody.items():
        assert await buttons(shop, ticket, who) == expected("DISPUTED", ties), who


async def test_where_the_need_arose_it_is_seen_through(shop: Site) -> None:
    """首接负责: whoever answers for it by then, the unit that received it checks, asks and files."""
    ticket = await lived(shop, "DISPATCHED")
    await does(shop, "ticketEscalate", CHIEF, ticket)
    await does(shop, "ticketSign", COMMUNITY, ticket)
    assert await buttons(shop, ticket, WORKER) == []
    await does(shop, "ticketResolve", COMMUNITY, ticket)
    for field, after in (
        ("ticketVerify", ["FOLLOW_UP"]),
        ("ticketFollowUp", ["CLOSE", "REOPEN"]),
        ("ticketClose", []),
    ):
        assert VERBS[field] in await buttons(shop, ticket, WORKER)
        await does(shop, field, WORKER, ticket)
        assert sorted(await buttons(shop, ticket, WORKER)) == after
        assert sorted(await pressed(shop, ticket, WORKER)) == after
    assert (await standing(shop, ticket))["handler"]["name"] == "姜谭路西社区"


async def test_a_ruling_takes_two_buttons_away(shop: Site) -> None:
    ticket = await lived(shop, "DISPUTED")
    await does(shop, "ticketRule", COMMUNITY, ticket)
    for who, ties in AT_THE_GRID.items():
        assert await buttons(shop, ticket, who) == expected("DISPATCHED", ties, returnable=False)
    assert "DISPUTE" not in await buttons(shop, ticket, CHIEF)
    await does(shop, "ticketSign", CHIEF, ticket)
    assert "RETURN" not in await buttons(shop, ticket, CHIEF)


async def test_whoever_reported_it_and_serves_there_has_both(shop: Site) -> None:
    ticket = await lived(shop, "REPORTED", by=CHIEF)
    assert await buttons(shop, ticket, CHIEF) == expected("REPORTED", HANDLER | REPORTER)
    assert {"ACCEPT", "WITHDRAW"} <= set(await buttons(shop, ticket, CHIEF))
    assert "WITHDRAW" not in await buttons(shop, ticket, COMMUNITY)


async def test_a_unit_that_was_called_has_no_buttons(shop: Site) -> None:
    ticket = await lived(shop, "JOINT")
    assert await buttons(shop, ticket, SIBLING) == []
    read = await shop.ask("query($id: ID!) { ticket(id: $id) { id } }", NEIGHBOUR, id=ticket)
    assert read == {"ticket": None}


async def test_the_buttons_of_a_whole_list(shop: Site) -> None:
    """Each row's own, in one request."""
    made = {status: await lived(shop, status) for status in ("REPORTED", "DISPATCHED", "RESOLVED")}
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Ticket { allowedVerbs } } }"
    found = (await shop.ask(query, CHIEF, ids=list(made.values())))["nodes"]
    assert {row["id"]: row["allowedVerbs"] for row in found} == {
        ticket: expected(status, AT_THE_GRID[CHIEF]) for status, ticket in made.items()
    }


SAMPLE = ("REPORTED", "ACCEPTED", "DISPUTED", "IN_PROGRESS", "TABLED", "RESOLVED", "FOLLOWED_UP")
BARRED = ("FORBIDDEN", "NOT_ALLOWED_FROM_STATUS", "NOT_RETURNABLE")


async def pressed(site: Site, ticket: str, who: str) -> list[str]:
    """The verbs that are carried out for somebody, but for the length of what they say."""
    works: list[str] = []
    for field, verb in VERBS.items():
        given = {**await told(site, field), WORDS[field]: LONG}
        payload = await act(site, field, who, ticketId=ticket, **given)
        (error,) = payload["userErrors"]
        assert error["code"] in (*BARRED, "TEXT_TOO_LONG"), (field, error)
        if error["code"] == "TEXT_TOO_LONG":
            works.append(verb)
    return works


@pytest.mark.parametrize("status", SAMPLE)
async def test_the_buttons_are_those_that_work(shop: Site, status: str) -> None:
    ticket = await lived(shop, status)
    for who in (CHIEF, COMMUNITY, RESIDENT):
        drawn = await buttons(shop, ticket, who)
        assert sorted(drawn) == sorted(await pressed(shop, ticket, who)), who


@pytest.mark.parametrize("signed", [False, True])
async def test_the_buttons_under_a_ruling_are_those_that_work(shop: Site, signed: bool) -> None:
    ticket = await lived(shop, "DISPUTED")
    await does(shop, "ticketRule", TOWN, ticket)
    if signed:
        await does(shop, "ticketSign", WORKER, ticket)
    drawn = await buttons(shop, ticket, CHIEF)
    assert sorted(drawn) == sorted(await pressed(shop, ticket, CHIEF))


async def test_pressing_changes_nothing_but_by_the_verb(shop: Site) -> None:
    """The test above leans on it: a refusal leaves the ticket as it was."""
    ticket = await lived(shop, "IN_PROGRESS")
    before = await standing(shop, ticket)
    await pressed(shop, ticket, CHIEF)
    assert await standing(shop, ticket) == before
