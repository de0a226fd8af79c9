"""Compiled statements are found again by document and by the shape of the variables."""

from typing import Any

import pytest
from strawberry.schema.config import StrawberryConfig

from compiler import engine
from compiler.engine import CompiledSchema
from compiler.statement import Statement
from db.scope import PUBLIC
from resolvers.guard import guard
from schema.api import API
from schema.query import Query
from schema.scalars import SCALARS
from tests.compiler.world import World

LISTING = """
query L($locality: String!, $status: [TicketStatus!], $first: Int, $open: Boolean, $order: TicketOrder,
        $span: DateTimeSpan, $titles: Boolean! = true) {
  tickets(locality: $locality, first: $first, orderBy: $order,
          filter: { open: $open, status: { in: $status }, createdAt: $span }) {
    nodes { number title @include(if: $titles) }
  }
}
"""
GIVEN: dict[str, Any] = {
    "locality": "riverside",
    "status": ["CLOSED"],
    "first": 5,
    "open": True,
    "order": {"field": "NUMBER", "direction": "ASC"},
    "span": {"gte": "2025-01-01T00:00:00Z"},
    "titles": True,
}


class Compilations:
    """How many statements were compiled."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.count = 0
        compile_one = engine.to_statement

        def counted(*given: Any) -> Statement:
            self.count += 1
            return compile_one(*given)

        patch.setattr(engine, "to_statement", counted)


@pytest.fixture
def schema() -> CompiledSchema:
    """A schema that has compiled nothing yet."""
    return make_schema()


def make_schema() -> CompiledSchema:
    config = StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS)
    return CompiledSchema(guard=guard, query=Query, config=config)


def compiled(schema: CompiledSchema, text: str, variables: dict[str, Any]) -> Statement:
    """The statement a request would run."""
    prepared = schema.prepare(text, None, variables)
    assert not isinstance(prepared, list), prepared
    return schema.statement(prepared)


@pytest.mark.parametrize(
    "other",
    [
        {"locality": "old_town"},
        {"first": 100},
        {"status": ["REPORTED", "MERGED", "CLOSED"]},
        {"status": []},
        {"span": {"gte": "1999-01-01T00:00:00+08:00"}},
    ],
    ids=str,
)
def test_other_values_run_the_same_statement(
    schema: CompiledSchema, monkeypatch: pytest.MonkeyPatch, other: dict[str, Any]
) -> None:
    compilations = Compilations(monkeypatch)
    first = compiled(schema, LISTING, GIVEN)
    second = compiled(schema, LISTING, GIVEN | other)
    assert second is first
    assert compilations.count == 1


def test_the_same_variables_in_another_order_run_the_same_statement(
    schema: CompiledSchema,
) -> None:
    turned = dict(reversed(GIVEN.items()))
    turned["order"] = dict(reversed(GIVEN["order"].items()))
    assert compiled(schema, LISTING, turned) is compiled(schema, LISTING, GIVEN)


@pytest.mark.parametrize(
    "other",
    [
        {"first": None},
        {"status": None},
        {"open": None},
        {"open": False},
        {"titles": False},
        {"order": None},
        {"order": {"field": "CREATED_AT", "direction": "ASC"}},
        {"order": {"field": "NUMBER", "direction": "DESC"}},
        {"span": None},
        {"span": {}},
        {"span": {"gte": None}},
        {"span": {"lt": "2025-01-01T00:00:00Z"}},
        {"span": {"gte": "2025-01-01T00:00:00Z", "lt": "2025-01-01T00:00:00Z"}},
    ],
    ids=str,
)
def test_another_shape_is_another_statement(schema: CompiledSchema, other: dict[str, Any]) -> None:
    first = compiled(schema, LISTING, GIVEN)
    second = compiled(schema, LISTING, GIVEN | other)
    assert second is not first
    assert compiled(schema, LISTING, GIVEN) is first
    assert compiled(schema, LISTING, GIVEN | other) is second


def test_left_out_is_another_shape_than_null(schema: CompiledSchema) -> None:
    text = (
        "query L($first: Int = 7) { localities { slug } tickets(first: $first) { nodes { id } } }"
    )
    default = compiled(schema, text, {})
    null = compiled(schema, text, {"first": None})
    assert default is not null
    assert compiled(schema, text, {"first": 7}) is default


def test_operations_of_one_document_are_apart(schema: CompiledSchema) -> None:
    text = "query A { localities { slug } } query B { localities { name } }"
    a, b = (schema.prepare(text, name, {}) for name in "AB")
    assert not isinstance(a, list)
    assert not isinstance(b, list)
    assert schema.statement(a).sql != schema.statement(b).sql
    assert schema.statement(a) is not schema.statement(a, typenames=True)


def test_the_statement_is_every_callers(world: World) -> None:
    """Nothing of a viewer is in the text; all of it is among the parameters."""
    statement = compiled(API, "{ tickets { nodes { reporter { name } } } }", {})
    for name, viewer in world.viewers.items():
        if viewer is PUBLIC:
            continue
        values = statement.values({}, viewer)
        assert viewer.locality in values
        assert viewer.prefixes in values
        assert viewer.person in values
        assert viewer.locality not in statement.sql
        assert str(viewer.person) not in statement.sql, name


def test_variables_are_never_in_the_text() -> None:
    hostile = "x' OR '1'='1"
    given = {**GIVEN, "locality": hostile, "status": ["DELIBERATING"], "first": 37}
    sql = compiled(API, LISTING, given).sql
    assert hostile not in sql
    assert "DELIBERATING" not in sql
    assert "37" not in sql


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of three statements remembered, the least recently used goes first."""
    monkeypatch.setattr(engine, "REMEMBERED", 3)
    schema = make_schema()
    compilations = Compilations(monkeypatch)
    texts = [f"{{ a{at}: localities {{ slug }} }}" for at in range(4)]
    first, second, _ = (compiled(schema, text, {}) for text in texts[:3])
    assert compiled(schema, texts[0], {}) is first  # used again: the second is now the oldest
    compiled(schema, texts[3], {})
    assert compilations.count == 4
    assert compiled(schema, texts[0], {}) is first
    assert compiled(schema, texts[1], {}) is not second
    assert compilations.count == 5


def test_shapes_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "REMEMBERED", 3)
    schema = make_schema()
    first = compiled(schema, LISTING, GIVEN)
    for other in ({"open": False}, {"first": None}, {"status": None}):
        compiled(schema, LISTING, GIVEN | other)
    assert compiled(schema, LISTING, GIVEN) is not first
