"""What each caller may ask for, told beforehand and held to, whatever carries the operation."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from server.address import Proxies
from server.bearers import Bearers
from server.bucket import InDatabase, InMemory, Rates
from server.errors import SAID
from server.gate import Gate
from server.tokens import Identity, verify
from tests.api.acting import COMMUNITY, mutation, reported, standing, verbs
from tests.api.limited import limited
from tests.api.served import KEY, Site
from tests.api.telling import Started, events_in, listening, now_of, phone_of, told

SLUGS = "{ localities { slug } }"
DEAR = "query($l: String!) { orgUnits(locality: $l, first: 100) { nodes { id children { id } } } }"
MOST_ASKED = 1_000
"""A bucket without restoring holds no more questions than that."""


def codes(answer: httpx.Response) -> list[str]:
    return [each["extensions"]["code"] for each in answer.json().get("errors", ())]


def calling(server: Started) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://{server.address}")


def cost(answer: httpx.Response) -> Any:
    return answer.json()["extensions"]["cost"]


async def emptied(site: Site, by: str | None = None) -> httpx.Response:
    """Ask until it is too much: what is answered then."""
    for _ in range(MOST_ASKED):
        answer = await site.post(DEAR, {"l": "weibin"}, by)
        if answer.status_code != 200:
            return answer
    raise AssertionError("nothing was refused")


async def test_without_limits_nothing_is_said_of_cost(demo: Site) -> None:
    assert (await demo.post(SLUGS)).json().keys() == {"data"}


@pytest.mark.parametrize("shared", [False, True])
async def test_each_answer_says_what_it_cost(shop: Site, *, shared: bool) -> None:
    """And what the answer did not hold is given back."""
    buckets = InDatabase(shop.database) if shared else InMemory()
    site = limited(shop, rates=Rates(anonymous=1), buckets=buckets)
    first = cost(await site.post(DEAR, {"l": "weibin"}))
    assert first["requested"] > first["actual"] >= 1
    assert first["available"] in (1_000 - first["actual"], 999)
    assert (first["maximum"], first["restoreRate"]) == (1_000, 1)
    second = cost(await site.post(SLUGS))
    assert second["requested"] == second["actual"] == 1
    assert abs(second["available"] - (1_000 - first["actual"] - 1)) <= 5


async def test_what_was_counted_is_not_given_back(shop: Site) -> None:
    """A count is work that does not show: it is paid for by more than its few bytes."""
    site = limited(shop, rates=Rates(anonymous=1), buckets=InMemory())
    counting = '{ orgUnits(locality: "weibin", first: 1) { totalCount } }'
    found = cost(await site.post(counting))
    assert found["actual"] == found["requested"] > 10


@pytest.mark.parametrize("shared", [False, True])
async def test_who_asked_for_too_much_is_told_when_to_come_back(
    shop: Site, *, shared: bool
) -> None:
    buckets = InDatabase(shop.database) if shared else InMemory()
    site = limited(shop, rates=Rates(anonymous=1, person=1), buckets=buckets)
    answer = await emptied(site)
    assert (answer.status_code, codes(answer)) == (429, ["RATE_LIMITED"])
    told = answer.json()["errors"][0]["extensions"]
    assert told["requestId"] == answer.headers["x-request-id"]
    short = told["cost"]["requested"] - told["cost"]["available"]
    assert 0 <= int(answer.headers["retry-after"]) - short <= 1
    assert told["retryAfter"] == int(answer.headers["retry-after"])
    assert told["cost"]["actual"] == 0
    # Others have buckets of their own, and so have those who say who they are.
    assert (await site.post(DEAR, {"l": "weibin"}, by=COMMUNITY)).status_code == 200


async def test_an_address_behind_a_proxy_has_a_bucket_of_its_own(demo: Site) -> None:
    for trusted, shared in ((("127.0.0.1",), False), ((), True)):
        site = limited(demo, rates=Rates(anonymous=1), proxies=Proxies(trusted))
        for address in ("198.51.100.1", "198.51.100.2"):
            sent = {"x-forwarded-for": address}
            found = cost(await site.post(SLUGS, headers=sent))
            expected = 998 if shared and address.endswith("2") else 999
            assert found["available"] == expected


async def test_a_data_consumer_has_more(own: Site) -> None:
    site = limited(own, rates=Rates(person=1, consumer=100))
    person = await own.person(COMMUNITY)
    assert cost(await site.post(SLUGS, by=COMMUNITY))["maximum"] == 1_000
    await own.owner.execute(
        "INSERT INTO office (locality_id, id, person_id, kind, granted_at) "
        "VALUES ($1, gen_random_uuid(), $2, 'DATA_CONSUMER', now())",
        person.locality,
        person.person,
    )
    # Who holds an office is read together with what they may see: the next request knows.
    await site.post(SLUGS, by=COMMUNITY)
    assert cost(await site.post(SLUGS, by=COMMUNITY))["maximum"] == 2_000
    await own.owner.execute("DELETE FROM office")
    await site.post(SLUGS, by=COMMUNITY)
    assert cost(await site.post(SLUGS, by=COMMUNITY))["maximum"] == 1_000


@pytest.mark.trust(21)
async def test_a_bucket_is_the_same_over_every_transport(shop: Site) -> None:
    site = limited(shop, rates=Rates(person=1))
    async with listening(site) as server, phone_of(site, server, COMMUNITY) as one:
        await emptied(site, COMMUNITY)
        id = await one.subscribe(DEAR, l="weibin")
        message = await one.take()
        assert (message["type"], message["id"]) == ("error", id)
        (error,) = message["payload"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        assert error["extensions"]["cost"]["maximum"] == 1_000
        stream = {"accept": "text/event-stream"}
        answer = await site.post(DEAR, {"l": "weibin"}, COMMUNITY, stream)
        ((name, body), _complete) = events_in(answer.text)
        assert (name, body["errors"][0]["extensions"]["code"]) == ("next", "RATE_LIMITED")


async def test_events_are_paid_for(shop: Site) -> None:
    """Nothing is lost of them: they come as fast as they are paid."""
    site = limited(shop, rates=Rates(person=1))
    ticket = await reported(shop)
    after = await now_of(shop, COMMUNITY)
    async with listening(site) as server, phone_of(site, server, COMMUNITY) as one:
        before = cost(await site.post(SLUGS, by=COMMUNITY))["available"]
        id = await one.subscribe(id=ticket, after=after)
        for _ in range(3):
            change = await told(shop, ticket)
            assert (await one.event(id))["id"] == change
        # One at the subscription, one for each event, one for each question; a few are restored.
        assert cost(await site.post(SLUGS, by=COMMUNITY))["available"] < before - 1


@pytest.mark.trust(21, 30)
async def test_a_token_that_may_only_read_does_not_write(
    shop: Site, served: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await reported(shop)
    given = {"input": {"ticketId": ticket}}

    async def reading(_bearers: Bearers, token: str, _locality: str | None) -> Identity:
        return replace(verify(KEY, token), scopes=frozenset({"read"}))

    monkeypatch.setattr(Bearers, "identity", reading)
    answer = await shop.post(mutation("ticketAccept"), given, COMMUNITY)
    assert (answer.status_code, codes(answer)) == (403, ["FORBIDDEN_SCOPE"])
    assert (await shop.post(SLUGS, by=COMMUNITY)).status_code == 200
    async with phone_of(shop, served, COMMUNITY) as one:
        await one.subscribe(mutation("ticketAccept"), **given)
        (error,) = (await one.take())["payload"]
        assert error["extensions"]["code"] == "FORBIDDEN_SCOPE"
    assert verbs(await standing(shop, ticket)) == ["REPORT"]


@pytest.mark.trust(48)
async def test_a_busy_server_says_so_and_when_to_come_back(
    demo: Site, record_property: Callable[[str, object], None]
) -> None:
    """One place, and one that waits: of twenty at once all are answered, most with 503."""
    site = limited(demo, gate=Gate(1, waiting=2, patience=60))
    answers = await asyncio.gather(*(site.post(SLUGS) for _ in range(20)))
    statuses = [each.status_code for each in answers]
    assert set(statuses) == {200, 503}
    for each in answers:
        if each.status_code == 503:
            assert (codes(each), each.headers["retry-after"]) == (["BUSY"], "1")
            assert each.json()["errors"][0]["message"] == SAID["BUSY"]
    assert (await site.post(SLUGS)).status_code == 200
    record_property("figure", f"{statuses.count(503)} of 20 turned away, the rest served")


@pytest.mark.trust(48)
async def test_a_shut_gate_answers_before_anything_is_read(demo: Site) -> None:
    """On kept connections, which live on; and /healthz is none of its business."""
    gate = Gate(1, waiting=1)
    site = limited(demo, gate=gate)
    async with listening(site) as server, calling(server) as client:
        for _ in range(4):
            gate.enter(False)
        for _ in range(3):
            answer = await client.post("/graphql", json={"query": SLUGS})
            assert (answer.status_code, codes(answer)) == (503, ["BUSY"])
            assert answer.headers["retry-after"] == "1"
            told = answer.json()["errors"][0]["extensions"]
            assert (answer.headers["x-request-id"], 1) == (told["requestId"], told["retryAfter"])
            assert (await client.get("/healthz")).status_code == 200
        large = await client.post("/graphql", content=b" " * 900_000)
        assert large.status_code == 503
        for _ in range(4):
            gate.leave(False)
        for _ in range(3):
            assert (await client.post("/graphql", json={"query": SLUGS})).status_code == 200
    assert gate._inside == [0, 0]
