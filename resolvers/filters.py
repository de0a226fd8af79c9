"""Inputs that narrow a list, and how each becomes a condition."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from sqlalchemy import ColumnElement, any_
from sqlmodel import col

T = TypeVar("T")


def option(description: str, name: str | None = None) -> Any:
    """An input field that may be left out."""
    return strawberry.field(description=description, name=name, default=strawberry.UNSET)


@strawberry.input(description="One of several values.")
class Choices(Generic[T]):
    in_: list[T] | None = option("The value is one of these; null or left out means any.", "in")


@strawberry.input(description="A span of time.")
class DateTimeSpan:
    gte: datetime | None = option("At or after this instant.")
    gt: datetime | None = option("After this instant.")
    lte: datetime | None = option("At or before this instant.")
    lt: datetime | None = option("Before this instant.")


Locality = Annotated[
    str | None,
    strawberry.argument(description="Slug of the locality; the caller's own if left out."),
]


def among(column: Any, choices: Choices[Any] | None) -> Iterator[ColumnElement[bool]]:
    """The column holds one of the choices."""
    if choices is not None and choices.in_ is not None:
        values: Any = choices.in_
        yield col(column) == any_(values)


def during(column: Any, span: DateTimeSpan | None) -> Iterator[ColumnElement[bool]]:
    """The column lies in the span."""
    if span is None:
        return
    if span.gte is not None:
        yield col(column) >= span.gte
    if span.gt is not None:
        yield col(column) > span.gt
    if span.lte is not None:
        yield col(column) <= span.lte
    if span.lt is not None:
        yield col(column) < span.lt
