"""Reads under a scope of the very moment they read: for what goes on for long."""

from collections.abc import Callable
from typing import Any

from db.pool import SCOPE_SQL, Connection, Database, scope_from
from db.scope import Scope

Ask = Callable[[Scope | None], tuple[Scope, str, list[Any]]]
"""What to read, given the scope that was found (None: of nobody): a statement and its values."""


async def fetch_freshly(database: Database, own: Scope, ask: Ask) -> bytes:
    """A person's scope and then one JSON value under it, both as of one moment."""

    async def work(connection: Connection) -> bytes:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        rows = await connection.fetch(SCOPE_SQL, own.locality, own.person)
        scope, sql, values = ask(scope_from(own, rows))
        await connection.execute(scope.settings())
        return await connection.fetchval(sql, *values)

    return await database.read(own, work)
