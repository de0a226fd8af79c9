"""Bring a database to the newest schema, grants and policies; run as the owner role."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from db import policies

LOCK = 7_463_901
"""Advisory lock: two servers starting at once migrate one after the other."""

FORGET_FUTURE = """
DELETE FROM change WHERE tx >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint
"""
"""After a restore from a dump, transactions are numbered anew, from lower numbers: changes of the
other numbering would stand in the way of new ones. (What other servers commit meanwhile has a
higher number than this transaction, but none that has not begun.)"""


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without an ini file."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


def engine(dsn: str) -> AsyncEngine:
    """An engine for alembic over asyncpg."""
    return create_async_engine(make_url(dsn).set(drivername="postgresql+asyncpg"))


async def with_connection(dsn: str, work: Callable[[Connection], None]) -> None:
    """Run synchronous work over one connection, in one transaction."""
    made = engine(dsn)
    try:
        async with made.begin() as connection:
            await connection.run_sync(work)
    finally:
        await made.dispose()


def _upgrade(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    command.upgrade(config(connection), "head")
    for statement in policies.statements():
        connection.exec_driver_sql(statement)
    connection.execute(text(FORGET_FUTURE))


async def migrate(dsn: str) -> None:
    """Upgrade to the newest version and put grants and policies in force: all or nothing."""
    await with_connection(dsn, _upgrade)
