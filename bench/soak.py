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
from collections import Counter
from pathlib import Path

from bench.client import Ledger, introduce, writing
from bench.flood import CLIENTS, load, mixes, p99
from bench.ledger import reconcile
from bench.report import record
from bench.site import Server, open_site, serving

SHARE = 0.7
WARM, KNEE, CHUNK = 3, 6, 15
"""Seconds to warm up, to find the knee, and for which the load is sent at a time."""

GROWTH = 0.05
WRITERS = 2


def memory(server: Server) -> int:
    """Bytes that the server's process has in memory."""
    return int(Path(f"/proc/{server.pid}/statm").read_text().split()[1]) * 4_096


async def knee(port: int, requests: list[str]) -> float:
    """Requests a second that eight clients get done."""
    await load(port=port, requests=requests, connections=CLIENTS, seconds=WARM)
    found = await load(port=port, requests=requests, connections=CLIENTS, seconds=KNEE)
    return len(found["took"].get("200", ())) / KNEE


async def soak(minutes: float) -> bool:
    """Load a server for so long, print and record; whether it held."""
    codes, took, sizes = Counter[str](), list[float](), list[int]()
    ledger = Ledger()
    async with open_site() as site:
        await introduce(site)
        requests = (await mixes(site))[0].requests
        async with serving(site) as server, writing(site, server.url, ledger, WRITERS):
            # Found beside the writers: they are a part of what the server can do.
            found, began = await knee(server.port, requests), time.monotonic()
            while time.monotonic() - began < minutes * 60:
                rate = {"rate": SHARE * found, "seconds": CHUNK}
                seen = await load(port=server.port, requests=requests, **rate)
                codes.update({code: len(each) for code, each in seen["took"].items()})
                codes["unanswered"] += seen["unanswered"]
                took += seen["took"].get("200", ())
                sizes.append(memory(server))
        verdict = await reconcile(site.owner, ledger.acknowledged)
    grown = growth(sizes)
    told = ", ".join(f"{code} {count:,}" for code, count in sorted(codes.items()) if count)
    figure = (
        f"{minutes:g} minutes at {SHARE} K (K = {found:,.0f}/s) and {WRITERS} writers: {told}; p99 "
        f"{p99(took):.0f} ms; memory {sizes[-1] / 2**20:.0f} MB at the end, {grown:+.1%} since the "
        f"warm-up; {verdict.text()}; answers to writers that were none: {ledger.seen()}"
    )
    wrong = codes.total() - codes["200"] + ledger.codes.total()
    holds = not wrong and grown <= GROWTH and verdict.holds
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
