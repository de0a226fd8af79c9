"""`python -m bench.inside`: the four requests in one process, Linli beside the same SQL by hand.

Without HTTP, tokens or limits: what compiling costs. Rounds are interleaved, so that whatever else
the machine does falls on both; medians are given. BENCH_ROUNDS says how many.
"""

import asyncio
import json
import os
import statistics
import time
from collections.abc import Awaitable, Callable

from bench.by_hand import STATEMENTS
from bench.place import DATA, IDS, PLACE, ROOT, Request, ready, requests
from db.embedded import Embedded
from db.pool import Database
from db.scope import NOBODY, Scope
from schema.api import API, build
from server.context import Context

ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 200)


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
    async with Embedded(DATA) as embedded:
        owner = await ready(embedded)
        ids = (await owner.fetch(IDS, PLACE))[0]
        root = await owner.fetchval(ROOT, PLACE)
        await owner.close()
        database = await Database.connect(embedded.app_dsn)
        scope = Scope(PLACE, NOBODY, (root,))
        print(f"{'':6} {'linli ms':>9} {'hand ms':>9} {'ratio':>7} {'bytes':>9} {'cold ms':>9}")
        for request in requests(dict(ids)):
            print(await measure(request, database, scope))
        await database.close()


if __name__ == "__main__":
    asyncio.run(main())
