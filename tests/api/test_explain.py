"""`linli explain`: what a query costs, the SQL it becomes and the plan, as one caller sees it."""

from importlib.resources import files
from typing import Any

import pytest

from db.scope import PUBLIC, Scope
from schema.api import API
from server.explain import Asked, ExplainError, explain
from tests.api.served import Site

LIST = (files("server") / "examples" / "list.graphql").read_text()


async def scope_of(site: Site, name: str) -> Scope:
    person = await site.person(name)
    scope = await site.database.scope_of(person.locality, person.person)
    assert scope is not None
    return scope


async def asked(site: Site, unit: str, *, run: bool = True) -> Asked:
    row = await site.owner.fetchrow(
        "SELECT id FROM org_unit WHERE locality_id = 'weibin' AND name = $1", unit
    )
    assert row is not None
    return Asked(LIST, {"id": f"unit_weibin_{row['id']}", "status": ["DISPATCHED"]}, run=run)


async def test_a_query_is_told_with_cost_sql_parameters_and_plan(demo: Site) -> None:
    scope = await scope_of(demo, "weibin")
    told = await explain(API, demo.database, scope, await asked(demo, "渭滨区"))
    first, *rest = told.splitlines()
    assert first.removeprefix("-- ").removesuffix(" points").isdigit()
    assert "SELECT JSON_OBJECT(" in rest
    assert any(line.startswith("-- $1 = ") for line in rest)
    assert "actual time=" in told
    assert "-- Execution Time:" in told


async def test_it_need_not_be_carried_out(demo: Site) -> None:
    told = await explain(API, demo.database, PUBLIC, await asked(demo, "渭滨区", run=False))
    assert "(cost=" in told
    assert "actual time=" not in told


@pytest.mark.parametrize(
    ("text", "variables", "said"),
    [
        ("{ nothing }", {}, "nothing"),
        ("query Q($id: ID!) { ticket(id: $id) { id } }", {"id": "bad"}, "id"),
        ('mutation { ticketSign(input: { ticketId: "x" }) { ticket { id } } }', {}, "queries"),
    ],
)
async def test_what_cannot_be_explained_is_told(
    demo: Site, text: str, variables: dict[str, Any], said: str
) -> None:
    with pytest.raises(ExplainError, match=said):
        await explain(API, demo.database, PUBLIC, Asked(text, variables))
