"""Connections at hand: what asyncpg's pool has given out is kept between two uses.

Taking a connection from the pool and giving it back costs two tasks and several timers, more than
all else that is done for a short read. One whose use ended well is therefore lent anew as it is, the
latest first; the pool has back what broke, what nobody used for a while, and what others wait for.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TypeAlias

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from db.failures import BusyError

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

QUEUE = 5
"""Seconds to wait for a connection to be free."""

UNDO = 0.4
"""Seconds to wait for what was under way on a connection to end, before it is given up."""

STALE = 300
"""Seconds after which an unused connection is trusted no more: something between may have forgotten it.
As long as asyncpg's own pool trusts one; new ones keep the first requests of a burst waiting."""


class Loan:
    """A connection for as long as the block lasts, in no transaction before and after it."""

    __slots__ = ("_connection", "_lending")

    def __init__(self, lending: "Lending") -> None:
        self._lending = lending

    async def __aenter__(self) -> Connection:
        self._connection = self._lending.at_hand() or await self._lending.acquire()
        return self._connection

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None or not self._lending.keep(self._connection):
            await self._lending.release(self._connection)


class Lending:
    """Lends the connections of a pool."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._pool = pool
        self._now = clock
        self._kept: list[tuple[float, Connection]] = []
        """Unused ones and since when, the latest last."""
        self._waiting = 0
        """Those who wait for the pool."""
        self._closing = False

    def loan(self) -> Loan:
        """A connection to be."""
        return Loan(self)

    def at_hand(self) -> "Connection | None":
        """The connection that was used last; None if none is fit for use."""
        while self._kept:
            since, connection = self._kept.pop()
            if self._now() - since < STALE and usable(connection):
                return connection
            drop(connection)
        return None

    async def acquire(self) -> Connection:
        """A connection of the pool's; BusyError if none becomes free in time."""
        self._waiting += 1
        try:
            return await self._pool.acquire(timeout=QUEUE)
        except TimeoutError as error:
            raise BusyError from error
        finally:
            self._waiting -= 1

    def keep(self, connection: Connection) -> bool:
        """Keep a connection at hand, if nobody waits for it and it is fit for use."""
        kept = not self._waiting and not self._closing and usable(connection)
        if kept:
            self._kept.append((self._now(), connection))
        return kept

    async def release(self, connection: Connection) -> None:
        """Give a connection back to the pool."""
        # Late with it, the connection is given up; whatever ended its use is to be told.
        with suppress(TimeoutError):
            await self._pool.release(connection, timeout=UNDO)

    async def close(self) -> None:
        """Give back what is at hand, and keep nothing any more."""
        self._closing = True
        while self._kept:
            await self.release(self._kept.pop()[1])


def usable(connection: Connection) -> bool:
    """Whether a connection is there still, as far as is known."""
    with suppress(asyncpg.InterfaceError):  # it broke, and the pool has forgotten it
        return not connection.is_closed()
    return False


def drop(connection: Connection) -> None:
    """Part with a connection at once; it may be gone already."""
    with suppress(asyncpg.InterfaceError):
        connection.terminate()
