"""`linli` as a process of its own: served, asked, stopped, and cleared away."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

ROOT = Path(__file__).parents[2]
LINLI = [sys.executable, "-c", "from server.cli import main; main()"]
FIRST_START, START, STOP = 120, 60, 60
"""Seconds each may take at most."""

SLUGS = ["bailong", "hejiang", "huazhou", "nanling", "weibin", "xinmao"]
OUTSIDE = ("DATABASE_URL", "MIGRATE_DATABASE_URL", "LINLI_SECRET", "LINLI_WORKERS", "PORT")


def environment(data: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    return {**kept, "LINLI_DATA": str(data), "LINLI_DEMO": "1"}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def linli(data: Path, *words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    env = {**environment(data), "PYTHONPATH": str(ROOT)}
    command = [*LINLI, *words]
    return subprocess.run(
        command, cwd=folder, env=env, text=True, capture_output=True, timeout=START, check=False
    )


class Served:
    """A running `linli serve`."""

    def __init__(self, data: Path, *words: str, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self.url = f"http://127.0.0.1:{(port := free_port())}"
        self._log = data.with_name("said").open("w+")
        self._began = time.monotonic()
        self.process = subprocess.Popen(
            [*LINLI, "serve", "--port", str(port), *words],
            cwd=ROOT,
            env={**environment(data), **(settings or {})},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def until_ready(self, seconds: float) -> float:
        """Wait for /readyz; how long it took."""
        while (took := time.monotonic() - self._began) < seconds:
            assert self.process.poll() is None, self.said()
            try:
                if httpx.get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return took
            except httpx.TransportError:
                time.sleep(0.05)
        raise AssertionError(f"not ready after {seconds} s: {self.said()}")

    def ask(self, query: str, token: str | None = None, **variables: Any) -> Any:
        headers = {} if token is None else {"authorization": f"Bearer {token}"}
        body = {"query": query, "variables": variables}
        answer = httpx.post(f"{self.url}/graphql", json=body, headers=headers, timeout=10)
        assert answer.status_code == 200, answer.text
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    def said(self) -> str:
        self._log.seek(0)
        return self._log.read()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """End it and wait; its exit status."""
        self.process.send_signal(how)
        return self.process.wait(STOP)

    def postmaster(self) -> int:
        return postmaster(self.data)


@contextmanager
def serving(data: Path, *, leave: bool = False) -> Iterator[Served]:
    """A server on a data folder, ended at the latest here, with its database unless it is left."""
    served = Served(data)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.stop()
        if not leave:
            end_database(data)


def postmaster(data: Path) -> int:
    return int((data / "pg" / "postmaster.pid").read_text().split()[0])


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # One that has ended may wait for a parent to take note of it.
    return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()


def end_database(data: Path) -> None:
    """End a PostgreSQL that its server left running."""
    try:
        left = postmaster(data)
        os.kill(left, signal.SIGINT)
    except (FileNotFoundError, ProcessLookupError):
        return
    end = time.monotonic() + STOP
    while alive(left) and time.monotonic() < end:
        time.sleep(0.02)
    assert not alive(left)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that other accounts can pass through, as PostgreSQL needs under root."""
    made = Path(tempfile.mkdtemp(prefix="linli-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def units(served: Served) -> dict[str, int]:
    """How many units each place has."""
    asked = (f'{slug}: orgUnits(locality: "{slug}") {{ totalCount }}' for slug in SLUGS)
    found = served.ask(f"{{ {' '.join(asked)} }}")
    return {slug: each["totalCount"] for slug, each in found.items()}


async def load_until_it_ends(served: Served, sockets: int = 1) -> dict[str, Any]:
    """Ask all the while on eight connections, have it end, and see what came of them.

    On a ninth a request is begun before, and sent to its end only when the first has been closed.
    """
    host, port = served.url.removeprefix("http://").split(":")
    seen: dict[str, Any] = {"whole": 0, "broken": 0, "closing": 0, "sockets": []}
    body = b'{"query":"{ localities { slug roots { id name } } }"}'
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    sent = head + b"content-length: %d\r\n\r\n" % len(body) + body
    ending = asyncio.Event()

    async def begin() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(sent[:-1])
        await ending.wait()
        assert not await asked(reader, writer, sent[-1:])
        writer.close()

    async def ask() -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection(host, int(port))
            except ConnectionError:
                return
            while await asked(reader, writer, sent):
                pass
            ending.set()
            writer.close()

    async def asked(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes
    ) -> bool:
        """Whether it was answered, and the connection lives on."""
        answer = b""
        try:
            writer.write(sent)
            answer = await reader.readuntil(b"\r\n\r\n")
            length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            # A connection that is closed before anything is answered was closed between requests.
            seen["broken"] += bool(answer or getattr(error, "partial", b""))
            return False
        seen["whole"] += 1
        seen["closing"] += b"connection: close" in answer.lower()
        return b"connection: close" not in answer.lower()

    watching = 0

    async def watch() -> None:
        nonlocal watching
        url = f"{served.url.replace('http', 'ws')}/graphql"
        async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as wire:
            await wire.send('{"type":"connection_init"}')
            await wire.recv()
            watching += 1
            await wire.wait_closed()
            seen["sockets"].append(wire.close_code)

    tasks = [asyncio.create_task(each()) for each in (begin, *[ask] * 8, *[watch] * sockets)]
    while seen["whole"] < 50 or watching < sockets:
        await asyncio.sleep(0.01)
    began = time.monotonic()
    served.process.send_signal(signal.SIGTERM)
    await asyncio.gather(*tasks)
    while served.process.poll() is None and time.monotonic() < began + STOP:
        await asyncio.sleep(0.02)
    return {**seen, "took": time.monotonic() - began}
