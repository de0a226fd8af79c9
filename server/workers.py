"""Worker processes that answer on the same sockets: begun, kept going, and ended together.

Not with uvicorn's own supervisor: its workers outlive it, it waits without end for one that does
not stop, begins one that dies after its start again and again, and does nothing else meanwhile.
Ours also keeps the embedded PostgreSQL and does the clock's work.
"""

import asyncio
import logging
import pickle
import socket
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from server.settings import Settings

COMMAND = (
    *(sys.executable, "-P", "-c"),
    "import sys; sys.path[:] = sys.argv[1:]; from server.worker import main; main()",
)
"""What is imported is imported from where we have it; a fork would share our locks and threads."""

WRONG = 2
"""The exit status of a worker that cannot do with its settings, and has said why."""

SOON = 10
"""Seconds within which a worker that ended counts as one that could not work."""

MOST_DEATHS = 5
"""In a row, each soon after its start; then there is no point in starting again."""

FIRST_WAIT = 0.1
"""Seconds before one that ended is started again; twice as long each time."""

LONGEST_WAIT = 5.0
"""Of those seconds, the most."""

LONGEST_END = 9.0
"""Seconds for all to end what they are at; it is killed then."""

log = logging.getLogger("linli")


class WorkersError(Exception):
    """The workers cannot work; empty if they said why."""


@dataclass(frozen=True)
class Orders:
    """What a worker is told on its standard input, which ends when whoever began it is gone."""

    settings: Settings
    dsn: str
    number: int
    sockets: list[int]


class Workers:
    """As many worker processes as the settings name."""

    def __init__(self, settings: Settings, dsn: str, listeners: Sequence[socket.socket]) -> None:
        self._settings = settings
        self._dsn = dsn
        self._listeners = listeners
        self._running = set[Process]()
        self.told = asyncio.Event()
        """They are to stop."""
        self._proven = False
        """Whether one has worked for a while, so that it is not the settings if another cannot."""
        self.broken: WorkersError | None = None
        """Why they had to be stopped, if they had."""

    def stop(self) -> None:
        """Have them end; told once more, at once."""
        if self.told.is_set():
            for each in self._running:
                _kill(each)
        self.told.set()

    async def run(self) -> None:
        """Keep them going until they are to stop."""
        async with asyncio.TaskGroup() as tasks:
            numbers = range(1, self._settings.workers + 1)
            kept = [tasks.create_task(self._keep(number)) for number in numbers]
            await self.told.wait()
            # Else who connects meanwhile waits for somebody to accept, and in vain.
            for listener in self._listeners:
                listener.close()
            for each in kept:
                each.cancel()

    async def _keep(self, number: int) -> None:
        """Keep one going; have all stop if none ever worked and this one cannot."""
        deaths = 0
        while True:
            began = monotonic()
            try:
                status = await self._live(number)
            except OSError as error:  # the machine has no room for it just now
                status = error.errno
            if monotonic() - began >= SOON:
                self._proven, deaths = True, 0
            deaths += 1
            log.error("a worker ended", extra={"worker": number, "status": status})
            if not self._proven and status == WRONG:
                self._break("")
                return
            if not self._proven and deaths == MOST_DEATHS:
                said = f"Worker {number} ended {deaths} times within {SOON} seconds of its start."
                self._break(said)
                return
            await asyncio.sleep(min(FIRST_WAIT * 2**deaths, LONGEST_WAIT))

    def _break(self, why: str) -> None:
        self.broken = self.broken or WorkersError(why)
        if not self.told.is_set():
            self.stop()

    async def _live(self, number: int) -> int:
        """One life of a worker; its exit status."""
        fds = [each.fileno() for each in self._listeners]
        process = await asyncio.create_subprocess_exec(
            *COMMAND, *sys.path, stdin=PIPE, pass_fds=fds, start_new_session=True
        )
        self._running.add(process)
        try:
            log.info("a worker begins", extra={"worker": number, "pid": process.pid})
            await _tell(process, Orders(self._settings, self._dsn, number, fds))
            return await process.wait()
        finally:
            await _end(process)
            self._running.discard(process)


async def _tell(process: Process, orders: Orders) -> None:
    if process.stdin is not None:
        with suppress(ConnectionError):  # it ended already
            process.stdin.write(pickle.dumps(orders))
            await process.stdin.drain()


async def _end(process: Process) -> None:
    """Have it end what it is at, and kill it if that takes too long."""
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_END):
                await process.wait()
    finally:
        _kill(process)
        await process.wait()


def _kill(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
