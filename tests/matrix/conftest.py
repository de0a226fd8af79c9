"""The neighbourhood in a database, loaded once; nobody writes."""

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
import pytest_asyncio

from db import lending, pool
from db.embedded import Embedded
from db.pool import Database
from db.tables import METADATA
from tests.compiler.conftest import fill
from tests.compiler.world import World
from tests.conftest import Scratch, make_scratch
from tests.matrix.asking import first_cursor
from tests.matrix.people import neighbourhood


@pytest.fixture(scope="session")
def world() -> World:
    """The rows as Python has them."""
    return neighbourhood()


@pytest_asyncio.fixture(scope="session")
async def place(server: Embedded, template: str, world: World) -> Scratch:
    """The database that holds them."""
    scratch = await make_scratch(server, template)
    await fill(scratch, world)
    return scratch


@pytest.fixture(scope="session")
def patience() -> Iterator[None]:
    """Whatever is asked may take its time: what is told is looked at, not how fast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "IN_ALL", 60)
        patch.setattr(pool, "BRIEF", 60)
        patch.setattr(lending, "QUEUE", 60)
        yield


@pytest_asyncio.fixture(scope="session")
async def database(place: Scratch, patience: None) -> AsyncIterator[Database]:
    """The server's connections to it."""
    opened = await Database.connect(place.app_dsn, size=4)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(scope="session")
async def since(database: Database, world: World) -> str:
    """The cursor of a reader who has read nothing yet."""
    return await first_cursor(database, world.viewers["district"])


@pytest_asyncio.fixture(scope="session")
async def unpoliced(
    server: Embedded, template: str, world: World, patience: None
) -> AsyncIterator[Database]:
    """The same world in a database whose tables have no row-level security."""
    scratch = await make_scratch(server, template)
    await fill(scratch, world)
    owner = await asyncpg.connect(scratch.owner_dsn)
    for table in METADATA.tables:
        await owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    await owner.close()
    opened = await Database.connect(scratch.app_dsn, size=4)
    yield opened
    await opened.close()
