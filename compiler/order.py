"""Keyset order: the columns a connection is sorted by, and the cursors that continue it."""

import base64
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import ColumnElement, Text, cast, func, literal_column
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from compiler.errors import InputError

DEFAULT_PAGE = 20
USUAL_CHANGES, MOST_CHANGES = 100, 500
"""Changes on a page when nothing is said, and at most."""


@strawberry.enum(description="Which way a list is sorted.")
class OrderDirection(Enum):
    ASC = strawberry.enum_value("ASC", description="Smallest, oldest or first first.")
    DESC = strawberry.enum_value("DESC", description="Largest, newest or last first.")


@dataclass(frozen=True)
class Sort:
    """One order in force: its name in cursors, its columns (the last one unique), its direction."""

    name: str
    columns: tuple[str, ...]
    descending: bool

    @property
    def tag(self) -> str:
        """What a cursor of this order begins with."""
        return f"{self.name}{'-' if self.descending else '+'}"


@dataclass(frozen=True)
class Ordering:
    """The orders a connection offers; `input_type` is the noun's `…Order` input."""

    input_type: type[Any]
    columns: Mapping[Enum, tuple[str, ...]]
    default: tuple[Enum, OrderDirection]

    def sort(self, order_by: Any | None) -> Sort:
        """The order asked for, or the default one."""
        field, direction = self.default
        if order_by is not None:
            field, direction = order_by.field, order_by.direction
        return Sort(field.name, self.columns[field], direction is OrderDirection.DESC)

    def arguments(self, most: int) -> list[StrawberryArgument]:
        """The paging arguments every connection has."""
        size = f"1 to {most}; {DEFAULT_PAGE} if neither `first` nor `last` is given."
        return [
            argument("first", int | None, f"How many rows from the front, {size}"),
            argument("after", str | None, "Continue after this cursor."),
            argument("last", int | None, f"How many rows from the back, {size}"),
            argument("before", str | None, "Stop before this cursor."),
            argument("order_by", self.input_type | None, "How the rows are sorted."),
        ]


def argument(
    name: str, annotation: Any, description: str, default: Any = strawberry.UNSET
) -> StrawberryArgument:
    """An argument that the compiler itself reads."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        default=default,
    )


def cursor_sql(sort: Sort, keys: Iterable[ColumnElement[Any]]) -> ColumnElement[str]:
    """A row's cursor from its keys: they and the order's tag, in URL-safe base64."""
    return coded(sort.tag, keys)


def coded(tag: str, keys: Iterable[ColumnElement[Any]]) -> ColumnElement[str]:
    """A tag and keys, in URL-safe base64."""
    texts = [cast(key, Text) for key in keys]
    bar = literal_column("'|'", Text)
    plain = func.concat_ws(bar, literal_column(f"'{tag}'", Text), *texts)
    base64ed = func.encode(
        func.convert_to(plain, literal_column("'UTF8'")), literal_column("'base64'")
    )
    return func.translate(base64ed, literal_column(r"E'+/=\n'"), literal_column("'-_'"))


def decoded(text: str) -> str:
    """The same text again; a ValueError if it is none, or not written as cursors are."""
    plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(plain).rstrip(b"=") != text.encode():
        raise ValueError("not the base64 that is given out")
    return plain.decode()


def _instant(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a cursor's time has a zone")
    return moment.astimezone(UTC)


def whole(text: str, bits: int = 32) -> int:
    """A whole number of so many bits, in plain digits: Python reads those of every script."""
    if not WHOLE.fullmatch(text) or not -(1 << bits - 1) <= int(text) < 1 << bits - 1:
        raise ValueError("a cursor's number is one PostgreSQL can hold")
    return int(text)


def exact_key(text: str) -> UUID:
    """A key as PostgreSQL writes it; Python reads braces and prefixes too."""
    key = UUID(text)
    if str(key) != text:
        raise ValueError("not a key as it is given out")
    return key


WHOLE = re.compile("-?[0-9]{1,19}")


def _read(text: str, python_type: type[Any]) -> Any:
    readers: dict[type[Any], Callable[[str], Any]] = {
        datetime: _instant,
        date: date.fromisoformat,
        UUID: exact_key,
        int: whole,
    }
    return readers.get(python_type, str)(text)


def read_cursor(text: str, sort: Sort, types: tuple[type[Any], ...]) -> tuple[Any, ...]:
    """The keys in a cursor of this order; anything else is a BAD_CURSOR error."""
    try:
        tag, _, rest = decoded(text).partition("|")
        keys = rest.rsplit("|", len(types) - 1)
        if tag != sort.tag or "\x00" in rest:
            raise ValueError("not a cursor of this order")
        return tuple(_read(key, type_) for key, type_ in zip(keys, types, strict=True))
    except (ValueError, OverflowError) as error:
        raise InputError("BAD_CURSOR", "This is not a cursor of this list and order.") from error
