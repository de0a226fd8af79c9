"""How a socket ends: by a client that never begins, takes nothing or breaks off, or by the server."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from db.outbox import tell
from server import frames
from server.live import Answers
from server.websocket import MOST_OPERATIONS, Patience, Sockets
from tests.api.acting import COMMUNITY, GRID, reported
from tests.api.served import Site
from tests.api.telling import (
    SECONDS,
    Started,
    listening,
    now_of,
    phone,
    phone_of,
    said_of,
    telling,
    told,
)


@asynccontextmanager
async def impatient(site: Site) -> AsyncGenerator[Started]:
    """The site with a server that waits for nobody."""
    answers: Answers = site.app.state.answers
    routes = site.app.routes
    sockets = Sockets(answers, answers.callers, Patience(to_begin=0.1))
    app = Starlette(routes=[WebSocketRoute("/graphql", sockets.serve), *routes])
    app.state.answers = answers
    patient, site.app = site.app, app
    try:
        async with listening(site) as server:
            yield server
    finally:
        site.app = patient


@pytest.mark.trust(14)
async def test_who_never_begins_is_let_go(own: Site) -> None:
    async with impatient(own) as server, phone(server) as one:
        await one.send(type="ping")
        assert await one.take() == {"type": "pong"}
        assert (await one.closed())[0] == 4408


@pytest.mark.trust(20)
async def test_who_takes_nothing_is_let_go(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Events of half a megabyte each: more than the network keeps for it."""
    monkeypatch.setattr(frames, "TAKE_SECONDS", 0.2)
    ticket = await reported(own, body="字" * 4_000)
    after = await now_of(own, COMMUNITY)
    said = [await said_of(own, ticket, "RESUME") for _ in range(40)]
    async with telling(own) as connection:
        await tell(connection, "weibin", said)
    bodies = " ".join(f"b{at}: body" for at in range(40))
    query = (
        "subscription($id: ID, $after: String) { ticketChanged(id: $id, after: $after) "
        f"{{ ticket {{ {bodies} }} }} }}"
    )
    async with impatient(own) as server, phone_of(own, server, COMMUNITY) as one:
        one.wire.transport.pause_reading()
        await one.subscribe(query, id=ticket, after=after)
        async with asyncio.timeout(SECONDS):
            await asyncio.wait(server.server_state.tasks)
        one.wire.transport.resume_reading()
        assert (await one.closed())[0] in (1006, 1013)


@pytest.mark.trust(17)
async def test_breaking_off_in_mid_stream_harms_nobody(shop: Site, served: Started) -> None:
    ticket, unit = await reported(shop), await shop.unit("weibin", GRID)
    after = await now_of(shop, COMMUNITY)
    for _ in range(5):
        async with phone_of(shop, served, COMMUNITY) as one:
            for _ in range(MOST_OPERATIONS):
                await one.subscribe(unit=unit, after=after)
            await told(shop, ticket)
            await one.take()
            one.wire.transport.abort()
    async with httpx.AsyncClient() as client:
        began = time.monotonic()
        answer = await client.get(f"http://{served.address}/healthz")
        assert answer.status_code == 200
        assert time.monotonic() - began < 1


@pytest.mark.trust(18)
async def test_who_hears_nothing_looks_again_all_the_same(own: Site) -> None:
    """A post that ends with its day is told of by nobody: nothing is written then."""
    ticket = await reported(own)
    own.app.state.answers.look_again = 0.2
    async with listening(own) as server, phone_of(own, server, COMMUNITY) as one:
        id = await one.subscribe(id=ticket, after=await now_of(own, COMMUNITY))
        await told(own, ticket)
        await one.event(id)
        await own.owner.execute("ALTER TABLE appointment DISABLE TRIGGER USER")
        await own.owner.execute(
            "UPDATE appointment SET valid_to = CURRENT_DATE WHERE person_id = $1",
            (await own.person(COMMUNITY)).person,
        )
        message = await one.take()
        assert (message["type"], message["id"]) == ("error", id)
        assert message["payload"][0]["extensions"]["code"] == "STANDING_CHANGED"


@pytest.mark.trust(17, 46)
async def test_a_server_that_stops_tells_its_sockets(own: Site) -> None:
    ticket = await reported(own)
    async with listening(own) as server, phone_of(own, server, COMMUNITY) as one:
        await one.subscribe(id=ticket)
        await one.send(type="ping")
        assert await one.take() == {"type": "pong"}
        server.should_exit = True
        assert (await one.closed())[0] == 1012
    async with asyncio.timeout(SECONDS):
        while server.server_state.tasks:
            await asyncio.wait(server.server_state.tasks)
