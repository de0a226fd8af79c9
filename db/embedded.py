"""A PostgreSQL of our own, for trials and tests: set up on first use, run as our child.

Everything lives in one folder: `pg` the database, `run` its socket, `pg.log`, `lock`, and
`passwords.json`. It listens on a socket only its own account can reach, and asks for a password.
"""

import asyncio
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote

import asyncpg

from db.binaries import Account, Binaries, EmbeddedError, account, find, require_reachable
from db.cluster import Passwords, give, initialise, make_folders, passwords, settle, take_lock
from db.postmaster import end, end_leftover, run_as

__all__ = ["Embedded", "EmbeddedError", "Running", "running"]

log = logging.getLogger("linli")

_START_SECONDS = 60
_LOOK_SECONDS = 0.1
_SHORTEST_WAIT, _LONGEST_WAIT = 0.5, 30.0
"""Seconds between two attempts to start again what will not start."""
_PORT = 5432
# The kernel's field for a socket's path has 108 bytes, the last one a zero.
_LONGEST_SOCKET = 107

# Enough for a trial on a laptop; fsync stays on, so a power cut loses nothing.
_SETTINGS: Mapping[str, str] = {
    "shared_buffers": "256MB",
    "max_connections": "100",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
}


@dataclass(frozen=True)
class _Address:
    host: str
    port: int

    def dsn(self, user: str, password: str, database: str) -> str:
        host = quote(self.host, safe="")
        return f"postgresql://{user}:{password}@/{database}?host={host}&port={self.port}"

    def knock(self) -> None:
        """OSError if nobody listens."""
        kind, at = socket.AF_INET, (self.host, self.port)
        if sys.platform != "win32":
            kind, at = socket.AF_UNIX, f"{self.host}/.s.PGSQL.{self.port}"
        with socket.socket(kind) as line:
            line.connect(at)


class Embedded:
    """The PostgreSQL of one data folder; one process at a time may run it."""

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None) -> None:
        self.data = data.absolute()
        self.log = self.data / "pg.log"
        self._cluster = self.data / "pg"
        self._settings = {**_SETTINGS, **(settings or {})}
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._address: _Address | None = None
        self._passwords: Passwords | None = None
        self._log_start = 0

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def superuser_dsn(self) -> str:
        """For repair and for tests; the server never uses it."""
        return self._dsn("postgres")

    @property
    def owner_dsn(self) -> str:
        """The role that owns the database and migrates it."""
        return self._dsn("linli_owner")

    @property
    def app_dsn(self) -> str:
        """The role that serves: it owns nothing and cannot pass by row security."""
        return self._dsn("linli_app")

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    async def start(self) -> None:
        """Set the database up if it is new, start it, and wait until it answers."""
        if self._process is not None:
            raise EmbeddedError(f"The PostgreSQL in {self.data} is started already.")
        programs = find()
        user = account(self._cluster)
        for path in (programs.path("postgres"), self.data, _socket_parent(self.data)):
            require_reachable(path, user)
        try:
            await self._start(programs, user)
        except OSError as error:
            await self.stop()
            raise EmbeddedError(f"Cannot run PostgreSQL in {self.data}: {error}") from error
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Shut down at once but cleanly, and leave the folder to the next."""
        if (process := self._process) is not None:
            await end(process.pid, lambda: process.poll() is None)
            self._process = None
        if self._address is not None and sys.platform != "win32":
            shutil.rmtree(self._address.host, ignore_errors=True)
            self._address = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def revive(self) -> None:
        """Start the PostgreSQL that died under us again, where it was: its clients find it there."""
        if self._process is None or self._address is None or self.alive:
            return
        await end_leftover(self._cluster)
        self._log_start = self.log.stat().st_size
        self._process = self._spawn(find(), self._address, account(self._cluster))
        await (await self._connected(self._process)).close()

    async def keep_up(self) -> None:
        """Revive it whenever it dies, until cancelled."""
        wait = _SHORTEST_WAIT
        while self._process is not None:
            if self.alive:
                wait = _SHORTEST_WAIT
                await asyncio.sleep(_LOOK_SECONDS)
                continue
            log.error("PostgreSQL in %s ended by itself; it is started again", self.data)
            try:
                await self.revive()
            except Exception as error:  # whatever it is, what is served depends on the next attempt
                log.error("PostgreSQL in %s could not be started again: %s", self.data, error)
                await asyncio.sleep(wait)
                wait = min(wait * 2, _LONGEST_WAIT)

    async def _start(self, programs: Binaries, user: Account | None) -> None:
        make_folders(self.data, 0o700 if user is None else 0o711)
        self._lock = take_lock(self.data)
        await end_leftover(self._cluster)
        self._passwords = passwords(self.data / "passwords.json", new=not self._cluster.exists())
        if not self._cluster.exists():
            initialise(programs, self._cluster, self._passwords.postgres, user)
        self._address = _address(self.data, user)
        self._log_start = self.log.stat().st_size if self.log.exists() else 0
        self._process = self._spawn(programs, self._address, user)
        connection = await self._connected(self._process)
        try:
            await settle(connection, self._passwords)
        finally:
            await connection.close()

    def _spawn(
        self, programs: Binaries, address: _Address, user: Account | None
    ) -> subprocess.Popen[bytes]:
        command = [str(programs.path("postgres")), "-D", str(self._cluster)]
        for name, value in {**self._settings, **_listening(address)}.items():
            command += ["-c", f"{name}={value}"]
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return run_as(user, command, self.data, log)
        finally:
            os.close(log)

    async def _connected(self, process: subprocess.Popen[bytes]) -> asyncpg.Connection:
        """A superuser's connection, as soon as the server takes one."""
        dsn = self._dsn("postgres", "postgres")
        deadline = time.monotonic() + _START_SECONDS
        while process.poll() is None and time.monotonic() < deadline:
            try:
                return await asyncpg.connect(dsn, timeout=5)
            except asyncpg.InvalidPasswordError as error:
                raise EmbeddedError(
                    f"The database in {self._cluster} was made with other passwords than those in "
                    f"{self.data / 'passwords.json'}: put the two back together."
                ) from error
            except (OSError, asyncpg.PostgresError):
                await asyncio.sleep(0.05)
        happened = (
            f"did not answer within {_START_SECONDS} seconds"
            if process.poll() is None
            else "stopped while starting"
        )
        raise EmbeddedError(f"PostgreSQL {happened}. It says in {self.log}:\n{self._log_end()}")

    def _log_end(self) -> str:
        """The last lines of this start."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-15:])

    def _dsn(self, user: str, database: str = "linli") -> str:
        if self._address is None or self._passwords is None:
            raise EmbeddedError("The embedded PostgreSQL is not started.")
        return self._address.dsn(user, asdict(self._passwords)[user], database)


class Running:
    """The PostgreSQL of a data folder that another process of ours runs."""

    def __init__(self, data: Path) -> None:
        # PostgreSQL's own note of where it listens: pid, folder, start, port, socket folder, host.
        note = (data / "pg" / "postmaster.pid").read_text().splitlines()
        address = _Address(note[4] or note[5], int(note[3]))
        address.knock()
        known = passwords(data / "passwords.json", new=False)
        self.owner_dsn = address.dsn("linli_owner", known.linli_owner, "linli")
        self.app_dsn = address.dsn("linli_app", known.linli_app, "linli")


def running(data: Path) -> Running | None:
    """The folder's PostgreSQL if another process runs it now."""
    if not (data / "lock").exists():
        return None
    try:
        os.close(take_lock(data))
    except EmbeddedError:
        try:
            return Running(data)
        except (OSError, IndexError, ValueError) as error:
            said = f"Another linli is just starting PostgreSQL in {data}; try again in a moment."
            raise EmbeddedError(said) from error
    return None


def _socket_parent(data: Path) -> Path:
    """The data folder, or the system's temporary one when a socket cannot be named from it."""
    longest = os.fsencode(data / "run" / f".s.PGSQL.{_PORT}")
    # In a DSN's host a comma parts two servers and a colon a server from its port.
    nameable = len(longest) <= _LONGEST_SOCKET and not set(b",:") & set(longest)
    return data if nameable else Path(tempfile.gettempdir())


def _address(data: Path, user: Account | None) -> _Address:
    """A private folder for the socket; on Windows, which has none, a free port of our own."""
    if sys.platform == "win32":
        with socket.create_server(("127.0.0.1", 0)) as free:
            return _Address("127.0.0.1", free.getsockname()[1])
    parent = _socket_parent(data)
    if parent == data:
        folder = data / "run"
        # Whatever a killed server left there, perhaps under another account, is stale by now.
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
    else:
        folder = Path(tempfile.mkdtemp(prefix="linli-", dir=parent))
    give(folder, user)
    return _Address(str(folder), _PORT)


def _listening(address: _Address) -> Mapping[str, str]:
    if sys.platform == "win32":
        return {"listen_addresses": address.host, "port": str(address.port)}
    folder = address.host.replace('"', '""')
    return {
        "listen_addresses": "",
        "port": str(address.port),
        "unix_socket_directories": f'"{folder}"',
    }
