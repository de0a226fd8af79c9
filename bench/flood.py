"""`python -m bench.flood`: five times as much as the server can do, for 10 seconds (--full: 60).

First the knee K: what eight clients get done, each sending its next request when it has an answer.
Then a thousand clients send 5 K a second, while somebody asks for /healthz, each time anew, and
somebody sends the same requests over kept connections, to see how long answers take. The flood comes
from wrk on this machine: what it takes of the processors is missing to the server.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from bench.report import record
from bench.site import Site, open_site, serving
from bench.wrk import one_of, wrk

PEOPLE = "weibin", "weibin/姜谭路西社区", "nanling", "xinmao", "hejiang", "bailong"
CHEAP = "query Cheap { localities { slug name } }"
WARM, KNEE, TRIAL, FLOOD = 2, 4, 4, 5
"""Seconds to warm up, to find the knee and to find the pace; how many times the knee comes."""

CLIENTS, MANY = 8, 1_000
SHORT, FULL = 10, 60
"""Seconds of the flood."""

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

HEALTH = b"GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"


@dataclass(frozen=True)
class Mix:
    """Requests, ready to be sent."""

    name: str
    requests: list[str]


@dataclass
class Answers:
    """What somebody beside the flood was answered."""

    took: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    """Seconds, by status."""
    without_retry: int = 0
    """Answers of 429 and 503 that did not say when to come back."""

    def add(self, head: bytes, seconds: float) -> None:
        """Note an answer by its head."""
        status = head[9:12].decode()
        self.took.setdefault(status, []).append(seconds)
        self.without_retry += status in ("429", "503") and b"retry-after:" not in head.lower()


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


async def knee(url: str, requests: list[str]) -> float:
    """Requests a second that eight clients get done."""
    script = one_of(requests)
    await wrk(url, script, CLIENTS, WARM)
    found = await wrk(url, script, CLIENTS, KNEE)
    return (found.answers - found.refused) / found.seconds


async def paced(url: str, requests: list[str], clients: int, rate: float) -> float:
    """The pause in seconds at which so many clients send about `rate` requests a second."""
    pause = clients / rate
    seen = await wrk(url, one_of(requests, pause), clients, TRIAL)
    return max(0.001, pause - (clients / seen.per_second - clients / rate))


async def healthy(port: int, answers: Answers) -> None:
    """Ask for /healthz ten times a second, each time on a connection of its own."""
    while True:
        began = time.perf_counter()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HEALTH)
        answers.add(await reader.readuntil(b"\r\n\r\n"), time.perf_counter() - began)
        writer.close()
        await asyncio.sleep(0.1)


async def asking(port: int, requests: list[str], answers: Answers) -> None:
    """Ask what the flood asks, on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while True:
        began = time.perf_counter()
        writer.write(random.choice(requests).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        answers.add(head, time.perf_counter() - began)
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        await reader.readexactly(int(length))
        await asyncio.sleep(0.1)


def p99(seconds: list[float]) -> float:
    """Milliseconds that 99 of 100 stay below."""
    ordered = sorted(seconds)
    return ordered[int(len(ordered) * 0.99)] * 1_000 if ordered else 0.0


async def flood(mix: Mix, port: int, seconds: float) -> bool:
    """Find the knee, flood, and print; whether it held."""
    url = f"http://127.0.0.1:{port}/graphql"
    most = await knee(url, mix.requests)
    pause = await paced(url, mix.requests, MANY, FLOOD * most)
    health, answers = Answers(), Answers()
    beside: list[Coroutine[Any, Any, None]] = [healthy(port, health)]
    beside += [asking(port, mix.requests, answers) for _ in range(5)]
    async with asyncio.TaskGroup() as tasks:
        asked = [tasks.create_task(each) for each in beside]
        seen = await wrk(url, one_of(mix.requests, pause), MANY, seconds)
        for each in asked:
            each.cancel()
    came, share = (
        each / seen.seconds / most for each in (seen.answers, seen.answers - seen.refused)
    )
    shed = [each for code, took in answers.took.items() if code != "200" for each in took]
    well = health.took.get("200", [])
    figure = (
        f"{mix.name}: K = {most:,.0f}/s; at {came:.1f} K for {seconds:.0f} s {share:.0%} of K served, "
        f"{seen.refused:,} turned away, {seen.broken} unanswered; beside it, p99 of what was turned "
        f"away {p99(shed):.0f} ms ({len(shed)}), without Retry-After {answers.without_retry}, of "
        f"/healthz {p99(well):.0f} ms ({len(well)}, longest {max(well) * 1_000:.0f})"
    )
    print(figure)
    holds = share >= 0.8 and p99(shed) <= 50 and max(well) <= 0.1 and came >= FLOOD * 0.95
    holds = holds and not answers.without_retry and not seen.broken
    holds = holds and set(answers.took) <= {"200", "503", "429"} and set(health.took) == {"200"}
    how = "python -m bench.flood" + (" --full" if seconds == FULL else "")
    record(48, figure, holds, how, mix.name)
    return holds


async def main(seconds: float) -> int:
    """Flood with each mix."""
    async with open_site() as site:
        several = await mixes(site)
        async with serving(site) as server:
            held = [await flood(mix, server.port, seconds) for mix in several]
    print("holds" if all(held) else "BROKEN")
    return 0 if all(held) else 1


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--full", action="store_true", help="flood for 60 seconds")
    sys.exit(asyncio.run(main(FULL if parser.parse_args().full else SHORT)))
