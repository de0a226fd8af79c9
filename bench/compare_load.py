"""Load for a slice of time: wrk, or where it is absent or a request is slow, our own clients.

wrk counts what is answered within the slice, which says little when a slice holds few requests:
our own clients let the last request end. Throughput is then clients over mean seconds.
"""

import asyncio
import shutil
import statistics
import time
from dataclasses import dataclass

import httpx

from bench.wrk import wrk

FEW = 5
"""Requests of one client in a slice, below which wrk's edges matter: as if clients only waited for
one another."""
PATIENCE = 300

SCRIPT = """
wrk.method = "POST"
wrk.body = [==[{body}]==]
{headers}
"""


@dataclass(frozen=True)
class Message:
    """What is sent, again and again."""

    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class Slice:
    """What came of a slice."""

    requests: int
    per_second: float
    p50: float
    p99: float
    """Milliseconds."""
    bad: int
    """Answers that were errors, or none."""
    seconds: float


async def load(message: Message, clients: int, seconds: float, latency: float) -> Slice:
    """A slice of load; `latency` is about how long one request takes one client alone."""
    if shutil.which("wrk") and latency * clients * FEW < seconds:
        return await _wrk(message, clients, seconds)
    return await _own(message, clients, seconds)


async def _wrk(message: Message, clients: int, seconds: float) -> Slice:
    headers = "\n".join(f'wrk.headers["{name}"] = "{v}"' for name, v in message.headers.items())
    script = SCRIPT.format(body=message.body.decode(), headers=headers)
    seen = await wrk(message.url, script, clients, seconds)
    bad = seen.refused + seen.broken
    return Slice(seen.answers, seen.per_second, seen.p50, seen.p99, bad, seen.seconds)


async def _own(message: Message, clients: int, seconds: float) -> Slice:
    took, bad = list[float](), 0

    async def one(client: httpx.AsyncClient, end: float) -> None:
        nonlocal bad
        start = 0.0
        while start == 0 or time.perf_counter() < end:
            start = time.perf_counter()
            answer = await client.post(message.url, content=message.body, headers=message.headers)
            took.append(time.perf_counter() - start)
            bad += answer.status_code != 200

    limits = httpx.Limits(max_connections=clients)
    async with httpx.AsyncClient(
        timeout=PATIENCE, limits=limits, trust_env=False, verify=False
    ) as client:
        began = time.perf_counter()
        await asyncio.gather(*(one(client, began + seconds) for _ in range(clients)))
    p50, p99 = (sorted(took)[int(len(took) * part)] * 1e3 for part in (0.5, 0.99))
    rate = clients / statistics.fmean(took)
    return Slice(len(took), rate, p50, p99, bad, time.perf_counter() - began)
