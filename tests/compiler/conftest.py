"""One small world, loaded once; every test here reads it and none writes."""

import sys
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
import pytest_asyncio

from compiler import cost
from db.embedded import Embedded
from db.pool import SETTINGS, Database
from tests.compiler.world import World, insert, make_world
from tests.conftest import Scratch, make_scratch


@pytest.fixture(scope="module")
def without_a_price() -> Iterator[None]:
    """An operation may ask for as much as it likes: the limits have tests of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cost, "MOST_POINTS", sys.maxsize)
        patch.setattr(cost, "MOST_LINKS", sys.maxsize)
        yield


@pytest.fixture(scope="session")
def world() -> World:
    """The rows as Python has them."""
    return make_world()


@pytest_asyncio.fixture(scope="session")
async def place(server: Embedded, template: str, world: World) -> Scratch:
    """The database that holds them."""
    scratch = await make_scratch(server, template)
    await fill(scratch, world)
    return scratch


@pytest_asyncio.fixture(scope="session")
async def database(place: Scratch) -> AsyncIterator[Database]:
    """The server's connections to it."""
    opened = await Database.connect(place.app_dsn, size=2)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def bare(place: Scratch) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of the app's role, with no scope set."""
    connection = await asyncpg.connect(place.app_dsn, server_settings=SETTINGS)
    yield connection
    await connection.close()


async def fill(scratch: Scratch, world: World) -> None:
    """Load the world as the owner."""
    owner = await asyncpg.connect(scratch.owner_dsn)
    try:
        await insert(world, owner)
    finally:
        await owner.close()
