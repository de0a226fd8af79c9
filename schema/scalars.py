"""Scalars: what PostgreSQL writes into JSON goes out as it is, so output needs no serialiser."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import strawberry
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

from compiler.arguments import Ref

D = TypeVar("D", date, datetime)

FIRST_YEAR, LAST_YEAR = 1900, 2999
"""PostgreSQL is told "for ever" by the first and last days that Python knows: they are not taken."""

INSTANT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)", re.ASCII | re.IGNORECASE
)
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _instant(text: Any) -> datetime:
    if not isinstance(text, str) or not INSTANT.fullmatch(text):
        raise ValueError("An instant is RFC 3339 text with a zone, as in 2026-01-31T08:00:00Z.")
    return _within(text, datetime.fromisoformat, "instant").astimezone(UTC)


def _day(text: Any) -> date:
    if not isinstance(text, str) or not DAY.fullmatch(text):
        raise ValueError("A day is ISO 8601 text, as in 2026-01-31.")
    return _within(text, date.fromisoformat, "day")


def _within(text: str, read: Callable[[str], D], noun: str) -> D:
    """A day or instant that the calendar has, of a year that people live in."""
    try:
        found = read(text)
    except ValueError as error:
        raise ValueError(f"The calendar has no such {noun}.") from error
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise ValueError(f"Any {noun} lies in the years {FIRST_YEAR} to {LAST_YEAR}.")
    return found


def _plain(value: Any) -> Any:
    return value


def _told(value: Any) -> Any:
    """An instant as PostgreSQL writes it into JSON, whichever of the two computed it."""
    if not isinstance(value, datetime):
        return value
    plain = f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"
    return plain.rstrip("0").rstrip(".") + "+00:00"


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in RFC 3339, given out in UTC.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
        serialize=_told,
        parse_value=_instant,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day in the locality's calendar, ISO 8601.",
        serialize=_plain,
        parse_value=_day,
    ),
    Ref: DEFAULT_SCALAR_REGISTRY[strawberry.ID],
}
