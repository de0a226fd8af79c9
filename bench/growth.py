"""`python -m bench.growth [FOLDER …]`: whether a request's time grows with the place, or with the page.

Each folder holds a database with a simulated place; without any, places of 50,000 and 500,000
tickets are used, and made if need be (the latter is that of `make bench`); BENCH_TICKETS=5000000
adds one of so many. Each is served by Linli as shipped, and asked by one client: the four requests,
lists of the whole place and of a building, and the whole place's list after its 100,000th ticket.
Rounds are interleaved: each place is asked in turn. BENCH_ROUNDS says how many. Writes its part of
docs/performance.md and bench/results/growth.json.
"""

import asyncio
import json
import os
import sys
import time
from collections import defaultdict
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bench.compare_servers import Served, linli, serving
from bench.growth_lists import lists
from bench.growth_table import table
from bench.multiply import LOADING
from bench.pages import put
from bench.place import (
    DATA,
    HEADS,
    IDS,
    PLACE,
    TICKETS,
    UNITS,
    Request,
    ready,
    requests,
    settled,
)
from bench.report import RESULTS, machine
from db.embedded import Embedded
from db.load.copy import Owner

ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 200)
WARM = 20
KEPT = RESULTS.with_name("growth.json")
DEEP = 100_000
DEEP_PAGE = f"after the {DEEP:,}th"

Size = tuple[int, int]
"""Units and tickets."""

SMALL: Size = (6_000, 50_000)
USUAL: Size = (67_000, 500_000)


@dataclass
class Grown:
    """What a place came to."""

    units: int
    tickets: int
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Milliseconds by request."""
    objects: dict[str, int] = field(default_factory=dict[str, int])
    """Objects in each answer: what a request's time may grow with."""


@dataclass
class Open:
    """A place that is served."""

    served: Served
    asked: list[Request]
    grown: Grown


async def opened(folder: Path, size: Size, stack: AsyncExitStack) -> Open:
    """Make a place if need be, and serve it."""
    if not (folder / "pg").exists():
        async with Embedded(folder, LOADING) as loading:
            await (await ready(loading, *size)).close()
    embedded = await stack.enter_async_context(Embedded(folder))
    owner = await ready(embedded, *size)
    asked = await _asked(owner)
    sizes = [await owner.fetchval(f"SELECT count(*) FROM {t}") for t in ("org_unit", "ticket")]
    contestant = linli(embedded, await owner.fetchval(HEADS, PLACE), folder / "peers")
    served = await stack.enter_async_context(serving(contestant, folder))
    await settled(owner)
    await owner.close()
    return Open(served, asked, Grown(sizes[0], sizes[1]))


async def _asked(owner: Owner) -> list[Request]:
    """The four requests, and the lists."""
    made = requests(dict((await owner.fetch(IDS, PLACE))[0]))
    return [*made, *await lists(owner, {DEEP_PAGE: DEEP})]


async def warm(client: httpx.AsyncClient, places: list[Open]) -> None:
    """Rounds that do not count; what is not in memory yet may take longer than a caller may wait."""
    for _ in range(WARM):
        for place in places:
            for request in place.asked:
                answer = await place.served.ask(client, request)
                while answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                    answer = await place.served.ask(client, request)
                found = _objects(answer.raise_for_status().json()["data"])
                place.grown.objects[request.name] = found


async def measure(client: httpx.AsyncClient, places: list[Open]) -> None:
    """The rounds: each place in turn."""
    for _ in range(ROUNDS):
        for place in places:
            for request in place.asked:
                began = time.perf_counter()
                answer = await place.served.ask(client, request)
                took = (time.perf_counter() - began) * 1e3
                answer.raise_for_status()
                place.grown.took[request.name].append(round(took, 2))


def _objects(data: Any) -> int:
    """How many objects an answer holds."""
    if isinstance(data, dict):
        return 1 + sum(map(_objects, data.values()))
    return sum(map(_objects, data)) if isinstance(data, list) else 0


def _places(folders: list[Path]) -> list[tuple[Path, Size]]:
    """The folders, with the sizes that are made where there is nothing."""
    places = [(folder, (UNITS, TICKETS)) for folder in folders]
    if not places:
        places = [(DATA / "small", SMALL), (DATA, USUAL)]
        if USUAL[1] < TICKETS:
            places.append((DATA / "large", (UNITS, TICKETS)))
    for folder, _ in places:
        folder.mkdir(parents=True, exist_ok=True)
    return places


async def main(folders: list[Path]) -> None:
    """Measure the places and tell."""
    async with AsyncExitStack() as stack:
        found = [await opened(*each, stack) for each in _places(folders)]
        client = httpx.AsyncClient(timeout=60, trust_env=False)
        await stack.enter_async_context(client)
        await warm(client, found)
        await measure(client, found)
    grown = sorted((each.grown for each in found), key=lambda each: each.tickets)
    at, on = datetime.now(UTC).isoformat(timespec="seconds"), machine()
    kept = {"at": at, "machine": on, "rounds": ROUNDS, "places": [vars(g) for g in grown]}
    KEPT.write_text(json.dumps(kept) + "\n")
    put("growth", table(kept))
    print(table(kept))


if __name__ == "__main__":
    asyncio.run(main([Path(each) for each in sys.argv[1:]]))
