"""Write one row, one caller at a time: column names come from our code, values are parameters."""

from collections.abc import Mapping
from typing import Any

import asyncpg

from db.pool import Connection


async def one_by_one(
    connection: "Connection | asyncpg.Connection[asyncpg.Record]", what: str
) -> None:
    """Wait until nobody else is at this, and keep others waiting until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", what)


async def insert(
    connection: Connection, table: str, values: Mapping[str, Any], otherwise: str = ""
) -> bool:
    """Insert a row; false if `otherwise` (an ON CONFLICT clause) let it go."""
    places = ", ".join(f"${at}" for at in range(1, len(values) + 1))
    sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places}) {otherwise}"  # noqa: S608  # names are ours
    return (await connection.execute(sql, *values.values())).endswith(" 1")


async def update(
    connection: Connection, table: str, values: Mapping[str, Any], key: Mapping[str, Any]
) -> int:
    """Update the rows with that key; how many there were."""
    changed = ", ".join(f"{name} = ${at}" for at, name in enumerate(values, 1))
    where = " AND ".join(f"{name} = ${at}" for at, name in enumerate(key, len(values) + 1))
    sql = f"UPDATE {table} SET {changed} WHERE {where}"  # noqa: S608  # as above
    return int((await connection.execute(sql, *values.values(), *key.values())).split()[-1])
