"""What operations cost: as the slow oracle says, and never less than their answers hold."""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import orjson
import pytest
from graphql import GraphQLError
from hypothesis import HealthCheck, given, settings

from compiler import cost
from compiler.cost import DESCRIPTION, OUTSIDE, objects_in
from compiler.limits import MOST_POINTS, OBJECTS_A_POINT
from compiler.prepare import Prepared
from db.pool import Database
from schema.api import API
from tests.compiler.cost_oracle import CostOracle
from tests.compiler.queries import Query, queries, query_of
from tests.compiler.running import Counting
from tests.compiler.world import make_world

EXAMPLES = Path(__file__).parents[2] / "server" / "examples"
ID = "unit_weibin_00000000-0000-7000-8000-000000000000"
UNIT = f'orgUnit(id: "{ID}")'


def prepared(text: str, **variables: Any) -> Prepared:
    found = API.prepare(text, None, variables)
    assert not isinstance(found, list), found
    return found


@pytest.fixture
def without_a_limit() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cost, "MOST_POINTS", sys.maxsize)
        yield


@pytest.mark.trust(10)
@settings(
    max_examples=150,
    derandomize=True,
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,
    ],
)
@given(query=queries())
def test_the_cost_is_the_oracles(without_a_limit: None, query: Query) -> None:
    one = prepared(query.text(), **query.variables)
    assert one.cost == CostOracle(one).points()


@pytest.mark.trust(10)
async def test_no_answer_holds_more_than_was_asked_for(
    database: Database, without_a_limit: None, record_property: Any
) -> None:
    """Where every list has a size; a list without one is only estimated."""
    seen, most = 0, 0.0
    for seed in range(120):
        query = query_of(Random(seed))
        one = prepared(query.text(), **query.variables)
        oracle = CostOracle(one)
        asked = oracle.objects()
        if oracle.plain or "Profile.body" in oracle.fields:
            continue
        caller = Counting(database, make_world().viewers["street"])
        result = await API.perform(one, query.variables, caller)
        if result.errors:
            continue
        held = objects_in(orjson.dumps(result.data)) - 1
        assert held <= asked, query.text()
        seen, most = seen + 1, max(most, held / max(asked, 1))
    assert seen > 20
    assert most > 0.5
    record_property("figure", f"{seen} generated reads; at most {most:.0%} of the price was held")


def times(count: int, size: str) -> str:
    return f"{{ tickets({size}) {{ nodes {{ events({size}) {{ nodes {{ at }} }} }} }} }}".replace(
        "#", str(count)
    )


@pytest.mark.parametrize(
    ("text", "variables", "objects"),
    [
        ("{ __typename }", {}, 0),
        ("{ viewer { person { id } } }", {}, 2),
        (f"{{ {UNIT} {{ name }} }}", {}, 1),
        ("{ tickets { nodes { id } } }", {}, 1 + 20),
        ("{ tickets { totalCount } }", {}, 1 + 100),
        ("{ tickets(first: 7) { nodes { id handler { id } } } }", {}, 1 + 7 * 2),
        ("{ tickets(last: 7) { edges { cursor node { id } } } }", {}, 1 + 7 * 2),
        ("{ tickets(first: 7) { edges { cursor } pageInfo { endCursor } } }", {}, 1 + 7 + 1),
        ("{ tickets(first: 7) { nodes { id } edges { cursor } } }", {}, 1 + 7 + 7),
        ("query($n: Int) { tickets(first: $n) { nodes { id } } }", {"n": 30}, 1 + 30),
        ("query($n: Int) { tickets(first: $n) { nodes { id } } }", {}, 1 + 20),
        ("query($n: Int) { tickets(first: $n) { nodes { id } } }", {"n": None}, 1 + 20),
        ("query($n: Int = 50) { tickets(first: $n) { nodes { id } } }", {}, 1 + 50),
        ("query($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": [ID] * 40}, 40),
        ("query($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ID}, 1),
        (f'{{ nodes(ids: ["{ID}", "{ID}"]) {{ id }} }}', {}, 2),
        (
            f'{{ node(id: "{ID}") {{ ... on OrgUnit {{ parent {{ id }} }} ... on Post {{ id }} }} }}',
            {},
            2,
        ),
        ("query($y: Boolean!) { tickets @include(if: $y) { nodes { id } } }", {"y": False}, 0),
        ("query($y: Boolean!) { tickets @include(if: $y) { nodes { id } } }", {"y": True}, 21),
        ("query($y: Boolean!) { tickets @skip(if: $y) { nodes { id } } }", {"y": True}, 0),
        (f"{{ {UNIT} {{ parent {{ id }} parent {{ name }} }} }}", {}, 2),
        (f"{{ {UNIT} {{ parent {{ id }} up: parent {{ name }} }} }}", {}, 3),
        (f"{{ {UNIT} {{ children {{ id }} }} }}", {}, 1 + 6),
        (f"{{ {UNIT} {{ children {{ children {{ id }} }} }} }}", {}, 1 + 6 + 36),
        (f"{{ {UNIT} {{ posts {{ unit {{ posts {{ id }} }} }} }} }}", {}, 1 + 8 + 8 + 8 * 30),
        ("{ locality(slug: \"a\") { profile { body } } }", {}, 2 + 100),
        ("{ __schema { queryType { name } } }", {}, DESCRIPTION),
        (
            "mutation($i: TicketWithdrawInput!) { ticketWithdraw(input: $i) { ticket { id } } }",
            {"i": {"ticketId": "x"}},
            OUTSIDE + 2,
        ),
    ],
    ids=str,
)  # fmt: skip
def test_what_counts(text: str, variables: dict[str, Any], objects: int) -> None:
    assert prepared(text, **variables).cost == max(1, -(-objects // OBJECTS_A_POINT))


def test_the_same_document_costs_what_its_variables_say() -> None:
    text = "query($n: Int) { tickets(first: $n) { nodes { id } } }"
    assert [prepared(text, n=n).cost for n in (100, 1, None, 100, 9)] == [11, 1, 3, 11, 1]


def test_the_examples_fit_with_room(record_property: Any) -> None:
    costs = {
        file.stem: prepared(file.read_text(), id=ID).cost for file in EXAMPLES.glob("*.graphql")
    }
    assert set(costs) == {"tree", "board", "chain", "list"}
    assert max(costs.values()) < 0.75 * MOST_POINTS
    record_property("figure", ", ".join(f"{name} {cost}" for name, cost in sorted(costs.items())))


def test_a_refusal_says_what_it_would_cost() -> None:
    with pytest.raises(GraphQLError) as refused:
        API.prepare(times(100, "first: #"), None, {})
    requested = -(-(1 + 100 * (1 + 1 + 100)) // 10)
    assert refused.value.extensions == {
        "code": "TOO_COSTLY",
        "cost": {"requested": requested, "maximum": MOST_POINTS},
    }
    assert str(requested) in refused.value.message


def test_objects_are_counted_in_the_bytes() -> None:
    answer = {"data": {"a": [{"b": 1}, {"b": {"c": "{ } [{ \\"}}], "e": []}}
    in_texts = 2
    assert objects_in(orjson.dumps(answer)) == 5 + in_texts
    assert objects_in(b'{"a" : {"b" : null}}') == 2
