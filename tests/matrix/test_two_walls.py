"""Each wall alone, under every edge and for every table: what the one lets by, the other holds."""

import asyncio
import re
from typing import Any

import asyncpg
import pytest
from sqlalchemy import ARRAY, Text, literal, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlmodel import col

from compiler.engine import CompiledSchema
from compiler.fields import ROWS
from db.pool import Database
from db.scope import Scope
from db.tables import METADATA
from db.visibility import SEEN, guard
from schema.api import API
from tests.compiler.test_walls import OPEN_API
from tests.compiler.world import World
from tests.conftest import Scratch
from tests.matrix.asking import Findings, answers, look_as
from tests.matrix.documents import Edge
from tests.matrix.oracle import PUBLIC, Insight
from tests.matrix.test_matrix import readable

DIALECT = dialect()
WEAK = ("resident", "partner", "data consumer")
"""Viewers from whom much is kept."""


@pytest.mark.trust(26)
@pytest.mark.parametrize("name", WEAK)
async def test_either_wall_alone_gives_the_same_bytes(
    database: Database, unpoliced: Database, world: World, since: str, name: str
) -> None:
    both, policies, rules = await asyncio.gather(
        told(API, database, world, name, since),
        told(OPEN_API, database, world, name, since),
        told(API, unpoliced, world, name, since),
    )
    assert policies == both
    assert rules == both


async def told(
    schema: CompiledSchema, database: Database, world: World, name: str, since: str
) -> list[bytes]:
    """All answers, without the cursors of now in them."""
    found = [each async for each in answers(schema, database, world, name, since)]
    return [NOW.sub(b"", each.body) for each in found]


NOW = re.compile(rb'"cursor"\s?:\s?"ZmVlZ[^"]*"')
"""A cursor of `changes` holds the time."""


@pytest.mark.trust(23, 26)
async def test_without_walls_every_edge_leaks(
    unpoliced: Database, world: World, since: str, record_property: Any
) -> None:
    """The matrix can fail, and at each edge: there is something behind every one of them."""
    findings = Findings()
    await look_as(OPEN_API, unpoliced, world, WEAK, since, findings)
    guarded = {edge for edge in readable() if leads_to_secrets(edge)}
    assert guarded - findings.leaky == SELF
    record_property("figure", f"{len(guarded)} guarded edges leak without walls, none with one")


SELF = {
    # The caller's own rows, asked for as such.
    Edge("Viewer", "person"),
    Edge("Viewer", "erasure"),
    Edge("Viewer", "accessLog"),
    Edge("Viewer", "accessTokens"),
    # Of a visit that was another's, its own fields show no more than that there is something.
    Edge("ServiceRecord", "visit"),
}


def leads_to_secrets(edge: Edge) -> bool:
    """Whether an edge leads to rows that not everybody sees."""
    row = ROWS.get(edge.target.name)
    return row in SEEN and str(row.__tablename__) not in PUBLIC


@pytest.mark.trust(26)
async def test_each_table_behind_each_wall(
    database: Database, unpoliced: Database, world: World, record_property: Any
) -> None:
    """All rows of every table: by its policy alone, and by its compiled rule alone."""
    for name, viewer in world.viewers.items():
        sight = Insight(world, viewer)
        for model in SEEN:
            table = str(model.__tablename__)
            if table not in world.rows:
                continue
            expected = sorted(map(marked(model), sight.rows(table)))
            asked = select(*keys(model))
            by_rule = await rows(unpoliced, viewer, asked.where(*guard(model, None, Known(viewer))))
            by_policy = await rows(database, viewer, asked)
            assert by_rule == expected, (name, table)
            assert by_policy == expected, (name, table)
    assert {str(m.__tablename__) for m in SEEN} == set(METADATA.tables)
    record_property("figure", f"{len(SEEN)} tables x {len(world.viewers)} viewers x 2 walls")


class Known:
    """A viewer's scope as parameters that have their values."""

    def __init__(self, viewer: Scope) -> None:
        self.locality: Any = literal(viewer.locality)
        self.person: Any = literal(viewer.person)
        self.prefixes: Any = literal(list(viewer.prefixes), ARRAY(Text()))
        self.offices: Any = literal(list(viewer.offices), ARRAY(Text()))


async def rows(database: Database, viewer: Scope, asked: Any) -> list[tuple[str, ...]]:
    """What a query yields, in order."""
    compiled = asked.compile(dialect=DIALECT)
    values = [compiled.params[name] for name in compiled.positiontup or ()]
    async with database.transaction(viewer) as connection:
        found = await connection.fetch(str(compiled), *values)
    return sorted(tuple(map(str, row)) for row in found)


def keys(model: Any) -> list[Any]:
    """The columns of a table's key."""
    return [col(getattr(model, key.name)) for key in model.__table__.primary_key]


def marked(model: Any) -> Any:
    """A row's key."""
    names = [key.name for key in model.__table__.primary_key]
    return lambda row: tuple(str(getattr(row[name], "value", row[name])) for name in names)


@pytest.mark.trust(26)
async def test_a_scope_that_was_never_set_sees_no_row(place: Scratch) -> None:
    bare = await asyncpg.connect(place.app_dsn)
    try:
        for table in METADATA.tables:
            assert await bare.fetchval(f"SELECT count(*) FROM {table}") == 0, table
    finally:
        await bare.close()
