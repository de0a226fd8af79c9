"""One PostgreSQL for the session, started here; a fresh, migrated database for whoever wants one."""

import shutil
import tempfile
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
import pytest_asyncio

from db.embedded import Embedded
from db.migrate import migrate
from tests import logged

FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
SHARED = Path(__file__).parents[2] / "shared"
"""Large real data; tests that want it skip without it."""

_numbers = count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Have the log of the whole run looked through."""
    config.pluginmanager.register(logged.Plugin())


@pytest_asyncio.fixture(scope="session")
async def server() -> AsyncIterator[Embedded]:
    """The session's PostgreSQL."""
    # Under root it runs as another account, which must be able to enter the folder.
    folder = Path(tempfile.mkdtemp(prefix="linli-test-"))
    folder.chmod(0o755)
    async with Embedded(folder / "data", FAST) as running:
        yield running
    shutil.rmtree(folder, ignore_errors=True)


@pytest_asyncio.fixture(scope="session")
async def template(server: Embedded) -> str:
    """Name of a migrated, empty database that others are copied from."""
    await migrate(server.owner_dsn)
    return "linli"


class Scratch:
    """A database of its own: DSNs of both roles."""

    def __init__(self, server: Embedded, name: str) -> None:
        self.owner_dsn = with_database(server.owner_dsn, name)
        self.app_dsn = with_database(server.app_dsn, name)


def with_database(dsn: str, name: str) -> str:
    """The DSN of another database of the same server."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


async def make_scratch(server: Embedded, template: str) -> Scratch:
    """Copy the template."""
    name = f"scratch_{next(_numbers)}"
    admin = await asyncpg.connect(server.superuser_dsn)
    try:
        await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} OWNER linli_owner")
    finally:
        await admin.close()
    return Scratch(server, name)


@pytest_asyncio.fixture
async def scratch(server: Embedded, template: str) -> Scratch:
    """A fresh, migrated, empty database."""
    return await make_scratch(server, template)


@pytest_asyncio.fixture
async def owner(scratch: Scratch) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection as the owner to a fresh, migrated, empty database."""
    connection = await asyncpg.connect(scratch.owner_dsn)
    try:
        yield connection
    finally:
        await connection.close()
