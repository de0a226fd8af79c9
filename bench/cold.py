"""`python -m bench.cold`: how soon Linli serves, what a first request costs, and what memory it takes.

On the place of `bench.place` (a small one is enough: BENCH_TICKETS=50000 BENCH_UNITS=6000):

- start to ready, from an empty folder and on a database that is there;
- the first and the later answers of the four requests;
- resident memory idle, under load, and after 1,000, 5,000 and 10,000 distinct documents;
- an answer of about 50 MB, plain and compressed: the peak above idle, in answers.

Prints it and writes bench/results/cold.json. `--starts`, `--documents` and `--megabytes` say how much.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bench.compare_load import Message, load
from bench.compare_servers import Contestant, Served, linli, serving
from bench.place import DATA, HEADS, IDS, PLACE, Request, ready, requests, settled
from bench.report import RESULTS, machine
from db.embedded import Embedded

KEPT = RESULTS.with_name("cold.json")
WARM = 10
LOAD_SECONDS = 5
AT_ONCE = 4
"""Documents sent at the same time."""

LARGE = 100
"""Tickets whose titles make the large answer."""

NEWEST = """
SELECT id, title FROM ticket WHERE locality_id = $1 ORDER BY created_at DESC, id DESC LIMIT 100
"""
FATTEN = "UPDATE ticket SET title = repeat('长', $3) WHERE locality_id = $1 AND id = ANY($2)"
THIN = "UPDATE ticket SET title = $3 WHERE locality_id = $1 AND id = $2"
TITLES = "{ tickets(first: 100) { nodes { title } } }"


def resident(pid: int, what: str = "VmRSS") -> float:
    """Megabytes of one process: `VmRSS` now, `VmHWM` at most since the last `forget_peak`."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(what)) / 1024


def forget_peak(pid: int) -> None:
    """Begin anew to note the most memory a process has had."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


@asynccontextmanager
async def timed(contestant: Contestant, logs: Path) -> AsyncGenerator[tuple[Served, float]]:
    """A server, and the seconds from its start until it was ready."""
    began = time.perf_counter()
    async with serving(contestant, logs) as served:
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            while True:
                with suppress(httpx.TransportError):
                    answer = await client.get(f"http://127.0.0.1:{served.port}/readyz")
                    if answer.status_code == 200:
                        break
                await asyncio.sleep(0.01)
        yield served, time.perf_counter() - began


@contextmanager
def nothing() -> Generator[Path]:
    """An empty folder, which PostgreSQL's account can enter too."""
    folder = Path(tempfile.mkdtemp(prefix="linli-cold-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def from_nothing(plain: Contestant, times: int) -> list[float]:
    """Seconds until ready with an embedded database: set up, migrated and filled with six places
    the first time, there the others."""
    kept = {k: v for k, v in plain.environment.items() if k != "DATABASE_URL"}
    took = list[float]()
    with nothing() as folder:
        new = replace(plain, environment={**kept, "LINLI_DATA": str(folder / "data")})
        for _ in range(1 + times):
            async with timed(new, folder) as (_, seconds):
                took.append(seconds)
    return took


async def starts(plain: Contestant, asked: list[Request], times: int) -> dict[str, Any]:
    """Seconds until ready, and milliseconds of the first and of later answers, medians."""
    ready_in, first, later = list[float](), dict[str, list[float]](), dict[str, list[float]]()
    for _ in range(times):
        async with timed(plain, DATA) as (served, took):
            ready_in.append(took)
            async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
                for request in asked:
                    cold, *warm = [await _once(served, client, request) for _ in range(1 + WARM)]
                    first.setdefault(request.name, []).append(cold)
                    later.setdefault(request.name, []).append(statistics.median(warm))
    return {
        "ready_s": ready_in,
        "first_ms": {name: statistics.median(took) for name, took in first.items()},
        "later_ms": {name: statistics.median(took) for name, took in later.items()},
    }


async def _once(served: Served, client: httpx.AsyncClient, request: Request) -> float:
    began = time.perf_counter()
    (await served.ask(client, request)).raise_for_status()
    return (time.perf_counter() - began) * 1_000


async def memory(served: Served, asked: list[Request], documents: list[int]) -> dict[str, float]:
    """Megabytes idle, under load, and after so many distinct documents."""
    found = {"idle": resident(served.pid)}
    for request in asked:
        url, body = served.message(request)
        await load(Message(url, body, served.headers), 16, LOAD_SECONDS, 0)
    found["under load"] = resident(served.pid)
    sent = 0
    async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
        for many in documents:
            await _distinct(served, client, asked, range(sent, many))
            sent = many
            found[f"after {many:,} documents"] = resident(served.pid)
    return found


async def _distinct(
    served: Served, client: httpx.AsyncClient, asked: list[Request], numbers: range
) -> None:
    """Send the four requests in turn, each time as another document, a few at a time."""
    left = iter(numbers)

    async def send() -> None:
        for number in left:
            request = asked[number % len(asked)]
            other = replace(request, query=f"# {number}\n{request.query}")
            while (await served.ask(client, other)).status_code == 503:  # it had too much to do
                await asyncio.sleep(0.1)

    await asyncio.gather(*(send() for _ in range(AT_ONCE)))


async def large(served: Served, coding: str) -> dict[str, float]:
    """One large answer: its size, and the most memory above idle, in megabytes."""
    url = f"http://127.0.0.1:{served.port}/graphql"
    body = json.dumps({"query": TITLES}).encode()
    headers = {**served.headers, "accept-encoding": coding}
    idle = resident(served.pid)
    forget_peak(served.pid)
    async with (
        httpx.AsyncClient(trust_env=False, timeout=60) as client,
        client.stream("POST", url, content=body, headers=headers) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        sent = sum([len(part) async for part in answer.aiter_raw()])
    peak = resident(served.pid, "VmHWM")
    kept = resident(served.pid) - idle
    return {"sent_mb": sent / 2**20, "above_idle_mb": peak - idle, "kept_mb": kept}


async def large_answers(plain: Contestant, owner: Any, megabytes: int) -> dict[str, Any]:
    """The same of the plain answer and of the compressed one, each in a new server."""
    letters = megabytes * 2**20 // LARGE // len("长".encode())
    found: dict[str, Any] = {"answer_mb": megabytes}
    before = await owner.fetch(NEWEST, PLACE)
    keys = [row["id"] for row in before]
    await owner.execute(FATTEN, PLACE, keys, letters)
    try:
        for coding in ("identity", "gzip", "zstd"):
            async with timed(plain, DATA) as (served, _):
                found[coding] = await large(served, coding)
    finally:
        await owner.executemany(THIN, [(PLACE, row["id"], row["title"]) for row in before])
    return found


def text(kept: Mapping[str, Any]) -> str:
    """What is printed, and stands in docs/performance.md."""
    again, (first, *others) = kept["starts"], kept["embedded_s"]
    lines = [
        f"Ready {first:.1f} s after a first start, from an empty folder, and "
        f"{statistics.median(others):.1f} s after a later one; on a DATABASE_URL after "
        f"{statistics.median(again['ready_s']):.1f} s, with --workers 2 after "
        f"{statistics.median(kept['starts_of_two']['ready_s']):.1f} s.",
        "",
        f"| | {' | '.join(again['first_ms'])} |",
        f"| --- |{' --: |' * len(again['first_ms'])}",
        f"| first answer, ms | {' | '.join(f'{each:.0f}' for each in again['first_ms'].values())} |",
        f"| later ones, ms | {' | '.join(f'{each:.1f}' for each in again['later_ms'].values())} |",
        "",
        f"| | {' | '.join(kept['memory_mb'])} |",
        f"| --- |{' --: |' * len(kept['memory_mb'])}",
        f"| MB resident | {' | '.join(f'{each:.0f}' for each in kept['memory_mb'].values())} |",
        "",
    ]
    answer = kept["large"]
    for coding in ("identity", "gzip", "zstd"):
        took = answer[coding]
        times = took["above_idle_mb"] / answer["answer_mb"]
        lines.append(
            f"- An answer of {answer['answer_mb']} MB, {coding}: {took['above_idle_mb']:.0f} MB "
            f"above idle at most, {times:.1f} times the answer; {took['kept_mb']:.0f} MB afterwards."
        )
    return "\n".join(lines)


async def main(times: int, documents: list[int], megabytes: int) -> None:
    """Measure all of it, and tell."""
    DATA.mkdir(parents=True, exist_ok=True)
    async with Embedded(DATA) as embedded:
        owner = await ready(embedded)
        asked = requests(dict((await owner.fetch(IDS, PLACE))[0]))
        plain = linli(embedded, await owner.fetchval(HEADS, PLACE), DATA.absolute() / "cold")
        two = replace(plain, command=[*plain.command, "--workers", "2"])
        kept: dict[str, Any] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": machine(),
            "embedded_s": await from_nothing(plain, times),
        }
        async with timed(plain, DATA):
            await settled(owner)
        kept["starts"] = await starts(plain, asked, times)
        kept["starts_of_two"] = await starts(two, asked, times)
        async with timed(plain, DATA) as (served, _):
            kept["memory_mb"] = await memory(served, asked, documents)
        kept["large"] = await large_answers(plain, owner, megabytes)
        await owner.close()
    print(text(kept))
    KEPT.write_text(json.dumps(kept, indent=1) + "\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--documents", type=int, nargs="+", default=[1_000, 5_000, 10_000])
    parser.add_argument("--megabytes", type=int, default=50)
    given = parser.parse_args()
    asyncio.run(main(given.starts, given.documents, given.megabytes))
