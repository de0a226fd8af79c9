"""Values that may be given out only once it is written down that they are.

A resolver returns `Disclosed`; in the statement's answer such a value is a pair, [what is to be
written down, the value], or null. The statement knows at which paths of its answer they lie:

    {"person": {"private": {"phone": [{"subject": …, "purpose": …}, "138…"]}}}   from PostgreSQL
    {"person": {"private": {"phone": "138…"}}}                                   to the client

Whatever else lies at such a path for another type is no list: GraphQL's rule on overlapping fields
sees to that.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails
from sqlalchemy import ColumnElement, func

from compiler.collect import Request, Selected
from compiler.errors import InputError
from compiler.json_sql import JsonObject
from compiler.output import CORE, bare

Facts = dict[str, Any]
"""What is to be written down of giving one value out."""

Write = Callable[[list[Facts]], Awaitable[None]]
"""Writes it down for good, or raises."""

MOST_FACTS = 100
"""Values that one answer may give out."""

Paths = Mapping[str, "Paths | None"]
"""Where pairs may lie in an answer, by response name; None where one may."""


def pair(facts: Mapping[str, ColumnElement[Any]], value: Any) -> ColumnElement[Any]:
    """A value with what is to be written down of giving it out."""
    return func.json_build_array(JsonObject(facts), value)


@dataclass(frozen=True)
class Disclosed:
    """What a value's resolver returns where the value is of that kind."""

    pair: ColumnElement[Any]
    """A query of one `pair`, or of none where the value is not for the caller."""


def paths_of(
    request: Request, type_: GraphQLObjectType, selected: Selected, nodes: set[int]
) -> Paths:
    """Where the field nodes, known by their identity, lie in the answer of a selection."""
    found: dict[str, Paths | None] = {}
    for name, asked in selected.items():
        if id(asked[0].node) in nodes:
            found[name] = None
            continue
        field = type_.fields.get(asked[0].node.name.value)
        if field is not None and (below := _below(request, bare(field.type), asked, nodes)):
            found[name] = below
    return found


def _below(request: Request, type_: Any, asked: list[FieldDetails], nodes: set[int]) -> Paths:
    found: dict[str, Any] = {}
    for concrete in _concrete(request, type_):
        _merge(found, paths_of(request, concrete, request.fields(concrete, asked), nodes))
    return found


def _concrete(request: Request, type_: Any) -> list[Any]:
    if CORE.is_abstract_type(type_):
        return list(request.schema.get_possible_types(type_))
    return [type_] if CORE.is_object_type(type_) else []


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for name, below in more.items():
        if below is None or name not in into:
            into[name] = None if below is None else dict(below)
        else:
            _merge(into[name], below)


async def tell(paths: Paths, body: bytes, write: Write) -> bytes:
    """The answer with its values in place, once all of them are written down.

    An answer that holds none is passed through as it is; one that holds too many is refused.
    """
    if not paths:
        return body
    answer = orjson.loads(body)
    facts = [*_put_in_place(paths, answer)]
    if not facts:
        return body
    if len(facts) > MOST_FACTS:
        said = f"One answer gives out at most {MOST_FACTS} personal data in full. Ask for fewer."
        raise InputError("TOO_MANY_DISCLOSURES", said)
    await write(facts)
    return orjson.dumps(answer)


def _put_in_place(paths: Paths, answer: Any) -> Iterator[Facts]:
    if isinstance(answer, list):
        for each in answer:  # pyright: ignore[reportUnknownVariableType]
            yield from _put_in_place(paths, each)
    elif isinstance(answer, dict):
        for name, below in paths.items():
            found: Any = answer.get(name)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            if below is not None:
                yield from _put_in_place(below, found)
            elif isinstance(found, list):
                yield found[0]
                answer[name] = found[1]
