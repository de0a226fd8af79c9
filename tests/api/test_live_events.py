"""Server-sent events: the same answers, one operation a request."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import orjson
import pytest
from joserfc import jwt

from server import sse
from tests.api.acting import COMMUNITY, mutation, reported
from tests.api.served import KEY, Site
from tests.api.telling import CHANGED, SECONDS, Started, listening, now_of, told

ACCEPT = {"accept": "text/event-stream"}


class Stream:
    """Events as they come."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.aiter_lines()

    async def block(self) -> list[str]:
        """The lines up to the next empty one; none at the end."""
        lines: list[str] = []
        async with asyncio.timeout(SECONDS):
            async for line in self._lines:
                if not line:
                    return lines
                lines.append(line)
        return lines

    async def event(self) -> tuple[str, Any]:
        """The next event's name and data."""
        while (block := await self.block()) == [":"]:
            pass
        name, data = block
        text = data.removeprefix("data:").strip()
        return name.removeprefix("event: "), orjson.loads(text) if text else None


@asynccontextmanager
async def asked(
    server: Started, token: str | None, query: str, **variables: Any
) -> AsyncGenerator[tuple[httpx.Response, Stream]]:
    """An operation sent for its events."""
    headers = ACCEPT if token is None else {**ACCEPT, "authorization": f"Bearer {token}"}
    body = {"query": query, "variables": variables}
    url = f"http://{server.address}/graphql"
    async with (
        httpx.AsyncClient(timeout=SECONDS) as client,
        client.stream("POST", url, json=body, headers=headers) as answer,
    ):
        yield answer, Stream(answer)


async def test_changes_arrive(shop: Site, served: Started) -> None:
    ticket = await reported(shop)
    given = {"id": ticket, "after": await now_of(shop, COMMUNITY)}
    async with asked(served, await shop.token(COMMUNITY), CHANGED, **given) as (answer, stream):
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        for _ in range(2):
            change = await told(shop, ticket)
            name, body = await stream.event()
            assert (name, body["data"]["ticketChanged"]["id"]) == ("next", change)


async def test_a_query_is_answered_once(shop: Site, served: Started) -> None:
    query = "{ viewer { person { name } } }"
    async with asked(served, await shop.token(COMMUNITY), query) as (_, stream):
        body = (await shop.post(query, by=COMMUNITY)).json()
        assert await stream.event() == ("next", body)
        assert await stream.event() == ("complete", None)
        assert await stream.block() == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { ticketChanged { id } }", "BAD_SUBSCRIPTION"),
        ('{ node(id: "x") { id } }', "BAD_ID"),
    ],
)
async def test_what_is_no_operation_is_an_error(
    shop: Site, served: Started, query: str, code: str
) -> None:
    async with asked(served, await shop.token(COMMUNITY), query) as (_, stream):
        name, body = await stream.event()
        assert (name, body["errors"][0]["extensions"]["code"]) == ("next", code)
        assert await stream.event() == ("complete", None)


async def test_one_must_say_who_one_is(served: Started) -> None:
    async with asked(served, None, 'subscription { ticketChanged(id: "x") { id } }') as (_, stream):
        _, body = await stream.event()
        assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    async with asked(served, "nonsense", "{ __typename }") as (answer, _):
        assert answer.status_code == 401


async def test_a_wrong_body_has_a_status(served: Started) -> None:
    async with httpx.AsyncClient() as client:
        url = f"http://{served.address}/graphql"
        answer = await client.post(url, content=b"[", headers={**ACCEPT, "content-type": "text/a"})
        assert answer.status_code == 415


@pytest.mark.trust(18)
async def test_a_token_ends_and_so_does_the_stream(shop: Site, served: Started) -> None:
    ticket, person = await reported(shop), await shop.person(COMMUNITY)
    claims = {"iss": "linli-demo", "sub": f"{person.locality}/{person.person}"}
    token = jwt.encode({"alg": "HS256"}, {**claims, "exp": int(time.time()) + 2}, KEY)
    async with asked(served, token, CHANGED, id=ticket) as (_, stream):
        _, body = await stream.event()
        assert body["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert await stream.event() == ("complete", None)


async def test_silence_is_broken_by_signs_of_life(
    shop: Site, served: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sse, "KEEP_ALIVE_SECONDS", 0.05)
    token, ticket = await shop.token(COMMUNITY), await reported(shop)
    async with asked(served, token, CHANGED, id=ticket) as (_, stream):
        assert [await stream.block() for _ in range(3)] == [[":"]] * 3


async def test_who_leaves_is_forgotten(own: Site) -> None:
    ticket = await reported(own)
    async with listening(own) as server:
        async with asked(server, await own.token(COMMUNITY), CHANGED, id=ticket):
            (task,) = server.server_state.tasks
        async with asyncio.timeout(SECONDS):
            await asyncio.wait({task})


async def test_a_server_that_stops_ends_its_streams(own: Site) -> None:
    """Without `complete`: the client is to come back."""
    ticket = await reported(own)
    async with (
        listening(own) as server,
        asked(server, await own.token(COMMUNITY), CHANGED, id=ticket) as (_, stream),
    ):
        server.should_exit = True
        assert await stream.block() == []


async def test_a_mutation_is_carried_out(shop: Site, served: Started) -> None:
    new = {
        "unitId": await shop.unit("weibin", "宝氮二区网格"),
        "title": "路灯不亮",
        "category": "yard",
    }
    token = await shop.token(COMMUNITY)
    async with asked(served, token, mutation("ticketReport"), input=new) as (_, stream):
        name, body = await stream.event()
        assert (name, body["data"]["ticketReport"]["userErrors"]) == ("next", [])
        assert await stream.event() == ("complete", None)
