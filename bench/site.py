"""A database of its own with the six places, and servers on it as processes, to be mistreated."""

import asyncio
import os
import secrets
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import rmtree
from typing import TypeAlias

import asyncpg
import httpx

from db.embedded import Embedded
from server.people import find
from server.start import prepare
from server.tokens import Identity, issue, signing_key

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

LINLI = [sys.executable, "-c", "from server.cli import main; main()"]
ROOT = Path(__file__).parents[1]
START_SECONDS = 60

ASLEEP = "UPDATE ticket SET next_due_at = NULL"
BEFORE = "CREATE TABLE before AS SELECT locality_id, id FROM ticket"


@dataclass
class Site:
    """The database, and what it takes to speak to servers on it."""

    embedded: Embedded
    owner: Owner
    secret: str
    folder: Path
    _tokens: dict[str, str] = field(default_factory=dict[str, str])
    _units: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """What a process of ours is told."""
        ours = {
            "DATABASE_URL": self.embedded.app_dsn,
            "LINLI_SECRET": self.secret,
            "LINLI_DEMO": "1",
            "LINLI_RATE_PERSON": "0",
            "LINLI_RATE_ANONYMOUS": "0",
            "LINLI_STREAMS_PERSON": "0",
            "LINLI_STREAMS_ANONYMOUS": "0",
            "LINLI_DATA": str(self.folder / "server"),
        }
        kept = {name: value for name, value in os.environ.items() if "DATABASE_URL" not in name}
        return {**kept, **ours, **(more or {})}

    async def token(self, who: str) -> str:
        """A bearer token for somebody."""
        if who not in self._tokens:
            (found,) = await find(self.embedded.owner_dsn, who)
            key = signing_key(self.secret, self.folder)
            self._tokens[who] = issue(key, Identity(found.locality, found.person))
        return self._tokens[who]

    async def unit(self, locality: str, name: str) -> str:
        """The id of a unit by its name."""
        if (locality, name) not in self._units:
            sql = "SELECT id FROM org_unit WHERE locality_id = $1 AND name = $2"
            key = await self.owner.fetchval(sql, locality, name)
            self._units[locality, name] = f"unit_{locality}_{key}"
        return self._units[locality, name]

    async def stop_at_once(self) -> None:
        """End PostgreSQL as if its machine had lost power, but for the machine."""
        note = (self.embedded.data / "pg" / "postmaster.pid").read_text()
        os.kill(int(note.split()[0]), signal.SIGQUIT)
        while self.embedded.alive:
            await asyncio.sleep(0.01)

    async def revive(self) -> None:
        """Start PostgreSQL again, until it answers; and the owner with it."""
        await self.embedded.revive()
        await self.reconnect()

    async def reconnect(self) -> None:
        """Have the owner connected anew."""
        self.owner.terminate()
        self.owner = await asyncpg.connect(self.embedded.owner_dsn)

    @asynccontextmanager
    async def superuser(self) -> AsyncGenerator[Owner]:
        """A connection that may do anything."""
        connection = await asyncpg.connect(self.embedded.superuser_dsn)
        try:
            yield connection
        finally:
            await connection.close()


def _folder(within: Path | None) -> Path:
    """A folder that PostgreSQL's account can enter too."""
    made = Path(tempfile.mkdtemp(prefix="linli-faults-", dir=within))
    made.chmod(0o755)
    return made


@asynccontextmanager
async def open_site(within: Path | None = None) -> AsyncGenerator[Site]:
    """A fresh database, fsync on, in which nothing of the demonstration falls due."""
    folder = _folder(within)
    try:
        async with Embedded(folder / "data") as embedded:
            await prepare(embedded.owner_dsn)
            owner = await asyncpg.connect(embedded.owner_dsn)
            await owner.execute(f"{ASLEEP}; {BEFORE}")
            site = Site(embedded, owner, secrets.token_urlsafe(48), folder)
            yield site
            await site.owner.close()
    finally:
        rmtree(folder, ignore_errors=True)


class Process:
    """A `linli` command running beside us, its output in the site's folder."""

    def __init__(self, site: Site, *words: str, more: Mapping[str, str] | None = None) -> None:
        self._site = site
        self._words = words
        self._more = more
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self._process is not None
        return self._process.pid

    async def begin(self) -> None:
        """Start it; it may take a while until it does its work."""
        log = (self._site.folder / "said").open("ab")
        self._process = await asyncio.create_subprocess_exec(
            *LINLI,
            *self._words,
            cwd=ROOT,
            env=self._site.environment(self._more),
            stdout=log,
            stderr=log,
        )
        log.close()

    async def end(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Send it a signal and wait until it is gone."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(how)
            await self._process.wait()
            self._process = None


class Server(Process):
    """A `linli serve` on a port that stays the same through its deaths."""

    def __init__(self, site: Site, more: Mapping[str, str] | None = None) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        super().__init__(site, "serve", "--port", str(self.port), more=more)
        self.url = f"http://127.0.0.1:{self.port}"

    async def begin(self) -> None:
        """Start it, and wait until it is ready."""
        await super().begin()
        async with asyncio.timeout(START_SECONDS), httpx.AsyncClient() as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(f"{self.url}/readyz")).status_code == 200:
                        return
                await asyncio.sleep(0.05)


@asynccontextmanager
async def serving(site: Site, more: Mapping[str, str] | None = None) -> AsyncGenerator[Server]:
    """A server for a while."""
    server = Server(site, more)
    await server.begin()
    try:
        yield server
    finally:
        await server.end()
