"""A connection: one page of rows in keyset order, and what the client asks about it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    Text,
    case,
    func,
    literal_column,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from compiler.fields import MOST_COUNTED, ROWS, Ahead, Link, Scoped
from compiler.json_sql import EMPTY_LIST, JsonObject
from compiler.order import Ordering, cursor_sql
from compiler.output import bare
from compiler.paging import Paging
from compiler.rows import Row
from compiler.scope import ScopeBinds

if TYPE_CHECKING:
    from compiler.build import Build, Frame


KEYS, COUNT = "k", "rows"
"""Columns of a folded page beside its lists `l0`, `l1`, …: arrays of keys, and how many rows."""


@dataclass(frozen=True)
class Page:
    """The rows of one page while its members are being built."""

    build: "Build"
    node: GraphQLObjectType
    paging: Paging
    row: Row
    frame: "Frame"
    numbered: bool

    def collected(self, item: ColumnElement[Any]) -> ColumnElement[Any]:
        """The item over the page's rows, in the list's order, without the extra row."""
        agg: Any = func.json_agg(self._ordered(item))
        return agg.filter(self._kept()) if self.numbered else agg

    def keys(self) -> list[ColumnElement[Any]]:
        """The columns of the row that its cursor is made of."""
        return [getattr(self.row, name) for name in self.paging.sort.columns]

    def key_lists(self) -> dict[str, ColumnElement[Any]]:
        """The keys of the page's rows, an array for each column."""
        lists: dict[str, ColumnElement[Any]] = {}
        for at, key in enumerate(self.keys()):
            agg: Any = func.array_agg(self._ordered(key), type_=ARRAY(key.type))
            lists[f"{KEYS}{at}"] = agg.filter(self._kept())
        return lists

    def cursor_at(self, folded: FromClause, last: bool) -> ColumnElement[Any]:
        """The cursor of the page's first or last row; null on an empty page."""
        lists = [folded.c[f"{KEYS}{at}"] for at in range(len(self.paging.sort.columns))]
        place: Any = func.cardinality(lists[0]) if last else literal_column("1", Integer)
        cursor = cursor_sql(self.paging.sort, (each[place] for each in lists))
        return case((func.cardinality(lists[0]) > 0, cursor), else_=null())

    def _ordered(self, item: ColumnElement[Any]) -> Any:
        # Only a backward page is read in another order than it is shown in.
        back = self.paging.backward
        return aggregate_order_by(item, self.row.page_row.desc()) if back else item

    def _kept(self) -> ColumnElement[bool]:
        return self.row.page_row <= self.paging.size()

    def folded(
        self, folds: dict[str, ColumnElement[Any]], base: Select[Any], scoped: Scoped
    ) -> FromClause:
        """One row that holds the page's lists, keys and count."""
        if not folds:
            return select(literal_column("1", Integer).label("none")).subquery()
        rows = self._rows(base, scoped, extra=1 if self.numbered else 0)
        source = self.row.numbered(rows) if self.numbered else self.row.source(rows)
        labelled = (fold.label(name) for name, fold in folds.items())
        return select(*labelled).select_from(source).subquery()

    def _rows(self, base: Select[Any], scoped: Scoped, extra: int) -> Select[Any]:
        by_keys = set(self.paging.sort.columns) <= set(scoped.keys)
        if scoped.each is not None and scoped.ahead is not None and by_keys:
            return self._looked_up(scoped, scoped.each, scoped.ahead, extra)
        limited = self.paging.limited(base, ROWS[self.node.name], scoped.keys, extra)
        if scoped.each is None:
            return self.row.narrow(limited)
        self.keys()  # asked for, if by nobody else, to merge by them
        return self.paging.merged(self.row.narrow(limited), scoped.each, extra)

    def _looked_up(self, scoped: Scoped, each: FromClause, ahead: Ahead, extra: int) -> Select[Any]:
        """The page's rows, once it is known which they are.

        Rows are looked at before only for who may not see all of them.
        """
        row = ROWS[self.node.name]
        guards = self.build.guard(row, scoped.locality, self.build.scope)
        # A value, not EXISTS, which might become a look at all rows there are.
        seen = select(true()).where(row.id == ahead.key, *guards).scalar_subquery()
        visible = ahead.select.where(or_(ahead.all_seen(self.build.scope), seen))
        limited = self.paging.limited(visible, row, scoped.keys, extra)
        found = self.paging.merged(limited, each, extra).subquery()
        rows = select(row).select_from(found).where(row.id == found.c.id, *guards)
        keys = (found.c[name] for name in self.paging.sort.columns)
        return self.row.narrow(self.paging.ordered(rows, keys))

    def edge(self, type_: GraphQLObjectType, asked: list[FieldDetails]) -> ColumnElement[Any]:
        """One edge: the row and its cursor."""
        members: dict[str, ColumnElement[Any]] = {}
        for name, wanted in self.build.request.fields(type_, asked).items():
            match wanted[0].node.name.value:
                case "cursor":
                    members[name] = cursor_sql(self.paging.sort, self.keys())
                case "node":
                    node = bare(type_.fields["node"].type)
                    with self.build.binds.within(name):
                        members[name] = self.build.object(node, wanted, self.frame)
                case _:
                    members[name] = literal_column(f"'{type_.name}'", Text)
        return JsonObject(members)

    def item(
        self, type_: GraphQLObjectType, name: str, wanted: list[FieldDetails]
    ) -> ColumnElement[Any]:
        """What `nodes` or `edges` lists for each row."""
        inner = bare(type_.fields[name].type)
        if name == "nodes":
            return self.build.object(inner, wanted, self.frame)
        return self.edge(inner, wanted)


def page_info(
    type_: GraphQLObjectType, page: Page, asked: list[FieldDetails], folded: FromClause
) -> ColumnElement[Any]:
    """The page's `pageInfo`, from the folded row of its keys and count."""
    paging, given = page.paging, page.paging.given
    more = folded.c[COUNT] > paging.size()
    known: dict[str, ColumnElement[Any]] = {
        "hasNextPage": literal_bool(given["before"] is not None) if paging.backward else more,
        "hasPreviousPage": more if paging.backward else literal_bool(given["after"] is not None),
        "startCursor": page.cursor_at(folded, last=False),
        "endCursor": page.cursor_at(folded, last=True),
        "__typename": literal_column(f"'{type_.name}'", Text),
    }
    selected = page.build.request.fields(type_, asked)
    return JsonObject({name: known[w[0].node.name.value] for name, w in selected.items()})


def counted(base: Select[Any], ahead: Ahead | None, scope: ScopeBinds) -> ColumnElement[Any]:
    """How many rows a list has; null if they are more than MOST_COUNTED.

    Whoever sees all of them has them counted without a look at each.
    """
    looked_at = _counted(base)
    if ahead is None:
        return looked_at
    return case((ahead.all_seen(scope), _counted(ahead.select)), else_=looked_at)


def _counted(query: Select[Any]) -> ColumnElement[Any]:
    enough = literal_column(str(MOST_COUNTED + 1), Integer)
    one = literal_column("1", Integer).label("one")
    rows = query.with_only_columns(one, maintain_column_froms=True).order_by(None).limit(enough)
    count = func.nullif(func.count(), enough)
    return select(count).select_from(rows.subquery()).scalar_subquery()


def literal_bool(value: bool) -> ColumnElement[bool]:
    """A constant true or false."""
    return literal_column("true" if value else "false")


def page(  # everything a connection is made of
    build: "Build",
    spec: Link,
    order: Ordering,
    paging_arguments: dict[str, Any],
    scoped: Scoped,
    type_: GraphQLObjectType,
    asked: list[FieldDetails],
    frame: "Frame",
) -> ColumnElement[Any]:
    """The JSON object of a connection."""
    node = bare(type_.fields["nodes"].type)
    sort = order.sort(paging_arguments["order_by"])
    paging = Paging(build, sort, spec.most, paging_arguments)
    keys = (getattr(ROWS[node.name], name) for name in sort.columns)
    paging.check_cursors(tuple(key.type.python_type for key in keys))
    base = build.visible(scoped, node)
    selected = build.request.fields(type_, asked)
    fields = {name: wanted[0].node.name.value for name, wanted in selected.items()}
    numbered = "pageInfo" in fields.values() or paging.backward
    row = build.new_row(node, scoped)
    made = Page(build, node, paging, row, build.enter(frame, row), numbered)
    # Numbered, not named as the client named them: a column's name has at most 63 bytes.
    lists = {name: f"l{at}" for at, name in enumerate(fields) if fields[name] in ("nodes", "edges")}
    folds: dict[str, ColumnElement[Any]] = {}
    for name, label in lists.items():
        with build.binds.within(name):
            folds[label] = made.collected(made.item(type_, fields[name], selected[name]))
    if "pageInfo" in fields.values():
        folds |= {**made.key_lists(), COUNT: func.count()}
    folded = made.folded(folds, base, scoped)

    def member(name: str, field: str) -> ColumnElement[Any]:
        match field:
            case "nodes" | "edges":
                return func.coalesce(folded.c[lists[name]], EMPTY_LIST)
            case "pageInfo":
                return page_info(bare(type_.fields[field].type), made, selected[name], folded)
            case "totalCount":
                return counted(base, scoped.ahead, build.scope)
            case _:
                return literal_column(f"'{type_.name}'", Text)

    body = select(JsonObject({name: member(name, field) for name, field in fields.items()}))
    return body.select_from(folded).scalar_subquery()
