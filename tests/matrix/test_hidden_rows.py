"""Rows that are not seen might as well not be there: without them every answer is the same."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from db.embedded import Embedded
from db.pool import Database
from db.tables import METADATA
from schema.api import API
from tests.compiler.test_walls import OPEN_API
from tests.compiler.world import World, insert
from tests.conftest import make_scratch
from tests.matrix.asking import Answer, answers, ask
from tests.matrix.narrowing import narrowed
from tests.matrix.oracle import Insight
from tests.matrix.test_two_walls import NOW

NAMES = ("resident", "grid worker")


@pytest_asyncio.fixture(scope="module")
async def alone(
    server: Embedded, template: str, world: World
) -> AsyncIterator[dict[str, Database]]:
    """For each viewer a database that holds what the viewer sees, and nothing else."""
    opened: dict[str, Database] = {}
    for name in NAMES:
        scratch = await make_scratch(server, template)
        sight = Insight(world, world.viewers[name])
        seen = World({table: sight.rows(table) for table in world.rows}, world.viewers)
        owner = await asyncpg.connect(scratch.owner_dsn)
        # What is seen refers to what is not.
        for table in METADATA.tables.values():
            for key in table.foreign_key_constraints:
                await owner.execute(f"ALTER TABLE {table.name} DROP CONSTRAINT {key.name}")
        await insert(seen, owner)
        await owner.close()
        opened[name] = await Database.connect(scratch.app_dsn, size=2)
    yield opened
    for database in opened.values():
        await database.close()


@pytest.mark.trust(23, 24)
@pytest.mark.parametrize("name", NAMES)
async def test_what_is_hidden_is_as_if_it_were_not(
    database: Database,
    alone: dict[str, Database],
    world: World,
    since: str,
    name: str,
    record_property: Any,
) -> None:
    """Every root and edge, every id and number: a forbidden one is answered as one of nothing."""

    async def told(by: Database) -> list[Answer]:
        return [each async for each in answers(API, by, world, name, since)]

    here, there = await asyncio.gather(told(database), told(alone[name]))
    for with_hidden, without in zip(here, there, strict=True):
        assert plain(with_hidden) == plain(without), with_hidden.asked[:200]
    record_property("figure", f"{len(here)} answers byte-identical with and without hidden rows")


def plain(answer: Answer) -> bytes:
    """An answer without the cursor of now."""
    return NOW.sub(b"", answer.body)


@pytest.mark.trust(25)
async def test_no_filter_order_or_count_tells_of_hidden_rows(
    database: Database,
    unpoliced: Database,
    alone: dict[str, Database],
    world: World,
    record_property: Any,
) -> None:
    cases, told = list(narrowed(world)), 0
    for text, variables in cases:
        asked = [
            *((API, database, name) for name in NAMES),
            *((API, alone[name], name) for name in NAMES),
            # Without walls it would tell: the question is about something.
            (OPEN_API, unpoliced, NAMES[0]),
        ]
        found = await asyncio.gather(
            *(ask(schema, by, world.viewers[n], text, **variables) for schema, by, n in asked)
        )
        here, without = found[: len(NAMES)], found[len(NAMES) : -1]
        assert here == without, (text, variables)
        assert not any(b'"errors"' in each for each in here), (text, here)
        told += found[-1] != here[0]
    assert told > len(cases) / 3
    record_property("figure", f"{len(cases)} filters and orders x {len(NAMES)} viewers, no oracle")
