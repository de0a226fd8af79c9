"""Every filter and every order of every list, with values that the rows of others have."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from schema.api import API
from tests.compiler.world_plan import PLACES, START, World
from tests.matrix.documents import CORE, NODES, TYPES, every_id, inner, table_of

PAGE = """{ __typename totalCount nodes { __typename id } edges { cursor }
pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"""
BARE = """{ __typename totalCount edges { cursor }
pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"""
SIZES = ("first: 3", "last: 3")
MOMENT = START.isoformat()
FEW = 4

Case = tuple[str, dict[str, Any]]


def narrowed(world: World) -> Iterator[Case]:
    """A question for each way to narrow or sort each list, from the roots and from rows."""
    for name, field in API.core.query_type.fields.items():
        if is_page(field):
            for arguments, values in ways(world, field):
                for place in PLACES:
                    where = f'locality: "{place}", ' if "locality" in field.args else ""
                    yield from asked(name, field, f"{where}{arguments}", values, "", "", {})
    for type_ in NODES:
        ids = every_id(world, type_)[:FEW]
        for name, field in TYPES[type_].fields.items():
            if is_page(field):
                before, after = f"nodes(ids: $ids) {{ ... on {type_} {{", "} }"
                for arguments, values in ways(world, field):
                    yield from asked(name, field, arguments, values, before, after, {"ids": ids})


def is_page(field: Any) -> bool:
    """Whether a field is a list in pages."""
    return "orderBy" in field.args


def asked(
    name: str,
    field: Any,
    arguments: str,
    values: dict[str, Any],
    before: str,
    after: str,
    more: dict[str, Any],
) -> Iterator[Case]:
    """One way, from the front and from the back."""
    types = {"filter": field.args["filter"].type if "filter" in field.args else "", "ids": "[ID!]!"}
    given = {**values, **more}
    declared = ", ".join(f"${key}: {types[key]}" for key in given)
    page = PAGE if "id" in inner(inner(field.type).fields["nodes"].type).fields else BARE
    text = f"query{f'({declared})' if declared else ''} {{ {before} "
    lists = " ".join(f"{size[:4]}__{name}: {name}({arguments}, {size}) {page}" for size in SIZES)
    yield f"{text}{lists} {after} }}", given


def ways(world: World, field: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Orders and filters, one at a time."""
    order = inner(field.args["orderBy"].type)
    for by in inner(order.fields["field"].type).values:
        for way in ("ASC", "DESC"):
            yield f"orderBy: {{field: {by}, direction: {way}}}", {}
    if "filter" not in field.args:
        return
    table = table_of(inner(inner(field.type).fields["nodes"].type).name)
    for name, part in inner(field.args["filter"].type).fields.items():
        for value in conditions(world, table, part.type):
            yield "filter: $filter", {"filter": {name: value}}


def conditions(world: World, table: str, type_: Any) -> Iterator[Any]:
    """Values of one condition."""
    type_ = inner(type_)
    if type_.name == "Boolean":
        yield from (True, False)
    elif "in" in getattr(type_, "fields", {}):
        of = inner(type_.fields["in"].type)
        for value in of.values if CORE.is_enum_type(of) else texts(world, table):
            yield {"in": [value]}
    else:
        assert "gte" in type_.fields, f"no values for {type_.name}"
        for bound in type_.fields:
            yield {bound: MOMENT}


def texts(world: World, table: str) -> list[str]:
    """What stands in the texts of some rows of a table."""
    found = {
        value
        for row in world.of(table)
        for name, value in row.items()
        if isinstance(value, str) and name != "locality_id" and value.isprintable()
    }
    return list(islice(sorted(found, key=hash_of), 2 * FEW))


def hash_of(text: str) -> str:
    """An order that is neither of the texts' own."""
    return text[::-1]
