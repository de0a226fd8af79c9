"""Answers that PostgreSQL has finished: as bytes for the client, or as a dictionary for graphql-core."""

from typing import Any

import orjson
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLResolveInfo
from strawberry.types import ExecutionResult

from compiler.build import TYPE_KEY
from compiler.fields import ReadField


def finished(body: bytes) -> ExecutionResult:
    """Data that is encoded already, and goes out as it is."""
    return ExecutionResult(data=orjson.Fragment(body), errors=None)  # pyright: ignore[reportArgumentType]


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
