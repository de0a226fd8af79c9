"""The viewer's scope as SQL, in each of the places where a row's condition is written."""

from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    cast,
    func,
    literal_column,
    select,
)


class Viewer(Protocol):
    """The viewer's scope as SQL: parameters in a statement, settings in a policy."""

    @property
    def locality(self) -> ColumnElement[str]: ...
    @property
    def prefixes(self) -> ColumnElement[Any]: ...
    @property
    def person(self) -> ColumnElement[UUID]: ...
    @property
    def offices(self) -> ColumnElement[Any]: ...


def _once(value: ColumnElement[Any]) -> ColumnElement[Any]:
    """As a sub-select, which is worked out once for a statement, not anew for each row."""
    asked = select(value).scalar_subquery()
    # ANY of a bare sub-select would be of its rows.
    return cast(asked, ARRAY(Text())) if isinstance(value.type, ARRAY) else asked


class Settings:
    """The scope as the transaction's settings, read through STABLE functions."""

    locality: ColumnElement[str] = _once(func.linli_locality(type_=Text()))
    prefixes: ColumnElement[Any] = _once(func.linli_prefixes(type_=ARRAY(Text())))
    person: ColumnElement[UUID] = _once(func.linli_person(type_=Uuid()))
    offices: ColumnElement[Any] = _once(func.linli_offices(type_=ARRAY(Text())))
    known: ColumnElement[bool] = _once(func.linli_scope_set(type_=Boolean()))


class Placeholders:
    """The scope as placeholders of a statement written by hand."""

    def __init__(
        self, locality: str, prefixes: str, person: str, offices: str = "'{}'::text[]"
    ) -> None:
        self.locality: ColumnElement[str] = literal_column(locality, Text())
        self.prefixes: ColumnElement[Any] = literal_column(prefixes, ARRAY(Text()))
        self.person: ColumnElement[UUID] = literal_column(person, Uuid())
        self.offices: ColumnElement[Any] = literal_column(offices, ARRAY(Text()))
