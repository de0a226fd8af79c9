"""JSON built by PostgreSQL."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement as Element
from sqlalchemy.types import JSON

Members = Mapping[str, ColumnElement[Any]]


class JsonObject(Element[Any]):
    """`JSON_OBJECT('name' VALUE expression, …)`: unlike a function call, of any length."""

    inherit_cache = False
    type = JSON()

    def __init__(self, members: Members) -> None:
        self.names = list(members)
        self.values = list(members.values())


@compiles(JsonObject)
def _json_object(element: JsonObject, compiler: SQLCompiler, **options: Any) -> str:
    # GraphQL names are [_0-9A-Za-z]: they need no quoting inside the quotes.
    members = ", ".join(
        f"'{name}' VALUE {compiler.process(value, **options)}"
        for name, value in zip(element.names, element.values, strict=True)
    )
    return f"JSON_OBJECT({members} RETURNING json)"


EMPTY_LIST: ColumnElement[Any] = literal_column("'[]'::json", JSON())


def json_list(item: ColumnElement[Any]) -> ColumnElement[Any]:
    """A JSON array of the item over all rows, in their order; empty when there are none."""
    return func.coalesce(func.json_agg(item), EMPTY_LIST)
