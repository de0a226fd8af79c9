"""Answers that PostgreSQL has finished: as bytes for the client, or as a dictionary for graphql-core."""

from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo
from strawberry.types import ExecutionResult

from compiler.build import TYPE_KEY
from compiler.fields import ReadField


@dataclass
class Finished(ExecutionResult):
    """A result whose data are encoded already, and go out as they are."""

    body: bytes = b""


def finished(body: bytes) -> Finished:
    """The result of a read; encoded with other things, its data stay as they are."""
    return Finished(data=orjson.Fragment(body), errors=None, body=body)  # pyright: ignore[reportArgumentType]


def _by_response_name(source: Any, info: "GraphQLResolveInfo[Any]", **_arguments: Any) -> Any:
    return source[info.path.key]


def read_by_response_name(schema: Any) -> None:
    """Let graphql-core take our fields from the finished dictionary, keyed by response name."""
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLInterfaceType):
            type_.resolve_type = lambda value, _info, _type: value[TYPE_KEY]
        if not isinstance(type_, GraphQLObjectType):
            continue
        type_.is_type_of = None
        for field in type_.fields.values():
            if isinstance(field.extensions.get("strawberry-definition"), ReadField):
                field.resolve = _by_response_name
