"""Requests beside the SQL they become and the answer they get: `x.graphql`, `x.sql`, `x.json`.

`UPDATE_SNAPSHOTS=1` writes the last two anew. `x.vars.json` says who asks, and with what; a value
like `unit/C1` stands for an id of the world's.
"""

import difflib
import json
import os
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest

from compiler.pretty import pretty
from db.pool import Database
from db.tables import METADATA
from schema.api import API
from tests.compiler.oracle import cursor_of
from tests.compiler.running import Counting
from tests.compiler.world import PLACES, World

FOLDER = Path(__file__).parent / "snapshots"
NAMES = sorted(path.stem for path in FOLDER.glob("*.graphql"))
SHARED = Path(__file__).parents[3] / "shared" / "queries"


def value_of(world: World, value: Any) -> Any:
    """A variable's value, with names of the world's rows made ids, numbers or cursors."""
    if isinstance(value, list):
        return [value_of(world, each) for each in value]
    if not isinstance(value, str) or "/" not in value:
        return value
    kind, name = value.split("/", 1)
    here = PLACES[0]
    match kind:
        case "unit":
            return world.global_id("org_unit", world.unit(name))
        case "person":
            row = next(r for r in world.of("person", here) if r["name"] == name)
            return world.global_id("person", row)
        case "cursor":
            row = next(r for r in world.of("ticket", here) if r["number"] == name)
            return cursor_of(row, "CREATED_AT", ("created_at", "id"), "DESC")
        case "ticket":
            row = next(r for r in world.of("ticket") if r["number"] == name)
            return world.global_id("ticket", row)
        case "post" | "service_record":
            return world.global_id(kind, world.of(kind, here)[int(name)])
    raise ValueError(value)


def same(path: Path, text: str) -> None:
    """The file holds the text; or it is made to."""
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text)
        return
    held = path.read_text() if path.exists() else ""
    if held != text:
        diff = difflib.unified_diff(
            held.splitlines(), text.splitlines(), path.name, "now", lineterm=""
        )
        pytest.fail("\n".join([*diff, "", "UPDATE_SNAPSHOTS=1 accepts this."]), pytrace=False)


@pytest.mark.parametrize("name", NAMES)
async def test_snapshot(database: Database, world: World, name: str) -> None:
    text = (FOLDER / f"{name}.graphql").read_text()
    asked = json.loads((FOLDER / f"{name}.vars.json").read_text())
    variables = {key: value_of(world, value) for key, value in asked["variables"].items()}
    prepared = API.prepare(text, None, variables)
    assert not isinstance(prepared, list), prepared
    same(FOLDER / f"{name}.sql", pretty(API.statement(prepared)))
    caller = Counting(database, world.viewers[asked["viewer"]])
    result = await API.execute(text, variable_values=variables, context_value=caller)
    assert not result.errors
    answer = json.loads(orjson.dumps(result.data))
    same(FOLDER / f"{name}.json", json.dumps(answer, indent=1, ensure_ascii=False) + "\n")


def unplaced(sql: str) -> list[str]:
    """Tables of localities read without `locality_id` compared with a parameter beside them."""
    placed = {t.name for t in METADATA.tables.values() if "locality_id" in t.c}
    found: list[str] = []
    for read in re.finditer(r"FROM (\w+)(?:, (\w+))? WHERE ", sql):
        depth, end = 0, read.end()
        while depth >= 0 and end < len(sql):
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        conditions, tables = sql[read.end() : end], [t for t in read.groups() if t in placed]
        here = "|".join([r"\$", *(rf"{table}\b" for table in tables)])
        found += [
            table
            for table in tables
            if not re.search(rf"\b{table}\.locality_id = (?!{table}\b)({here})", conditions)
        ]
        # Tables joined at one level may say it of each other, but one must have the parameter.
        if tables and not re.search(r"\.locality_id = \$", conditions):
            found.append(" and ".join(tables))
    return found


@pytest.mark.parametrize("name", ["tree", "board", "chain", "list"])
def test_every_level_says_its_locality(world: World, name: str) -> None:
    """Bound as a parameter at each level, it keeps a request on one shard (DESIGN §4)."""
    asked = json.loads((FOLDER / f"{name}.vars.json").read_text())
    variables = {key: value_of(world, value) for key, value in asked["variables"].items()}
    prepared = API.prepare((FOLDER / f"{name}.graphql").read_text(), None, variables)
    assert not isinstance(prepared, list)
    assert unplaced(re.sub(r"\s+", " ", API.statement(prepared).sql)) == []


@pytest.mark.skipif(not SHARED.exists(), reason="the requests' home is not on this machine")
def test_the_four_requests_are_as_their_clients_wrote_them() -> None:
    for path in SHARED.glob("*.graphql"):
        assert (FOLDER / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("name", ["tree", "board", "chain", "list"])
def test_the_page_offers_the_four_requests_as_they_are(name: str) -> None:
    offered = (files("server") / "examples" / f"{name}.graphql").read_bytes()
    assert offered == (FOLDER / f"{name}.graphql").read_bytes()


def test_nothing_lies_about() -> None:
    """Every file belongs to a request."""
    endings = (".graphql", ".json", ".sql", ".vars.json")
    known = {f"{name}{ending}" for name in NAMES for ending in endings}
    assert {path.name for path in FOLDER.iterdir()} == known
