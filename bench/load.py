"""A load generator in a process of its own: raw HTTP/1.1 over kept connections, in a loop or at a
rate that nothing slows down. Reads what to send as JSON from stdin, prints what came back as JSON.
"""

import asyncio
import json
import random
import sys
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

import uvloop

MOST_CONNECTIONS = 1_500
GIVE_UP = 10
"""Seconds for answers that are still to come when the load ends."""


@dataclass
class Seen:
    """What came back: by status, the seconds each took."""

    took: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    without_retry: int = 0
    """Answers of 429 and 503 that did not say when to come back."""
    unanswered: int = 0

    def add(self, status: str, seconds: float, *, retry: bool) -> None:
        """Count an answer."""
        self.took.setdefault(status, []).append(seconds)
        self.without_retry += status in ("429", "503") and not retry


class Line(asyncio.Protocol):
    """One connection: one request at a time."""

    def __init__(self, load: "Load") -> None:
        self._load = load
        self._answer = bytearray()
        self._sent = 0.0
        self._wanted = -1
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def send(self, request: bytes) -> None:
        """Send one."""
        self._sent = time.perf_counter()
        self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if self._wanted < 0 and (end := self._answer.find(b"\r\n\r\n")) >= 0:
            head = bytes(self._answer[:end]).lower()
            length = head.split(b"content-length:")[1].split(b"\r\n")[0]
            self._wanted = end + 4 + int(length)
            self._status, self._retry = head[9:12].decode(), b"retry-after:" in head
        if 0 <= self._wanted <= len(self._answer):
            took = time.perf_counter() - self._sent
            self._answer.clear()
            self._wanted, self._sent = -1, 0.0
            self._load.answered(self, self._status, took, retry=self._retry)

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.lost(self, waiting=self._sent > 0)


class Load:
    """All connections of a run."""

    def __init__(self, port: int, requests: list[str]) -> None:
        self._port = port
        self._requests = [each.encode() for each in requests]
        self._idle: deque[Line] = deque()
        self._lines: set[Line] = set()
        self._closed_loop = False
        self.seen = Seen()

    def answered(self, line: Line, status: str, took: float, *, retry: bool) -> None:
        """An answer has come."""
        self.seen.add(status, took, retry=retry)
        if self._closed_loop:
            line.send(random.choice(self._requests))
        else:
            self._idle.append(line)

    def lost(self, line: Line, *, waiting: bool) -> None:
        """A connection has ended."""
        self.seen.unanswered += waiting
        self._lines.discard(line)
        if line in self._idle:
            self._idle.remove(line)

    async def _open(self) -> Line:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(lambda: Line(self), "127.0.0.1", self._port)
        self._lines.add(line)
        return line

    async def in_a_loop(self, connections: int, seconds: float) -> None:
        """As much as so many clients get done."""
        self._closed_loop = True
        for _ in range(connections):
            (await self._open()).send(random.choice(self._requests))
        await asyncio.sleep(seconds)
        self._closed_loop = False
        await self._rest()

    async def at(self, rate: float, seconds: float) -> None:
        """So many a second, whatever becomes of them."""
        for _ in range(200):
            self._idle.append(await self._open())
        began, sent = time.perf_counter(), 0
        opening: set[asyncio.Task[None]] = set()
        while (now := time.perf_counter() - began) < seconds:
            while sent < now * rate:
                sent += 1
                request = random.choice(self._requests)
                if self._idle:
                    self._idle.popleft().send(request)
                elif len(self._lines) + len(opening) < MOST_CONNECTIONS:
                    task = asyncio.create_task(self._send_anew(request))
                    opening.add(task)
                    task.add_done_callback(opening.discard)
                else:
                    self.seen.unanswered += 1
            await asyncio.sleep(0.002)
        await self._rest()

    async def _send_anew(self, request: bytes) -> None:
        try:
            (await self._open()).send(request)
        except OSError:
            self.seen.unanswered += 1

    async def _rest(self) -> None:
        end = time.perf_counter() + GIVE_UP
        while len(self._idle) < len(self._lines) and time.perf_counter() < end:
            await asyncio.sleep(0.01)
        self.seen.unanswered += len(self._lines) - len(self._idle)


async def main() -> None:
    """Do what stdin says."""
    told = json.loads(sys.stdin.read())
    load = Load(told["port"], told["requests"])
    if "rate" in told:
        await load.at(told["rate"], told["seconds"])
    else:
        await load.in_a_loop(told["connections"], told["seconds"])
    sys.stdout.write(json.dumps(asdict(load.seen)))


if __name__ == "__main__":
    uvloop.run(main())
