"""Changes told by hand, and followed as a client follows them."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from db.outbox import Said, tell
from db.pool import Connection
from db.scope import Scope
from domain.terms import ChangedNoun
from server.http import Server
from tests.api.served import Site, key_of

SECONDS = 10
"""How long anything is waited for at most."""

PROTOCOL = Subprotocol("graphql-transport-ws")
CHANGES = """query($since: String, $first: Int) {
  changes(since: $since, first: $first) {
    nodes { id at verb nodeId gone node { __typename id ... on Ticket { title } } }
    cursor hasMore
  }
}"""
CHANGED = """subscription($id: ID, $unit: ID, $within: Within, $after: String) {
  ticketChanged(id: $id, orgUnitId: $unit, within: $within, after: $after) {
    id verb cursor gone ticketId ticket { id title handler { name } }
  }
}"""


async def said_of(site: Site, ticket: str, verb: str, **labels: Any) -> Said:
    """What the outbox would say of a ticket as it stands, but for some labels."""
    row = await site.owner.fetchrow(
        "SELECT unit_path, handler_path, handler_path AS was_handler_path, joint_scopes, "
        "reporter_id FROM ticket WHERE id = $1",
        key_of(ticket),
    )
    assert row is not None, ticket
    said = {"noun": ChangedNoun.TICKET, "key": key_of(ticket), **dict(row), **labels}
    return Said(verb=verb, at=datetime.now(UTC), **said)


async def whole(site: Site, locality: str) -> Scope:
    """The scope of a place itself."""
    sql = "SELECT path FROM org_unit WHERE locality_id = $1 AND parent_id IS NULL"
    return Scope(locality, prefixes=tuple(row[0] for row in await site.owner.fetch(sql, locality)))


@asynccontextmanager
async def telling(site: Site, locality: str = "weibin") -> AsyncGenerator[Connection]:
    """A transaction of the place itself, to tell in."""
    scope = await whole(site, locality)
    async with site.database.transaction(scope, write=True) as connection:
        yield connection


async def told(site: Site, ticket: str, verb: str = "RESUME", **labels: Any) -> str:
    """Tell of a change of a ticket, as its verbs do; the change's id."""
    locality = ticket.split("_")[1]
    said = await said_of(site, ticket, verb, **labels)
    async with telling(site, locality) as connection:
        await tell(connection, locality, [said])
    return f"change_{locality}_{said.id}"


async def changes(site: Site, by: str | None, since: str | None = None, first: int = 100) -> Any:
    """A page of what changed."""
    return (await site.ask(CHANGES, by, since=since, first=first))["changes"]


async def now_of(site: Site, by: str) -> str:
    """The cursor of now."""
    return (await changes(site, by))["cursor"]


class Started(Server):
    """A server that says when it serves."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self.servers[0].sockets[0].getsockname()[1]}"


@asynccontextmanager
async def listening(site: Site) -> AsyncGenerator[Started]:
    """The site behind a real socket, its bell listening."""
    server = Started(site.app, "127.0.0.1", 0)
    heard = asyncio.Event()
    stop = site.bell.hear(lambda _heard: heard.set())
    tasks = [asyncio.create_task(site.bell.run()), asyncio.create_task(server.serve())]
    async with asyncio.timeout(SECONDS):
        await server.ready.wait()
        await heard.wait()
    stop()
    try:
        yield server
    finally:
        server.should_exit = True
        await tasks[1]
        tasks[0].cancel()
        await asyncio.wait(tasks)


class Phone:
    """A client of graphql-transport-ws."""

    def __init__(self, wire: ClientConnection) -> None:
        self.wire = wire
        self._ids = map(str, range(1_000))

    async def send(self, **message: Any) -> None:
        """Send one message."""
        await self.wire.send(orjson.dumps(message).decode())

    async def take(self) -> Any:
        """The next message."""
        async with asyncio.timeout(SECONDS):
            text = await self.wire.recv()
        assert isinstance(text, str), "a binary frame"
        return orjson.loads(text)

    async def begin(self, **payload: Any) -> None:
        """Say who one is."""
        await self.send(type="connection_init", payload=payload)
        assert await self.take() == {"type": "connection_ack"}

    async def subscribe(self, query: str = CHANGED, **variables: Any) -> str:
        """Start an operation; its id."""
        id = next(self._ids)
        payload = {"query": query, "variables": variables}
        await self.send(type="subscribe", id=id, payload=payload)
        return id

    async def event(self, id: str) -> Any:
        """The next event of a subscription to `ticketChanged`."""
        message = await self.take()
        assert (message["type"], message["id"]) == ("next", id), message
        return message["payload"]["data"]["ticketChanged"]

    async def closed(self) -> tuple[int, str]:
        """The code and reason it is closed with, whatever comes before."""
        async with asyncio.timeout(SECONDS):
            await self.wire.wait_closed()
        assert self.wire.close_code is not None
        return self.wire.close_code, self.wire.close_reason or ""


@asynccontextmanager
async def phone(server: Started, **headers: str) -> AsyncGenerator[Phone]:
    """A connection that has not said who it is."""
    url = f"ws://{server.address}/graphql"
    # Unbounded, so that one who leaves without having read all can say so.
    given = {"additional_headers": headers, "max_queue": None, "max_size": None}
    async with connect(url, subprotocols=[PROTOCOL], **given) as wire:
        yield Phone(wire)


@asynccontextmanager
async def phone_of(site: Site, server: Started, by: str) -> AsyncGenerator[Phone]:
    """A connection of somebody's."""
    async with phone(server) as one:
        await one.begin(authorization=f"Bearer {await site.token(by)}")
        yield one


def events_in(text: str) -> Iterator[tuple[str, Any]]:
    """Server-sent events: their names and data."""
    for block in text.split("\n\n"):
        if block.startswith("event:"):
            name, _, data = block.partition("\n")
            data = data.removeprefix("data:").strip()
            yield name.removeprefix("event:").strip(), orjson.loads(data) if data else None
