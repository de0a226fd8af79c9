"""Random valid queries, written from the schema itself and about rows of the world."""

import json
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from schema.api import API
from tests.compiler.oracle import ORDERS, cursor_of
from tests.compiler.oracle_fields import NODES, TABLES
from tests.compiler.query_values import (
    CORE,
    DAYS,
    NUMBERS,
    ODD_ALIASES,
    Query,
    constant,
    ids,
    is_composite,
    is_many,
    texts,
)
from tests.compiler.world import START, World, make_world

DEEPEST, MOST_LISTS, MOST_FIELDS = 8, 3, 80
# Where most of what can be hidden lies: asked for more often than the rest.
BUSY = ("ticket", "tickets", "orgUnit", "node", "nodes", "ticketByNumber", "serviceRecords")
# What says most of which rows there are: always given where anything is.
OFTEN = ("in", "status")
# The one has cursors whose numbers only the database knows, the other is computed: tests apart ask them.
APART = ("changes", "simulateEscalation")


class Writer:
    """Writes one query; `pick(n)` makes every choice, a number below n."""

    def __init__(self, pick: Callable[[int], int], world: World) -> None:
        self.pick = pick
        self.world = world
        self.texts = texts(world)
        self.ids = ids(world)
        self.odd = list(ODD_ALIASES)
        self.left = MOST_FIELDS
        self.number = 0
        self.declarations: list[str] = []
        self.variables: dict[str, Any] = {}
        self.fragments: list[str] = []
        self.spreads: list[tuple[str, str, bool, int, int]] = []
        self.likely: list[str] = []

    def any(self, options: Any) -> Any:
        options = tuple(options)
        return options[self.pick(len(options))]

    def often(self, times: int, of: int) -> bool:
        return self.pick(of) >= of - times

    def query(self) -> Query:
        selection = self.selection(API.core.query_type, 0, 0, aliased=False)
        return Query(tuple(self.declarations), selection, tuple(self.fragments), self.variables)

    # Selections.

    def selection(self, type_: Any, depth: int, lists: int, *, aliased: bool) -> str:
        """A selection set; with `aliased`, no field keeps its own name."""
        count = self.any((4, 5, 6) if depth == 0 else (2, 3, 4, 5, 1))
        items = [self.item(type_, depth, lists, aliased=aliased) for _ in range(count)]
        return f"{{ {' '.join(items)} }}"

    def item(self, type_: Any, depth: int, lists: int, *, aliased: bool) -> str:
        kind = self.any(("field",) * 7 + ("typename", "inline", "named"))
        if CORE.is_abstract_type(type_) and kind == "field":
            kind = "inline"
        if depth >= DEEPEST or self.left <= 0:
            kind = "leaf"
        match kind:
            case "inline":
                return self.inline(type_, depth, lists, aliased=aliased)
            case "named":
                return self.named(type_, depth, lists, aliased=aliased)
            case "typename":
                return f"{self.alias(always=False)}__typename{self.directive()}"
        return self.field(type_, depth, lists, aliased=aliased, leaf=kind == "leaf")

    def inline(self, type_: Any, depth: int, lists: int, *, aliased: bool) -> str:
        if CORE.is_abstract_type(type_):
            type_, aliased = self.concrete(), True
            head = f"... on {type_.name}"
        else:
            head = self.any(("...", f"... on {type_.name}"))
        inner = self.selection(type_, depth + 1, lists, aliased=aliased)
        return f"{head}{self.directive()} {inner}"

    def concrete(self) -> Any:
        """A type with ids; most likely one that was asked for by its id."""
        likely = self.likely if self.likely and self.often(3, 4) else NODES
        return API.core.type_map[self.any(likely)]

    def named(self, type_: Any, depth: int, lists: int, *, aliased: bool) -> str:
        """A spread of a new fragment, or of one that was written for such a place."""
        if CORE.is_abstract_type(type_):
            type_, aliased = self.concrete(), True
        fit = [
            name
            for name, on, alias, deep, many in self.spreads
            if on == type_.name and alias == aliased and depth <= deep and lists <= many
        ]
        if fit and self.often(1, 2):
            return f"...{self.any(fit)}{self.directive()}"
        inner = self.selection(type_, depth + 1, lists, aliased=aliased)
        name = f"F{len(self.fragments)}"
        self.fragments.append(f"fragment {name} on {type_.name} {inner}")
        self.spreads.append((name, type_.name, aliased, depth, lists))
        return f"...{name}{self.directive()}"

    def field(self, type_: Any, depth: int, lists: int, *, aliased: bool, leaf: bool) -> str:
        fields = [
            name
            for name, own in type_.fields.items()
            if name not in APART
            and not (is_composite(own.type) and (leaf or (is_many(own.type) and self.full(lists))))
        ]
        if not fields:
            return "__typename"
        deeper = [name for name in fields if is_composite(type_.fields[name].type)]
        if type_.name == "Query" and self.often(2, 3):
            deeper = [name for name in fields if name in BUSY]
        name = self.any(deeper if deeper and self.often(1, 2) else fields)
        own = type_.fields[name]
        self.left -= 1
        arguments = self.arguments(type_.name, name, own, lists)
        alias = self.alias(always=bool(arguments) or aliased)
        written = f"{alias}{name}{arguments}{self.directive()}"
        if not is_composite(own.type):
            return written
        inner = CORE.get_named_type(own.type)
        # The lists inside a connection are its own rows: they count once.
        lists += is_many(own.type) and name not in ("nodes", "edges")
        return f"{written} {self.selection(inner, depth + 1, lists, aliased=False)}"

    def full(self, lists: int) -> bool:
        return lists >= MOST_LISTS

    def alias(self, *, always: bool) -> str:
        if not always and self.often(3, 4):
            return ""
        if self.odd and self.often(1, 3):
            name = self.any(self.odd)
            self.odd.remove(name)
            return f"{name}: "
        self.number += 1
        return f"a{self.number}: "

    def directive(self) -> str:
        if self.often(6, 7):
            return ""
        name = self.any(("include", "skip"))
        value = self.often(4, 5) == (name == "include")
        return f" @{name}(if: {self.emit(value, API.core.type_map['Boolean'], strict=True)})"

    # Arguments.

    def arguments(self, parent: str, name: str, own: Any, lists: int) -> str:
        written: dict[str, str] = {}
        if "purpose" in own.args:
            return self.for_a_purpose(own)
        for argument, definition in own.args.items():
            required = CORE.is_required_argument(definition)
            if argument in ("first", "after", "last", "before", "orderBy"):
                continue
            if required or self.often(1, 4) or (argument == "locality" and self.often(5, 6)):
                value = self.identifier(parent, name, argument)
                value = self.json(definition.type, argument) if value is None else value
                written[argument] = self.emit(value, definition.type)
        if "first" in own.args:
            written |= self.paging(own, small=lists > 0)
        return f"({', '.join(f'{k}: {v}' for k, v in written.items())})" if written else ""

    def for_a_purpose(self, own: Any) -> str:
        """What personal data are read for, if for anything; an emergency needs a reason."""
        written: dict[str, str] = {}
        purpose = self.any((None, *own.args["purpose"].type.values))
        if purpose is not None:
            written["purpose"] = self.emit(purpose, own.args["purpose"].type)
        if purpose == "EMERGENCY" or self.often(1, 4):
            written["reason"] = self.emit(self.any(self.texts["reason"]), own.args["reason"].type)
        return f"({', '.join(f'{k}: {v}' for k, v in written.items())})" if written else ""

    def identifier(self, parent: str, name: str, argument: str) -> Any:
        """An id for a root field that takes one, sometimes of nothing."""
        if parent != "Query" or argument not in ("id", "ids"):
            return None
        fixed = {
            "orgUnit": ("OrgUnit",),
            "ticket": ("Ticket",),
            "meeting": ("Meeting",),
            "webhook": ("Webhook",),
        }.get(name)
        count = self.any((3, 1, 5, 0)) if argument == "ids" else 1
        self.likely = [self.any(fixed or NODES) for _ in range(count)]
        found = [self.any(self.ids[type_]) for type_ in self.likely]
        return found if argument == "ids" else found[0]

    def paging(self, own: Any, *, small: bool) -> dict[str, str]:
        """Sizes, an order, and cursors that some earlier page in that order gave."""
        type_ = CORE.get_named_type(own.type).name.removesuffix("Connection")
        values: dict[str, Any] = {}
        orders, direction = ORDERS[type_]
        order = None
        if self.often(1, 3):
            order = values["orderBy"] = self.json(own.args["orderBy"].type, "orderBy")
        if small or self.often(2, 3):
            size = self.any(("first", "first", "last"))
            values[size] = self.any(NUMBERS[size][:3] if small else NUMBERS[size])
        name = order["field"] if order else next(iter(orders))
        direction = order.get("direction", direction) if order else direction
        for mark in ("after", "before"):
            if self.often(1, 6):
                row = self.any(self.world.of(TABLES[type_]))
                values[mark] = cursor_of(row, name, orders[name], direction)
        return {name: self.emit(value, own.args[name].type) for name, value in values.items()}

    def json(self, type_: Any, name: str) -> Any:
        """A value of an input type, as JSON."""
        if CORE.is_non_null_type(type_):
            return self.plain(type_.of_type, name)
        return None if self.often(1, 8) else self.plain(type_, name)

    def plain(self, type_: Any, name: str) -> Any:
        if CORE.is_list_type(type_):
            count = self.any((3, 2, 5, 8, 1, 0))
            return [self.json(type_.of_type, name) for _ in range(count)]
        if CORE.is_input_object_type(type_):
            return {
                own: self.json(definition.type, name if own == "in" else own)
                for own, definition in type_.fields.items()
                if CORE.is_required_input_field(definition) or self.often(1, 3) or own in OFTEN
            }
        if CORE.is_enum_type(type_):
            return self.any(type_.values)
        match type_.name:
            case "Boolean":
                return self.often(1, 2)
            case "Int":
                return self.any(NUMBERS[name])
            case "Date":
                return self.any(DAYS)
            case "DateTime":
                moment = START + timedelta(hours=self.pick(15) * 6 - 6)
                return moment.isoformat().replace("+00:00", self.any(("Z", "+00:00", "+08:00")))
        return self.any(self.texts[name])

    def emit(self, value: Any, type_: Any, *, strict: bool = False) -> str:
        """A value in the document: literal, a variable, or literal with variables inside."""
        if self.often(1, 3):
            return self.variable(value, type_, strict=strict)
        bare = CORE.get_nullable_type(type_)
        if value is None:
            return "null"
        if isinstance(value, dict):
            members = (f"{k}: {self.emit(v, bare.fields[k].type)}" for k, v in value.items())
            return f"{{{', '.join(members)}}}"
        if isinstance(value, list):
            if len(value) == 1 and self.often(1, 3):
                return constant(value[0], bare.of_type)  # a list's only item may stand alone
            return f"[{', '.join(self.emit(each, bare.of_type) for each in value)}]"
        return value if CORE.is_enum_type(bare) else json.dumps(value, ensure_ascii=False)

    def variable(self, value: Any, type_: Any, *, strict: bool) -> str:
        name = f"v{len(self.declarations)}"
        declared = str(type_)
        if value is not None and not declared.endswith("!") and (strict or self.often(1, 3)):
            declared += "!"
        how = self.any(("given", "given", "default", "absent"))
        if how == "absent" and value is None and not declared.endswith("!"):
            pass  # as good as not writing the argument at all
        elif how == "default" and value is not None:
            # A default is a constant: no variables inside it.
            declared += f" = {constant(value, CORE.get_nullable_type(type_))}"
        else:
            self.variables[name] = value
        self.declarations.append(f"${name}: {declared}")
        return f"${name}"


@st.composite
def queries(draw: Callable[[Any], Any]) -> Query:
    """Any valid query about the world; a failing one is made as small as it can be."""
    return Writer(lambda below: draw(st.integers(0, below - 1)), make_world()).query()


def query_of(random: Random) -> Query:
    """Any valid query about the world, as the random numbers have it."""
    return Writer(random.randrange, make_world()).query()
