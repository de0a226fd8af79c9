"""The six places, loaded once; served as they are, and in copies for tests that write."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest_asyncio

from db.embedded import Embedded
from server.places import load_places
from tests.api.hooks import Receiver, receiving
from tests.api.served import Site
from tests.api.telling import Started, listening
from tests.conftest import Scratch, make_scratch


@pytest_asyncio.fixture(scope="session")
async def places(server: Embedded, template: str) -> Scratch:
    """The database with the six places; nobody stays connected, so that it can be copied."""
    scratch = await make_scratch(server, template)
    await load_places(scratch.owner_dsn)
    return scratch


async def copy_of(server: Embedded, scratch: Scratch) -> Scratch:
    """A copy of a database."""
    return await make_scratch(server, name_of(scratch))


def name_of(scratch: Scratch) -> str:
    """The name of a database."""
    return urlsplit(scratch.owner_dsn).path[1:]


@pytest_asyncio.fixture(scope="session")
async def demo(server: Embedded, places: Scratch) -> AsyncIterator[Site]:
    """The six places as they were loaded: nobody writes here."""
    site = await Site.open(await copy_of(server, places), size=4)
    yield site
    await site.close()


@pytest_asyncio.fixture(scope="session")
async def shop(server: Embedded, places: Scratch) -> AsyncIterator[Site]:
    """The six places to write in: each test makes tickets of its own and looks at no others."""
    site = await Site.open(await copy_of(server, places))
    yield site
    assert await site.astray() == []
    await site.close()


@pytest_asyncio.fixture(scope="session")
async def served(shop: Site) -> AsyncIterator[Started]:
    """The shared places behind a real socket."""
    async with listening(shop) as server:
        yield server


@pytest_asyncio.fixture
async def own(server: Embedded, places: Scratch) -> AsyncIterator[Site]:
    """The six places for one test alone, to be changed by SQL or broken."""
    scratch = await copy_of(server, places)
    site = await Site.open(scratch)
    yield site
    await site.close()
    await drop(server, scratch)


@pytest_asyncio.fixture
async def receiver(own: Site) -> AsyncIterator[Receiver]:
    """Somebody whom the webhooks of a test's own places may tell."""
    async with receiving(own) as made:
        yield made


async def drop(server: Embedded, scratch: Scratch) -> None:
    """Remove a database."""
    admin = await asyncpg.connect(server.superuser_dsn)
    try:
        await admin.execute(f"DROP DATABASE {name_of(scratch)} WITH (FORCE)")
    finally:
        await admin.close()
