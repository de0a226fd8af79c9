"""`changes` against what the same viewer reads by id: every noun, every field, every viewer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio

from compiler.engine import CompiledSchema
from db.embedded import Embedded
from db.outbox import Said, tell
from db.pool import Database
from db.scope import Scope
from db.tables import METADATA
from domain.terms import ChangedNoun
from schema.api import API
from tests.compiler.conftest import fill
from tests.compiler.running import Counting
from tests.compiler.test_every_field import everything
from tests.compiler.test_walls import OPEN_API
from tests.compiler.world import PLACES, Row, World, make_world
from tests.conftest import make_scratch

pytestmark = pytest.mark.usefixtures("without_a_price")

HERE = PLACES[0]
NOUNS = {"Ticket": ("ticket", "reporter_id"), "ServiceRecord": ("service_record", "recipient_id")}
INNER = " ".join(f"... on {type_} {everything(API.core.type_map[type_], 1)}" for type_ in NOUNS)
START = "{ changes { cursor } }"
SINCE = f"""query($since: String) {{ changes(since: $since, first: 500) {{
    __typename cursor hasMore
    nodes {{ __typename id at verb nodeId gone node {{ __typename id {INNER} }} }}
}} }}"""
BY_ID = f"query($id: ID!) {{ node(id: $id) {{ __typename id {INNER} }} }}"


Told = tuple[Database, str]
"""A world in which everything changed once, and the cursor of before."""


async def make(server: Embedded, template: str, world: World, prepare: str = "SELECT") -> Told:
    """Fill a database and tell of everything; then `prepare` it as its owner."""
    scratch = await make_scratch(server, template)
    await fill(scratch, world)
    database = await Database.connect(scratch.app_dsn, size=2)
    before = await ask(API, database, world.viewers["street"], START)
    tops = [row["path"] for row in world.of("org_unit", HERE) if row["parent_id"] is None]
    async with database.transaction(Scope(HERE, prefixes=tuple(tops)), write=True) as connection:
        await tell(connection, HERE, [said for said, _ in all_said(world)])
    owner = await asyncpg.connect(scratch.owner_dsn)
    await owner.execute(prepare)
    await owner.close()
    return database, before["changes"]["cursor"]


@pytest_asyncio.fixture(scope="module")
async def told(server: Embedded, template: str, world: World) -> AsyncIterator[Told]:
    """As it is served."""
    made = await make(server, template, world)
    yield made
    await made[0].close()


@pytest_asyncio.fixture(scope="module")
async def unpoliced(server: Embedded, template: str, world: World) -> AsyncIterator[Told]:
    """Without row-level security."""
    off = (f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY" for table in METADATA.tables)
    made = await make(server, template, world, ";".join(off))
    yield made
    await made[0].close()


def all_said(world: World) -> list[tuple[Said, str]]:
    """A change of every row, each formerly handled by a unit that the row's number picks."""
    units = [row["path"] for row in world.of("org_unit", HERE)]
    return [
        (_said(type_, row, units[at % len(units)]), world.global_id(NOUNS[type_][0], row))
        for type_, (table, _) in NOUNS.items()
        for at, row in enumerate(world.of(table, HERE))
    ]


def _said(type_: str, row: Row, was: str) -> Said:
    noun = ChangedNoun.TICKET if type_ == "Ticket" else ChangedNoun.SERVICE_RECORD
    return Said(
        noun,
        row["id"],
        "RESUME",
        datetime.now(UTC),
        row["unit_path"],
        row["handler_path"],
        was,
        row.get("joint_scopes"),
        row[NOUNS[type_][1]],
        row.get("person_id"),
    )


async def ask(
    api: CompiledSchema, database: Database, viewer: Scope, text: str, **variables: Any
) -> Any:
    """The answer to a viewer, by one statement."""
    caller = Counting(database, viewer)
    result = await api.execute(text, variable_values=variables, context_value=caller)
    assert not result.errors, result.errors
    assert len(caller.statements) == 1
    return orjson.loads(orjson.dumps(result.data))


@pytest.mark.parametrize("name", list(make_world().viewers))
async def test_everything_changed(told: Told, world: World, name: str) -> None:
    database, since = told
    viewer = world.viewers[name]
    page = (await ask(API, database, viewer, SINCE, since=since))["changes"]
    assert page["hasMore"] is False
    found = {each["nodeId"]: each for each in page["nodes"]}
    assert len(found) == len(page["nodes"])
    for said, id in all_said(world):
        node = (await ask(API, database, viewer, BY_ID, id=id))["node"]
        formerly = said.was_handler_path.startswith(viewer.prefixes) if viewer.prefixes else False
        if node is None and not (formerly and viewer.locality == HERE):
            assert id not in found
            continue
        assert found.pop(id)["node"] == node
    assert found == {}
    assert all(each["gone"] is (each["node"] is None) for each in page["nodes"])
    if name == "worker":
        assert {each["gone"] for each in page["nodes"]} == {True, False}


@pytest.mark.parametrize("name", list(make_world().viewers))
async def test_either_wall_alone_keeps_the_secret(
    told: Told, unpoliced: Told, world: World, name: str
) -> None:
    viewer = world.viewers[name]
    both = [
        (await ask(api, database, viewer, SINCE, since=since))["changes"]["nodes"]
        for api, (database, since) in ((API, told), (OPEN_API, told), (API, unpoliced))
    ]
    for nodes in both:
        for each in nodes:
            del each["id"], each["at"]
        nodes.sort(key=lambda each: each["nodeId"])
    assert both[1] == both[0]
    assert both[2] == both[0]
