"""How many streams somebody keeps open, whatever carries them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest

from server.streams import Streams
from tests.api.acting import CHIEF, COMMUNITY, reported
from tests.api.limited import limited
from tests.api.served import Site
from tests.api.telling import CHANGED, SECONDS, Started, listening, phone, phone_of


@asynccontextmanager
async def streaming(
    site: Site, server: Started, by: str | None, ticket: str
) -> AsyncGenerator[httpx.Response]:
    """A stream of events of somebody's."""
    headers = {"accept": "text/event-stream", **await site.headers(by)}
    body = {"query": CHANGED, "variables": {"id": ticket}}
    url = f"http://{server.address}/graphql"
    async with (
        httpx.AsyncClient() as client,
        client.stream("POST", url, json=body, headers=headers) as answer,
    ):
        yield answer


async def code_of(answer: httpx.Response) -> str:
    await answer.aread()
    return answer.json()["errors"][0]["extensions"]["code"]


@pytest.mark.trust(14)
async def test_a_person_keeps_so_many_streams_open_and_no_more(own: Site) -> None:
    """Sockets and server-sent events together; whoever closes one may open another."""
    site, ticket = limited(own, streams=Streams(person=2, anonymous=1)), await reported(own)
    async with listening(site) as server, AsyncExitStack() as others:
        await others.enter_async_context(phone_of(site, server, COMMUNITY))
        async with streaming(site, server, COMMUNITY, ticket) as one:
            assert one.status_code == 200
            async with streaming(site, server, COMMUNITY, ticket) as more:
                assert (more.status_code, more.headers["retry-after"]) == (429, "30")
                assert await code_of(more) == "TOO_MANY_STREAMS"
            async with phone(server) as another:
                token = f"Bearer {await site.token(COMMUNITY)}"
                await another.send(type="connection_init", payload={"authorization": token})
                assert (await another.closed())[0] == 4429
            async with streaming(site, server, CHIEF, ticket) as theirs:
                assert theirs.status_code == 200
        async with asyncio.timeout(SECONDS):
            while not await opens(site, server, ticket):
                pass


async def opens(site: Site, server: Started, ticket: str) -> bool:
    """Whether there is room for one more stream."""
    async with streaming(site, server, COMMUNITY, ticket) as one:
        return one.status_code == 200


@pytest.mark.trust(14)
async def test_the_public_keeps_so_many_open_from_an_address(own: Site) -> None:
    site = limited(own, streams=Streams(person=5, anonymous=1))
    async with listening(site) as server:
        async with phone(server) as first, phone(server) as second:
            await first.begin()
            await second.send(type="connection_init")
            closed, reason = await second.closed()
            assert closed == 4429
            assert "too many streams" in reason
            # Whoever says who they are is another.
            async with phone_of(site, server, COMMUNITY) as known:
                await known.send(type="ping")
                assert await known.take() == {"type": "pong"}
        await left(site)
        async with phone(server) as third:
            await third.begin()


async def left(site: Site) -> None:
    """Until nobody keeps a stream open."""
    streams: Streams = site.app.state.answers.streams
    async with asyncio.timeout(SECONDS):
        while streams.open:
            await asyncio.sleep(0)
