"""Conditions that several nouns share."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, and_, any_, func, literal_column, select
from sqlmodel import col

from compiler.errors import InputError
from compiler.ids import id_sql
from compiler.scope import ScopeBinds
from db.paths import ABOVE, WIDTH


def node_id(tag: str) -> Any:
    """The global id of a row of that kind."""

    def resolver(row: Any) -> ColumnElement[str]:
        return id_sql(tag, row.locality_id, row.id)

    return resolver


def holds(row: Any, at: date | None) -> ColumnElement[bool]:
    """Whether an effective-dated row holds on a day; today if none is named."""
    day = func.current_date() if at is None else at
    return and_(col(row.valid_from) <= day, col(row.valid_to) > day)


def until(row: Any) -> ColumnElement[date]:
    """The day the row ceased to hold; null while no end is known."""
    return func.nullif(row.valid_to, literal_column("'infinity'::date"))


def inside(path: Any, top: Any) -> ColumnElement[bool]:
    """Whether a path is the top's own or below it; a range, so that the index serves it."""
    return and_(col(path) >= top, col(path) < top + literal_column(f"'{ABOVE}'", Text))


def depth(path: Any) -> ColumnElement[int]:
    """How deep a path lies; a tree's top is at 1."""
    return func.length(path, type_=Integer) // literal_column(str(WIDTH), Integer)


def lineage(path: Any) -> ColumnElement[bool]:
    """The paths from the top of the tree down to this one, to compare a column with."""
    step = func.generate_series(1, depth(path), type_=Integer).column_valued("step")
    length = step * literal_column(str(WIDTH), Integer)
    return any_(func.array(select(func.left(path, length)).scalar_subquery()))


def own_or_named(scope: ScopeBinds, locality: Any | None) -> ColumnElement[str]:
    """The locality named, or the caller's own; LOCALITY_REQUIRED if there is neither."""
    return scope.own_locality(_required) if locality is None else locality


def _required(locality: str) -> str:
    if not locality:
        raise InputError("LOCALITY_REQUIRED", "Name a locality: the caller belongs to none.")
    return locality
