"""Published counts are read like everything else: against the oracle, behind each wall alone."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest

from db.pool import Database
from db.scope import PUBLIC, Scope
from schema.api import API
from server.context import Context
from tests.compiler.oracle import Oracle
from tests.compiler.running import exact
from tests.compiler.test_walls import OPEN_API
from tests.compiler.world import PLACES, World

CONSUMER, ALL = ("DATA_CONSUMER",), "first: 100"
PART = """{
  totalCount pageInfo { endCursor hasPreviousPage }
  nodes { month breakdown status span category { name } level { name } orgUnit { code }
    opened closed overdue pending usualSpan }
}"""


def viewers(world: World) -> dict[str, Scope]:
    """Who asks: with the office and without, here and in another place."""
    resident, elsewhere = world.viewers["resident"], world.viewers["elsewhere"]
    return {
        "public": PUBLIC,
        "street": world.viewers["street"],
        "auditor": replace(resident, offices=("AUDITOR", "ADMINISTRATOR")),
        "consumer": replace(resident, offices=CONSUMER),
        "consumer elsewhere": replace(elsewhere, offices=CONSUMER),
    }


def asked(world: World, paging: str) -> list[str]:
    """Every breakdown of a place and of all its units."""
    found: list[str] = []
    for by in ("TOTAL", "CATEGORY", "STATUS", "LEVEL", "SPAN"):
        part = f"statistics(by: {by}, {paging}) {PART}"
        found.append(
            f'{{ locality(slug: "{PLACES[0]}") {{ {part} statisticMonths {{ month }} }} }}'
        )
        if paging != ALL:
            continue
        found += [
            f'{{ orgUnit(id: "{world.global_id("org_unit", unit)}", at: "2019-01-01") {{ {part} }} }}'
            for unit in world.of("org_unit", PLACES[0])
        ]
    return found


@pytest.mark.parametrize("paging", [ALL, "last: 2", "first: 1"])
async def test_counts_against_the_oracle_and_each_wall_alone(
    database: Database, world: World, paging: str
) -> None:
    today, seen = datetime.now(UTC).date(), dict[str, int]()
    for name, viewer in viewers(world).items():
        for text in asked(world, paging):
            expected = exact(orjson.dumps(Oracle.answer(world, viewer, today, text, {})))
            for api in (API, OPEN_API):
                result = await api.execute(text, context_value=Context(database, viewer))
                assert not result.errors, result.errors
                assert exact(orjson.dumps(result.data)) == expected
            seen[name] = seen.get(name, 0) + text.count("orgUnit(") * str(expected).count("month")
    others = {seen[name] for name in seen if name != "consumer"}
    assert len(others) == 1
    assert seen["consumer"] > max(others) or paging != ALL


async def test_a_page_follows_a_page(database: Database, world: World) -> None:
    text = f"""query($after: String) {{ locality(slug: "{PLACES[0]}") {{
        statistics(by: CATEGORY, first: 2, after: $after) {{
            nodes {{ month category {{ code }} orgUnit {{ code }} }}
            pageInfo {{ endCursor hasNextPage }} }} }} }}"""
    found: list[object] = []
    after, more = None, True
    while more:
        variables = {"after": after}
        context = Context(database, PUBLIC)
        result = await API.execute(text, variable_values=variables, context_value=context)
        assert not result.errors
        page = orjson.loads(orjson.dumps(result.data))["locality"]["statistics"]
        found += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    shown = [
        row
        for row in world.of("statistic", PLACES[0])
        if row["top"] and row["breakdown"] == "CATEGORY" and not row["fine"]
    ]
    assert len(found) == len(shown) == len({orjson.dumps(each) for each in found}) > 4
