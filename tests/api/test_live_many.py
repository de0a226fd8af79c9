"""Many subscriptions: one event reaches all, read in few transactions, each under its own scope."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import asyncpg
import orjson
import pytest

from db.fresh import Reading, fetch_freshly
from db.scope import Scope
from server import together
from server.together import Together
from server.websocket import MOST_OPERATIONS
from tests.api.acting import CHIEF, COMMUNITY, DISTRICT, NEIGHBOUR, reported
from tests.api.served import Site
from tests.api.telling import Phone, listening, now_of, phone_of, told

SOME_UUID = "SELECT to_json(gen_random_uuid())"


@pytest.mark.trust(22)
async def test_an_event_reaches_every_subscription_in_a_few_reads(
    own: Site, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    ticket, after = await reported(own), await now_of(own, COMMUNITY)
    event = await told(own, ticket)
    asked: list[Sequence[Reading]] = []

    async def counted(database: Any, readings: Sequence[Reading]) -> Any:
        asked.append(readings)
        return await fetch_freshly(database, readings)

    monkeypatch.setattr(together, "fetch_freshly", counted)
    async with listening(own) as server:
        phones: list[Phone] = []
        async with AsyncExitStack() as stack:
            for by in (DISTRICT, COMMUNITY, CHIEF, NEIGHBOUR):
                one = await stack.enter_async_context(phone_of(own, server, by))
                for _ in range(MOST_OPERATIONS):
                    await one.subscribe(id=ticket, after=after)
                phones.append(one)
            for one in phones[:3]:
                assert await heard(one) == {event: MOST_OPERATIONS}
            asked.clear()
            event = await told(own, ticket)
            for one in phones[:3]:
                assert await heard(one) == {event: MOST_OPERATIONS}
            reads = {(reading.own, reading.alike) for batch in asked for reading in batch}
            many = sum(map(len, asked))
            assert many >= 3 * MOST_OPERATIONS
            assert len(reads) <= 3 * MOST_OPERATIONS / 4
            # Who may not see the ticket was told of nothing: the next to come is an answer to this.
            await phones[3].send(type="ping")
            assert await phones[3].take() == {"type": "pong"}
    record_property("figure", f"{many} subscriptions read by {len(reads)} statements")


async def heard(one: Phone) -> Counter[str]:
    """The changes that the next messages of all its subscriptions are about."""
    messages = [await one.take() for _ in range(MOST_OPERATIONS)]
    assert len({each["id"] for each in messages}) == MOST_OPERATIONS, messages
    return Counter(each["payload"]["data"]["ticketChanged"]["id"] for each in messages)


def reading(own: Scope, sql: str, alike: str) -> Reading:
    """Somebody's wish for what a statement yields."""
    return Reading(own, None, lambda _found: (sql, list[Any]), alike)


async def test_readings_that_are_alike_share_an_answer_within_one_person(own: Site) -> None:
    people = [await own.person(name) for name in (CHIEF, COMMUNITY)]
    one, other = (Scope(each.locality, each.person) for each in people)
    reader = Together(own.database)
    wishes = [(one, "a"), (other, "a"), (one, "b"), (one, "a"), (other, "a")]
    asked = [reader.fetch(reading(who, SOME_UUID, alike)) for who, alike in wishes]
    found = await asyncio.gather(*asked)
    assert found[0] == found[3]
    assert found[1] == found[4]
    assert len(set(found)) == 3
    # Each is read under its own settings.
    mine = "SELECT to_json(linli_person())"
    asked = [reader.fetch(reading(who, mine, "mine")) for who in (one, other, one)]
    told_of = [answer.decode().strip('"') for answer in await asyncio.gather(*asked)]
    assert told_of == [str(who.person) for who in (one, other, one)]


async def test_what_was_known_of_somebody_is_checked(own: Site) -> None:
    """Whatever their scope was before, wider or narrower, they read under today's."""
    person = await own.person(CHIEF)
    today = await own.database.scope_of(person.locality, person.person)
    assert today is not None
    one, said = Scope(today.locality, today.person), "SELECT to_json(linli_prefixes())"
    reader = Together(own.database)
    for known in (
        None,
        today,
        one,
        replace(today, prefixes=("0",)),
        replace(today, offices=("X",)),
    ):
        found = await reader.fetch(Reading(one, known, lambda _found: (said, list[Any]), known))
        assert tuple(orjson.loads(found)) == today.prefixes


async def test_the_fault_of_one_is_told_to_that_one_alone(own: Site) -> None:
    person = await own.person(CHIEF)
    one = Scope(person.locality, person.person)
    stranger = Scope(person.locality)

    def refused(found: Scope | None) -> Any:
        raise LookupError(found)

    reader = Together(own.database)
    wishes = [
        reading(one, SOME_UUID, "a"),
        Reading(one, None, refused, "b"),
        reading(one, "SELECT to_json(1 / 0)", "c"),
        reading(stranger, SOME_UUID, "d"),
    ]
    found = await asyncio.gather(*map(reader.fetch, wishes), return_exceptions=True)
    assert [type(each) for each in found] == [
        bytes,
        LookupError,
        asyncpg.DivisionByZeroError,
        bytes,
    ]
    # One who leaves is forgotten, and others who come later are answered.
    leaving = asyncio.create_task(reader.fetch(wishes[0]))
    await asyncio.sleep(0)
    leaving.cancel()
    assert isinstance(await reader.fetch(wishes[0]), bytes)
