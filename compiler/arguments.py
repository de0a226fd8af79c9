"""A field's arguments as a resolver gets them: leaves as SQL parameters, the rest as it is."""

from dataclasses import dataclass, replace
from functools import cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, ColumnElement, Date, DateTime, Double, Integer, Text, Uuid
from sqlalchemy.types import TypeEngine

from compiler.binds import Binds, Convert, Source, source_of
from compiler.errors import InputError
from compiler.ids import parse_id
from compiler.limits import MOST_IDS
from compiler.output import is_enum, is_input_object, is_list, item, nullable

SQL_TYPES: dict[str, TypeEngine[Any]] = {
    "String": Text(),
    "Int": Integer(),
    "Float": Double(),
    "Boolean": Boolean(),
    "DateTime": DateTime(timezone=True),
    "Date": Date(),
}


@cache
def id_part(part: str, tag: str | None) -> Convert:
    """A conversion from an id to one of its parts: `tag`, `locality` or `key`."""
    return lambda text: getattr(parse_id(text, tag), part)


@cache
def id_parts(part: str) -> Convert:
    """A conversion from a list of ids to the list of one of their parts."""
    return lambda texts: [getattr(parse_id(text), part) for text in id_list(texts)]


def id_list(texts: list[str]) -> list[str]:
    """At most 100 ids; more is a TOO_MANY_IDS error."""
    if len(texts) > MOST_IDS:
        raise InputError("TOO_MANY_IDS", f"Ask for at most {MOST_IDS} ids at once.")
    return texts


@dataclass(frozen=True)
class Ref:
    """A global id among the arguments, as parameters for its parts."""

    binds: Binds
    source: Source
    kind: str | None = None

    def of(self, kind: str) -> "Ref":
        """The same id, refused in the request unless it is of this kind."""
        return replace(self, kind=kind)

    @property
    def tag(self) -> ColumnElement[str]:
        return self.binds.add(self.source, Text(), id_part("tag", self.kind))

    @property
    def locality(self) -> ColumnElement[str]:
        return self.binds.add(self.source, Text(), id_part("locality", self.kind))

    @property
    def key(self) -> ColumnElement[UUID]:
        return self.binds.add(self.source, Uuid(), id_part("key", self.kind))


@dataclass(frozen=True)
class Refs:
    """A list of global ids among the arguments, as array parameters for their parts."""

    binds: Binds
    source: Source

    @property
    def tags(self) -> ColumnElement[list[str]]:
        return self.binds.add(self.source, ARRAY(Text()), id_parts("tag"))

    @property
    def localities(self) -> ColumnElement[list[str]]:
        return self.binds.add(self.source, ARRAY(Text()), id_parts("locality"))

    @property
    def keys(self) -> ColumnElement[list[UUID]]:
        return self.binds.add(self.source, ARRAY(Uuid()), id_parts("key"))


def python_argument(binds: Binds, value: Any, type_: Any) -> Any:
    """A coerced argument as the resolver gets it.

    None stays None; booleans and enum values stay (they shape the statement); input objects become
    attribute holders; ids become Ref(s); any other leaf, or list of leaves, one SQL parameter.
    """
    type_ = nullable(type_)
    if value is None or isinstance(value, bool) or is_enum(type_):
        return value
    if is_input_object(type_):
        return _input_object(binds, value, type_)
    if is_list(type_):
        return _list(binds, value, item(type_))
    return _leaf(binds, value, type_)


def _input_object(binds: Binds, value: Any, type_: Any) -> SimpleNamespace:
    definition = type_.extensions["strawberry-definition"]
    given = SimpleNamespace()
    for field, name in zip(definition.fields, type_.fields, strict=True):
        child = python_argument(binds, value.get(name), type_.fields[name].type)
        setattr(given, field.python_name, child)
    return given


def _list(binds: Binds, value: Any, of: Any) -> Any:
    if is_input_object(of):
        return [python_argument(binds, each, of) for each in value]
    source = source_of(value)
    if of.name == "ID":
        return Refs(binds, source)
    if is_enum(of) or of.name == "String":
        return binds.add(source, ARRAY(Text()))
    return binds.add(source, ARRAY(SQL_TYPES[of.name]))


def _leaf(binds: Binds, value: Any, type_: Any) -> Any:
    source = source_of(value)
    if type_.name == "ID":
        return Ref(binds, source)
    return binds.add(source, SQL_TYPES[type_.name])
