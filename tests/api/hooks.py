"""Receivers of webhooks, and the worker that tells them, one step at a time."""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from jobs.outgoing import Outgoing
from jobs.webhooks import LATEST, SOON, Courier
from server.app import make_app
from tests.api.acting import GRID
from tests.api.served import KEY, Site

PATIENCE = 10
URL = "https://receiver.example.com/linli"
WEBHOOK = """
id name url nouns verbs ended endedAt failingSince formerUntil owner { name } orgUnit { name }
deliveries(first: 100) {
  totalCount
  nodes {
    id noun verb at status nextAttemptAt ticket { id } serviceRecord { id } webhook { id }
    attempts { number at milliseconds responseCode error }
  }
}
"""


@dataclass
class Message:
    """A request as the receiver got it."""

    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def data(self) -> Any:
        return json.loads(self.body)["data"]

    def signed_by(self, secret: str) -> bool:
        """Whether one of its signatures is made with the secret, as the standard has it."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        stamp = self.headers["webhook-timestamp"]
        content = f"{self.id}.{stamp}.".encode() + self.body
        digest = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
        return f"v1,{digest}" in self.headers["webhook-signature"].split(" ")


@dataclass
class Receiver:
    """An HTTP server on loopback that answers as it is told; 204 when it is told nothing."""

    port: int = 0
    got: list[Message] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    held: asyncio.Event | None = None
    """While set and not fired, no answer is given."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told?by=linli"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            lines = head.split("\r\n")[1:-2]
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            self.got.append(Message(headers, body))
            self.reached.set()
            if self.held is not None:
                await self.held.wait()
            answer = self.answers.pop(0) if self.answers else "204 No Content"
            writer.write(f"HTTP/1.1 {answer}\r\n\r\n".encode())
            await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def receiving(site: Site) -> AsyncIterator[Receiver]:
    """A receiver that listens, and a site whose webhooks may go to it."""
    site.app = make_app(site.database, KEY, bell=site.bell, webhooks_to_private=True, demo=True)
    receiver = Receiver()
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()
        if receiver.held is not None:
            receiver.held.set()
        await server.wait_closed()


class Worker:
    """A courier whose clock can be set forward."""

    def __init__(self, site: Site, *, private: bool = True) -> None:
        self.ahead = timedelta()
        outgoing = Outgoing(private=private)
        self.courier = Courier(site.database, outgoing, self.clock, lambda: 0.5)

    def clock(self, now: datetime) -> datetime:
        return now + self.ahead

    async def look(self) -> float:
        """Look at every place; the seconds until the next look."""
        places = await self.courier.places()
        return min([await self.courier.look(each) for each in places], default=LATEST)

    async def work(self) -> None:
        """Look once, when no transaction stands in the way, and finish what there is to do."""
        async with asyncio.timeout(PATIENCE):
            while await self.look() == SOON:
                await self.courier.rest()
            await self.courier.rest()


ROOT = "SELECT name FROM org_unit WHERE locality_id = 'weibin' AND parent_id IS NULL ORDER BY path"
READ = f"query($id: ID!) {{ webhook(id: $id) {{ {WEBHOOK} }} }}"


async def send(site: Site, field: str, by: str, asked: str, **given: Any) -> Any:
    """Send one verb on webhooks; its payload."""
    input_type = f"{field[0].upper()}{field[1:]}Input"
    text = (
        f"mutation($input: {input_type}!) {{ {field}(input: $input) "
        f"{{ {asked} userErrors {{ code message field }} }} }}"
    )
    return (await site.ask(text, by, input=given))[field]


async def refusal(site: Site, field: str, by: str, **given: Any) -> tuple[str, str | None]:
    """The code and the field of a verb that must be refused."""
    (error,) = (await send(site, field, by, "clientMutationKey", **given))["userErrors"]
    return error["code"], error["field"]


async def new(site: Site, **given: Any) -> dict[str, Any]:
    """What a webhook is made of."""
    return {"url": URL, "unitId": await site.unit("weibin", GRID), "nouns": ["TICKET"], **given}


async def hooked(
    site: Site, by: str, unit: str, url: str, locality: str = "weibin", **given: Any
) -> tuple[str, str]:
    """A new webhook; its id and its secret."""
    new = {"url": url, "unitId": await site.unit(locality, unit), "nouns": ["TICKET"], **given}
    payload = await send(site, "webhookCreate", by, "webhook { id } secret", **new)
    assert payload["userErrors"] == []
    return payload["webhook"]["id"], payload["secret"]


async def read(site: Site, webhook: str, by: str) -> Any:
    """A webhook with its deliveries, as somebody sees it."""
    return (await site.ask(READ, by, id=webhook))["webhook"]


async def root(site: Site) -> str:
    """The name of the unit at the top of 渭滨."""
    return await site.owner.fetchval(ROOT)


async def deliveries(site: Site, webhook: str, by: str) -> list[Any]:
    """What a webhook was told, newest first."""
    return (await read(site, webhook, by))["deliveries"]["nodes"]
