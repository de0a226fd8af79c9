"""Generated queries: the compiled answer is the oracle's, and both exits give the same."""

from datetime import UTC, datetime
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings, strategies as st

from db.pool import Database
from db.scope import Scope
from schema.api import API
from tests.compiler.oracle import Oracle, Refusal
from tests.compiler.queries import Query, queries
from tests.compiler.running import Counting, exact
from tests.compiler.world import make_world

INTROSPECTION = " __schema { queryType { name } }"

# Those who see much are asked more often: an answer of nothing proves little.
names = st.sampled_from([*make_world().viewers, "street", "street", "worker", "both_trees"])
checked = settings(
    max_examples=200,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


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


@checked
@given(query=queries(), name=names)
async def test_the_answer_is_the_oracles(database: Database, query: Query, name: str) -> None:
    world = make_world()
    viewer = world.viewers[name]
    try:
        today = datetime.now(UTC).date()
        expected: Any = Oracle.answer(world, viewer, today, query.text(), query.variables)
        expected = exact(orjson.dumps(expected))
    except Refusal as refusal:
        expected = [str(refusal)]
    assert await run(database, viewer, query) == expected


@checked
@given(query=queries(), name=names)
async def test_both_exits_give_the_same(database: Database, query: Query, name: str) -> None:
    viewer = make_world().viewers[name]
    as_bytes = await run(database, viewer, query)
    as_dictionary = await run(database, viewer, query, INTROSPECTION)
    if not isinstance(as_bytes, list):
        assert as_dictionary[-1] == ("__schema", (("queryType", (("name", "Query"),)),))
        as_dictionary = as_dictionary[:-1]
    assert as_dictionary == as_bytes
