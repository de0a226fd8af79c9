"""One key, one effect; whoever comes at the same moment; no update lost."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest

from domain.terms import TicketStatus, TicketVerb
from domain.ticket_table import NEXT
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    GRID,
    RESIDENT,
    TOWN,
    act,
    done,
    mutation,
    refused,
    reported,
    standing,
)
from tests.api.served import Site, key_of


async def new_ticket(site: Site, key: str | None, **given: Any) -> dict[str, Any]:
    """The input of a report."""
    unit = await site.unit("weibin", GRID)
    new = {"unitId": unit, "title": "试", "category": "yard", "clientMutationKey": key}
    return {**new, **given}


async def test_the_same_key_and_input_answer_again_and_do_nothing(shop: Site) -> None:
    given = await new_ticket(shop, "replay")
    first = await act(shop, "ticketReport", RESIDENT, "id number", **given)
    before = await shop.count("ticket"), await shop.count("ticket_event")
    for _ in range(3):
        assert await act(shop, "ticketReport", RESIDENT, "id number", **given) == first
    assert (await shop.count("ticket"), await shop.count("ticket_event")) == before
    assert first["clientMutationKey"] == "replay"


async def test_every_verb_may_be_repeated(shop: Site) -> None:
    ticket = await reported(shop)
    grid = await shop.unit("weibin", GRID)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("ticketAccept", {"note": "看过"}),
        ("ticketDispatch", {"unitId": grid}),
        ("ticketEscalate", {"reason": "上报"}),
        ("serviceRecordAdd", {"kind": "VISIT", "at": "2026-01-01T08:00:00+08:00"}),
        ("ticketResolve", {"resolution": "办好"}),
        ("ticketClose", {"verdict": "SATISFIED"}),
    ]
    for field, given in steps:
        sent = {**given, "ticketId": ticket, "clientMutationKey": f"{field} {ticket}"}
        first = await act(shop, field, COMMUNITY, **sent)
        assert first["userErrors"] == []
        before = await standing(shop, ticket)
        assert await act(shop, field, COMMUNITY, **sent) == first
        assert await standing(shop, ticket) == before


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("ticketReport", {"title": "试2"}),
        ("ticketReport", {"severity": "MAJOR"}),
        ("ticketReport", {"channel": "HOTLINE"}),
        ("ticketReport", {"body": " "}),
    ],
)
async def test_another_input_under_the_key_is_an_error(
    shop: Site, field: str, other: dict[str, Any]
) -> None:
    given = await new_ticket(shop, f"reused {other}")
    await done(shop, field, RESIDENT, **given)
    before = await shop.count("ticket")
    expected = ("KEY_REUSED", "clientMutationKey")
    assert await refused(shop, field, RESIDENT, **{**given, **other}) == expected
    assert await shop.count("ticket") == before


async def test_another_verb_under_the_key_is_an_error(shop: Site) -> None:
    ticket = await reported(shop)
    sent = {"ticketId": ticket, "clientMutationKey": f"one key {ticket}"}
    await done(shop, "ticketAccept", CHIEF, **sent)
    answer = await refused(shop, "ticketEscalate", CHIEF, **sent, reason="上报")
    assert answer == ("KEY_REUSED", "clientMutationKey")


async def test_two_people_may_use_one_key(shop: Site) -> None:
    given = await new_ticket(shop, "shared")
    made = {(await done(shop, "ticketReport", who, **given))["id"] for who in (RESIDENT, CHIEF)}
    assert len(made) == 2


async def test_a_refusal_leaves_the_key_free(shop: Site) -> None:
    given = await new_ticket(shop, "corrected", title="")
    assert (await refused(shop, "ticketReport", RESIDENT, **given))[0] == "TITLE_REQUIRED"
    await done(shop, "ticketReport", RESIDENT, **{**given, "title": "试"})


async def test_twenty_at_once_make_one_ticket(shop: Site) -> None:
    given = await new_ticket(shop, "twenty", title="二十人同时")
    calls = [act(shop, "ticketReport", RESIDENT, **given) for _ in range(20)]
    answers = await asyncio.gather(*calls)
    assert all(answer == answers[0] for answer in answers)
    found = "SELECT count(*) FROM ticket WHERE title = '二十人同时'"
    assert await shop.owner.fetchval(found) == 1


BREAK = """
CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'secret words of the driver'; END $$;
CREATE TRIGGER broken BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION broken()
"""


@pytest.mark.parametrize("table", ["ticket", "ticket_event", "client_mutation"])
async def test_a_failure_midway_leaves_nothing(own: Site, table: str) -> None:
    given = await new_ticket(own, "broken")
    tables = ("ticket", "ticket_event", "client_mutation")
    before = [await own.count(each) for each in tables]
    await own.owner.execute(BREAK.format(table))
    answer = await own.post(mutation("ticketReport"), {"input": given}, RESIDENT)
    assert "secret" not in answer.text
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert [await own.count(each) for each in tables] == before
    await own.owner.execute(f"DROP TRIGGER broken ON {table}")
    await done(own, "ticketReport", RESIDENT, **given)


async def test_a_failure_midway_leaves_a_ticket_as_it_was(own: Site) -> None:
    ticket = await reported(own)
    before = await standing(own, ticket)
    await own.owner.execute(BREAK.format("escalation_hop"))
    sent = {"ticketId": ticket, "reason": "上报", "clientMutationKey": "broken"}
    answer = await own.post(mutation("ticketEscalate"), {"input": sent}, CHIEF)
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert await standing(own, ticket) == before
    await own.owner.execute("DROP TRIGGER broken ON escalation_hop")
    await done(own, "ticketEscalate", CHIEF, **sent)


async def waiting(site: Site, count: int) -> None:
    """Until so many connections wait for a lock; bounded."""
    sql = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
    for _ in range(1000):
        if await site.owner.fetchval(sql) >= count:
            return
        await asyncio.sleep(0.002)
    raise AssertionError("nobody waits for the lock")


async def at_once(site: Site, ticket: str, *calls: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Let verbs meet at a ticket's lock, in this order, and then go."""
    holder = await asyncpg.connect(site.scratch.owner_dsn)
    tasks: list[asyncio.Future[Any]] = []
    try:
        async with holder.transaction():
            await holder.execute("SELECT FROM ticket WHERE id = $1 FOR UPDATE", key_of(ticket))
            for call in calls:
                tasks.append(asyncio.ensure_future(call()))
                await waiting(site, len(tasks))
    finally:
        await holder.close()
    return await asyncio.gather(*tasks)


def sound(ticket: Any) -> None:
    """What the ticket says is what its events and hops add up to."""
    status: TicketStatus | None = None
    for at, event in enumerate(ticket["events"]["nodes"], 1):
        assert event["sequence"] == at
        assert event["fromStatus"] == (status and status.value)
        status = NEXT[status, TicketVerb(event["verb"])]
        assert event["toStatus"] == status.value
    assert status is not None
    assert ticket["status"] == status.value
    hops = ticket["escalationChain"]
    assert [hop["sequence"] for hop in hops] == list(range(1, len(hops) + 1))
    there = [ticket["orgUnit"]["name"], *(hop["toUnit"]["name"] for hop in hops)]
    assert [hop["fromUnit"]["name"] for hop in hops] == there[:-1]
    assert ticket["handler"]["name"] == there[-1]
    left = [hop["leftAt"] for hop in hops]
    assert left[:-1] == [hop["at"] for hop in hops[1:]]


async def test_two_who_pass_it_up_at_once(shop: Site) -> None:
    ticket = await reported(shop)
    sent = {"ticketId": ticket, "reason": "上报"}
    first, second = await at_once(
        shop,
        ticket,
        lambda: act(shop, "ticketEscalate", DISTRICT, "escalationChain { sequence }", **sent),
        lambda: act(shop, "ticketEscalate", TOWN, "escalationChain { sequence }", **sent),
    )
    assert first["ticket"] == {"escalationChain": [{"sequence": 1}]}
    assert second["ticket"] == {"escalationChain": [{"sequence": 1}, {"sequence": 2}]}
    sound(await standing(shop, ticket))


async def test_one_accepts_while_another_passes_it_up(shop: Site) -> None:
    ticket = await reported(shop)
    answers = await at_once(
        shop,
        ticket,
        lambda: act(shop, "ticketAccept", CHIEF, ticketId=ticket),
        lambda: act(shop, "ticketEscalate", DISTRICT, ticketId=ticket, reason="上报"),
    )
    assert [answer["userErrors"] for answer in answers] == [[], []]
    sound(await standing(shop, ticket))


async def test_whoever_lost_the_ticket_meanwhile_is_refused_as_such(shop: Site) -> None:
    """Passed up while the grid's chief accepts it: that chief still sees it, and may not act."""
    ticket = await reported(shop)
    _, refusal = await at_once(
        shop,
        ticket,
        lambda: act(shop, "ticketEscalate", DISTRICT, ticketId=ticket, reason="上报"),
        lambda: refused(shop, "ticketAccept", CHIEF, ticketId=ticket),
    )
    assert refusal == ("FORBIDDEN", None)


async def test_two_who_accept_at_once(shop: Site) -> None:
    ticket = await reported(shop)
    _, refusal = await at_once(
        shop,
        ticket,
        lambda: done(shop, "ticketAccept", CHIEF, ticketId=ticket),
        lambda: refused(shop, "ticketAccept", DISTRICT, ticketId=ticket),
    )
    assert refusal == ("NOT_ALLOWED_FROM_STATUS", None)
    sound(await standing(shop, ticket))


STEPS: list[tuple[str, dict[str, Any]]] = [
    ("ticketAccept", {}),
    ("ticketDispatch", {}),
    ("ticketEscalate", {"reason": "上报"}),
    ("ticketResolve", {"resolution": "办好"}),
    ("ticketClose", {"verdict": "SATISFIED"}),
]


async def any_step(site: Site, ticket: str, grid: str, chance: random.Random) -> Any:
    """Somebody does something; the answer, whatever it is."""
    field, given = chance.choice(STEPS)
    given = {**given, "ticketId": ticket}
    if field == "ticketDispatch":
        given["unitId"] = grid
    who = chance.choice([CHIEF, COMMUNITY, TOWN, DISTRICT])
    return (await site.post(mutation(field), {"input": given}, who)).json()


@pytest.mark.parametrize("seed", range(6))
async def test_after_any_sequence_a_ticket_is_what_its_events_say(shop: Site, seed: int) -> None:
    chance = random.Random(seed)
    ticket, grid = await reported(shop), await shop.unit("weibin", GRID)
    for _ in range(15):
        assert "errors" not in await any_step(shop, ticket, grid, chance)
    sound(await standing(shop, ticket))


async def test_after_any_interleaving_a_ticket_is_what_its_events_say(shop: Site) -> None:
    grid = await shop.unit("weibin", GRID)
    for seed in range(8):
        chance = random.Random(seed)
        ticket = await reported(shop)
        for _ in range(4):
            steps = [any_step(shop, ticket, grid, chance) for _ in range(6)]
            answers = await asyncio.gather(*steps)
            assert [answer for answer in answers if "errors" in answer] == []
        sound(await standing(shop, ticket))
