"""A small random database of two localities, as Python rows; the same for the same seed."""

import json
from functools import cache
from random import Random

import asyncpg

from db.load.copy import settle
from db.scope import PUBLIC, Scope
from db.tables import METADATA
from tests.compiler.world_builder import Builder
from tests.compiler.world_photographs import SIGNER
from tests.compiler.world_plan import (
    ALWAYS,
    DIVISIONS,
    FOR_EVER,
    GRID_TREE,
    LEVELS,
    PLACES,
    SMALL_TREE,
    START,
    TAGS,
    Row,
    World,
)

__all__ = [
    "ALWAYS",
    "DIVISIONS",
    "FOR_EVER",
    "LEVELS",
    "PLACES",
    "START",
    "TAGS",
    "Row",
    "World",
    "insert",
    "make_world",
    "viewers",
]


@cache
def make_world(seed: int = 20251122) -> World:
    """The world of a seed."""
    builder = Builder(Random(seed))
    for place, tree in zip(PLACES, (GRID_TREE, SMALL_TREE), strict=True):
        builder.place(place, tree)
    builder.world.viewers = viewers(builder.world)
    return builder.world


async def insert(world: World, owner: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Write every row into a migrated, empty database."""
    await owner.set_type_codec("jsonb", schema="pg_catalog", encoder=json.dumps, decoder=str)
    for table in METADATA.sorted_tables:
        rows = world.rows.get(table.name)
        if rows:
            columns = list(rows[0])
            records = [[row[name] for name in columns] for row in rows]
            await owner.executemany(
                f"INSERT INTO {table.name} ({', '.join(columns)}) "
                f"VALUES ({', '.join(f'${at + 1}' for at in range(len(columns)))})",
                records,
            )
    # As after any load: the table of which ticket lies in which subtree follows from the tickets.
    await settle(owner)


def viewers(world: World) -> dict[str, Scope]:
    """Callers of every kind, with the scope their appointments give them."""
    here, there = PLACES

    def scope(locality: str, name: str, *codes: str, offices: tuple[str, ...] = ()) -> Scope:
        person = next(r for r in world.of("person", locality) if r["name"] == name)
        paths = sorted(world.unit(code, locality)["path"] for code in codes)
        return Scope(locality, person["id"], tuple(paths), SIGNER, offices)

    return {
        "public": PUBLIC,
        "resident": scope(here, "resident"),
        "worker": scope(here, "worker", "G1"),
        "street": scope(here, "chief", "S"),
        "both_trees": scope(here, "secretary", "C2", "P1", offices=("ADMINISTRATOR",)),
        "elsewhere": scope(there, "chief", "S"),
    }
