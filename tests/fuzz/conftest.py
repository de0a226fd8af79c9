"""The neighbourhood of tests/matrix, and an application that serves it."""

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from db.pool import Database
from server.app import make_app
from server.tokens import Identity, issue
from tests.api.served import KEY
from tests.compiler.world import World
from tests.matrix.conftest import database, patience, place, since, world

__all__ = ["database", "patience", "place", "since", "world"]


@pytest_asyncio.fixture(scope="session")
async def client(database: Database, world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application, as the head of a street."""
    app = make_app(database, KEY, demo=True)
    street = world.viewers["street"]
    token = issue(KEY, Identity(street.locality, street.person))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://linli.test", headers=headers
    ) as made:
        yield made
