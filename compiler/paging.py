"""The arguments of a connection as SQL: how many rows, from which cursor on, in which order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, FromClause, Integer, Select, select, true, tuple_

from compiler.binds import Convert, source_of
from compiler.errors import InputError
from compiler.order import DEFAULT_PAGE, Sort, read_cursor

if TYPE_CHECKING:
    from compiler.build import Build


@cache
def page_size(most: int, extra: int) -> Convert:
    """A conversion from `first` or `last` to a LIMIT; out of range is a BAD_PAGE_SIZE error."""

    def convert(size: int) -> int:
        if not 1 <= size <= most:
            raise InputError("BAD_PAGE_SIZE", f"A page holds 1 to {most} rows.")
        return size + extra

    return convert


@cache
def cursor_key(sort: Sort, types: tuple[type[Any], ...], at: int) -> Convert:
    """A conversion from a cursor to one of its keys."""
    return lambda text: read_cursor(text, sort, types)[at]


@dataclass(frozen=True)
class Paging:
    """The paging arguments of one connection, ready for SQL."""

    build: "Build"
    sort: Sort
    most: int
    given: dict[str, Any]

    def __post_init__(self) -> None:
        if self.given["first"] is not None and self.given["last"] is not None:
            raise InputError("BAD_PAGE_SIZE", "Give `first` or `last`, not both.")
        # Refused even where nothing of the page itself is asked for.
        self.build.binds.check(source_of(self.asked), page_size(self.most, 0))

    @property
    def backward(self) -> bool:
        return self.given["last"] is not None

    @property
    def asked(self) -> Any:
        """How many rows are asked for."""
        asked = self.given["last"] if self.backward else self.given["first"]
        return DEFAULT_PAGE if asked is None else asked

    def size(self, extra: int = 0) -> ColumnElement[int]:
        """How many rows the page holds, plus the extra one that tells whether there is more."""
        source = source_of(self.asked)
        return self.build.binds.add(source, Integer(), page_size(self.most, extra))

    def limited(
        self, query: Select[Any], row: Any, instead: Mapping[str, Any], extra: int
    ) -> Select[Any]:
        """The query cut to the page, in the order the page is read in."""
        keys = [instead.get(name, getattr(row, name)) for name in self.sort.columns]
        for name, past in (("after", True), ("before", False)):
            if self.given[name] is not None:
                query = query.where(self._beyond(keys, self.given[name], past=past))
        return self._cut(query.order_by(None), keys, extra)

    def merged(self, part: Select[Any], each: FromClause, extra: int) -> Select[Any]:
        """The page of all parts, of which each row of `each` has one, cut to the page itself."""
        rows = part.lateral()
        query = select(*rows.c).select_from(each).join(rows, true())
        return self._cut(query, [rows.c[name] for name in self.sort.columns], extra)

    def ordered(self, query: Select[Any], keys: Iterable[Any]) -> Select[Any]:
        """The query in the order the page is read in."""
        down = self.sort.descending != self.backward
        return query.order_by(*(key.desc() if down else key for key in keys))

    def _cut(self, query: Select[Any], keys: list[Any], extra: int) -> Select[Any]:
        return self.ordered(query, keys).limit(self.size(extra))

    def check_cursors(self, types: tuple[type[Any], ...]) -> None:
        """Have the cursors read in each request, whatever is asked of the page."""
        for name in ("after", "before"):
            if self.given[name] is not None:
                self.build.binds.check(source_of(self.given[name]), cursor_key(self.sort, types, 0))

    def _beyond(self, keys: list[Any], cursor: Any, *, past: bool) -> ColumnElement[bool]:
        types = tuple(key.type.python_type for key in keys)
        marks = [
            self.build.binds.add(source_of(cursor), key.type, cursor_key(self.sort, types, at))
            for at, key in enumerate(keys)
        ]
        here, there = tuple_(*keys), tuple_(*marks)
        return here < there if past == self.sort.descending else here > there
