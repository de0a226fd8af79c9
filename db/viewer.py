"""The viewer's scope as SQL, in each of the places where a row's condition is written."""

from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    func,
    literal_column,
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


class Settings:
    """The scope as the transaction's settings, read through STABLE functions."""

    locality: ColumnElement[str] = func.linli_locality(type_=Text())
    prefixes: ColumnElement[Any] = func.linli_prefixes(type_=ARRAY(Text()))
    person: ColumnElement[UUID] = func.linli_person(type_=Uuid())
    offices: ColumnElement[Any] = func.linli_offices(type_=ARRAY(Text()))
    known: ColumnElement[bool] = func.linli_scope_set(type_=Boolean())


class Placeholders:
    """The scope as placeholders of a statement written by hand."""

    def __init__(
        self, locality: str, prefixes: str, person: str, offices: str = "'{}'::text[]"
    ) -> None:
        self.locality: ColumnElement[str] = literal_column(locality, Text())
        self.prefixes: ColumnElement[Any] = literal_column(prefixes, ARRAY(Text()))
        self.person: ColumnElement[UUID] = literal_column(person, Uuid())
        self.offices: ColumnElement[Any] = literal_column(offices, ARRAY(Text()))
