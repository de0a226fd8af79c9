"""The walk from a selection set to JSON-building SQL."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLObjectType,
    GraphQLSchema,
)
from graphql.execution.collect_fields import FieldDetails
from sqlalchemy import ColumnElement, Select, Text, case, literal_column, null, select

from compiler.arguments import python_argument
from compiler.binds import Binds
from compiler.collect import Request, Selected
from compiler.disclosure import Disclosed, Paths, paths_of
from compiler.feed import Feed, feed_page
from compiler.fields import (
    ROWS,
    SAME,
    VIEWER,
    Choice,
    Column,
    Follow,
    Link,
    ReadField,
    Same,
    Scoped,
    Value,
    parameters,
    wants_viewer,
)
from compiler.json_sql import JsonObject, json_list
from compiler.output import bare, is_list
from compiler.page import page
from compiler.rows import Row

TYPE_KEY = ""
"""Member that tells graphql-core an object's type; no response name is empty."""

INHERITED = ("at",)
"""Arguments that, once given, hold for everything below."""

CURSORS = ("first", "after", "last", "before", "since")
"""Arguments of a connection that the compiler turns into SQL itself."""

Guard = Callable[[type[Any], ColumnElement[str] | None, Any], list[ColumnElement[bool]]]
"""(row class, locality, scope) -> the conditions under which the caller sees a row."""


@dataclass(frozen=True)
class Frame:
    """Where the walk stands: the row at hand, its locality, and what it passes down."""

    row: Any
    locality: ColumnElement[str] | None = None
    inherited: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Build:
    """One statement under construction."""

    request: Request
    binds: Binds
    scope: Any
    guard: Guard
    typenames: bool
    """Whether objects of abstract types always say their type (graphql-core needs it)."""
    aliases: Iterator[int] = field(default_factory=itertools.count)
    disclosed: set[int] = field(default_factory=set[int])
    """The field nodes, by their identity, whose values are given out only once written down."""

    @property
    def schema(self) -> GraphQLSchema:
        return self.request.schema

    def object(
        self, type_: GraphQLObjectType, asked: list[FieldDetails], frame: Frame
    ) -> ColumnElement[Any]:
        """The JSON object for the frame's row, with the fields asked for."""
        return self.members(type_, self.request.fields(type_, asked), frame)

    def members(
        self, type_: GraphQLObjectType, selected: dict[str, list[FieldDetails]], frame: Frame
    ) -> ColumnElement[Any]:
        """The JSON object with one member for each response name."""
        pairs: list[tuple[str, ColumnElement[Any]]] = []
        for name, asked in selected.items():
            if self.answers(type_, asked):
                with self.binds.within(name):
                    pairs.append((name, self.field(type_, asked, frame)))
        if self.typenames and type_.interfaces:
            pairs.append((TYPE_KEY, literal_column(f"'{type_.name}'", Text)))
        return JsonObject(dict(pairs))

    def disclosures(self, type_: GraphQLObjectType, selected: Selected) -> Paths:
        """Where such values lie in the answer, once the statement is built."""
        return paths_of(self.request, type_, selected, self.disclosed) if self.disclosed else {}

    def answers(self, type_: GraphQLObjectType, asked: list[FieldDetails]) -> bool:
        """Whether a field is ours; introspection and a verb's own fields are graphql-core's."""
        name = asked[0].node.name.value
        return name == "__typename" or self.spec(type_, name) is not None

    def spec(self, type_: GraphQLObjectType, name: str) -> Any:
        """How the field is read, or None for a field of another kind."""
        field_ = type_.fields.get(name)
        definition = field_ and field_.extensions.get("strawberry-definition")
        return definition.spec if isinstance(definition, ReadField) else None

    def field(
        self, type_: GraphQLObjectType, asked: list[FieldDetails], frame: Frame
    ) -> ColumnElement[Any]:
        """The SQL for one field of the frame's row."""
        name = asked[0].node.name.value
        if name == "__typename":
            return literal_column(f"'{type_.name}'", Text)
        spec = self.spec(type_, name)
        match spec:
            case Column():
                definition = type_.fields[name].extensions["strawberry-definition"]
                return getattr(frame.row, spec.name or definition.python_name)
            case Value():
                given, _ = self.arguments(type_, asked, frame, parameters(spec.resolver))
                seen_by = {VIEWER: self.scope} if wants_viewer(spec.resolver) else {}
                made = spec.resolver(frame.row, **seen_by, **given)
                if isinstance(made, Disclosed):
                    self.disclosed.add(id(asked[0].node))
                    return made.pair
                return made
            case Same():
                return self.same(spec, type_.fields[name].type, asked, frame)
            case Link():
                return self.link(spec, type_, asked, frame)
            case Follow():
                feed, paging = self.feed(spec, type_, asked, frame)
                output = bare(type_.fields[name].type)
                return feed_page(self, feed, paging, output, asked, frame)
            case _:
                raise AssertionError(f"{type_.name}.{name} cannot be read")

    def same(
        self, spec: Same, output: Any, asked: list[FieldDetails], frame: Frame
    ) -> ColumnElement[Any]:
        """Another type over the same row."""
        seen = self.object(bare(output), asked, frame)
        return seen if spec.when is None else case((spec.when(frame.row), seen), else_=null())

    def arguments(
        self,
        type_: GraphQLObjectType,
        asked: list[FieldDetails],
        frame: Frame,
        wanted: tuple[str, ...],
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The resolver's arguments, and those the compiler itself uses (paging)."""
        node = asked[0].node
        field_ = type_.fields[node.name.value]
        coerced = self.request.arguments(type_, node)
        definition = field_.extensions["strawberry-definition"]
        ours: dict[str, Any] = {}
        for argument, name in zip(definition.arguments, field_.args, strict=True):
            value = coerced.get(name)
            if argument.python_name not in CURSORS:
                value = python_argument(self.binds, value, field_.args[name].type)
            ours[argument.python_name] = value
        for name in INHERITED:
            if name in wanted and ours.get(name) is None:
                ours[name] = frame.inherited.get(name)
        given = {name: ours.pop(name) for name in wanted}
        return given, ours

    def feed(
        self, spec: Follow, type_: GraphQLObjectType, asked: list[FieldDetails], frame: Frame
    ) -> tuple[Feed, dict[str, Any]]:
        """The feed a field reads, and the arguments of its paging."""
        given, paging = self.arguments(type_, asked, frame, parameters(spec.resolver))
        return spec.resolver(frame.row, **given), paging

    def link(
        self, spec: Link, type_: GraphQLObjectType, asked: list[FieldDetails], frame: Frame
    ) -> ColumnElement[Any]:
        """Other rows: one, a list or a page of them."""
        given, paging = self.arguments(type_, asked, frame, parameters(spec.resolver))
        passed = {name: given[name] for name in INHERITED if given.get(name) is not None}
        below = replace(frame, inherited={**frame.inherited, **passed})
        found = spec.resolver(frame.row, **given)
        output = type_.fields[asked[0].node.name.value].type
        if isinstance(found, Choice):
            return self.choice(found, bare(output), asked, below)
        scoped = found if isinstance(found, Scoped) else Scoped(found)
        if scoped.locality is SAME:
            scoped = replace(scoped, locality=frame.locality)
        if spec.order is not None:
            return page(self, spec, spec.order, paging, scoped, bare(output), asked, below)
        return self.rows(scoped, bare(output), asked, below, many=is_list(output))

    def rows(
        self,
        scoped: Scoped,
        type_: GraphQLObjectType,
        asked: list[FieldDetails],
        frame: Frame,
        *,
        many: bool,
    ) -> ColumnElement[Any]:
        """The query's rows as one object or a list of objects."""
        row = self.new_row(type_, scoped)
        item = self.object(type_, asked, self.enter(frame, row))
        source = row.source(row.narrow(self.visible(scoped, type_)))
        return select(json_list(item) if many else item).select_from(source).scalar_subquery()

    def new_row(self, type_: GraphQLObjectType, scoped: Scoped) -> Row:
        """A row of the type's table under an alias of its own."""
        return Row(f"t{next(self.aliases)}", ROWS[type_.name], scoped.locality)

    def visible(self, scoped: Scoped, type_: GraphQLObjectType) -> Select[Any]:
        """The query restricted to the locality and to what the caller may see."""
        return scoped.select.where(*self.guard(ROWS[type_.name], scoped.locality, self.scope))

    def enter(self, frame: Frame, row: Row) -> Frame:
        """The frame of a row the query yields."""
        return replace(frame, row=row, locality=row.place())

    def choice(
        self, found: Choice, type_: GraphQLAbstractType, asked: list[FieldDetails], frame: Frame
    ) -> ColumnElement[Any]:
        """One object whose type an id decides, or one for each row of ids."""
        options = {
            tag: self.rows(scoped, self.concrete(name), asked, frame, many=False)
            for name, (tag, scoped) in found.options.items()
        }
        chosen = case(*((found.tag == tag, option) for tag, option in options.items()))
        if found.each is None:
            return chosen
        return select(json_list(chosen)).select_from(found.each).scalar_subquery()

    def concrete(self, name: str) -> GraphQLObjectType:
        """A concrete type that an abstract field may turn out to be."""
        found: Any = self.schema.type_map[name]
        return found
