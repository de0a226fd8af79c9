"""Questions written from the schema itself: every field of every type, from every root."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

import graphql

from compiler.errors import InputError
from compiler.fields import ROWS
from resolvers.node import NODES as TAGGED
from schema.api import API
from tests.compiler.world_plan import DIVISIONS, PLACES, Row, World

CORE: Any = graphql
TYPES: Any = API.core.type_map
NODES = tuple(each.name for each in API.core.get_possible_types(TYPES["Node"]))
"""The types whose objects have ids."""
PAGE = 40
"""Rows of each page below a row; more than any row of the world has below it."""
LISTED = 100
WRAPPERS = ("Connection", "Edge", "Page")
LISTS = ("nodes", "node", "edges")
"""A page's own rows: one step with the page."""
APART = "__"
"""Stands between a field and its type in an alias."""


class Edge(NamedTuple):
    """A field of a type."""

    holder: str
    field: str

    @property
    def target(self) -> Any:
        """The type it leads to; of a page, the type of its rows."""
        target = inner(TYPES[self.holder].fields[self.field].type)
        rows = getattr(target, "fields", {}).get("nodes")
        return inner(rows.type) if rows else target

    def __str__(self) -> str:
        return f"{self.holder}.{self.field}"


def inner(type_: Any) -> Any:
    """The named type within lists and non-nulls."""
    return CORE.get_named_type(type_)


def edges(*roots: str) -> set[Edge]:
    """Every field of every object that an operation on one of these roots can reach."""
    found: set[Edge] = set()
    waiting = [TYPES[name] for name in roots]
    while waiting:
        type_ = waiting.pop()
        for name, field in getattr(type_, "fields", {}).items():
            target = inner(field.type)
            edge = Edge(type_.name, name)
            if edge in found:
                continue
            found.add(edge)
            if CORE.is_object_type(target):
                waiting.append(target)
            if CORE.is_abstract_type(target):
                waiting += API.core.get_possible_types(target)
    return found


def needed(field: Any) -> bool:
    """Whether a field cannot be asked for without arguments."""
    return any(CORE.is_required_argument(each) for each in field.args.values())


def selection(type_: Any, depth: int, above: tuple[str, ...] = ()) -> str:
    """Every leaf of a type, and for so many steps every object that its fields lead to."""
    if CORE.is_abstract_type(type_):
        return f"{{ __typename id {' '.join(map(fragment, NODES))} }}"
    asked = ["__typename"]
    for name, field in type_.fields.items():
        target = inner(field.type)
        if needed(field):
            continue
        if CORE.is_leaf_type(target):
            asked.append(name)
        elif type_.name.endswith(WRAPPERS) and name in LISTS:
            asked.append(f"{name} {selection(target, steps(target), above)}")
        elif depth > 0 and target.name not in above:
            own = (*above, target.name) if steps(target) else above
            asked += varied(name, field, selection(target, depth - 1, own))
    return f"{{ {' '.join(asked)} }}"


def fragment(name: str) -> str:
    """Every leaf of one of several types, under a name that no other type gives another meaning."""
    leaves = (
        f"{field}{APART}{name}: {field}"
        for field, of in TYPES[name].fields.items()
        if CORE.is_leaf_type(inner(of.type)) and not needed(of)
    )
    return f"... on {name} {{ {' '.join(leaves)} }}"


def steps(target: Any) -> int:
    """How far to go from rows of a type: those with ids are asked for by id as well."""
    return 0 if target.name in NODES or CORE.is_abstract_type(target) else 1


def varied(name: str, field: Any, below: str) -> Iterator[str]:
    """A field with a page of some size, once for each value of an argument that changes all."""
    size = [f"first: {PAGE}"] if "first" in field.args else []
    for argument in VARYING & field.args.keys():
        for value in inner(field.args[argument].type).values:
            given = f"first: {FEW}, {argument}: {value}"
            yield f"{name}{APART}{value}: {name}({given}) {below}"
        return
    yield f"{name}{f'({size[0]})' if size else ''} {below}"


VARYING = {"by"}
"""What published counts are broken down by."""


def followed(type_: Any) -> list[str]:
    """A type's fields, each with every leaf of what it leads to."""
    asked: list[str] = []
    for name, field in type_.fields.items():
        target = inner(field.type)
        if needed(field):
            continue
        if CORE.is_leaf_type(target):
            asked.append(name)
        else:
            asked += varied(name, field, selection(target, steps(target)))
    return asked


def by_ids() -> Iterator[tuple[str, str]]:
    """For each type with ids, a question that follows each of its fields from rows named by id."""
    for name in NODES:
        asked = " ".join(followed(TYPES[name]))
        row = f"__typename id ... on {name} {{ {asked} }}"
        yield name, f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ {row} }} }}"


@dataclass(frozen=True)
class Question:
    """A document, and the variables it is asked with, once for each."""

    root: str
    text: str
    variables: tuple[dict[str, Any], ...]


def by_roots(world: World) -> Iterator[Question]:
    """A question for each root, about rows of both places."""
    for name, field in API.core.query_type.fields.items():
        if name in COMPUTED:
            continue
        target = inner(field.type)
        given = {arg: of for arg, of in field.args.items() if arg in GIVEN or needs(of)}
        declared = ", ".join(f"${arg}: {of.type}" for arg, of in given.items())
        passed = [f"{arg}: ${arg}" for arg in given]
        passed += [f"first: {LISTED}"] if "first" in field.args else []
        text = f"query{'(' + declared + ')' if declared else ''} {{ __typename {name}"
        text += f"{'(' + ', '.join(passed) + ')' if passed else ''}"
        values = [GIVEN[arg](world, name) for arg in given]
        several = list(zip(*cycled(values), strict=True)) if values else [()]
        variables = tuple(dict(zip(given, each, strict=True)) for each in several)
        depths = (2, 1, 0) if steps(target) else (1, 0)
        texts = (f"{text} {selection(target, depth)} }}" for depth in depths)
        yield Question(name, fitting(texts, variables[0]), variables)


def fitting(texts: Iterator[str], variables: dict[str, Any]) -> str:
    """The first document that is not refused for its size or its price."""
    for text in texts:
        with suppress(InputError):
            prepared = API.prepare(text, None, variables)
            assert not isinstance(prepared, list), prepared
            return text
    raise AssertionError("even the smallest costs too much")


def needs(argument: Any) -> bool:
    """Whether an argument must be given."""
    return CORE.is_required_argument(argument)


def cycled(values: list[list[Any]]) -> list[list[Any]]:
    """Lists of the same length, the shorter ones repeated."""
    longest = max(map(len, values))
    return [[each[at % len(each)] for at in range(longest)] for each in values]


def table_of(type_: str) -> str:
    """The table whose rows a type shows."""
    return str(ROWS[type_].__tablename__)


def global_id(type_: str, row: Row) -> str:
    """The id of a row of a type."""
    return f"{TAGGED[type_][0]}_{row['locality_id']}_{row['id']}"


def every_id(world: World, type_: str) -> list[str]:
    """The ids of all rows of a type, in both places."""
    return [global_id(type_, row) for row in world.of(table_of(type_))]


def some_ids(world: World, root: str) -> list[str]:
    """Ids of what a root leads to: some of each place."""
    target = inner(API.core.query_type.fields[root].type).name
    types, most = ([target], FEW) if target in NODES else (NODES, 2)
    return [
        global_id(type_, row)
        for type_ in types
        for place in PLACES
        for row in world.of(table_of(type_), place)[:most]
    ]


COMPUTED = ("simulateEscalation",)
"""Worked out from a place's whole profile, which this world lacks: asked elsewhere."""
FEW = 5
SINCE = "the cursor of before it all"
"""Stands for a cursor, which depends on the database."""
GIVEN: dict[str, Callable[[World, str], list[Any]]] = {
    "id": some_ids,
    "ids": lambda world, root: [some_ids(world, root)[:LISTED], some_ids(world, root)[-LISTED:]],
    "slug": lambda _world, _root: list(PLACES),
    "locality": lambda _world, _root: list(PLACES),
    "code": lambda _world, _root: [line[0] for line in DIVISIONS],
    "number": lambda world, _: [row["number"] for row in world.of("ticket")[-FEW * 3 :]],
    "since": lambda _world, _root: [SINCE],
}
"""For each argument that a root needs, or that says where to look: what is given."""
