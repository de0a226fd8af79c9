"""Plan guards: the four requests read no large table from end to end."""

import json
from collections.abc import AsyncIterator, Iterator
from importlib.resources import files
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from db.embedded import Embedded
from db.load.simulate import simulate
from db.pool import Database
from db.scope import NOBODY, Scope
from schema.api import API
from tests.conftest import make_scratch

LARGE = {
    "ticket",
    "ticket_scope",
    "ticket_event",
    "escalation_hop",
    "service_record",
    "org_unit",
    "post",
    "person",
    "appointment",
}
REQUESTS = ("tree", "board", "chain", "list")


@pytest_asyncio.fixture(scope="module")
async def large(server: Embedded, template: str) -> AsyncIterator[tuple[Database, dict[str, str]]]:
    """A simulated place large enough for the planner to prefer an index, and ids in it."""
    scratch = await make_scratch(server, template)
    owner = await asyncpg.connect(scratch.owner_dsn)
    await simulate(owner, units=2_000, tickets=20_000)
    unit = await owner.fetchval("SELECT id FROM org_unit WHERE length(path) = 8 LIMIT 1")
    ticket = await owner.fetchval("SELECT ticket_id FROM escalation_hop WHERE sequence = 2 LIMIT 1")
    await owner.close()
    database = await Database.connect(scratch.app_dsn, size=1)
    ids = dict.fromkeys(REQUESTS, f"unit_simulated_{unit}")
    yield database, ids | {"chain": f"ticket_simulated_{ticket}"}
    await database.close()


def scans(plan: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every node that reads a table: how, and which."""
    if "Relation Name" in plan:
        yield plan["Node Type"], plan["Relation Name"]
    for below in plan.get("Plans", []):
        yield from scans(below)


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("generic", [False, True], ids=["custom", "generic"])
async def test_no_large_table_is_read_from_end_to_end(
    large: tuple[Database, dict[str, str]], name: str, generic: bool
) -> None:
    database, ids = large
    query = (files("server") / "examples" / f"{name}.graphql").read_text()
    variables: dict[str, Any] = {"id": ids[name]}
    if name == "list":
        variables["status"] = ["DISPATCHED", "RESOLVED"]
    prepared = API.prepare(query, None, variables)
    assert not isinstance(prepared, list)
    statement = API.statement(prepared)
    scope = Scope("simulated", NOBODY, ("0000",))
    values = statement.values(prepared.values.coerced, scope)
    async with database.transaction(scope) as connection:
        if generic:
            await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        found = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {statement.sql}", *values)
    read = set(scans(json.loads(found)[0]["Plan"]))
    assert {table for _, table in read} >= ({"ticket"} if name != "tree" else {"org_unit"})
    assert not [table for how, table in read if how == "Seq Scan" and table in LARGE]
