"""Whoever comes at the same moment: one effect, one winner, no update lost."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from db.keys import new_key
from domain.terms import TicketStatus, TicketVerb
from domain.ticket_table import NEXT
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    GRID,
    RESIDENT,
    TOWN,
    WORKER,
    act,
    done,
    mutation,
    refused,
    reported,
    standing,
)
from tests.api.living import lived
from tests.api.served import Site, key_of
from tests.api.test_idempotency import new_ticket


@pytest.mark.parametrize("minted", [False, True])
@pytest.mark.trust(35)
async def test_fifty_at_once_make_one_ticket(shop: Site, minted: bool) -> None:
    """TRUST 35: one effect, the same answer to all."""
    title = f"五十人同时 {minted}"
    given = await new_ticket(shop, f"fifty {minted}", title=title)
    if minted:
        given["id"] = f"ticket_weibin_{new_key(datetime.now(UTC))}"
    calls = [act(shop, "ticketReport", RESIDENT, "id number", **given) for _ in range(50)]
    answers = await asyncio.gather(*calls)
    assert answers[0]["userErrors"] == []
    assert all(answer == answers[0] for answer in answers)
    (ticket,) = await shop.owner.fetch("SELECT id FROM ticket WHERE title = $1", title)
    assert await effects(shop, ticket["id"]) == [1, 0, 1]


EFFECTS = """
SELECT (SELECT count(*) FROM ticket_event WHERE ticket_id = $1),
    (SELECT count(*) FROM escalation_hop WHERE ticket_id = $1),
    (SELECT count(*) FROM change WHERE key = $1)
"""


async def effects(site: Site, ticket: UUID) -> list[int]:
    """How many events, hops and outbox rows a ticket has."""
    row = await site.owner.fetchrow(EFFECTS, ticket)
    assert row is not None
    return list(row)


async def test_fifty_at_once_pass_it_up_one_level(shop: Site) -> None:
    """A verb that could be carried out again and again: the key alone holds it to once."""
    ticket = await lived(shop, "IN_PROGRESS")
    events, hops, told = await effects(shop, key_of(ticket))
    sent = {"ticketId": ticket, "reason": "上报", "clientMutationKey": f"fifty {ticket}"}
    asked = "status hopCount handler { name }"
    calls = [act(shop, "ticketEscalate", DISTRICT, asked, **sent) for _ in range(50)]
    answers = await asyncio.gather(*calls)
    assert answers[0]["ticket"] == {
        "status": "DISPATCHED",
        "hopCount": hops + 1,
        "handler": {"name": "姜谭路西社区"},
    }
    assert all(answer == answers[0] for answer in answers)
    assert await effects(shop, key_of(ticket)) == [events + 1, hops + 1, told + 1]


@pytest.mark.trust(36)
async def test_of_two_hundred_who_sign_at_once_one_wins(shop: Site) -> None:
    """TRUST 36: the others are told that it is no longer there to be signed for."""
    ticket = await lived(shop, "DISPATCHED")
    before = await effects(shop, key_of(ticket))
    people = (CHIEF, WORKER, COMMUNITY, TOWN, DISTRICT)
    for who in people:
        await shop.person(who)  # looked up before all of them are at once
    calls = [act(shop, "ticketSign", who, ticketId=ticket) for who in people * 40]
    answers = await asyncio.gather(*calls)
    winners = [answer for answer in answers if answer["ticket"]]
    assert [answer["userErrors"] for answer in winners] == [[]]
    codes = {error["code"] for answer in answers for error in answer["userErrors"]}
    assert codes == {"NOT_ALLOWED_FROM_STATUS"}
    assert await effects(shop, key_of(ticket)) == [before[0] + 1, before[1], before[2] + 1]
    sound(await standing(shop, ticket))


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
    ("ticketSign", {}),
    ("ticketResolve", {"resolution": "办好"}),
    ("ticketVerify", {}),
    ("ticketFollowUp", {"verdict": "SATISFIED"}),
    ("ticketReopen", {"reason": "又坏了"}),
    ("ticketClose", {}),
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
