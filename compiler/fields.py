"""How a field of the schema is read: the declarations that `schema/` is written in."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar

import strawberry
from sqlalchemy import ColumnElement, FromClause, Select
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from compiler.order import MOST_CHANGES, USUAL_CHANGES, Ordering, argument

Resolver = Callable[..., Any]


@dataclass(frozen=True)
class Column:
    """The row's column of that name (by default the field's own)."""

    name: str | None = None
    counts: int = 0
    """Objects that a request for it counts, where it holds or costs as much as some."""


@dataclass(frozen=True)
class Value:
    """An SQL expression over the row."""

    resolver: Resolver
    counts: int = 0


@dataclass(frozen=True)
class Same:
    """Another type's view of the same row, null unless the condition holds."""

    when: Resolver | None = None


@dataclass(frozen=True)
class Link:
    """Other rows: the resolver returns the query for them."""

    resolver: Resolver
    order: Ordering | None = None
    most: int = 100
    """The largest page, or how long a list without pages may well be."""
    usual: int = 1
    """How long a list without pages is on the whole."""


@dataclass(frozen=True)
class Follow:
    """A page of what changed since a cursor, or as a subscription what changes: the resolver
    returns a `compiler.feed.Feed`."""

    resolver: Resolver


Spec = Column | Value | Same | Link | Follow


SAME: Any = object()
"""The locality of the parent row."""


@dataclass(frozen=True)
class Ahead:
    """Small rows that stand for a query's own, one for each: by them alone a page is found."""

    select: Select[Any]
    """Them, in columns named as those that the query's rows are ordered by, of which `id` is one."""
    key: Any
    """Whose `id` that is: the column itself."""
    all_seen: Callable[[Any], ColumnElement[bool]]
    """Whether the viewer is known to see all of them, so that nobody has to look at the rows."""


@dataclass(frozen=True)
class Scoped:
    """A query together with the locality its rows belong to (None: each row says itself)."""

    select: Select[Any]
    locality: Any = SAME
    keys: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Columns to page by in place of the row's own, equal to them but better indexed."""
    each: FromClause | None = None
    """Rows that the query is asked for one by one: a page is merged from the pages of all of them."""
    ahead: Ahead | None = None
    """What the rows are counted from, and with `each` merged from, before they are looked up."""


@dataclass(frozen=True)
class Choice:
    """A query chosen by an id's tag: `options` by GraphQL type, once or for each row of `each`."""

    tag: ColumnElement[str]
    options: dict[str, tuple[str, Scoped]]
    each: FromClause | None = None


class ReadField(StrawberryField):
    """A field answered by the compiler."""

    spec: Spec = Column()

    def __copy__(self) -> Self:
        twin = super().__copy__()
        twin.spec = self.spec
        return twin


def _read(spec: Spec, description: str, resolver: Resolver | None = None) -> Any:
    made = ReadField(description=description)
    made.spec = spec
    if resolver is not None:
        # The first parameter is the parent row, the rest are the field's arguments.
        own = StrawberryResolver(resolver).arguments[1:]
        made.arguments = [each for each in own if each.python_name != VIEWER]
        for argument in made.arguments:
            if argument.default is None:
                argument.default = strawberry.UNSET  # optional, rather than `= null` in the schema
    return made


def column(description: str, name: str | None = None, counts: int = 0) -> Any:
    """A field that is a column of the row; a costly one counts as so many objects."""
    return _read(Column(name, counts), description)


def value(resolver: Resolver, description: str, counts: int = 0) -> Any:
    """A field computed in SQL from the row; a costly one counts as so many objects, and if it takes
    arguments only where it is given some."""
    return _read(Value(resolver, counts), description, resolver)


def same(description: str, when: Resolver | None = None) -> Any:
    """A field that shows part of the row as an object of its own."""
    return _read(Same(when), description)


def link(resolver: Resolver, description: str, usual: int = 10, most: int = 30) -> Any:
    """A field that leads to other rows: one if the type is nullable, many if it is a list.

    A list has no size that clients choose: it costs as if it were `usual` long, and `most` where
    it hangs on one object that another list's items lead to, which may be the same each time.
    """
    return _read(Link(resolver, most=most, usual=usual), description, resolver)


def connection(resolver: Resolver, order: Ordering, description: str, most: int = 100) -> Any:
    """A field that leads to a page of other rows."""
    made = _read(Link(resolver, order, most), description, resolver)
    made.arguments = [*made.arguments, *order.arguments(most)]
    return made


def changes(resolver: Resolver, description: str) -> Any:
    """A field that reads a page of a feed on from a cursor."""
    size = f"How many at most, 1 to {MOST_CHANGES}."
    made = _read(Follow(resolver), description, resolver)
    made.arguments = [
        *made.arguments,
        argument(
            "since", str | None, "The cursor of an earlier page; left out, to start from now."
        ),
        argument("first", int | None, size, USUAL_CHANGES),
    ]
    return made


def live(resolver: Resolver, description: str) -> Any:
    """A subscription that follows a feed, from now or from a cursor."""
    made = _read(Follow(resolver), description, resolver)
    after = "Begin with what was missed after this cursor of an earlier event, or of `changes`."
    made.arguments = [*made.arguments, argument("after", str | None, after)]
    return made


MOST_COUNTED = 500_000
"""Rows that are counted for a total, which takes up to a second: a read may take little more."""

T = TypeVar("T")


@strawberry.type(description="Where a page begins and ends, and whether there is more.")
class PageInfo:
    has_next_page: bool = column("Whether rows follow this page.")
    has_previous_page: bool = column("Whether the page was asked for after a cursor.")
    start_cursor: str | None = column("Cursor of the first row; null on an empty page.")
    end_cursor: str | None = column("Cursor of the last row; null on an empty page.")


@strawberry.type(description="One row of a page, with the cursor to continue after it.")
class Edge(Generic[T]):
    cursor: str = column("Opaque place of this row in the order; pass it as `after`.")
    node: T = column("The row itself.")


@strawberry.type(description="A page of rows.")
class Connection(Generic[T]):
    nodes: list[T] = column("The rows of this page.")
    edges: list[Edge[T]] = column("The rows of this page, each with its cursor.")
    page_info: PageInfo = column("Where this page begins and ends.")
    total_count: int | None = column(
        "How many rows there are in all that you may see, counted only when asked; null if more than "
        f"{MOST_COUNTED:,}.",
        counts=100,
    )


def entity(row: type[Any], description: str, **options: Any) -> Callable[[type[T]], type[T]]:
    """Declare a GraphQL type whose objects are rows of a table (or scope, for the roots)."""

    def decorate(cls: type[T]) -> type[T]:
        made = strawberry.type(cls, description=description, **options)
        ROWS[made.__name__] = row
        return made

    return decorate


ROWS: dict[str, type[Any]] = {}
"""GraphQL type name to the class of its rows."""


VIEWER = "viewer"
"""A value's resolver with a parameter of this name is given the caller's scope (ScopeBinds)."""


def parameters(resolver: Resolver) -> tuple[str, ...]:
    """The names of a resolver's arguments after the parent row."""
    names = tuple(inspect.signature(resolver).parameters)[1:]
    return tuple(name for name in names if name != VIEWER)


def wants_viewer(resolver: Resolver) -> bool:
    """Whether a value depends on who reads it."""
    return VIEWER in inspect.signature(resolver).parameters


__all__ = [
    "MOST_COUNTED",
    "ROWS",
    "VIEWER",
    "Choice",
    "Column",
    "Connection",
    "Edge",
    "Follow",
    "Link",
    "PageInfo",
    "ReadField",
    "Same",
    "Scoped",
    "Spec",
    "Value",
    "changes",
    "column",
    "connection",
    "entity",
    "link",
    "live",
    "parameters",
    "same",
    "value",
    "wants_viewer",
]
