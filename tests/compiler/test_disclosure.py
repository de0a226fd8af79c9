"""Personal data for a purpose: the rule as SQL against the rule as Python, and what is written down."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from random import Random
from typing import Any

import orjson
import pytest

from compiler import disclosure
from db.pool import Database
from domain.disclosure import RULES, Purpose
from schema.api import API
from tests.compiler.oracle import Oracle
from tests.compiler.oracle_personal import PARTS
from tests.compiler.personal_queries import queries
from tests.compiler.running import Counting, exact
from tests.compiler.world import World, make_world

VIEWERS = [*make_world().viewers]
INTROSPECTION = "{ __schema { queryType { name } } "
GENERATED = 60
Told = list[dict[str, str]]


async def told_as_given(
    database: Database, world: World, name: str, text: str, variables: dict[str, Any]
) -> Told:
    """What is written down: exactly what the answer gives out, and the answer is the oracle's."""
    viewer, today = world.viewers[name], datetime.now(UTC).date()
    expected: Told = []
    answer = Oracle.answer(world, viewer, today, text, variables, expected)
    caller = Counting(database, viewer)
    result = await API.execute(text, variable_values=variables, context_value=caller)
    assert not result.errors, result.errors
    assert exact(orjson.dumps(result.data)) == exact(orjson.dumps(answer))
    assert in_order(caller.told) == in_order(expected)
    return expected


def in_order(facts: Any) -> list[bytes]:
    return sorted(orjson.dumps(each, option=orjson.OPT_SORT_KEYS) for each in facts)


def everything(*without: str) -> str:
    """All parts, for every purpose."""
    given = {
        purpose: f"purpose: {purpose}" + (', reason: "火"' if needs_reason(purpose) else "")
        for purpose in Purpose
    }
    return " ".join(
        f"{part}{purpose}: {part}({given[purpose]})"
        for purpose in Purpose
        for part in PARTS
        if part not in without
    )


def needs_reason(purpose: Purpose) -> bool:
    return purpose in RULES and RULES[purpose].reasoned


RULE = f"""query($ids: [ID!]!) {{ nodes(ids: $ids) {{
    ... on Person {{ private {{ {everything()} }} }}
    ... on ServiceRecord {{ visit {{ {everything("phone", "address")} }} }}
}} }}"""


@pytest.mark.trust(31)
async def test_the_rule_as_sql_is_the_rule(
    database: Database, world: World, record_property: Callable[[str, object], None]
) -> None:
    """Everybody, and every visit, by every kind of viewer for every purpose."""
    ids = [
        world.global_id(table, row)
        for table in ("person", "service_record")
        for row in world.of(table)
    ]
    found: Counter[str] = Counter()
    for name in VIEWERS:
        for start in range(0, len(ids), 30):
            given = {"ids": ids[start : start + 30]}
            told = await told_as_given(database, world, name, RULE, given)
            found.update(f"{name} {each['purpose']}" for each in told)
    assert {each.partition(" ")[2] for each in found} == set(Purpose)
    assert not any(each.startswith("public") for each in found)
    # The street looks after no household: in an emergency only.
    assert found["street HOME_VISIT"] == 0 < found["street EMERGENCY"]
    cells = len(ids) * len(VIEWERS) * len(Purpose) * len(PARTS)
    record_property("figure", f"{found.total()} of {cells} cells given, each written down")


@pytest.fixture(autouse=True)
def without_an_end(without_a_price: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many values an answer gives: the bound has a test of its own."""
    monkeypatch.setattr(disclosure, "MOST_FACTS", 100_000)


@pytest.mark.trust(31)
async def test_what_is_written_down_is_what_is_given(
    database: Database, world: World, record_property: Callable[[str, object], None]
) -> None:
    """Generated queries: by alias, fragment, list, page, node and nodes; over both exits."""
    random, cells = Random(31), 0
    for text, variables in islice(queries(random, world), GENERATED):
        name = random.choice(["worker", "resident", "street", "both_trees", "elsewhere"])
        told = await told_as_given(database, world, name, text, variables)
        cells += len(told)
        caller = Counting(database, world.viewers[name])
        beside = text.replace("{ ", INTROSPECTION, 1)
        result = await API.execute(beside, variable_values=variables, context_value=caller)
        assert not result.errors, result.errors
        assert in_order(caller.told) == in_order(told)
    assert cells > 300
    record_property("figure", f"{GENERATED} generated queries, {cells} cells, each written once")


async def test_what_is_not_written_down_is_not_given(database: Database, world: World) -> None:
    """Whatever the way out, the value stays in when writing fails."""

    class Failing(Counting):
        async def disclose(self, facts: Any) -> None:
            raise OSError("no audit today")

    caller = Failing(database, world.viewers["resident"])
    text = "{ viewer { person { private { phone(purpose: OWN) } } } }"
    with pytest.raises(OSError, match="no audit"):
        await API.execute(text, context_value=caller)
    # Nothing of it is asked: nothing fails.
    text = text.replace("(purpose: OWN)", "")
    assert not (await API.execute(text, context_value=caller)).errors


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ("purpose: EMERGENCY", "REASON_REQUIRED"),
        ('purpose: EMERGENCY, reason: " "', "BAD_REASON"),
        (f'purpose: OWN, reason: "{"x" * 201}"', "BAD_REASON"),
        ('reason: ""', "BAD_REASON"),
        ("purpose: CURIOSITY", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_a_purpose_without_sense(
    database: Database, world: World, given: str, code: str
) -> None:
    caller = Counting(database, world.viewers["worker"])
    text = f"{{ viewer {{ person {{ private {{ phone({given}) }} }} }} }}"
    result = await API.execute(text, context_value=caller)
    assert [(error.extensions or {})["code"] for error in result.errors or ()] == [code]
    assert caller.statements == []
