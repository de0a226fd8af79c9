"""Connections: one pool, and transactions that carry the viewer's scope."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Self, TypeAlias, TypeVar
from uuid import UUID

import asyncpg

from db import jitter
from db.failures import (
    TRANSIENT,
    Failure,
    OutcomeUnknownError,
    failure_of,
    may_repeat,
)
from db.lending import UNDO, Connection, Lending, Loan, drop
from db.scope import PUBLIC, Scope
from db.standing import STANDING, entering

T = TypeVar("T")

Work: TypeAlias = Callable[[Connection], Awaitable[T]]
"""What is done in one transaction; done again, it must be as if it were done the first time."""

SETTINGS = {
    "application_name": "linli",
    "timezone": "UTC",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "15s",
    "jit": "off",
}

LONGEST = 2
"""Seconds that PostgreSQL lets a statement run; we wait a little more, lest it does not answer."""

GRACE = 0.5
"""Seconds more."""

IN_ALL = 2.4
"""Seconds that a read, or a write until it is committed, may take in all: whatever hangs, its caller
is told so within three."""

LATE = 1.5
"""Seconds after which nothing is tried once more: what failed so late has hung."""

BRIEF = 2
"""Seconds to wait for a transaction to begin or to end."""

CONNECT = 2
"""Seconds to wait for a new connection."""

TRIES = 3
PAUSE = 0.02, 0.1
"""Seconds between two tries, drawn anew each time: enough to notice which connections are dead."""


async def _prepare(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    # Answers come out of PostgreSQL as JSON text and go to the client as they are.
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=_to_jsonb, decoder=_from_jsonb, format="binary"
    )


# On the wire jsonb is a version byte and then text.
def _to_jsonb(text: bytes) -> bytes:
    return b"\x01" + text


def _from_jsonb(data: bytes) -> bytes:
    return data[1:]


async def _nothing(_connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Every use is one transaction with SET LOCAL: there is nothing to reset on release."""


def scope_from(own: Scope, row: asyncpg.Record | None) -> Scope | None:
    """The scope that the row of `STANDING` tells of; None if it tells of nobody."""
    if row is None:
        return None
    prefixes, offices = tuple(row["prefixes"]), tuple(row["offices"])
    return replace(own, prefixes=prefixes, offices=offices)


class Database:
    """The server's connections, as the role that owns nothing."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool
        self._lending = Lending(pool)

    @classmethod
    async def connect(cls, dsn: str, size: int = 10, longest: int = LONGEST) -> Self:
        """Open the pool; raises what asyncpg raises when the database is not there.

        `longest` is how many seconds a statement may run.
        """
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            init=_prepare,
            reset=_nothing,
            server_settings={**SETTINGS, "statement_timeout": f"{longest}s"},
            timeout=CONNECT,
            command_timeout=longest + GRACE,
            statement_cache_size=256,
        )
        return cls(pool)

    async def close(self) -> None:
        """Let statements in flight finish for 5 seconds, then close."""
        try:
            async with asyncio.timeout(5):
                await self._lending.close()
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def transaction(
        self,
        scope: Scope,
        *,
        write: bool = False,
        first: str = "",
        limit: asyncio.Timeout | None = None,
    ) -> AsyncGenerator[Connection]:
        """One transaction under a scope: committed at the end, rolled back on an error.

        `first` is sent along with BEGIN, as a statement of its own. What limits it does not cut COMMIT
        short, of which nobody would know how it ended.
        """
        mode = "READ WRITE" if write else "READ ONLY"
        async with self._connection() as connection:
            try:
                await _begin(connection, f"BEGIN {mode}; {scope.settings()}{first}")
                yield connection
            except BaseException:
                await _roll_back(connection)
                raise
            if limit is not None:
                limit.reschedule(None)
            await _commit(connection, write=write)

    async def read(self, scope: Scope, work: Work[T]) -> T:
        """Read in one transaction; in another one, if a failure that may be over broke it."""
        async with asyncio.timeout(IN_ALL):
            return await _repeated(partial(self.transaction, scope), work)

    async def write(
        self,
        scope: Scope,
        work: Work[T],
        key_lock: str | None = None,
        within: float | None = IN_ALL,
    ) -> T:
        """Write in one transaction; in another one, if a failure is sure to have undone it.

        What begins with the lock of a key takes effect once however often it is done: it is
        repeated also where nobody knows whether it was committed.
        """
        async with asyncio.timeout(within) as limit:
            opened = partial(self.transaction, scope, write=True, first=key_lock or "", limit=limit)
            return await _repeated(opened, work, keyed=key_lock is not None)

    async def fetch(self, scope: Scope, sql: str, values: list[Any]) -> bytes:
        """The one JSON value a compiled statement yields."""
        return await self.read(scope, lambda connection: connection.fetchval(sql, *values))

    async def scope_of(self, locality: str, person: UUID, presented: bytes = b"") -> Scope | None:
        """The scope of a person by its appointments and offices of today; None if there is no such
        person, or what it presented does not stand any more."""
        own = Scope(locality, person, presented=presented)
        row = await self.read(
            own, lambda connection: connection.fetchrow(STANDING, locality, person, presented)
        )
        return scope_from(own, row)

    async def enter(self, scope: Scope, sql: str, values: list[Any]) -> bytes | None:
        """The same in one round trip, if that is today's scope of its person; None if it is not.

        How long it may take in all is its caller's to say.
        """
        entered, given = entering(sql, len(values)), [*values, *scope.entered()]
        return await _repeated(
            self._connection, lambda connection: connection.fetchval(entered, *given)
        )

    async def alone(self, sql: str, *values: Any) -> asyncpg.Record | None:
        """The one row of a statement that is a transaction by itself, of no viewer's."""
        async with asyncio.timeout(IN_ALL), self._connection() as connection:
            return await connection.fetchrow(sql, *values)

    async def ready(self) -> datetime:
        """The database's clock, if it answers."""
        return await self.read(PUBLIC, lambda connection: connection.fetchval("SELECT now()"))

    def _connection(self) -> Loan:
        """A connection, in no transaction."""
        return self._lending.loan()


async def _repeated(
    opened: Callable[[], AbstractAsyncContextManager[Connection]],
    work: Work[T],
    *,
    keyed: bool = False,
) -> T:
    """Do something in a transaction, a few times if it must be; the last failure is told."""
    clock = asyncio.get_running_loop().time
    late = clock() + LATE
    for _ in range(TRIES - 1):
        try:
            async with opened() as connection:
                return await work(connection)
        except TRANSIENT as error:
            if clock() > late or not may_repeat(error, keyed=keyed):
                raise
        await asyncio.sleep(jitter.between(*PAUSE))
    async with opened() as connection:
        return await work(connection)


async def _begin(connection: Connection, statements: str) -> None:
    try:
        await connection.execute(statements, timeout=BRIEF)
    except asyncpg.FeatureNotSupportedError as error:
        # So a standby answers BEGIN READ WRITE; what writes inside of a reading one is told 25006.
        raise asyncpg.ReadOnlySQLTransactionError(str(error)) from error


async def _commit(connection: Connection, *, write: bool) -> None:
    """End a transaction; of a write it is told if nobody knows how it ended."""
    try:
        ended = await connection.execute("COMMIT", timeout=BRIEF)
    except Exception as error:
        drop(connection)
        if write and failure_of(error) in (Failure.LOST, Failure.SLOW):
            raise OutcomeUnknownError from error
        raise
    if ended != "COMMIT":
        # A statement had failed and its error was not raised: PostgreSQL has rolled back.
        raise asyncpg.InFailedSQLTransactionError(ended)


async def _roll_back(connection: Connection) -> None:
    """Undo a transaction, however often whoever began it is cancelled meanwhile: cut short, what it
    was at in the database would go on."""
    undoing = asyncio.ensure_future(_undo(connection))
    cancelled: asyncio.CancelledError | None = None
    while not undoing.done():
        try:
            await asyncio.shield(undoing)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


async def _undo(connection: Connection) -> None:
    """Roll back, or part with the connection: the first error is the one to tell."""
    try:
        async with asyncio.timeout(UNDO):
            await connection.execute("ROLLBACK")
    except Exception:  # whatever it is, the connection is of no more use
        drop(connection)
