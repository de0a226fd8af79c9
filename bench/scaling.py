"""`python -m bench.scaling`: what a second worker adds, where two cores have to do everything.

The place is that of `bench.place` (a small one is enough: BENCH_TICKETS=50000 BENCH_UNITS=6000). The
servers take turns, in rounds, at each of the four requests with 16 clients; wrk and PostgreSQL work
on the same cores, so the processor time of a request bounds what any number of workers can reach.
Prints a table and writes bench/results/scaling.json. BENCH_SECONDS and BENCH_ROUNDS as in make bench.
"""

import asyncio
import json
import statistics
from collections import defaultdict
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from os import environ
from pathlib import Path

import httpx

from bench.compare import ROUNDS, SECONDS, WARM
from bench.compare_load import Message, load
from bench.compare_proc import Used, memory, used
from bench.compare_servers import Contestant, Served, linli, serving
from bench.place import DATA, HEADS, IDS, PLACE, Request, ready, requests, settled
from bench.report import RESULTS, machine
from db.embedded import Embedded

CLIENTS = 16
KEPT = RESULTS.with_name("scaling.json")
ALONE = "one worker"
SHARED = {"LINLI_BUCKETS": "database"}
SETUPS: dict[str, tuple[list[str], dict[str, str]]] = {
    ALONE: ([], {}),
    "one worker, points counted in the database": ([], SHARED),
    "two workers, points counted in the database": (["--workers", "2"], {}),
    "two workers, points counted in each": (["--workers", "2"], {"LINLI_BUCKETS": "memory"}),
    "two processes on one port": (["--share-port"], SHARED),
}


@dataclass
class Cell:
    """One set-up, one request: what came of each round."""

    per_second: list[float] = field(default_factory=list[float])
    server_ms: list[float] = field(default_factory=list[float])
    """Processor time of the server for one request."""
    postgres_ms: list[float] = field(default_factory=list[float])
    p99: list[float] = field(default_factory=list[float])
    bad: int = 0


Cells = dict[tuple[str, str], Cell]


@dataclass
class Running:
    """A set-up that runs: all its processes answer at one address."""

    name: str
    served: Served
    pids: list[int]

    def used(self, postmaster: int) -> Used:
        """A look at what all of it has used."""
        looks = [used(pid, postmaster) for pid in self.pids]
        return Used(sum(each.server for each in looks), looks[0].postgres)

    def memory(self) -> int:
        """Resident megabytes of all of it."""
        return round(sum(map(memory, self.pids)))


@asynccontextmanager
async def running(
    name: str, plain: Contestant, logs: Path, request: Request
) -> AsyncGenerator[Running]:
    """A set-up for a while, warmed up."""
    words, settings = SETUPS[name]
    contestant = replace(
        plain,
        command=[*plain.command, *words],
        environment={**plain.environment, **settings},
    )
    async with AsyncExitStack() as stack:
        served = await stack.enter_async_context(serving(contestant, _made(logs)))
        pids = [served.pid]
        if "--share-port" in words:
            pids.append(await stack.enter_async_context(_beside(served, logs / "second.log")))
        await _answering(served, request)
        yield Running(name, served, pids)


@asynccontextmanager
async def _beside(served: Served, log: Path) -> AsyncGenerator[int]:
    """A second process on the port of the first."""
    command = [*served.contestant.command, "--port", str(served.port)]
    kept = {name: value for name, value in environ.items() if "DATABASE_URL" not in name}
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            *command, env={**kept, **served.contestant.environment}, stdout=said, stderr=said
        )
    try:
        while not _serves(log):
            await asyncio.sleep(0.1)
        yield process.pid
    finally:
        process.terminate()
        await process.wait()


def _serves(log: Path) -> bool:
    return b"serving on" in log.read_bytes()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


async def _answering(served: Served, request: Request) -> None:
    """Until several connections in a row are answered: all workers are there by then."""
    for _ in range(WARM):
        async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
            (await served.ask(client, request)).raise_for_status()


async def turn(each: Running, request: Request, cell: Cell, postmaster: int) -> None:
    """One turn of load."""
    url, body = each.served.message(request)
    message = Message(url, body, each.served.headers)
    before = each.used(postmaster)
    came = await load(message, CLIENTS, SECONDS, 0)
    took = each.used(postmaster).since(before)
    cell.per_second.append(came.per_second)
    cell.server_ms.append(took.server / came.requests * 1_000)
    cell.postgres_ms.append(took.postgres / came.requests * 1_000)
    cell.p99.append(came.p99)
    cell.bad += came.bad


async def measure(servers: list[Running], asked: list[Request], postmaster: int) -> Cells:
    """All rounds, each beginning with another server; the first is warm-up and does not count."""
    cells: Cells = defaultdict(Cell)
    for number in range(ROUNDS + 1):
        counted = cells if number else defaultdict[tuple[str, str], Cell](Cell)
        at = number % len(servers)
        for request in asked:
            for each in servers[at:] + servers[:at]:
                await turn(each, request, counted[each.name, request.name], postmaster)
    return cells


def table(cells: Cells, memories: dict[str, int]) -> str:
    """The table of docs/performance.md."""
    names = [request for name, request in cells if name == ALONE]
    lines = [
        f"| requests a second (over {ALONE}) | {' | '.join(names)} | MB |",
        f"| --- |{' --: |' * (len(names) + 1)}",
    ]
    for name, megabytes in memories.items():
        row = [f"{_rate(cells[name, each])} ({_over(cells, name, each):.2f})" for each in names]
        lines.append(f"| {name} | {' | '.join(row)} | {megabytes} |")
    lines += ["", f"| processor ms a request: server + PostgreSQL | {' | '.join(names)} |"]
    lines.append(f"| --- |{' --: |' * len(names)}")
    for name in memories:
        row = [_processor(cells[name, each]) for each in names]
        lines.append(f"| {name} | {' | '.join(row)} |")
    return "\n".join(lines)


def _rate(cell: Cell) -> str:
    wrong = f", {cell.bad} bad" if cell.bad else ""
    return f"{statistics.median(cell.per_second):,.0f}{wrong}"


def _over(cells: Cells, name: str, request: str) -> float:
    """Throughput over that of one worker in the same round."""
    pairs = zip(cells[name, request].per_second, cells[ALONE, request].per_second, strict=True)
    return statistics.median(ours / one for ours, one in pairs)


def _processor(cell: Cell) -> str:
    return f"{statistics.median(cell.server_ms):.2f} + {statistics.median(cell.postgres_ms):.2f}"


async def main() -> None:
    """Serve in all ways, measure, tell."""
    DATA.mkdir(parents=True, exist_ok=True)
    async with Embedded(DATA, {"max_connections": "200"}) as embedded, AsyncExitStack() as stack:
        owner = await ready(embedded)
        stack.push_async_callback(owner.close)
        asked = requests(dict((await owner.fetch(IDS, PLACE))[0]))
        plain = linli(embedded, await owner.fetchval(HEADS, PLACE), DATA.absolute() / "scaling")
        servers = [
            await stack.enter_async_context(
                running(name, plain, DATA / "scaling" / str(at), asked[0])
            )
            for at, name in enumerate(SETUPS)
        ]
        await settled(owner)
        postmaster = int((DATA / "pg" / "postmaster.pid").read_text().split()[0])
        cells = await measure(servers, asked, postmaster)
        memories = {each.name: each.memory() for each in servers}
    print(table(cells, memories))
    kept = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "seconds": SECONDS,
        "rounds": ROUNDS,
        "clients": CLIENTS,
        "memory_mb": memories,
        "cells": [
            {"setup": name, "request": request, **vars(cell)}
            for (name, request), cell in cells.items()
        ],
    }
    KEPT.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    asyncio.run(main())
