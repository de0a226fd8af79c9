"""What is kept between requests: bounded, and made only once."""

import asyncio
import gc
import tracemalloc
from typing import Any

import orjson
import pytest

from compiler import engine, prepare
from compiler.documents import KNOWN, Document
from compiler.engine import CompiledSchema
from compiler.prepare import LONGEST_VARIABLES
from db.scope import PUBLIC
from tests.compiler.test_cache import Compilations, make_schema

NAMES = (
    'query($d: Boolean!) { __type(name: "Query") { name fields(includeDeprecated: $d) { name } } }'
)


class Executions:
    """How often graphql-core was asked."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        execute = engine.CORE.execute

        def counted(*given: Any, **named: Any) -> Any:
            self.count += 1
            return execute(*given, **named)

        patch.setattr(engine.CORE, "execute", counted)


class Nobody:
    """The public, to whom the database answers nothing."""

    scope = PUBLIC

    async def fetch(self, _sql: str, _values: list[Any]) -> bytes:
        return b"{}"

    async def disclose(self, _facts: list[Any]) -> None:
        return


async def data_of(schema: CompiledSchema, text: str, **variables: Any) -> Any:
    result = await schema.execute(text, variable_values=variables, context_value=Nobody())
    assert not result.errors
    return orjson.loads(orjson.dumps(result.data))


async def test_what_the_schema_says_of_itself_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    schema, executions = make_schema(), Executions(monkeypatch)
    first = await data_of(schema, NAMES, d=True)
    assert first["__type"]["name"] == "Query"
    assert await data_of(schema, NAMES, d=True) == first
    assert executions.count == 1
    await data_of(schema, NAMES, d=False)
    assert executions.count == 2
    await data_of(schema, NAMES.replace("Query", "Ticket"), d=True)
    assert executions.count == 3


async def test_what_many_ask_at_once_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    schema, compilations = make_schema(), Compilations(monkeypatch)
    text = "{ localities { slug } }"
    await asyncio.gather(*(data_of(schema, text) for _ in range(20)))
    assert compilations.count == 1


async def test_a_refusal_while_compiling_reaches_whoever_asked() -> None:
    result = await make_schema().execute(
        "{ tickets(first: 0) { totalCount } }", context_value=Nobody()
    )
    assert [error.extensions for error in result.errors or []] == [{"code": "BAD_PAGE_SIZE"}]


def test_distinct_documents_do_not_pile_up(
    monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    monkeypatch.setattr(prepare, "HEAVIEST_DOCUMENTS", 2_000)
    schema = make_schema()

    def read(many: range) -> None:
        for at in many:
            assert not isinstance(
                schema.prepare(f"{{ a{at}: localities {{ slug }} }}", None, {}), list
            )

    read(range(700))
    tracemalloc.start()
    read(range(700, 900))
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    read(range(900, 2_000))
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    grown = after - before
    assert grown < 1_000_000
    record_property("figure", f"{grown / 1_000:.0f} kB more after 1,100 further documents")


def cost_of(schema: CompiledSchema, text: str, **variables: Any) -> int:
    prepared = schema.prepare(text, None, variables)
    assert not isinstance(prepared, list)
    assert prepared.values.coerced == variables
    return prepared.cost


def test_what_a_query_came_to_is_that_of_its_own_variables() -> None:
    schema = make_schema()
    text = "query($first: Int, $on: Boolean!) { localities @include(if: $on) { slug } tickets(first: $first) { nodes { id } } }"
    asked = [{"first": many, "on": on} for many in (1, 50, None) for on in (True, False)]
    first = [cost_of(schema, text, **each) for each in asked]
    assert len({*first}) > 2
    assert [cost_of(schema, text, **each) for each in asked] == first
    assert isinstance(schema.prepare(text, None, {"first": "1", "on": True}), list)
    assert isinstance(schema.prepare(text, None, {"first": True, "on": True}), list)
    assert isinstance(schema.prepare(text, None, {"first": 1, "on": 1}), list)


def test_what_queries_come_to_is_remembered_within_a_bound() -> None:
    schema = make_schema()
    text = "query($slug: String!) { locality(slug: $slug) { name } }"
    document = schema.read(text)
    assert isinstance(document, Document)
    for at in range(10 * KNOWN):
        cost_of(schema, text, slug=f"place{at}")
    assert document.known.get((None, repr({"slug": f"place{10 * KNOWN - 1}"}))) is not None
    assert document.known.get((None, repr({"slug": "place0"}))) is None
    cost_of(schema, text, slug="x" * LONGEST_VARIABLES)
    assert document.known.get((None, repr({"slug": "x" * LONGEST_VARIABLES}))) is None
