"""`make bench`: Linli beside hand-written SQL and four other GraphQL servers, on one database.

First it is checked that all give the same answers to the same ids; then each is loaded in turn, in
interleaved rounds, so that whatever else the machine does falls on all alike. QUICK=1 takes about
three minutes; BENCH_SECONDS and BENCH_ROUNDS say how long a turn takes and how many there are,
BENCH_ONLY which contestants run ("abd"). The place is that of `bench.place`. A run that is whole
writes bench/results/compare.json, docs/performance.svg and its part of docs/performance.md; a quick
one writes the first two beside the database.
"""

import asyncio
import json
import shutil
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import asyncpg

from bench.compare import ONLY, QUICK, ROUNDS, SECONDS, Run, agree, begin, measure, set_up, warm
from bench.compare_plot import plot
from bench.compare_servers import contestants
from bench.compare_setup import PEERS, versions
from bench.compare_table import NAMES, page, text
from bench.pages import PAGE, put
from bench.place import DATA, HEADS, IDS, PLACE, ready, requests, settled
from bench.report import RESULTS, machine
from db.embedded import Embedded

KEPT = RESULTS.with_name("compare.json")
PLOT = PAGE.with_name("performance.svg")
NO_WRK = (
    "wrk is missing (Debian, Ubuntu: apt-get install wrk): our own clients are used instead, which "
    "take processor time from all, and from the fast ones most."
)


async def main() -> None:
    """Set up, check, measure, tell."""
    DATA.mkdir(parents=True, exist_ok=True)
    left_out = set_up(DATA)
    async with Embedded(DATA) as embedded, AsyncExitStack() as stack:
        owner = await ready(embedded)
        stack.push_async_callback(owner.close)
        asked = requests(dict((await owner.fetch(IDS, PLACE))[0]))
        await _helpers(embedded, "postgraphile.sql")
        stack.push_async_callback(_helpers, embedded, None)
        all_ = contestants(embedded, await owner.fetchval(HEADS, PLACE), DATA.absolute())
        served = await begin(all_, left_out, stack)
        await settled(owner)
        note = (DATA / "pg" / "postmaster.pid").read_text()
        run = Run(served, asked, int(note.split()[0]), left_out)
        _tell_absent(run)
        run.agree = await agree(run)
        await warm(run)
        await measure(run)
        kept = await _kept(run, owner)
    _write(kept)
    print(text(kept))


def _tell_absent(run: Run) -> None:
    """What will be missing from the table, before it takes its time."""
    if not shutil.which("wrk"):
        print(NO_WRK)
    for key, why in run.left_out.items():
        print(f"Left out: {NAMES[key]}: {why}")


async def _helpers(embedded: Embedded, file: str | None) -> None:
    """The SQL functions that PostGraphile's user writes: made, or taken away again."""
    connection = await asyncpg.connect(embedded.superuser_dsn)
    sql = (PEERS / "node" / file).read_text() if file else "DROP SCHEMA IF EXISTS peers CASCADE"
    await connection.execute(sql)
    await connection.close()


async def _kept(run: Run, owner: Any) -> dict[str, Any]:
    """All that was measured, and on what."""
    sizes = await owner.fetchrow(
        "SELECT (SELECT count(*) FROM ticket) AS tickets, (SELECT count(*) FROM org_unit) AS units"
    )
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": SECONDS,
        "rounds": ROUNDS,
        "quick": QUICK,
        "wrk": bool(shutil.which("wrk")),
        "agree": run.agree,
        **dict(sizes),
        "machine": machine(),
        "versions": versions(),
        "left_out": run.left_out,
        "lacks": {s.contestant.key: s.contestant.lacks for s in run.served},
        "memory_idle_mb": {key: round(mb) for key, mb in run.idle.items()},
        "memory_after_mb": {key: round(mb) for key, mb in run.busy.items()},
        "cells": [vars(cell) for cell in run.cells.values()],
    }


def _write(kept: dict[str, Any]) -> None:
    """Raw results, plot, and the page's part if the run was whole."""
    whole = not QUICK and not kept["left_out"] and set(ONLY) == set(NAMES)
    results, drawn = (KEPT, PLOT) if whole else (DATA / "compare.json", DATA / "compare.svg")
    results.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")
    drawn.write_text(plot(kept))
    if whole:
        put("compare", page(kept))
    print(f"Raw results: {results}; plot: {drawn}")


if __name__ == "__main__":
    asyncio.run(main())
