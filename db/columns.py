"""Column building blocks shared by every table."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Date, DateTime, ForeignKeyConstraint, Text, text
from sqlmodel import Field

C_TEXT = Text(collation="C")
"""Text compared byte by byte: prefix ranges use the index, and comparison is leakproof."""


def place() -> Any:
    """First column of every tenant key: the locality's slug, which routes the row to its shard."""
    return Field(primary_key=True, sa_type=C_TEXT)


def key() -> Any:
    """A UUIDv7 key; clients may mint it offline."""
    return Field(primary_key=True)


def line(**options: Any) -> Any:
    """Unlimited text."""
    return Field(sa_type=Text, **options)


def path() -> Any:
    """A unit's place in its tree (see db.paths), compared in the C collation."""
    return Field(sa_type=C_TEXT)


def paths() -> Any:
    """Several units' paths; null for none."""
    return Field(default=None, sa_type=ARRAY(C_TEXT))


def moment(**options: Any) -> Any:
    """An instant, always with a time zone."""
    return Field(sa_type=DateTime(timezone=True), **options)


def valid_from() -> Any:
    """First day on which the row holds."""
    return Field(sa_type=Date, sa_column_kwargs={"server_default": text("'-infinity'")})


def valid_to() -> Any:
    """First day on which the row no longer holds; infinity while it holds."""
    return Field(sa_type=Date, sa_column_kwargs={"server_default": text("'infinity'")})


def one_of(column: str, terms: type[StrEnum]) -> CheckConstraint:
    """CHECK that a text column holds a value of the vocabulary (or NULL)."""
    values = ", ".join(f"'{term.value}'" for term in terms)
    return CheckConstraint(f"{column} IN ({values})", name=column)


def refers(columns: str, target: str, target_columns: str = "id") -> ForeignKeyConstraint:
    """Foreign key within a locality: (locality_id, columns) to (locality_id, target_columns)."""
    near = ["locality_id", *columns.split()]
    far = [f"{target}.{name}" for name in ["locality_id", *target_columns.split()]]
    return ForeignKeyConstraint(near, far)


__all__ = [
    "C_TEXT",
    "UUID",
    "date",
    "datetime",
    "key",
    "line",
    "moment",
    "one_of",
    "path",
    "paths",
    "place",
    "refers",
    "valid_from",
    "valid_to",
]
