"""`python -m bench.alone`: how long a request keeps Python busy, by itself.

PostgreSQL's answer is a remembered one, and nothing goes over a socket: what is left is the server's
own work, from the bytes of a request to those of its answer, for sixteen clients of one person who
ask for the same chain. Beside it the bare route of `bench.compare_hand`. Medians of interleaved rounds.
"""

import asyncio
import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import uvicorn
import uvloop
from joserfc.jwk import OctKey
from starlette.applications import Starlette
from starlette.routing import Route
from uvicorn.server import ServerState

from bench.compare_hand import answer
from db.pool import Database
from db.scope import Scope
from server.app import make_app
from server.bucket import Rates
from server.gate import Gate
from server.http import Server
from server.limits import Limits
from server.log import set_up
from server.serving import GARBAGE
from server.tokens import Identity, issue

CLIENTS, REQUESTS, ROUNDS = 16, 200, 15
"""How many clients there are, how often each asks in a round, and how many rounds."""

POOL = 10
PLENTY = 10**9
PLACE, PERSON = "simulated", UUID("01940000-0000-7000-8000-000000000000")
KEY = OctKey.import_key("a secret of the bench, long enough to sign")
BODY = b'{"ticket":{"title":"' + b"x" * 3_500 + b'"}}'
"""About as long as a chain's answer."""


class Remembering(Database):
    """Gives the same answer to everything, a turn of the loop later; a pool of the bare route's too."""

    def __init__(self) -> None:
        """Connected to nothing."""

    async def fetchval(self, *_given: object) -> bytes:
        """The answer."""
        await asyncio.sleep(0)
        return BODY

    async def fetch(self, scope: Scope, sql: str, values: list[Any]) -> bytes:
        """The answer to a statement."""
        return await self.fetchval(scope, sql, values)

    async def enter(self, scope: Scope, sql: str, values: list[Any]) -> bytes:
        """The same under a scope that was remembered."""
        return await self.fetchval(sql, *values, *scope.entered())

    async def scope_of(self, locality: str, person: UUID, presented: bytes = b"") -> Scope:
        """Everybody serves in one unit."""
        return Scope(locality, person, ("AAAA",), presented=presented)


class Client(asyncio.Transport):
    """One client, and the connection it has: it asks again once it is answered."""

    def __init__(self, connected: Callable[[], Any], request: bytes) -> None:
        super().__init__()
        self._request = request
        self._answered = asyncio.Event()
        self._connection = connected()
        self._connection.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """An answer, or its head."""
        if len(data) > len(BODY):
            self._answered.set()

    def is_closing(self) -> bool:
        """It never ends."""
        return False

    def resume_reading(self) -> None:
        """It always reads."""

    async def ask(self, times: int) -> None:
        """Ask so often."""
        for _ in range(times):
            self._answered.clear()
            self._connection.data_received(self._request)
            await self._answered.wait()


def request(path: str, body: object, *headers: str) -> bytes:
    """A POST as it goes over the line."""
    sent = json.dumps(body).encode()
    lines = (f"POST {path} HTTP/1.1", "host: x", "content-type: application/json", *headers)
    return "\r\n".join((*lines, f"content-length: {len(sent)}", "", "")).encode() + sent


def clients(config: uvicorn.Config, asked: bytes) -> list[Client]:
    """Clients of an application, who all ask the same."""
    config.load()
    state, protocol = ServerState(), cast("Any", config.http_protocol_class)
    connected = partial(protocol, config=config, server_state=state, app_state={})
    return [Client(connected, asked) for _ in range(CLIENTS)]


def linli() -> list[Client]:
    """Those who ask Linli, as shipped."""
    limits = Limits(Rates(PLENTY, PLENTY, PLENTY), gate=Gate(POOL))
    app = make_app(Remembering(), KEY, limits=limits, demo=True)
    query = (files("server") / "examples" / "chain.graphql").read_text()
    body = {"query": query, "variables": {"id": f"ticket_{PLACE}_{PERSON}"}}
    bearer = issue(KEY, Identity(PLACE, PERSON))
    return clients(Server(app).config, request("/graphql", body, f"authorization: Bearer {bearer}"))


def bare() -> list[Client]:
    """Those who ask the bare route."""
    app = Starlette(routes=[Route("/{name}", answer, methods=["POST"])])
    app.state.pool = Remembering()
    config = uvicorn.Config(app, http="httptools", access_log=False, log_level="warning")
    return clients(config, request("/chain", [PLACE, str(PERSON)]))


async def busy(asking: list[Client]) -> float:
    """Microseconds of processor time that a request takes."""
    began = time.process_time()
    await asyncio.gather(*(each.ask(REQUESTS) for each in asking))
    return (time.process_time() - began) * 1e6 / (len(asking) * REQUESTS)


async def main() -> None:
    """Measure both in turn, once warm."""
    both = {"Linli": linli(), "the bare route": bare()}
    rounds = [{name: await busy(asking) for name, asking in both.items()} for _ in range(ROUNDS)]
    for name in both:
        print(f"{name}: {statistics.median(each[name] for each in rounds[1:]):.0f} µs")


if __name__ == "__main__":
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    with Path(os.devnull).open("w") as sys.stderr:  # the log is written, and read by nobody
        set_up("json", "INFO")
        uvloop.run(main())
