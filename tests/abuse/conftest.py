"""The server over a database that holds nothing: nothing of it is asked."""

from collections.abc import AsyncIterator

import pytest_asyncio

from db.embedded import Embedded
from tests.api.served import Site
from tests.api.telling import Started, listening
from tests.conftest import make_scratch


@pytest_asyncio.fixture(scope="session")
async def bare(server: Embedded, template: str) -> AsyncIterator[Site]:
    """A site without places."""
    site = await Site.open(await make_scratch(server, template), size=2)
    yield site
    await site.close()


@pytest_asyncio.fixture(scope="session")
async def open_to_all(bare: Site) -> AsyncIterator[Started]:
    """The same behind a real socket."""
    async with listening(bare) as server:
        yield server
