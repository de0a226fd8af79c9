"""Reading together: what many wait for at once is read in few transactions.

One event wakes all that follow it. Those that wait are taken up person by person, some dozens of
people at a time; each is answered under a scope of that moment, and one person's subscriptions that
stand at one place and ask the same are answered by one statement.
"""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import cast

from db.failures import Failure, failure_of
from db.fresh import Reading, fetch_freshly
from db.pool import Database
from db.scope import Scope

READERS = 4
"""Transactions at the same time; the other connections are for requests."""

PEOPLE = 50
"""Answered in one transaction, at most."""

Waiting = tuple[Reading, "asyncio.Future[bytes]"]


class Together:
    """Reads for all who wait."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[Scope, list[Waiting]] = {}
        self._readers: set[asyncio.Task[None]] = set()

    async def fetch(self, reading: Reading) -> bytes:
        """The answer, read after this was called."""
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._wait((reading, answer))
        return await answer

    def _wait(self, waiting: Waiting) -> None:
        self._waiting.setdefault(waiting[0].own, []).append(waiting)
        if len(self._readers) < READERS:
            self._readers.add(asyncio.create_task(self._read()))

    async def _read(self) -> None:
        """Answer those who wait until nobody does."""
        try:
            while self._waiting:
                if taken := self._taken():
                    await self._answer(taken)
        finally:
            # In the same step in which nobody was found waiting: whoever waits then begins anew.
            self._readers.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    def _taken(self) -> list[Waiting]:
        """The next to be answered, who have waited longest; whoever left meanwhile is not."""
        people = list(islice(self._waiting, PEOPLE))
        waiting = [each for own in people for each in self._waiting.pop(own)]
        return [each for each in waiting if not each[1].done()]

    async def _answer(self, taken: Sequence[Waiting]) -> None:
        try:
            found = await fetch_freshly(self._database, [reading for reading, _ in taken])
        except Exception as error:  # whatever it is, those who wait must hear of it
            await self._failed(taken, error)
            return
        for waiting, answer in zip(taken, found, strict=True):
            if answer is None:
                self._wait(waiting)
            elif isinstance(answer, Exception):
                _tell(waiting, error=answer)
            else:
                _tell(waiting, answer)

    async def _failed(self, taken: Sequence[Waiting], error: Exception) -> None:
        """The fault of one must not be told to others: each is answered by itself then."""
        if len(taken) == 1 or failure_of(error) not in (None, Failure.SLOW):
            for waiting in taken:
                _tell(waiting, error=error)
        else:
            for waiting in taken:
                await self._answer([waiting])


def _tell(waiting: Waiting, answer: bytes = b"", error: Exception | None = None) -> None:
    _, future = waiting
    if future.done():
        return  # whoever waited has left
    if error is None:
        future.set_result(answer)
    else:
        future.set_exception(error)
