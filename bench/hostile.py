"""Hostile values for every argument that the schema has, each within an otherwise sound operation."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import graphql

from compiler.texts import tidied_by
from schema.api import API

CORE: Any = graphql
TYPES: Any = API.core.type_map
UNKNOWN = "00000000-0000-7000-8000-000000000000"
PLACE = "riverside"

TEXTS = (
    "a\x00b",
    "\ud800",
    "\udc00\ud800",
    "\u202eabc",
    "\u2066abc\u2069",
    "\x85",
    "\x1b[31m",
    "\uffff",
)
UNSEEN = ("pay\u200bpal", "\ufeffabc", "a\u2060b", "\U000e0041")
"""Tidied away in what people write, refused elsewhere."""
NUMBERS = (2**63, -(2**63) - 1, 2**31, 10**40, float("nan"), float("inf"), 1.5, "1", "١")
TIMES = (
    "10000-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2016-12-31T23:59:60Z",
    "2026-01-01T24:00:00Z",
    "2026-02-30T00:00:00Z",
    "２０２６-01-01T00:00:00Z",
    "2026-01-01 00:00:00",
    "2026-01-01T00:00:00+25:00",
    "infinity",
    "now",
    2**63,
    float("nan"),
    *TEXTS,
    *UNSEEN,
)
DAYS = ("10000-01-01", "0000-01-01", "2026-02-30", "9999-12-31", "infinity", "20260101", *TIMES)
IDS = (
    "",
    "7",
    2**63,
    f"ticket_{PLACE}_{UNKNOWN}\n",
    f"TICKET_{PLACE}_{UNKNOWN}",
    f"ticket_{PLACE}'--_{UNKNOWN}",
    f"ticket_{PLACE}_{UNKNOWN[:-1]}",
    f"ticket_{PLACE}_{UNKNOWN.replace('0', '０')}",
    f"ticket__{UNKNOWN}",
    *TEXTS,
    *UNSEEN,
)
HOSTILE: dict[str, tuple[Any, ...]] = {
    "String": (*TEXTS, *UNSEEN),
    "ID": IDS,
    "Int": NUMBERS,
    "Float": NUMBERS[4:],
    "DateTime": TIMES,
    "Date": DAYS,
    "Boolean": ("true", 1, float("nan"), TEXTS[0]),
}
"""By scalar: what is to be refused before any statement."""
WORDS = ("NO_SUCH_WORD", "ID'--", 1, TEXTS[0], TEXTS[3])
"""The same for enumerations."""

SOUND = {
    "String": "x",
    "Int": 1,
    "Float": 1.0,
    "Boolean": True,
    "DateTime": "2099-01-01T00:00:00Z",
    "Date": "2026-01-01",
}
TAGS = {"record": "record", "recipient": "person", "into": "ticket", "lead": "unit"}


@dataclass(frozen=True)
class Spot:
    """A leaf of an argument: where it is, its type, and an operation with any value there."""

    name: str
    type_: Any
    tidied: bool
    document: str
    variables: Callable[[Any], dict[str, Any]]

    @property
    def hostile(self) -> tuple[Any, ...]:
        """What is to be refused there."""
        if self.tidied:
            return TEXTS
        return WORDS if CORE.is_enum_type(self.type_) else HOSTILE[self.type_.name]


def inner(type_: Any) -> Any:
    """The named type within lists and non-nulls."""
    return CORE.get_named_type(type_)


def spots() -> Iterator[Spot]:
    """Every leaf of every argument of every field that an operation can reach."""
    for way in ways():
        for name, field in way.type_.fields.items():
            for argument, of in field.args.items():
                label = f"{way.type_.name}.{name}({argument}"
                document = way.document(name, field, argument)
                for path, leaf, filled in leaves(of):
                    yield Spot(
                        ".".join((label, *path)) + ")",
                        inner(leaf.type),
                        tidied_by(leaf) is not None,
                        document,
                        given(argument, filled),
                    )


def given(argument: str, filled: Callable[[Any], Any]) -> Callable[[Any], dict[str, Any]]:
    """The variables of an operation, by the value at the spot."""
    return lambda value: {argument: filled(value)}


Fill = Callable[[Any], Any]


def leaves(
    field: Any, type_: Any = None, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], Any, Fill]]:
    """Every leaf of an argument or input field: where, the field it is of, and the whole with a value there."""
    bare = CORE.get_nullable_type(type_ or field.type)
    if CORE.is_list_type(bare):
        for below, leaf, filled in leaves(field, bare.of_type, path):
            yield below, leaf, lambda value, filled=filled: [filled(value)]
    elif CORE.is_input_object_type(bare):
        for name, member in bare.fields.items():
            rest = sound_members(bare, name)
            for below, leaf, filled in leaves(member, None, (*path, name)):
                yield below, leaf, lambda value, n=name, f=filled, r=rest: {**r, n: f(value)}
    else:
        yield path, field, lambda value: value


def sound_members(type_: Any, but: str) -> dict[str, Any]:
    """The members that an input object must have, but for one."""
    return {
        name: sound(name, field.type)
        for name, field in type_.fields.items()
        if name != but and CORE.is_required_input_field(field)
    }


def sound(name: str, type_: Any) -> Any:
    """A value that is right for an argument or input field of that name."""
    bare = CORE.get_nullable_type(type_)
    if CORE.is_list_type(bare):
        return [sound(name, bare.of_type)]
    if CORE.is_input_object_type(bare):
        return sound_members(bare, "")
    if CORE.is_enum_type(bare):
        return next(iter(bare.values))
    if bare.name == "ID":
        kind = name.removesuffix("s").removesuffix("Id").lower()
        return f"{TAGS.get(kind, kind)}_{PLACE}_{UNKNOWN}"
    return SOUND[bare.name]


@dataclass(frozen=True)
class Way:
    """How an operation comes to objects of a type: what it writes before and after."""

    type_: Any
    kind: str
    before: str = ""
    after: str = ""

    def document(self, name: str, field: Any, argument: str) -> str:
        """An operation with one argument of a field as a variable, the others sound."""
        others = [
            f"{each}: {literal(sound(id_name(each, field), of.type), of.type)}"
            for each, of in field.args.items()
            if each != argument and CORE.is_required_argument(of)
        ]
        passed = ", ".join([f"{argument}: ${argument}", *others])
        below = "" if CORE.is_leaf_type(inner(field.type)) else " { __typename }"
        declared = f"(${argument}: {field.args[argument].type})"
        asked = f"{name}({passed}){below}"
        return f"{self.kind}{declared} {{ {self.before}{asked}{self.after} }}"

    def below(self, name: str, field: Any, target: Any) -> "Way":
        """The way through one of the type's fields."""
        passed = ", ".join(
            f"{each}: {literal(sound(id_name(each, field), of.type), of.type)}"
            for each, of in field.args.items()
            if CORE.is_required_argument(of)
        )
        opened = f"{name}{f'({passed})' if passed else ''} {{ "
        apart = inner(field.type) is not target
        before = f"{self.before}{opened}{f'... on {target.name} {{ ' if apart else ''}"
        return Way(target, self.kind, before, f"{' }' if apart else ''} }}{self.after}")


def id_name(argument: str, field: Any) -> str:
    """What tells of which kind an id is: the argument's name, or what the field leads to."""
    target: str = inner(field.type).name
    if argument not in ("id", "ids"):
        return argument
    if target == "Node" or argument == "ids":
        return "ticketId"
    kinds = {"OrgUnit": "unit", "ServiceRecord": "record", "WebhookDelivery": "delivery"}
    return f"{kinds.get(target, target)}Id"


def literal(value: Any, type_: Any) -> str:
    """A sound value as it is written in a document."""
    node: Any = CORE.value_to_literal(value, type_) if hasattr(CORE, "value_to_literal") else None
    return CORE.print_ast(node if node is not None else CORE.ast_from_value(value, type_))


def ways() -> Iterator[Way]:
    """The shortest way to each type, from the three roots."""
    roots = ("query", "mutation", "subscription")
    waiting = [Way(getattr(API.core, f"{kind}_type"), kind) for kind in roots]
    known = {way.type_.name for way in waiting}
    while waiting:
        way = waiting.pop(0)
        yield way
        for name, field in way.type_.fields.items():
            target = inner(field.type)
            possible = API.core.get_possible_types(target) if CORE.is_abstract_type(target) else []
            for each in possible or [target]:
                if CORE.is_object_type(each) and each.name not in known and way.kind != "mutation":
                    known.add(each.name)
                    waiting.append(way.below(name, field, each))


class Fuzzer:
    """Operations that are wrong in one way or another, from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.spots = list(spots())

    def one(self) -> tuple[str, dict[str, Any]]:
        """A document and its variables."""
        spot = self.random.choice(self.spots)
        value = self.random.choice((*spot.hostile, *spot.hostile, *ANYTHING))
        variables, document = spot.variables(value), spot.document
        if self.random.random() < 0.4:
            document = self.garbled(document)
        return document, variables

    def garbled(self, text: str) -> str:
        """A document with some letters gone, doubled, changed or moved."""
        for _ in range(self.random.randrange(1, 4)):
            at = self.random.randrange(len(text))
            to = self.random.randrange(at, min(len(text), at + 12))
            text = self.random.choice(
                (
                    text[:at] + text[to:],
                    text[:to] + text[at:],
                    text[:at] + self.random.choice(LETTERS) + text[at:],
                    text[:at] + self.random.choice(PIECES) + text[at:],
                )
            )
        return text


LETTERS = "(){}[]:!$@\"'\\#|&=,._ \n0aZé\u202e\x00"
PIECES = (
    " __typename ",
    " ... on Ticket { id } ",
    " @include(if: true) ",
    " @deprecated ",
    " __schema { types { name } } ",
    '"' + "\\u0000" + '"',
    " fragment F on F { id } ",
    " ticekt ",
    " 1e100000 ",
    " " + "9" * 5000 + " ",
)
ANYTHING = (
    None,
    "",
    "x",
    "'; DROP TABLE ticket; --",
    "x" * 10_000,
    0,
    -1,
    [],
    {},
    [None],
    [["x"]],
    {"in": [None]},
    {"gte": "2026-01-01T00:00:00Z"},
    f"ticket_{PLACE}_{UNKNOWN}",
    f"unit_weibin_{UNKNOWN}",
    "2026-01-01T00:00:00Z",
)
