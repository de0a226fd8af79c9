"""Inputs that narrow a list, and how each becomes a condition."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from sqlalchemy import ColumnElement, FromClause, Text, any_, column, func, select
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


def each_of(choices: Choices[Any] | None) -> FromClause | None:
    """The choices as rows with a `value`, none of them twice; None if any will do."""
    if choices is None or choices.in_ is None:
        return None
    values: Any = choices.in_
    # An array that a sub-select makes is always supposed to be of one length: so a plan for any
    # values seems no dearer than one for those at hand, which would be made anew each time.
    once: Any = func.array(select(func.unnest(values)).distinct().scalar_subquery())
    return func.unnest(once).table_valued(column("value", Text())).render_derived("wanted")


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
