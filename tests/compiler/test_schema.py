"""Rules of the schema itself: everything described, everything hidden nullable, every table ruled."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import graphql
import pytest

from compiler.fields import ROWS, Column, Link, ReadField, Same
from db import policies
from db.tables import METADATA
from db.visibility import SEEN, everyone
from schema.api import API

CORE: Any = graphql
TYPES: dict[str, Any] = {
    name: type_
    for name, type_ in API.core.type_map.items()
    if not name.startswith("__") and name not in CORE.specified_scalar_types
}


def described() -> Iterator[tuple[str, Any]]:
    """Everything that has a description, with its coordinate."""
    for name, type_ in TYPES.items():
        yield name, type_
        if CORE.is_enum_type(type_):
            for value, definition in type_.values.items():
                yield f"{name}.{value}", definition
        for field, definition in getattr(type_, "fields", {}).items():
            yield f"{name}.{field}", definition
            for argument, given in getattr(definition, "args", {}).items():
                yield f"{name}.{field}({argument}:)", given


def links() -> Iterator[tuple[str, Any, Any]]:
    """Every field the compiler reads: coordinate, GraphQL field, how it is read."""
    for name, type_ in TYPES.items():
        if CORE.is_object_type(type_):
            for field, definition in type_.fields.items():
                ours = definition.extensions.get("strawberry-definition")
                if isinstance(ours, ReadField):
                    yield f"{name}.{field}", definition, ours


@pytest.mark.parametrize("kind", ["enum", "input_object", "object", "interface", "scalar"])
def test_everything_is_described(kind: str) -> None:
    of_kind = getattr(CORE, f"is_{kind}_type")
    bare = [
        name
        for name, definition in described()
        if of_kind(TYPES[name.partition(".")[0]]) and not (definition.description or "").strip()
    ]
    assert bare == []


def test_descriptions_are_sentences() -> None:
    for name, definition in described():
        text = (definition.description or "x.").strip()
        assert text == definition.description or definition.description is None, name
        assert not text.startswith(("TODO", "FIXME")), name


def test_what_may_be_null_says_when() -> None:
    silent = [
        f"{name}.{field}"
        for name, type_ in TYPES.items()
        if CORE.is_object_type(type_)
        for field, definition in type_.fields.items()
        if CORE.is_nullable_type(definition.type) and "null" not in definition.description.lower()
    ]
    assert silent == []


def test_a_link_to_one_thing_is_nullable() -> None:
    """A row may be missing, or not be for the viewer: both are null."""
    wrong = [
        name
        for name, definition, ours in links()
        if isinstance(ours.spec, Link)
        and ours.spec.order is None
        and CORE.is_non_null_type(definition.type)
        and not CORE.is_list_type(definition.type.of_type)
    ]
    assert wrong == []


def test_every_restricted_table_is_behind_a_nullable_link() -> None:
    """The rule above is about something: there are links to what not everyone sees."""
    hidden = {type_ for type_, row in ROWS.items() if row in SEEN and SEEN[row] is not everyone}
    assert {"Person", "PersonPrivate", "Ticket", "ServiceRecord"} <= hidden
    single = [
        name
        for name, definition, ours in links()
        if isinstance(ours.spec, Link)
        and CORE.get_named_type(definition.type).name in hidden
        and not CORE.is_non_null_type(definition.type)
    ]
    assert "Ticket.reporter" in single
    assert "Query.ticket" in single


def test_part_of_a_row_is_nullable_when_it_depends() -> None:
    for name, definition, ours in links():
        if isinstance(ours.spec, Same) and ours.spec.when is not None:
            assert not CORE.is_non_null_type(definition.type), name


def test_a_nullable_column_is_a_nullable_field() -> None:
    """Bytes pass through unchecked: the schema must not promise what a column does not keep."""
    wrong = []
    for name, definition, ours in links():
        row = ROWS.get(name.partition(".")[0])
        if isinstance(ours.spec, Column) and row is not None:
            column = METADATA.tables[row.__tablename__].c[ours.spec.name or ours.python_name]
            # Computed from columns that are never null, so never null itself.
            if (
                column.nullable
                and column.computed is None
                and CORE.is_non_null_type(definition.type)
            ):
                wrong.append(name)
    assert wrong == []


def test_the_items_of_a_list_are_never_null_but_for_nodes() -> None:
    for name, definition, _ in links():
        type_ = CORE.get_nullable_type(definition.type)
        if CORE.is_list_type(type_) and name != "Query.nodes":
            assert CORE.is_non_null_type(type_.of_type), name


def test_every_table_has_a_rule() -> None:
    assert policies.missing() == set()
    assert set(METADATA.tables) == {str(row.__tablename__) for row in SEEN}


def test_a_type_is_read_from_one_table() -> None:
    """Every object type the compiler reads rows for says which."""
    for name, definition, ours in links():
        if isinstance(ours.spec, Link) and ours.spec.order is None:
            named = CORE.get_named_type(definition.type)
            assert CORE.is_abstract_type(named) or named.name in ROWS, name


@pytest.mark.parametrize(
    ("fraction", "told"), [(0, "00"), (407160, "00.40716"), (1, "00.000001"), (500000, "00.5")]
)
def test_an_instant_reads_the_same_whoever_computed_it(fraction: int, told: str) -> None:
    """PostgreSQL drops the zeros at the end of a fraction, and of a whole second all of it."""
    moment = datetime(2026, 1, 31, 8, 0, 0, fraction, tzinfo=UTC)
    scalar = API.core.type_map["DateTime"]
    assert scalar.serialize(moment) == f"2026-01-31T08:00:{told}+00:00"
