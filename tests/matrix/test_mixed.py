"""Many viewers over few connections that break: no answer is another's."""

import os
from typing import Any

import asyncpg
import pytest

from bench.mixed import CONNECTIONS, VIEWERS, mixed, scopes, told
from db.embedded import Embedded
from db.pool import Database
from tests.compiler.world import PLACES
from tests.conftest import Scratch, with_database

COUNT = int(os.environ.get("MIXED_COUNT") or 2_000)


@pytest.mark.trust(27)
async def test_no_answer_is_anothers(
    server: Embedded, place: Scratch, record_property: Any
) -> None:
    database = await Database.connect(place.app_dsn, CONNECTIONS)
    owner = await asyncpg.connect(place.owner_dsn)
    name = place.owner_dsn.rpartition("/")[2].partition("?")[0]
    killer = await asyncpg.connect(with_database(server.superuser_dsn, name))
    try:
        viewers = await scopes(database, owner, VIEWERS)
        found = await mixed(database, killer, viewers, PLACES, COUNT)
    finally:
        await database.close()
        await owner.close()
        await killer.close()
    assert found.wrong == []
    assert found.right > COUNT / 2
    assert found.cancelled > COUNT / 20
    assert found.killed > 5
    record_property("figure", told(found, len(viewers)))
