"""`make bench`: the four requests on a simulated place, Linli beside the same SQL written by hand.

Rounds are interleaved, so that whatever else the machine does falls on both; medians are given.
BENCH_DATA names the folder of the database (made on first use), BENCH_TICKETS its size.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import asyncpg

from bench.by_hand import STATEMENTS
from db.embedded import Embedded
from db.load.simulate import simulate
from db.migrate import migrate
from db.pool import Database
from db.scope import NOBODY, Scope
from schema.api import API, build
from server.context import Context
from server.progress import bar

ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 200)
TICKETS = int(os.environ.get("BENCH_TICKETS") or 500_000)
UNITS = int(os.environ.get("BENCH_UNITS") or 67_000)
PLACE = "simulated"
STATUSES = ["DISPATCHED", "IN_PROGRESS", "RESOLVED"]

IDS = """
WITH community AS (
    SELECT u.id, u.parent_id, u.path, (SELECT count(*) FROM org_unit d WHERE d.locality_id = $1
        AND d.path >= u.path AND d.path < u.path || '~') AS size
    FROM org_unit u WHERE u.locality_id = $1 AND length(u.path) = 12 ORDER BY u.path LIMIT 50)
SELECT (SELECT id FROM community ORDER BY abs(size - 290), path LIMIT 1) AS tree,
    (SELECT parent_id FROM community ORDER BY path LIMIT 1) AS board,
    (SELECT parent_id FROM community ORDER BY path LIMIT 1) AS list,
    (SELECT ticket_id FROM escalation_hop WHERE locality_id = $1 AND sequence = 4
     ORDER BY ticket_id LIMIT 1) AS chain
"""


@dataclass(frozen=True)
class Request:
    """One of the four requests with its variables, and what the SQL by hand is given."""

    name: str
    query: str
    variables: dict[str, object]
    values: list[object]


def requests(ids: Mapping[str, UUID]) -> list[Request]:
    """The four requests over the ids found."""
    made: list[Request] = []
    for name in STATEMENTS:
        key = ids[name]
        tag = "ticket" if name == "chain" else "unit"
        query = (files("server") / "examples" / f"{name}.graphql").read_text()
        variables: dict[str, object] = {"id": f"{tag}_{PLACE}_{key}"}
        values: list[object] = [PLACE, key]
        if name == "list":
            variables["status"] = STATUSES
            values.append(STATUSES)
        made.append(Request(name, query, variables, values))
    return made


async def timed(work: Callable[[], Awaitable[bytes]]) -> tuple[float, bytes]:
    """Milliseconds, and what came of it."""
    start = time.perf_counter()
    body = await work()
    return (time.perf_counter() - start) * 1000, body


async def measure(request: Request, database: Database, scope: Scope) -> str:
    """One line: medians side by side, their ratio, bytes, and whether the answers agree."""
    context = Context(database, scope)

    async def linli() -> bytes:
        prepared = API.prepare(request.query, None, dict(request.variables))
        if isinstance(prepared, list):
            raise prepared[0]
        return await API.answer(prepared, context)

    async def by_hand() -> bytes:
        return await database.fetch(scope, STATEMENTS[request.name], request.values)

    body = other = b""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        took, body = await timed(linli)
        ours.append(took)
        took, other = await timed(by_hand)
        theirs.append(took)
    agree = "same" if json.loads(body) == json.loads(other) else "DIFFERENT"
    a, b = statistics.median(ours), statistics.median(theirs)
    return f"{request.name:6} {a:9.2f} {b:9.2f} {a / b:7.2f} {len(body):9,} {cold(request):9.1f}  {agree}"


def cold(request: Request) -> float:
    """Milliseconds to parse, validate and compile in a schema that remembers nothing (median)."""
    took: list[float] = []
    for _ in range(5):
        fresh = build()
        fresh.prepare("{ __typename }", None, {})
        start = time.perf_counter()
        prepared = fresh.prepare(request.query, None, dict(request.variables))
        if not isinstance(prepared, list):
            fresh.statement(prepared)
        took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


async def main() -> None:
    """Make the place if need be, then measure."""
    data = Path(os.environ.get("BENCH_DATA") or ".linli-bench")
    async with Embedded(data) as embedded:
        await migrate(embedded.owner_dsn)
        owner = await asyncpg.connect(embedded.owner_dsn)
        if not await owner.fetchval("SELECT EXISTS (SELECT FROM locality WHERE id = $1)", PLACE):
            with bar("Simulating tickets", TICKETS) as done:
                print((await simulate(owner, UNITS, TICKETS, done)).text())
        ids = (await owner.fetch(IDS, PLACE))[0]
        root = await owner.fetchval(ROOT, PLACE)
        await owner.close()
        database = await Database.connect(embedded.app_dsn)
        scope = Scope(PLACE, NOBODY, (root,))
        print(f"{'':6} {'linli ms':>9} {'hand ms':>9} {'ratio':>7} {'bytes':>9} {'cold ms':>9}")
        for request in requests(dict(ids)):
            print(await measure(request, database, scope))
        await database.close()


ROOT = (
    "SELECT path FROM org_unit WHERE locality_id = $1 AND parent_id IS NULL ORDER BY path LIMIT 1"
)

if __name__ == "__main__":
    asyncio.run(main())
