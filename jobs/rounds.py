"""Rounds: which place is looked at when.

One that stirs, as soon as changes had a moment to gather; one where something is due, at that time;
and all of them once in a while, and whenever something may have been missed.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress

from db import jitter
from db.failures import TRANSIENT
from db.listen import Bell, Heard

log = logging.getLogger("linli")

GATHER = 0.1
"""Seconds for changes to gather before they are looked at."""

WAIT_FOR_DATABASE = 1.0
"""Seconds before the next attempt when the database did not answer."""


class Rounds:
    """Looks at places for ever."""

    def __init__(
        self,
        name: str,
        places: Callable[[], Awaitable[Iterable[str]]],
        look: Callable[[str], Awaitable[float]],
        every: float,
    ) -> None:
        self._name = name
        self._places = places
        """All there are to look at."""
        self._look = look
        """Looks at one; the seconds until it is to be looked at again."""
        self._every = every
        """Seconds until all of them are looked at again."""
        self._woken = asyncio.Event()
        self._stirred: set[str] = set()
        self._due: dict[str, float] = {}
        self._all_due = 0.0

    async def run(self, bell: Bell) -> None:
        """Look, and sleep until there is something to look at, until cancelled."""
        silence = bell.hear(self._hear)
        try:
            while True:
                wait = await self._turn()
                # Not wait_for: in Python 3.11 it loses a cancellation that comes with the result.
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await self._woken.wait()
                if self._woken.is_set():
                    await asyncio.sleep(GATHER)
        finally:
            silence()

    def stir(self, locality: str) -> None:
        """Have a place looked at."""
        self._stirred.add(locality)
        self._woken.set()

    def _hear(self, heard: Heard | None) -> None:
        if heard is not None:
            self.stir(heard.locality)
        else:
            self._all_due = 0.0
            self._woken.set()

    async def _turn(self) -> float:
        """Look where something stirred or is due; the seconds to wait then."""
        self._woken.clear()
        now = asyncio.get_running_loop().time
        try:
            for locality in await self._next(now()):
                wait = await self._looked(locality)
                self._due[locality] = now() + wait
        except TRANSIENT as error:
            log.warning("the %s wait for the database: %s", self._name, type(error).__name__)
            self._all_due = 0.0
            return jitter.between(WAIT_FOR_DATABASE / 2, WAIT_FOR_DATABASE)
        return max(0.0, min([self._all_due, *self._due.values()]) - now())

    async def _next(self, now: float) -> list[str]:
        stirred, self._stirred = self._stirred, set()
        if now < self._all_due:
            return sorted(stirred | {each for each, due in self._due.items() if due <= now})
        self._all_due = now + self._every
        found = sorted(await self._places())
        self._due.clear()
        return found

    async def _looked(self, locality: str) -> float:
        """Look at a place; one that breaks must not keep the others waiting."""
        try:
            return await self._look(locality)
        except TRANSIENT:
            raise
        except Exception:  # whatever it is, the log has it, and the place is looked at again
            log.exception("the %s break at %s", self._name, locality)
            return self._every
