"""`python -m bench.soak --minutes 60`: 0.7 of what the server can do, and its memory over time.

Several people send the four requests at a steady rate, others write tickets all the while. After a
warm-up of a fifth of the time the server's memory is noted, and again at the end. 2 minutes show
that it works; an hour shows whether it grows.
"""

import argparse
import asyncio
import statistics
import sys
import time
from pathlib import Path

from bench.client import Ledger, introduce, writing
from bench.flood import knee, mixes, paced
from bench.ledger import reconcile
from bench.report import record
from bench.site import Server, open_site, serving
from bench.wrk import Seen, one_of, wrk

SHARE = 0.7
CLIENTS = 100
CHUNK = 15
"""Seconds for which the load is sent at a time."""

GROWTH = 0.05
WRITERS = 2


def memory(server: Server) -> int:
    """Bytes that the server's process has in memory."""
    return int(Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * 4_096


async def soak(minutes: float) -> bool:
    """Load a server for so long, print and record; whether it held."""
    seen, sizes = list[Seen](), list[int]()
    ledger = Ledger()
    async with open_site() as site:
        await introduce(site)
        requests = (await mixes(site))[0].requests
        async with serving(site) as server, writing(site, server.url, ledger, WRITERS):
            # Found beside the writers: they are a part of what the server can do.
            url = f"{server.url}/graphql"
            most, began = await knee(url, requests), time.monotonic()
            script = one_of(requests, await paced(url, requests, CLIENTS, SHARE * most))
            while time.monotonic() - began < minutes * 60:
                seen.append(await wrk(url, script, CLIENTS, CHUNK))
                sizes.append(memory(server))
        verdict = await reconcile(site.owner, ledger.acknowledged)
    grown, answers = growth(sizes), sum(each.answers for each in seen)
    came = answers / sum(each.seconds for each in seen)
    refused, broken = sum(each.refused for each in seen), sum(each.broken for each in seen)
    figure = (
        f"{minutes:g} minutes at {came / most:.2f} K ({came:,.0f}/s) and {WRITERS} writers: "
        f"{answers:,} answers, of them {refused:,} errors, {broken:,} unanswered; p99 of 15 s "
        f"{statistics.median(each.p99 for each in seen):.0f} ms in the median, "
        f"{max(each.p99 for each in seen):.0f} at worst; memory {sizes[-1] / 2**20:.0f} MB at the "
        f"end, {grown:+.1%} since the warm-up; {verdict.text()}; answers to writers that were "
        f"none: {ledger.seen()}"
    )
    wrong = refused + broken + ledger.codes.total()
    holds = not wrong and grown <= GROWTH and verdict.holds and came >= SHARE * most * 0.95
    print("holds " if holds else "BROKEN", figure)
    record(49, figure, holds, f"python -m bench.soak --minutes {minutes:g}")
    return holds


def growth(sizes: list[int]) -> float:
    """How much the memory has grown from the end of the warm-up to the end."""
    warm = sizes[len(sizes) // 5 :]
    some = max(1, len(warm) // 10)
    return statistics.median(warm[-some:]) / statistics.median(warm[:some]) - 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=2)
    sys.exit(not asyncio.run(soak(parser.parse_args().minutes)))
