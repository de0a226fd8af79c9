"""Bring a database to the newest schema, grants and policies; run as the owner role."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from db import policies
from db.jitter import between

LOCK = 7_463_901
"""Advisory lock: two servers starting at once migrate one after the other."""

ALONE = text("SELECT pg_try_advisory_lock(:lock)")

WAIT = "300ms"
"""How long a step waits for a lock: for as long, all who come after it wait behind it."""

BLOCKED = ("55P03", "40P01", "40001")
"""What is told a step that others are in the way of."""

PATIENCE = 60
"""Seconds over which a step is tried again."""

PAUSE = 0.2, 0.6
"""Seconds between two tries, in which those who waited behind it have their turn."""

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


async def migrate(dsn: str) -> None:
    """Upgrade to the newest version, then put grants and policies in force, while others work.

    Each version is a transaction, and so are the policies of each table: none is locked for long.
    """
    made = engine(dsn)
    try:
        async with made.connect() as alone, made.connect() as connection:
            # Asked again and again, in no transaction: an index built CONCURRENTLY waits for
            # statements that wait, and for transactions in which something was read.
            await alone.execution_options(isolation_level="AUTOCOMMIT")
            while not await alone.scalar(ALONE, {"lock": LOCK}):
                await _pause()
            for step in (_upgrade, *map(_executed, policies.steps()), _executed([FORGET_FUTURE])):
                await _patiently(connection, step)
    finally:
        await made.dispose()


Step: TypeAlias = Callable[[Connection], None]


def _upgrade(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET lock_timeout = '{WAIT}'")
    connection.commit()
    command.upgrade(config(connection), "head")
    connection.commit()  # where there was nothing to do, alembic leaves open what it read in


def _executed(statements: Sequence[str]) -> Step:
    # In one round trip: between two of them, all who want the table would wait.
    block = f"DO $step$ BEGIN {'; '.join(statements)}; END $step$"

    def execute(connection: Connection) -> None:
        with connection.begin():
            connection.exec_driver_sql(block)

    return execute


async def _patiently(connection: AsyncConnection, step: Step) -> None:
    """Do a step, again and again for as long as others have what it must lock."""
    until: float | None = None
    while True:
        try:
            await connection.run_sync(step)
        except DBAPIError as error:
            await connection.rollback()
            # From when it was first refused: before, it may have been at work for long.
            until = until or time.monotonic() + PATIENCE
            if getattr(error.orig, "sqlstate", None) not in BLOCKED or time.monotonic() >= until:
                raise
        else:
            return
        await _pause()


async def _pause() -> None:
    await asyncio.sleep(between(*PAUSE))
