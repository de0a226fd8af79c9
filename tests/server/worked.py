"""`linli serve` of two workers, of which either can be asked."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.conftest import Scratch
from tests.server.process import START, Served, folder

SECRET = "a secret of the tests, long enough to sign"


class Worked(Served):
    """A `linli serve` of two workers, over a database that is there already."""

    def __init__(self, data: Path, dsn: str) -> None:
        settings = {
            "DATABASE_URL": dsn,
            "LINLI_SECRET": SECRET,
            "LINLI_LOG": "json",
            "LINLI_RATE_ANONYMOUS": "1",
        }
        super().__init__(data, "--workers", "2", settings=settings)

    def told(self) -> list[dict[str, Any]]:
        """The log, as far as it is written."""
        lines = [line for line in self.said().splitlines(keepends=True) if line[-1] == "\n"]
        return [json.loads(line) for line in lines if line.startswith("{")]

    def pids(self) -> dict[int, int]:
        """Of each worker, the process that it is now."""
        begun = (each for each in self.told() if each["message"] == "a worker begins")
        return {each["worker"]: each["pid"] for each in begun}

    def serving(self) -> list[int]:
        """The workers that have begun to serve, in that order."""
        return [e["worker"] for e in self.told() if e["message"].startswith("serving on")]

    def until(self, true: Callable[[], bool]) -> None:
        """Wait for what is sure to happen."""
        end = time.monotonic() + START
        while not true():
            assert time.monotonic() < end, self.said()
            assert self.process.poll() is None, self.said()
            time.sleep(0.02)

    @contextmanager
    def only(self, number: int) -> Iterator[None]:
        """Let one worker alone take the connections that come."""
        others = [pid for each, pid in self.pids().items() if each != number]
        try:
            for pid in others:
                os.kill(pid, signal.SIGSTOP)
            yield
        finally:
            for pid in others:
                os.kill(pid, signal.SIGCONT)

    @contextmanager
    def client(self, number: int) -> Iterator[httpx.Client]:
        """A client with one connection, which that worker has."""
        limits = httpx.Limits(max_connections=1, keepalive_expiry=None)
        with httpx.Client(base_url=self.url, limits=limits, timeout=START) as client:
            with self.only(number):
                client.get("/healthz").raise_for_status()
            yield client


@contextmanager
def two_workers(place: Scratch) -> Iterator[Worked]:
    """A server of two, both ready."""
    with folder() as made:
        served = Worked(made / "data", place.app_dsn)
        try:
            served.until(lambda: {1, 2} <= set(served.serving()))
            yield served
        finally:
            if served.process.poll() is None:
                served.stop()


def asked(
    client: httpx.Client, query: str, headers: Mapping[str, str] | None = None, **variables: Any
) -> httpx.Response:
    body = {"query": query, "variables": variables}
    return client.post("/graphql", json=body, headers=headers)
