"""The contestants: how each is started, and how it is asked."""

import asyncio
import json
import secrets
import socket
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import Any

import httpx

from bench.compare_setup import NODE, PEERS
from bench.place import PLACE, Request
from bench.site import LINLI, ROOT
from db.embedded import Embedded
from server.tokens import Identity, issue, signing_key

QUERIES = PEERS / "queries"
START_SECONDS = 60
PLENTY = "1000000000"
"""Points a second: each request is charged and none refused."""
POOL = 10
"""Connections to PostgreSQL of each contestant."""


@dataclass(frozen=True)
class Contestant:
    """What is measured."""

    key: str
    name: str
    command: list[str]
    folder: Path
    environment: dict[str, str]
    asked: Callable[[Request], tuple[str, dict[str, Any]]]
    """The path and the body for a request."""
    headers: dict[str, str]
    lacks: tuple[str, ...] = ()
    """Parts of the answers that it cannot give, as `bench.compare_answers` names them."""


def contestants(embedded: Embedded, head: Any, data: Path) -> list[Contestant]:
    """All six; `head` serves the whole place."""
    peers = data / "peers"
    return [
        _hand(embedded),
        linli(embedded, head, peers),
        _python(embedded, peers, "c", "data loaders", "loaders"),
        _node(embedded, peers, "d", "PostGraphile 5", "postgraphile", "postgraphile"),
        _node(embedded, peers, "e", "Mercurius JIT", "mercurius", "loaders"),
        _python(embedded, peers, "f", "strawchemy", "compiled", ("ancestors", "pageInfo")),
    ]


def _hand(embedded: Embedded) -> Contestant:
    """Values in, the statement's JSON out."""
    command = [sys.executable, "-m", "bench.compare_hand"]
    env = {"DATABASE_URL": embedded.superuser_dsn}

    def asked(request: Request) -> tuple[str, dict[str, Any]]:
        return f"/{request.name}", json.loads(json.dumps(request.values, default=str))

    return Contestant("a", "SQL by hand", command, ROOT, env, asked, {})


def linli(embedded: Embedded, head: Any, peers: Path) -> Contestant:
    """As shipped: its own role, both walls, cost, limits, buckets, the log; a person's token."""
    folder, secret = peers / "linli", secrets.token_urlsafe(48)
    folder.mkdir(parents=True, exist_ok=True)
    env = {
        "DATABASE_URL": embedded.app_dsn,
        "LINLI_SECRET": secret,
        "LINLI_DATA": str(folder),
        "LINLI_DEMO": "1",
        "LINLI_RATE_PERSON": PLENTY,
    }
    bearer = issue(signing_key(secret, folder), Identity(PLACE, head))
    headers = {"authorization": f"Bearer {bearer}"}

    def asked(request: Request) -> tuple[str, dict[str, Any]]:
        return "/graphql", {"query": request.query, "variables": request.variables}

    return Contestant("b", "Linli", [*LINLI, "serve"], ROOT, env, asked, headers)


def _python(
    embedded: Embedded, peers: Path, key: str, name: str, module: str, lacks: tuple[str, ...] = ()
) -> Contestant:
    """An ASGI application on uvicorn."""
    command = [str(peers / "python" / "bin" / "uvicorn"), f"{module}:app", "--no-access-log"]
    command += ["--log-level", "warning", "--loop", "uvloop", "--http", "httptools"]
    dsn = embedded.superuser_dsn.replace("postgresql:", "postgresql+asyncpg:", 1)
    env = {"DATABASE_URL": dsn, "PYTHONDONTWRITEBYTECODE": "1"}
    return Contestant(key, name, command, PEERS / "python", env, _from(QUERIES / module), {}, lacks)


def _node(
    embedded: Embedded, peers: Path, key: str, name: str, module: str, queries: str
) -> Contestant:
    """A program for Node, in production settings."""
    command = [str(peers / "node" / NODE), f"{module}.mjs"]
    env = {"DATABASE_URL": embedded.superuser_dsn}
    env |= {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    return Contestant(key, name, command, peers / "node", env, _from(QUERIES / queries), {})


def _from(queries: Path) -> Callable[[Request], tuple[str, dict[str, Any]]]:
    """Asked in GraphQL, with the documents of a folder and bare ids."""

    def asked(request: Request) -> tuple[str, dict[str, Any]]:
        query = (queries / f"{request.name}.graphql").read_text()
        variables = {**request.variables, "id": request.values[1]}
        said = {name: value for name, value in variables.items() if f"${name}:" in query}
        return "/graphql", {"query": query, "variables": said}

    return asked


@dataclass(frozen=True)
class Served:
    """A contestant that runs."""

    contestant: Contestant
    port: int
    pid: int

    def message(self, request: Request) -> tuple[str, bytes]:
        """The address and the body for a request."""
        path, said = self.contestant.asked(request)
        return f"http://127.0.0.1:{self.port}{path}", json.dumps(said, default=str).encode()

    @property
    def headers(self) -> dict[str, str]:
        """What is sent beside a body."""
        return {"content-type": "application/json", **self.contestant.headers}

    async def ask(self, client: httpx.AsyncClient, request: Request) -> httpx.Response:
        """Ask once."""
        url, body = self.message(request)
        return await client.post(url, content=body, headers=self.headers)


@asynccontextmanager
async def serving(contestant: Contestant, logs: Path) -> AsyncGenerator[Served]:
    """A process of its own for a while; what it says goes to a file of its name."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    kept = {name: value for name, value in environ.items() if "DATABASE_URL" not in name}
    env = {**kept, **contestant.environment, "PORT": str(port)}
    command = [*contestant.command, *_port(contestant, port)]
    with (logs / f"{contestant.key}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=contestant.folder, env=env, stdout=log, stderr=log
        )
    try:
        await _answers(port, process)
        yield Served(contestant, port, process.pid)
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


def _port(contestant: Contestant, port: int) -> list[str]:
    """Uvicorn and Linli are told on the command line."""
    return ["--port", str(port)] if contestant.key in "bcf" else []


async def _answers(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(START_SECONDS):
        while process.returncode is None:
            with suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)
    raise RuntimeError("ended while it started")
