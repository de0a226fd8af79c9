"""Rows for tables that the world's builder leaves empty, made from their columns alone."""

from datetime import date, datetime, timedelta
from enum import Enum
from types import UnionType
from typing import Any, Union, get_args, get_origin
from uuid import UUID

from db.tables import METADATA
from db.visibility import SEEN
from tests.compiler.world_plan import ALWAYS, FOR_EVER, PLACES, START, Row

FOLLOWS = ("ticket_scope",)
"""What `settle` works out from other rows."""
EACH = 40


def fill_empty(builder: Any) -> None:
    """Rows of both places for each table that has none; a table of a new noun is among them."""
    for model in SEEN:
        table = str(model.__tablename__)
        if not builder.world.rows.get(table) and table not in FOLLOWS:
            rows: dict[Any, Row] = {}
            for number in range(EACH):
                row = made(builder, model, PLACES[number % 2], number)
                rows[tuple(row[key.name] for key in METADATA.tables[table].primary_key)] = row
            for row in rows.values():
                builder.add(table, **row)


def made(builder: Any, model: Any, place: str, number: int) -> Row:
    """A row of a table that lies within one ticket: paths, labels and keys agree with it."""
    ticket = builder.any(builder.world.of("ticket", place))
    row: Row = {}
    for column in METADATA.tables[model.__tablename__].columns:
        if column.computed is None and column.identity is None:
            row[column.name] = value(builder, model, column, ticket, number)
    if "tx" in row:
        row["tx"] = number + 1
    if "key" in row and "noun" in row:
        about = "ticket" if row["noun"] == "TICKET" else "service_record"
        row["key"] = builder.any(builder.world.of(about, place))["id"]
    return row


def value(builder: Any, model: Any, column: Any, ticket: Row, number: int) -> Any:
    """A value for a column, by its name, what it refers to, or its type."""
    name = column.name
    if name != "id" and ticket.get(name) is not None:
        return ticket[name]
    if name.endswith("_path"):
        return ticket["unit_path"]
    if name == "locality_id":
        return ticket["locality_id"]
    target = refers_to(column)
    if target is not None:
        return builder.any(builder.world.of(target, ticket["locality_id"]))["id"]
    if name in ("revoked_at", "revoked_by_id"):
        return None
    if name in ("valid_from", "valid_to"):
        return ALWAYS if name == "valid_from" else FOR_EVER
    type_ = bare(model.model_fields[name].annotation)
    if type_ is int:
        return number + 1
    if type_ is date:
        return (START + timedelta(days=number)).date()
    return of_type(builder, type_, f"{name} {number}")


def refers_to(column: Any) -> str | None:
    """The table whose id a column holds, also where no foreign key says so."""
    if column.name == "locality_id":
        return None
    for key in column.foreign_keys:
        if key.column.name == "id":
            return key.column.table.name
    return "person" if column.name in ("person_id", "actor_id") else None


def of_type(builder: Any, type_: Any, text: str) -> Any:
    """Some value of a Python type."""
    if isinstance(type_, type) and issubclass(type_, Enum):
        return builder.any(type_)
    if get_origin(type_) is list:
        inner = get_args(type_)[0]
        return [of_type(builder, inner, text)]
    if get_origin(type_) is dict:
        return {"text": text}
    return {
        UUID: builder.key,
        str: lambda: text,
        bool: lambda: False,
        bytes: lambda: builder.random.randbytes(32),
        datetime: builder.moment,
    }[type_]()


def bare(annotation: Any) -> Any:
    """The type without `| None`."""
    if get_origin(annotation) in (Union, UnionType):
        return next(each for each in get_args(annotation) if each is not type(None))
    return annotation
