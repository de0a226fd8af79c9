"""The contestants set up, asked whether they agree, warmed up, and loaded in interleaved rounds."""

import asyncio
import os
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bench.compare_answers import difference, root
from bench.compare_load import Message, Slice, load
from bench.compare_proc import memory, used
from bench.compare_servers import Contestant, Served, serving
from bench.compare_setup import Missing, set_up_node, set_up_python
from bench.place import DATA, Request

QUICK = os.environ.get("QUICK", "") not in ("", "0")
SECONDS = float(os.environ.get("BENCH_SECONDS") or (1 if QUICK else 3))
ROUNDS = int(os.environ.get("BENCH_ROUNDS") or (2 if QUICK else 4))
ONLY = os.environ.get("BENCH_ONLY") or "abcdef"
CLIENTS = (1, 16)
WARM = 8
"""Requests before anything counts: for pages, plans, compilers."""
SLOW = 4
"""A request that takes so many turns for 16 clients is measured in one round only."""


@dataclass
class Cell:
    """One contestant, one request, so many clients: what came of each round."""

    key: str
    request: str
    clients: int
    rounds: list[dict[str, float]] = field(default_factory=list[dict[str, float]])


@dataclass
class Run:
    """All that a run needs to know, and came to."""

    served: list[Served]
    asked: list[Request]
    postmaster: int
    left_out: dict[str, str]
    agree: bool = False
    latency: dict[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])
    cells: dict[tuple[str, str, int], Cell] = field(
        default_factory=dict[tuple[str, str, int], Cell]
    )
    idle: dict[str, float] = field(default_factory=dict[str, float])
    busy: dict[str, float] = field(default_factory=dict[str, float])


def set_up(data: Path) -> dict[str, str]:
    """Install what the peers need; why some are left out, by their keys."""
    left_out: dict[str, str] = {}
    made: list[tuple[str, Callable[[Path], None], Path]] = [
        ("cf", set_up_python, data / "peers" / "python"),
        ("de", set_up_node, data / "peers" / "node"),
    ]
    for keys, install, folder in made:
        try:
            if set(keys) & set(ONLY):
                install(folder)
        except Missing as missing:
            left_out |= {key: str(missing) for key in keys if key in ONLY}
    return left_out


async def begin(
    all_: list[Contestant], left_out: dict[str, str], stack: AsyncExitStack
) -> list[Served]:
    """Start those that can be; a peer that does not start is left out, and that is said."""
    logs = DATA / "peers" / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    served: list[Served] = []
    for each in all_:
        if each.key in left_out or each.key not in ONLY:
            continue
        try:
            served.append(await stack.enter_async_context(serving(each, logs)))
        except (RuntimeError, TimeoutError, OSError) as error:
            if each.key in "ab":
                raise
            left_out[each.key] = f"did not start ({error}); see {logs / each.key}.log"
    return served


async def agree(run: Run) -> bool:
    """Ask everybody everything; whether all answers are those of the SQL by hand."""
    right = True
    async with httpx.AsyncClient(timeout=120, trust_env=False) as client:
        for request in run.asked:
            answers = {s.contestant.key: await s.ask(client, request) for s in run.served}
            expected = answers["a"].json()["data"]
            for served in run.served:
                told, lacks = answers[served.contestant.key].json(), served.contestant.lacks
                found = str(told.get("errors") or "") or difference(
                    root(told["data"], lacks), root(expected, lacks)
                )
                if found:
                    right = False
                    print(f"{served.contestant.name}, {request.name}: DIFFERENT: {found[:400]}")
    return right


async def warm(run: Run) -> None:
    """Warm everybody up, and see about how long each takes."""
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(timeout=120, trust_env=False) as client:
        for served in run.served:
            run.idle[served.contestant.key] = memory(served.pid)
            for request in run.asked:
                took: list[float] = []
                while len(took) < WARM and sum(took) < SECONDS:
                    began = loop.time()
                    (await served.ask(client, request)).raise_for_status()
                    took.append(loop.time() - began)
                run.latency[served.contestant.key, request.name] = min(took)


async def measure(run: Run) -> None:
    """The rounds."""
    for at in range(ROUNDS):
        for request in run.asked:
            for clients in CLIENTS:
                turn = at % len(run.served)
                for served in run.served[turn:] + run.served[:turn]:
                    slow = run.latency[served.contestant.key, request.name] * clients
                    if at == 0 or slow < SLOW * SECONDS:
                        await _slice(run, served, request, clients)
        print(f"round {at + 1} of {ROUNDS}, load {os.getloadavg()[0]:.1f}", flush=True)
    for served in run.served:
        run.busy[served.contestant.key] = memory(served.pid)


async def _slice(run: Run, served: Served, request: Request, clients: int) -> None:
    """One contestant's turn."""
    key = served.contestant.key
    url, body = served.message(request)
    before = used(served.pid, run.postmaster)
    got = await load(
        Message(url, body, served.headers), clients, SECONDS, run.latency[key, request.name]
    )
    spent = used(served.pid, run.postmaster).since(before)
    cell = run.cells.setdefault((key, request.name, clients), Cell(key, request.name, clients))
    cell.rounds.append(_told(got, spent.server, spent.postgres))


def _told(got: Slice, server: float, postgres: float) -> dict[str, float]:
    each = 1e3 / max(1, got.requests)
    return {
        "requests": got.requests,
        "per_second": round(got.per_second, 3),
        "p50": round(got.p50, 3),
        "p99": round(got.p99, 3),
        "bad": got.bad,
        "server_cpu_ms": round(server * each, 3),
        "postgres_cpu_ms": round(postgres * each, 3),
    }
