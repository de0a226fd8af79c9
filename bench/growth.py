"""`python -m bench.growth [FOLDER …]`: whether a request's time grows with the place, or with the page.

Each folder holds a database with a simulated place; without any, places of 50,000 and 500,000
tickets are used, and made if need be (the latter is that of `make bench`). Each is served by Linli as
shipped, and asked by one client: the four requests, lists of the whole place and of a building, and
the whole place's list after its 100,000th ticket. Rounds are interleaved: each
place is asked in turn. BENCH_ROUNDS says how many. Writes its part of docs/performance.md and bench/results/growth.json.
"""

import asyncio
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from bench.compare_servers import Served, linli, serving
from bench.growth_cursor import deepest
from bench.pages import put
from bench.place import (
    DATA,
    HEADS,
    IDS,
    PLACE,
    ROOT,
    TICKETS,
    UNITS,
    Request,
    ready,
    requests,
    settled,
)
from bench.report import RESULTS, machine
from db.embedded import Embedded

ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 200)
WARM = 20
KEPT = RESULTS.with_name("growth.json")
DEEP = 100_000

LISTED = """
query Deep($id: ID!, $after: String) {
  orgUnit(id: $id) {
    tickets(within: SUBTREE, first: 50, after: $after) {
      edges {
        cursor
        node {
          id number title status severity createdAt dueAt
          category { name }
          orgUnit { name }
          reporter { name }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

UNIT_AT = "SELECT id FROM org_unit WHERE locality_id = $1 AND path = $2"
BUILDING = """
SELECT id FROM org_unit WHERE locality_id = $1 AND length(path) = $2 ORDER BY path LIMIT 1
"""


@dataclass
class Grown:
    """What a place came to."""

    units: int
    tickets: int
    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """Milliseconds by request."""
    objects: dict[str, int] = field(default_factory=dict[str, int])
    """Objects in each answer: what a request's time may grow with."""

    def p50(self, name: str) -> float:
        """The median of a request."""
        return statistics.median(self.took[name])


@dataclass
class Open:
    """A place that is served."""

    served: Served
    asked: list[Request]
    grown: Grown


async def opened(folder: Path, units: int, tickets: int, stack: AsyncExitStack) -> Open:
    """Make a place if need be, and serve it."""
    embedded = await stack.enter_async_context(Embedded(folder))
    owner = await ready(embedded, units, tickets)
    asked = await _asked(owner)
    sizes = [await owner.fetchval(f"SELECT count(*) FROM {t}") for t in ("org_unit", "ticket")]
    contestant = linli(embedded, await owner.fetchval(HEADS, PLACE), folder / "peers")
    served = await stack.enter_async_context(serving(contestant, folder))
    await settled(owner)
    await owner.close()
    return Open(served, asked, Grown(sizes[0], sizes[1]))


async def _asked(owner: Any) -> list[Request]:
    """The four requests, and the lists."""
    made = requests(dict((await owner.fetch(IDS, PLACE))[0]))
    root = await owner.fetchval(UNIT_AT, PLACE, await owner.fetchval(ROOT, PLACE))
    longest = await owner.fetchval("SELECT max(length(path)) FROM org_unit")
    building = await owner.fetchval(BUILDING, PLACE, longest - 4)
    made.append(_list("whole place", root, None))
    made.append(_list("one building", building, None))
    cursor = await deepest(owner, root, DEEP)
    if cursor:
        made.append(_list(f"after the {DEEP:,}th", root, cursor))
    return made


def _list(name: str, unit: Any, after: str | None) -> Request:
    return Request(name, LISTED, {"id": f"unit_{PLACE}_{unit}", "after": after}, [])


async def measure(places: list[Open]) -> None:
    """The rounds: each place in turn."""
    async with httpx.AsyncClient(timeout=60, trust_env=False) as client:
        for at in range(WARM + ROUNDS):
            for place in places:
                for request in place.asked:
                    began = time.perf_counter()
                    answer = await place.served.ask(client, request)
                    took = (time.perf_counter() - began) * 1e3
                    if at >= WARM:
                        place.grown.took[request.name].append(round(took, 2))
                    else:
                        found = _objects(answer.raise_for_status().json()["data"])
                        place.grown.objects[request.name] = found


def _objects(data: Any) -> int:
    """How many objects an answer holds."""
    if isinstance(data, dict):
        return 1 + sum(map(_objects, data.values()))
    return sum(map(_objects, data)) if isinstance(data, list) else 0


def table(grown: list[Grown], at: str, on: Mapping[str, Any]) -> str:
    """What came of it, as Markdown."""
    head = "".join(f" | {g.tickets:,} tickets, {g.units:,} units" for g in grown)
    lines = [f"| p50, ms (objects){head} | last over first |", "|---" * (len(grown) + 2) + "|"]
    for name in grown[-1].took:
        cells = [f"{g.p50(name):.2f} ({g.objects[name]})" if name in g.took else "" for g in grown]
        ratio = f"{grown[-1].p50(name) / grown[0].p50(name):.2f}" if name in grown[0].took else ""
        lines.append(f"| {name} | {' | '.join([*cells, ratio])} |")
    said = (
        f"{at}: one client, medians of {ROUNDS} interleaved rounds, over HTTP, walls and limits on; "
        f"{on['cores']} cores, load at the end {on['load'][0]}."
    )
    return said + "\n\n" + "\n".join(lines)


def _places(folders: list[Path]) -> list[tuple[Path, int, int]]:
    """The folders with the units and tickets that are made where there are none."""
    places = [(folder, UNITS, TICKETS) for folder in folders]
    places = places or [(DATA / "small", 6_000, 50_000), (DATA, UNITS, TICKETS)]
    for folder, _, _ in places:
        folder.mkdir(parents=True, exist_ok=True)
    return places


async def main(folders: list[Path]) -> None:
    """Measure the places and tell."""
    async with AsyncExitStack() as stack:
        found = [await opened(*each, stack) for each in _places(folders)]
        await measure(found)
    grown = sorted((each.grown for each in found), key=lambda each: each.tickets)
    at, on = datetime.now(UTC).isoformat(timespec="seconds"), machine()
    kept = {"at": at, "machine": on, "rounds": ROUNDS, "places": [vars(g) for g in grown]}
    KEPT.write_text(json.dumps(kept) + "\n")
    put("growth", table(grown, at, on))
    print(table(grown, at, on))


if __name__ == "__main__":
    asyncio.run(main([Path(each) for each in sys.argv[1:]]))
