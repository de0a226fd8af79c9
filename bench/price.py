"""`python -m bench.price`: what each wall and each limit costs, on the four requests.

Each is left out in turn, and then all of them; rounds are interleaved, so that whatever else the
machine does falls on all alike, and the median of the rounds' differences is given: in process, at
the desk that every operation passes, and over HTTP from a process of their own. BENCH_DATA and BENCH_TICKETS are those
of `python -m bench`, BENCH_ROUNDS the rounds. No other command leaves anything out.
"""

import asyncio
import json
import os
import socket
import statistics
import sys
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import ColumnElement
from sqlmodel import col

import server.app
from bench.place import HEADS, IDS, PLACE, Request, requests
from bench.price_table import PRICES, SERVED, table
from bench.report import machine
from compiler.engine import CompiledSchema
from db.embedded import Embedded
from db.migrate import migrate
from db.pool import Database
from db.signing import Signer
from db.tables import Division, Locality
from schema.api import build
from server.bucket import Rates
from server.callers import Caller, Callers
from server.desk import Desk, Failed
from server.gate import Gate
from server.http import Server
from server.limits import Limits
from server.log import set_up
from server.loop import loop_factory
from server.operation import Operation
from server.tokens import Identity, issue, signing_key

ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 60)
SECRET = "a secret that only signs this measurement's tokens"
POOL = 10
UNPLACED: tuple[Any, ...] = (Division, Locality)
PLENTY = Rates(1_000_000_000, 1_000_000_000, 1_000_000_000)
"""Counted, and never used up."""


@dataclass(frozen=True)
class Without:
    """What is left out."""

    policies: bool = False
    predicate: bool = False
    cost: bool = False
    bucket: bool = False
    gate: bool = False
    log: bool = False


VARIANTS = {
    SERVED: Without(),
    "row-level security": Without(policies=True),
    "compiled predicate": Without(predicate=True),
    "both walls": Without(policies=True, predicate=True),
    "cost rule": Without(cost=True),
    "bucket": Without(bucket=True),
    "admission": Without(gate=True),
    "log": Without(log=True),
    "all of it": Without(True, True, True, True, True, True),
}
"""By the name of what is left out."""


def only_locality(
    row: Any, locality: ColumnElement[str] | None, _viewer: Any
) -> list[ColumnElement[bool]]:
    """A guard that lets everything of a place pass."""
    return [] if locality is None or row in UNPLACED else [col(row.locality_id) == locality]


def schema_of(without: Without) -> CompiledSchema:
    """The schema, perhaps without the predicate or the price."""
    made: Any = build()
    if without.predicate:
        made._guard = only_locality
    if without.cost:
        made._preparing._cost = lambda *_: 1
    return made


def limits_of(without: Without) -> Limits:
    """The limits, perhaps without some."""
    rates = Rates() if without.bucket else PLENTY
    return Limits(rates, gate=None if without.gate else Gate(POOL))


@dataclass
class Dsns:
    """How to come by the database: behind the policies, and as the owner, whom they do not bind."""

    app: str
    owner: str

    def of(self, without: Without) -> str:
        """The one for a variant."""
        return self.owner if without.policies else self.app


Ask = Callable[[Request], Awaitable[bytes]]


@asynccontextmanager
async def at_the_desk(without: Without, dsns: Dsns, who: Identity) -> AsyncGenerator[Ask]:
    """A variant in this process."""
    database = await Database.connect(dsns.of(without), POOL)
    key = signing_key(SECRET, Path())
    bearers: Any = None  # who calls is known here
    callers = Callers(database, key, bearers, Signer(key.raw_value, ""))
    desk = Desk(schema_of(without), callers, limits=limits_of(without))

    async def ask(request: Request) -> bytes:
        operation = Operation(request.query, dict(request.variables), None)
        return (await desk.answer(operation, Caller(who, "en"))).body

    yield ask
    await database.close()


@asynccontextmanager
async def over_http(name: str, dsns: Dsns, who: Identity) -> AsyncGenerator[Ask]:
    """A variant in a process of its own."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "bench.price", "--serve", name, str(port)]
    env = {**os.environ, "PRICE_DSN": dsns.of(VARIANTS[name])}
    process = await asyncio.create_subprocess_exec(
        *command, env=env, stderr=asyncio.subprocess.DEVNULL
    )
    bearer = issue(signing_key(SECRET, Path()), who)
    headers = {"content-type": "application/json", "authorization": f"Bearer {bearer}"}
    wire = await _connected(port)

    async def ask(request: Request) -> bytes:
        body = json.dumps({"query": request.query, "variables": request.variables})
        try:
            wire.request("POST", "/graphql", body, headers)
            answer = wire.getresponse()
        except (OSError, HTTPException):  # closed while others were begun: it is opened anew
            wire.close()
            wire.request("POST", "/graphql", body, headers)
            answer = wire.getresponse()
        told = answer.read()
        assert answer.status == 200, told
        return told

    try:
        yield ask
    finally:
        wire.close()
        process.terminate()
        await process.wait()


async def _connected(port: int) -> HTTPConnection:
    for _ in range(600):
        try:
            wire = HTTPConnection("127.0.0.1", port, timeout=30)
            wire.connect()
        except OSError:
            await asyncio.sleep(0.1)
        else:
            return wire
    raise TimeoutError("no server came up")


async def serve(name: str, port: int) -> None:
    """Serve a variant."""
    without = VARIANTS[name]
    set_up("off" if without.log else "json", "INFO")
    server.app.API = schema_of(without)
    database = await Database.connect(os.environ["PRICE_DSN"], POOL)
    key = signing_key(SECRET, Path())
    app = server.app.make_app(database, key, limits=limits_of(without), demo=True)
    await Server(app, "127.0.0.1", port).serve()
    await database.close()


async def measured(asks: dict[str, Ask], asked: list[Request]) -> dict[str, dict[str, float]]:
    """Milliseconds by request: as served, and how much of it is due to what a variant leaves out."""
    took: dict[str, dict[str, list[float]]] = {
        name: {each.name: [] for each in asked} for name in asks
    }
    await _warm(asks, asked)
    for at in range(ROUNDS):
        for request in asked:
            bodies: set[bytes] = set()
            # Whoever comes first in a round finds the pages cold: each does in turn.
            order = [*asks][at % len(asks) :] + [*asks][: at % len(asks)]
            for name in order:
                began = time.perf_counter()
                bodies.add(_data(await asks[name](request)))
                took[name][request.name].append((time.perf_counter() - began) * 1_000)
            assert len(bodies) == 1, f"{request.name}: the answers differ"
    for name, each in took.items():
        for request, without in each.items():
            paired = zip(took[SERVED][request], without, strict=True)
            each[request] = without if name == SERVED else [whole - part for whole, part in paired]
    return {
        name: {request: round(statistics.median(t), 2) for request, t in each.items()}
        for name, each in took.items()
    }


async def _warm(asks: dict[str, Ask], asked: list[Request]) -> None:
    """Ask everything twice, for as long as the first answers from a cold disk take."""
    for request in asked:
        for name, ask in asks.items():
            for _ in range(2):
                await _at_last(name, ask, request)


async def _at_last(name: str, ask: Ask, request: Request) -> None:
    for _ in range(20):
        try:
            await ask(request)
        except (Failed, AssertionError) as error:
            print(f"{name}, {request.name}: not yet: {error}", file=sys.stderr)
        else:
            return


def _data(body: bytes) -> bytes:
    """An answer without what it cost."""
    return body.rpartition(b',"extensions"')[0] or body.removesuffix(b"}")


async def main() -> None:
    """Measure, print and keep."""
    set_up("off", "INFO")
    async with Embedded(Path(os.environ.get("BENCH_DATA") or ".linli-bench")) as embedded:
        await migrate(embedded.owner_dsn)
        owner = await asyncpg.connect(embedded.owner_dsn)
        ids: dict[str, UUID] = dict((await owner.fetch(IDS, PLACE))[0])
        who = Identity(PLACE, await owner.fetchval(HEADS, PLACE))
        tickets = await owner.fetchval("SELECT count(*) FROM ticket")
        await owner.close()
        asked, dsns = requests(ids), Dsns(embedded.app_dsn, embedded.owner_dsn)
        async with AsyncExitStack() as stack:
            inside = {
                name: await stack.enter_async_context(at_the_desk(each, dsns, who))
                for name, each in VARIANTS.items()
                if name != "log"  # it is the door's, which is before the desk
            }
            desk = await measured(inside, asked)
        async with AsyncExitStack() as stack:
            outside = {
                name: await stack.enter_async_context(over_http(name, dsns, who))
                for name in VARIANTS
            }
            http = await measured(outside, asked)
    at = datetime.now(UTC).isoformat(timespec="seconds")
    kept = {"at": at, "tickets": tickets, "rounds": ROUNDS, "machine": machine()}
    kept |= {"desk": desk, "http": http}
    PRICES.parent.mkdir(exist_ok=True)
    PRICES.write_text(json.dumps(kept, indent=1) + "\n")
    print(table(kept))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(serve(sys.argv[2], int(sys.argv[3])))
    else:
        asyncio.run(main())
