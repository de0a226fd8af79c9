"""Connections: one pool, and transactions that carry the viewer's scope."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Any, Self, TypeAlias
from uuid import UUID

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from db.scope import PUBLIC, Scope

Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"

SETTINGS = {
    "application_name": "linli",
    "timezone": "UTC",
    "statement_timeout": "10s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "15s",
    "jit": "off",
}


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


SCOPE_SQL = """
SELECT p.unit_path, a.unit_path AS post_path
FROM person p LEFT JOIN appointment a ON a.locality_id = p.locality_id AND a.person_id = p.id
    AND a.valid_from <= CURRENT_DATE AND a.valid_to > CURRENT_DATE
WHERE p.locality_id = $1 AND p.id = $2
"""


class Database:
    """The server's connections, as the role that owns nothing."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    @classmethod
    async def connect(cls, dsn: str, size: int = 10) -> Self:
        """Open the pool; raises what asyncpg raises when the database is not there."""
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            init=_prepare,
            reset=_nothing,
            server_settings=SETTINGS,
            command_timeout=15,
            statement_cache_size=256,
        )
        return cls(pool)

    async def close(self) -> None:
        """Let statements in flight finish for 5 seconds, then close."""
        try:
            await asyncio.wait_for(self._pool.close(), 5)
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def transaction(self, scope: Scope, *, write: bool = False) -> AsyncGenerator[Connection]:
        """One transaction under a scope: committed at the end, rolled back on an error."""
        async with self._pool.acquire(timeout=5) as connection:
            mode = "READ WRITE" if write else "READ ONLY"
            try:
                await connection.execute(f"BEGIN {mode}; {scope.settings()}")
                yield connection
            except BaseException:
                # Where the connection itself is gone, the first error is the one to tell.
                with suppress(Exception):
                    await connection.execute("ROLLBACK")
                raise
            await connection.execute("COMMIT")

    async def fetch(self, scope: Scope, sql: str, values: list[Any]) -> bytes:
        """The one JSON value a compiled statement yields."""
        async with self.transaction(scope) as connection:
            return await connection.fetchval(sql, *values)

    async def scope_of(self, locality: str, person: UUID) -> Scope | None:
        """The scope of a person by its appointments of today; None if there is no such person."""
        own = Scope(locality, person)
        async with self.transaction(own) as connection:
            rows = await connection.fetch(SCOPE_SQL, locality, person)
        if not rows:
            return None
        paths = {row["post_path"] for row in rows if row["post_path"] is not None}
        return Scope(locality, person, tuple(sorted(paths)))

    async def ready(self) -> datetime:
        """The database's clock, if it answers."""
        async with self.transaction(PUBLIC) as connection:
            return await connection.fetchval("SELECT now()")
