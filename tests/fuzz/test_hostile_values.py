"""Hostile values in every argument of the schema: refused by code before any statement."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

import graphql
import pytest
from graphql import GraphQLError

from bench.hostile import CORE, Spot, spots
from db.scope import Scope
from schema.api import API
from server.context import Context
from tests.compiler.world import World

CODES = {"BAD_TEXT", "BAD_VARIABLE", "BAD_NUMBER", "BAD_ID", "GRAPHQL_VALIDATION_FAILED"}
WRITTEN = {*CODES, "GRAPHQL_PARSE_FAILED"}


class Deaf:
    """A database that must not be asked anything."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"a statement was sent by {name}")


async def codes(viewer: Scope, text: str, variables: dict[str, Any]) -> list[str]:
    """The codes that an operation is refused with."""
    context = Context(Deaf(), viewer)  # type: ignore[arg-type]
    errors: Sequence[GraphQLError]
    try:
        prepared = API.prepare(text, None, variables)
        if isinstance(prepared, list):
            errors = prepared
        elif prepared.kind.value == "subscription":
            (await API.live(prepared)).values(viewer)
            errors = []
        else:
            errors = (await API.perform(prepared, variables, context)).errors or []
    except GraphQLError as error:
        errors = [error]
    return [
        (error.extensions or {}).get("code", repr(error.original_error or error))
        for error in errors
    ]


@pytest.mark.trust(34)
async def test_in_every_argument(world: World, record_property: Any) -> None:
    viewer, refused, seen = world.viewers["street"], 0, set[str]()
    for spot in spots():
        for value in spot.hostile:
            found = await codes(viewer, spot.document, spot.variables(value))
            assert found, (spot.name, value)
            assert set(found) <= CODES, (spot.name, value, found)
            refused += 1
        seen.add(spot.name)
    assert len(seen) > 400
    record_property("figure", f"{refused:,} values in {len(seen)} arguments, no statement sent")


@pytest.mark.trust(34)
async def test_written_into_the_document(world: World, record_property: Any) -> None:
    """The same, as the default of a variable that nobody gives."""
    viewer, refused, random = world.viewers["street"], 0, Random(34)
    for spot in spots():
        for value in random.sample(spot.hostile, 3):
            text = with_default(spot, value)
            found = await codes(viewer, text, {})
            assert found, (spot.name, value, text)
            assert set(found) <= WRITTEN, (spot.name, value, found)
            refused += 1
    record_property("figure", f"{refused:,} literals, no statement sent")


def with_default(spot: Spot, value: Any) -> str:
    """A spot's operation, the value written into it."""
    ((name, given),) = spot.variables(value).items()
    node = graphql.parse(spot.document).definitions[0]
    declared = graphql.print_ast(node.variable_definitions[0].type)  # type: ignore[attr-defined]
    type_ = graphql.type_from_ast(API.core, node.variable_definitions[0].type)  # type: ignore[attr-defined]
    written = literal(given, type_)
    return spot.document.replace(f"${name}: {declared}", f"${name}: {declared} = {written}", 1)


def literal(value: Any, type_: Any) -> str:
    """A value as it is written in a document, whether right or not."""
    bare = CORE.get_nullable_type(type_)
    if isinstance(value, dict):
        members = (
            f"{name}: {literal(each, bare.fields[name].type)}" for name, each in value.items()
        )
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list):
        return f"[{', '.join(literal(each, bare.of_type) for each in value)}]"
    return value if CORE.is_enum_type(bare) and isinstance(value, str) else json.dumps(value)


@pytest.mark.trust(34)
def test_the_operations_are_sound_but_for_the_value() -> None:
    for spot in spots():
        sound = {"String": "x", "ID": "ticket_riverside_" + "0" * 8}
        value = sound.get(spot.type_.name)
        if value is not None:
            prepared = API.prepare(spot.document, None, spot.variables(value))
            assert not isinstance(prepared, list), (spot.name, prepared)
