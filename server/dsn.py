"""Where a command beside the server finds the database; quickly imported, as commands are to be."""

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import asyncpg

from db.embedded import Embedded, EmbeddedError, running
from server.settings import Settings, UnreachableError

SECONDS = 10
"""To wait for a database to let us in."""


TIME = {"timezone": "UTC"}
"""The server's own: whose day it is decides who holds a post or an office."""


async def connected(dsn: str) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection of a command beside the server, to which it is the same day as to the server."""
    return await asyncpg.connect(dsn, server_settings=TIME)


@contextmanager
def reaching() -> Generator[None]:
    """Have it told in one line why a connection cannot be made."""
    try:
        yield
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        why = str(error) or "no answer in time"
        raise UnreachableError(f"The database cannot be used: {why}") from error


async def reach(dsn: str) -> str:
    """The DSN, once it has been seen that it lets us in."""
    with reaching():
        await (await asyncpg.connect(dsn, timeout=SECONDS)).close()
    return dsn


@asynccontextmanager
async def owner_dsn(settings: Settings) -> AsyncGenerator[str | None]:
    """The DSN of the role that owns the database; an embedded one is started unless it runs."""
    if settings.database_url is not None or settings.migrate_url is not None:
        yield settings.migrate_url and await reach(settings.migrate_url)
    elif (other := running(settings.data)) is not None:
        yield other.owner_dsn
    else:
        from db.migrate import migrate  # noqa: PLC0415  # takes long, and is seldom wanted

        async with Embedded(settings.data) as embedded:
            await migrate(embedded.owner_dsn)
            yield embedded.owner_dsn


@asynccontextmanager
async def working_dsn(settings: Settings) -> AsyncGenerator[str]:
    """The DSN for a worker alone, beside a server: it prepares nothing."""
    if settings.database_url is not None:
        yield await reach(settings.database_url)
    elif (other := running(settings.data)) is not None:
        yield other.app_dsn
    else:
        raise EmbeddedError(f"No server runs on {settings.data}; start one, or set DATABASE_URL.")
