"""Generated queries: the compiled answer is the oracle's, and both exits give the same."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from db.pool import Database
from db.scope import Scope
from schema.api import API
from tests.compiler.oracle import Oracle, Refusal
from tests.compiler.queries import Query, queries, query_of
from tests.compiler.running import Counting, exact
from tests.compiler.world import make_world

INTROSPECTION = " __schema { queryType { name } }"

# Those who see much are asked more often: an answer of nothing proves little.
VIEWERS = [*make_world().viewers, "street", "street", "worker", "both_trees"]
checked = settings(
    max_examples=75,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


pytestmark = pytest.mark.usefixtures("without_a_price")


async def run(database: Database, viewer: Scope, query: Query, more: str = "") -> Any:
    """The answer's data with its order, or the code it was refused with."""
    caller = Counting(database, viewer)
    result = await API.execute(
        query.text(more), variable_values=query.variables, context_value=caller
    )
    if result.errors:
        return [(error.extensions or {}).get("code", str(error)) for error in result.errors]
    data = exact(orjson.dumps(result.data))
    # Introspection by itself is graphql-core's: it needs no statement.
    assert len(caller.statements) == (0 if more and len(data) == 1 else 1)
    return data


async def agree(database: Database, query: Query, name: str) -> None:
    """The answer is the oracle's, code of a refusal or data."""
    world = make_world()
    try:
        today = datetime.now(UTC).date()
        text, variables = query.text(), query.variables
        answer = Oracle.answer(world, world.viewers[name], today, text, variables)
        expected: Any = exact(orjson.dumps(answer))
    except Refusal as refusal:
        expected = [str(refusal)]
    assert await run(database, world.viewers[name], query) == expected


async def exits_agree(database: Database, query: Query, name: str) -> None:
    """Finished bytes, and graphql-core completing a dictionary, come to the same."""
    viewer = make_world().viewers[name]
    as_bytes = await run(database, viewer, query)
    as_dictionary = await run(database, viewer, query, INTROSPECTION)
    if not isinstance(as_bytes, list):
        assert as_dictionary[-1] == ("__schema", (("queryType", (("name", "Query"),)),))
        as_dictionary = as_dictionary[:-1]
    assert as_dictionary == as_bytes


@checked
@given(query=queries(), name=st.sampled_from(VIEWERS))
async def test_the_answer_is_the_oracles(database: Database, query: Query, name: str) -> None:
    await agree(database, query, name)


@checked
@given(query=queries(), name=st.sampled_from(VIEWERS))
async def test_both_exits_give_the_same(database: Database, query: Query, name: str) -> None:
    await exits_agree(database, query, name)


@pytest.mark.parametrize("block", range(6))
async def test_queries_more_unlike_each_other(database: Database, block: int) -> None:
    """Hypothesis varies what it tried before, which finds less; these it cannot make smaller."""
    random = Random(block)
    for _ in range(15):
        query, name = query_of(random), random.choice(VIEWERS)
        await agree(database, query, name)
        await exits_agree(database, query, name)
