"""`python -m bench.flood`: five times as much as the server can do, for 10 seconds (--full: 60).

First the knee K: what eight clients get done, each sending its next request when it has an answer.
Then 5 K a second, whatever becomes of them, while somebody asks for /healthz. Everything shares this
machine, so what counts is the ratios.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from bench.report import record
from bench.site import Site, open_site, serving

PEOPLE = "weibin", "weibin/姜谭路西社区", "nanling", "xinmao", "hejiang", "bailong"
CHEAP = "query Cheap { localities { slug name } }"
WARM, KNEE, FLOOD = 2, 4, 5
"""Seconds to warm up and to find the knee, and how many times the knee comes."""

CLIENTS = 8

IDS = """
SELECT (SELECT 'unit_' || u.locality_id || '_' || u.id FROM org_unit u
        WHERE u.locality_id = $1 AND u.tree = 'GRID' AND EXISTS (
            SELECT 1 FROM org_unit c
            JOIN org_unit g ON g.locality_id = c.locality_id AND g.parent_id = c.id
            WHERE c.locality_id = u.locality_id AND c.parent_id = u.id)
        ORDER BY length(u.path) DESC, u.path LIMIT 1) AS unit,
    (SELECT 'ticket_' || h.locality_id || '_' || h.ticket_id FROM escalation_hop h
        WHERE h.locality_id = $1 ORDER BY h.sequence DESC, h.at DESC LIMIT 1) AS ticket
"""


@dataclass(frozen=True)
class Mix:
    """Requests, ready to be sent."""

    name: str
    requests: list[str]


def request(query: str, variables: Mapping[str, Any], token: str | None = None) -> str:
    """One POST as it goes over the line."""
    body = json.dumps({"query": query, "variables": variables})
    head = [
        "POST /graphql HTTP/1.1",
        "host: 127.0.0.1",
        "content-type: application/json",
        f"content-length: {len(body.encode())}",
        *([f"authorization: Bearer {token}"] if token else []),
    ]
    return "\r\n".join(head) + "\r\n\r\n" + body


async def mixes(site: Site) -> list[Mix]:
    """The four requests by several people, and a cheap one by anybody."""
    made: list[str] = []
    for who in PEOPLE:
        token, place = await site.token(who), who.partition("/")[0]
        (ids,) = await site.owner.fetch(IDS, place)
        for name in ("tree", "board", "chain", "list"):
            query = (files("server") / "examples" / f"{name}.graphql").read_text()
            variables = {"id": ids["ticket" if name == "chain" else "unit"]}
            if name == "list":
                variables["status"] = ["DISPATCHED", "IN_PROGRESS"]
            made.append(request(query, variables, token))
    return [Mix("the four requests", made), Mix("a cheap one", [request(CHEAP, {})])]


async def sender() -> asyncio.subprocess.Process:
    """A process that waits to be told what to send."""
    pipe = asyncio.subprocess.PIPE
    command = (sys.executable, "-m", "bench.load")
    return await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)


async def load(**told: Any) -> dict[str, Any]:
    """Have a process of its own send."""
    out, _ = await (await sender()).communicate(json.dumps(told).encode())
    return json.loads(out)


async def healthy(port: int, stop: asyncio.Event) -> list[float]:
    """How long /healthz takes, ten times a second, each time on a connection of its own."""
    took: list[float] = []
    while not stop.is_set():
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        await reader.read(12)
        took.append(time.perf_counter() - began)
        writer.close()
        await asyncio.sleep(0.1)
    return took


def p99(seconds: list[float]) -> float:
    """Milliseconds that 99 of 100 stay below."""
    ordered = sorted(seconds)
    return ordered[int(len(ordered) * 0.99)] * 1_000 if ordered else 0.0


async def flood(mix: Mix, port: int, seconds: float) -> bool:
    """Find the knee, flood, and print; whether it held."""
    await load(port=port, requests=mix.requests, connections=CLIENTS, seconds=WARM)
    found = await load(port=port, requests=mix.requests, connections=CLIENTS, seconds=KNEE)
    knee = len(found["took"].get("200", ())) / KNEE
    told = {"port": port, "requests": mix.requests, "rate": FLOOD * knee, "seconds": seconds}
    process, stop = await sender(), asyncio.Event()
    asking = asyncio.create_task(healthy(port, stop))
    out, _ = await process.communicate(json.dumps(told).encode())
    stop.set()
    # Read only now: that takes this process a while, in which it would notice no answer.
    health, seen = await asking, json.loads(out)
    served = seen["took"].get("200", [])
    shed = [each for code, took in seen["took"].items() if code != "200" for each in took]
    codes = ", ".join(f"{code} {len(took):,}" for code, took in sorted(seen["took"].items()))
    share = len(served) / seconds / knee
    figure = (
        f"{mix.name}: K = {knee:,.0f}/s; at {FLOOD} K for {seconds:.0f} s {share:.0%} of K served "
        f"(p99 {p99(served):.0f} ms); codes {codes}; unanswered {seen['unanswered']}; without "
        f"Retry-After {seen['without_retry']}; p99 of what was turned away {p99(shed):.0f} ms, of "
        f"/healthz {p99(health):.0f} ms (longest {max(health) * 1_000:.0f})"
    )
    print(figure)
    holds = share >= 0.8 and p99(shed) <= 50 and p99(health) <= 100
    holds = holds and not seen["without_retry"] and set(seen["took"]) <= {"200", "503", "429"}
    record(48, figure, holds, "python -m bench.flood", mix.name)
    return holds


async def main(seconds: float) -> int:
    """Flood with each mix."""
    unlimited = {f"LINLI_RATE_{who}": "0" for who in ("ANONYMOUS", "PERSON", "CONSUMER")}
    async with open_site() as site:
        several = await mixes(site)
        async with serving(site, unlimited) as server:
            held = [await flood(mix, server.port, seconds) for mix in several]
    print("holds" if all(held) else "BROKEN")
    return 0 if all(held) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="flood for 60 seconds")
    sys.exit(asyncio.run(main(60 if parser.parse_args().full else 10)))
