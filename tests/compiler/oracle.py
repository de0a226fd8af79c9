"""The answer a query must get: a plain recursive interpreter over the Python rows.

It knows nothing of the compiler: it parses the text itself, walks selections, fragments and
directives itself, and asks `oracle_fields`, `oracle_links` and `oracle_tickets` for one field of one row at a time.
"""

import base64
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from graphql import (
    BooleanValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    VariableNode,
    parse,
)

from db.scope import Scope
from tests.compiler import (
    oracle_identity,
    oracle_links,
    oracle_personal,
    oracle_photographs,
    oracle_records,
    oracle_statistics,
    oracle_tickets,
    oracle_webhooks,
)
from tests.compiler.oracle_fields import NODES, TABLES, Listing, Refusal, Thing, field_of, scalar
from tests.compiler.oracle_sight import Sight
from tests.compiler.world import Row, World

__all__ = [
    "Oracle",
    "Refusal",
    "cursor_of",
    "oracle_identity",
    "oracle_links",
    "oracle_personal",
    "oracle_photographs",
    "oracle_records",
    "oracle_statistics",
    "oracle_tickets",
    "oracle_webhooks",
]

MISSING: Any = object()
# What each noun's list can be sorted by, the first by default; and which way if nothing is said.
ORDERS: dict[str, tuple[dict[str, tuple[str, ...]], str]] = {
    "OrgUnit": ({"PATH": ("path",), "NAME": ("name", "id")}, "ASC"),
    "Ticket": ({"CREATED_AT": ("created_at", "id"), "NUMBER": ("number", "id")}, "DESC"),
    "ServiceRecord": ({"AT": ("at", "id")}, "DESC"),
    "TicketEvent": ({"SEQUENCE": ("sequence",)}, "ASC"),
    "Person": ({"PLACE": ("unit_path", "id")}, "ASC"),
    "Meeting": ({"AT": ("at", "id")}, "DESC"),
    "Webhook": ({"CREATED_AT": ("created_at", "id")}, "ASC"),
    "WebhookDelivery": ({"AT": ("at", "id")}, "DESC"),
    "AccessToken": ({"CREATED_AT": ("created_at", "id")}, "DESC"),
    "Office": ({"GRANTED_AT": ("granted_at", "id")}, "DESC"),
    "Disclosure": ({"SEQUENCE": ("sequence",)}, "DESC"),
    "Statistic": ({"MONTH": ("month", "code", "unit_id")}, "DESC"),
}


def stamp(value: Any) -> str:
    """A key as PostgreSQL writes it as text."""
    if isinstance(value, datetime):
        return scalar(value).replace("T", " ").replace("+00:00", "+00")
    return str(value)


def cursor_of(row: Row, order: str, columns: tuple[str, ...], direction: str) -> str:
    """The cursor of a row in an order."""
    mark = "-" if direction == "DESC" else "+"
    plain = "|".join([f"{order}{mark}", *(stamp(row[name]) for name in columns)])
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


@dataclass(frozen=True)
class Page:
    """The rows of a connection in order, and those of the page."""

    listing: Listing
    given: dict[str, Any]
    known: list[Row]
    """Every row there is of the type: any of them may have given a cursor."""

    def order(self) -> tuple[str, tuple[str, ...], str]:
        orders, direction = ORDERS[self.listing.type]
        wanted = self.given.get("orderBy") or {"field": next(iter(orders))}
        name = wanted["field"]
        return name, orders[name], wanted.get("direction", direction)

    def cursor(self, row: Row) -> str:
        return cursor_of(row, *self.order())

    def sorted(self) -> list[Row]:
        _, columns, direction = self.order()
        rows = sorted(self.listing.read(), key=lambda row: [row[name] for name in columns])
        return rows[::-1] if direction == "DESC" else rows

    def between(self) -> list[Row]:
        """The rows after one cursor and before the other."""
        rows = self.sorted()
        for name in ("after", "before"):
            if self.given.get(name) is not None:
                beyond = self.beyond(self.given[name])
                rows = [row for row in rows if beyond(row) == (1 if name == "after" else -1)]
        return rows

    def beyond(self, cursor: str) -> Any:
        """Where a row lies, seen from a cursor: 1 behind it, -1 before it, 0 on it."""
        _, columns, direction = self.order()
        marks = [row for row in self.known if self.cursor(row) == cursor]
        if not marks:
            raise Refusal("BAD_CURSOR")
        mark = [marks[0][name] for name in columns]

        def side(row: Row) -> int:
            keys = [row[name] for name in columns]
            up = (keys > mark) - (keys < mark)
            return -up if direction == "DESC" else up

        return side

    def size(self) -> int:
        size = self.given.get("first")
        size = self.given.get("last") if size is None else size
        return 20 if size is None else size

    def rows(self) -> list[Row]:
        rows = self.between()
        return rows[-self.size() :] if self.backward() else rows[: self.size()]

    def backward(self) -> bool:
        return self.given.get("last") is not None

    def info(self, name: str) -> Any:
        rows, more = self.rows(), len(self.between()) > self.size()
        match name:
            case "hasNextPage":
                return self.given.get("before") is not None if self.backward() else more
            case "hasPreviousPage":
                return more if self.backward() else self.given.get("after") is not None
            case "startCursor":
                return self.cursor(rows[0]) if rows else None
            case _:
                return self.cursor(rows[-1]) if rows else None


@dataclass(frozen=True)
class Oracle:
    """One operation of one viewer."""

    world: World
    sight: Sight
    today: date
    variables: dict[str, Any]
    fragments: dict[str, FragmentDefinitionNode]

    @classmethod
    def answer(
        cls,
        world: World,
        viewer: Scope,
        today: date,
        text: str,
        variables: dict[str, Any],
        told: list[dict[str, str]] | None = None,
    ) -> dict[str, Any]:
        """What the only operation of a document must yield; `told` gathers the disclosures."""
        definitions = parse(text).definitions
        fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        (operation,) = (d for d in definitions if isinstance(d, OperationDefinitionNode))
        self = cls(world, Sight(world, viewer), today, {}, fragments)
        self.sight.disclosed = [] if told is None else told
        for declared in operation.variable_definitions or ():
            name = declared.variable.name.value
            if name in variables:
                self.variables[name] = variables[name]
            elif declared.default_value is not None:
                self.variables[name] = self.value(declared.default_value)
        return self.select(Thing("Query", {}), [operation.selection_set], today)

    def select(self, thing: Any, sets: list[Any], day: date) -> dict[str, Any]:
        """An object's answer, member by member in the order they are first named."""
        asked: dict[str, list[FieldNode]] = {}
        for selections in sets:
            self.collect(thing.type, selections, asked)
        return {name: self.field(thing, nodes, day) for name, nodes in asked.items()}

    def collect(self, type_: str, selections: Any, asked: dict[str, list[FieldNode]]) -> None:
        for selection in selections.selections:
            if not self.included(selection):
                continue
            if isinstance(selection, FieldNode):
                name = selection.alias or selection.name
                asked.setdefault(name.value, []).append(selection)
                continue
            inner = selection
            if isinstance(selection, FragmentSpreadNode):
                inner = self.fragments[selection.name.value]
            assert isinstance(inner, FragmentDefinitionNode | InlineFragmentNode)
            on = inner.type_condition.name.value if inner.type_condition else type_
            if on == type_ or (on == "Node" and type_ in NODES):
                self.collect(type_, inner.selection_set, asked)

    def included(self, selection: Any) -> bool:
        for directive in selection.directives or ():
            (condition,) = directive.arguments
            if self.value(condition.value) != (directive.name.value == "include"):
                return False
        return True

    def value(self, node: Any) -> Any:
        """A literal or a variable as JSON; MISSING for a variable that was not given."""
        match node:
            case VariableNode():
                return self.variables.get(node.name.value, MISSING)
            case NullValueNode():
                return None
            case IntValueNode():
                return int(node.value)
            case BooleanValueNode():
                return node.value
            case ListValueNode():
                return [self.value(each) for each in node.values]
            case ObjectValueNode():
                return self.given(node.fields)
            case _:
                return node.value

    def given(self, nodes: Any) -> dict[str, Any]:
        """Arguments, or the fields of an input object, without those left out."""
        values = {node.name.value: self.value(node.value) for node in nodes or ()}
        return {name: value for name, value in values.items() if value is not MISSING}

    def field(self, thing: Any, nodes: list[FieldNode], day: date) -> Any:
        name = nodes[0].name.value
        if name == "__typename":
            return thing.type
        sets = [node.selection_set for node in nodes]
        match thing:
            case InfoThing():
                return thing.page.info(name)
            case EdgeThing():
                if name == "cursor":
                    return thing.page.cursor(thing.row)
                return self.select(Thing(thing.page.listing.type, thing.row), sets, day)
            case PageThing():
                return self.page_field(thing, name, sets, day)
        args = self.given(nodes[0].arguments)
        if args.get("at") is not None:
            day = date.fromisoformat(args["at"])
        value = field_of(thing.type, name)(
            self.sight, thing.row, {**args, "today": self.today}, day
        )
        if isinstance(value, Listing):
            if args.get("first") is not None and args.get("last") is not None:
                raise Refusal("BAD_PAGE_SIZE")
            page = Page(value, args, self.world.of(TABLES[value.type]))
            return self.select(PageThing(f"{value.type}Connection", page), sets, day)
        return self.finish(value, sets, day)

    def finish(self, value: Any, sets: list[Any], day: date) -> Any:
        """A field's value with the selections of objects and lists of them."""
        if isinstance(value, Thing):
            return self.select(value, sets, day)
        if isinstance(value, list) and sets[0] is not None:
            return [self.finish(each, sets, day) for each in value]
        return value

    def page_field(self, thing: "PageThing", name: str, sets: list[Any], day: date) -> Any:
        page, type_ = thing.page, thing.page.listing.type
        match name:
            case "nodes":
                return [self.select(Thing(type_, row), sets, day) for row in page.rows()]
            case "edges":
                edges = [EdgeThing(f"{type_}Edge", page, row) for row in page.rows()]
                return [self.select(edge, sets, day) for edge in edges]
            case "pageInfo":
                return self.select(InfoThing("PageInfo", page), sets, day)
            case _:
                return len(page.listing.read())


@dataclass(frozen=True)
class PageThing:
    """A connection."""

    type: str
    page: Page


@dataclass(frozen=True)
class InfoThing(PageThing):
    """Its pageInfo."""


@dataclass(frozen=True)
class EdgeThing(PageThing):
    """One of its edges."""

    row: Row
