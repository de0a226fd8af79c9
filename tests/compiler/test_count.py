"""However deep or wide, a read is BEGIN with the scope, one statement, COMMIT."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import pytest_asyncio
from asyncpg.connection import LoggedQuery

from compiler.limits import DEEPEST_OBJECTS
from db.pool import Database
from db.scope import PUBLIC
from schema.api import API
from server.context import Context
from tests.compiler.world import World
from tests.conftest import Scratch

SNAPSHOTS = Path(__file__).parent / "snapshots"
PAIRS = (DEEPEST_OBJECTS - 1) // 2
"""Pages, each with a link in it, that fit below a root."""
SHARED = {"tree": "S", "board": "S", "list": "S", "chain": None}


class Watched:
    """A database of one connection, and everything sent over it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.sent: list[str] = []

    async def told(self) -> list[str]:
        """What was sent: asyncpg tells of it a moment later."""
        await asyncio.sleep(0)
        return self.sent

    def note(self, query: LoggedQuery) -> None:
        assert query.exception is None
        self.sent.append(query.query)


@pytest_asyncio.fixture
async def watched(place: Scratch) -> AsyncIterator[Watched]:
    """Statements really sent to the server, by asyncpg's own account."""
    database = await Database.connect(place.app_dsn, size=1)
    watch = Watched(database)
    async with database.transaction(PUBLIC) as connection:
        connection.add_query_logger(watch.note)
    (await watch.told()).clear()
    yield watch
    await database.close()


async def read(watched: Watched, world: World, text: str, variables: dict[str, Any]) -> Any:
    """Run a read as the street's chief; it must be one statement in one transaction."""
    context = Context(watched.database, world.viewers["street"])
    result = await API.execute(text, variable_values=variables, context_value=context)
    assert result.errors is None
    begin, statement, commit = await watched.told()
    assert begin.startswith("BEGIN READ ONLY; SET LOCAL linli.scope")
    assert statement.startswith("SELECT JSON_OBJECT(")
    assert commit == "COMMIT"
    return orjson.loads(orjson.dumps(result.data))


@pytest.mark.parametrize("name", SHARED)
async def test_each_shared_query_is_one_statement(
    watched: Watched, world: World, name: str
) -> None:
    code = SHARED[name]
    row = world.unit(code) if code else world.of("ticket")[0]
    table = "org_unit" if code else "ticket"
    text = (SNAPSHOTS / f"{name}.graphql").read_text()
    answer = await read(watched, world, text, {"id": world.global_id(table, row)})
    assert all(answer.values())


async def test_as_deep_as_it_goes(watched: Watched, world: World) -> None:
    """Alternate links and pages down to the deepest level."""
    text = "{ id }"
    for _ in range(PAIRS):
        text = f"{{ tickets(first: 1) {{ nodes {{ orgUnit {text} }} }} }}"
    answer = await read(
        watched,
        world,
        f"query Deep($id: ID!) {{ orgUnit(id: $id) {text} }}",
        {"id": world.global_id("org_unit", world.unit("S"))},
    )
    levels = 0
    found = answer["orgUnit"]
    while "tickets" in found:
        found = found["tickets"]["nodes"][0]["orgUnit"]
        levels += 1
    assert levels == PAIRS


async def test_wider_than_a_function_may_have_arguments(watched: Watched, world: World) -> None:
    """120 members in one object, 50 links and 30 pages beside one another."""
    members = " ".join(f"m{at}: name" for at in range(120))
    links = " ".join(f"l{at}: parent {{ id }}" for at in range(50))
    pages = " ".join(f"p{at}: tickets(first: 1) {{ nodes {{ id }} }}" for at in range(30))
    unit = world.unit("C1")
    answer = await read(
        watched,
        world,
        f"query Wide($id: ID!) {{ orgUnit(id: $id) {{ {members} {links} {pages} }} }}",
        {"id": world.global_id("org_unit", unit)},
    )
    found = answer["orgUnit"]
    assert len(found) == 200
    assert {found[f"m{at}"] for at in range(120)} == {unit["name"]}
    parent = world.global_id("org_unit", world.unit("S"))
    assert all(found[f"l{at}"] == {"id": parent} for at in range(50))
    assert all(len(found[f"p{at}"]["nodes"]) == 1 for at in range(30))


async def test_many_roots_are_one_statement(watched: Watched, world: World) -> None:
    """100 roots of every kind."""
    unit = world.global_id("org_unit", world.unit("S"))
    kinds = (
        "localities { slug }",
        f'node(id: "{unit}") {{ id }}',
        "tickets(first: 1) { totalCount }",
        f'orgUnit(id: "{unit}") {{ name }}',
        "viewer { person { name } }",
    )
    text = " ".join(f"r{at}: {kinds[at % len(kinds)]}" for at in range(100))
    answer = await read(watched, world, f"{{ {text} }}", {})
    assert len(answer) == 100
    assert all(answer.values())


async def test_the_logger_counts(watched: Watched) -> None:
    """Two statements are two: the count above means something."""
    async with watched.database.transaction(PUBLIC) as connection:
        await connection.fetchval("SELECT 1")
        await connection.fetchval("SELECT 2")
    assert [sent.split(";")[0] for sent in await watched.told()] == [
        "BEGIN READ ONLY",
        "SELECT 1",
        "SELECT 2",
        "COMMIT",
    ]
