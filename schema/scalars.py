"""Scalars: what PostgreSQL writes into JSON goes out as it is, so output needs no serialiser."""

from datetime import UTC, date, datetime
from typing import Any

import strawberry
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

from compiler.arguments import Ref

FIRST_YEAR, LAST_YEAR = 1900, 2999


def _instant(text: Any) -> datetime:
    moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    if moment is None or moment.tzinfo is None:
        raise ValueError("An instant is RFC 3339 text with a zone, as in 2026-01-31T08:00:00Z.")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        # PostgreSQL is told "for ever" by the first and last instants Python knows.
        raise ValueError(f"An instant lies in the years {FIRST_YEAR} to {LAST_YEAR}.")
    return moment.astimezone(UTC)


def _day(text: Any) -> date:
    if not isinstance(text, str):
        raise ValueError("A day is ISO 8601 text, as in 2026-01-31.")
    day = date.fromisoformat(text)
    if day == date.max:
        # What PostgreSQL is told by it is "for ever", on which nothing holds any more.
        raise ValueError("A day lies before 9999-12-31.")
    return day


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
