"""What generated queries are made of: a query, odd aliases, and values about the world."""

import json
from dataclasses import dataclass, field
from typing import Any

import graphql

from domain.text import is_line
from tests.compiler.oracle_fields import NODES, TABLES
from tests.compiler.world import DIVISIONS, LEVELS, PLACES, TAGS, World

CORE: Any = graphql
# Names that would collide with whatever the statement calls its own parts, if it let them.
ODD_ALIASES = (
    "rows",
    "cursors",
    "one",
    "t0",
    "t1",
    "b0",
    "page_row",
    "asked",
    "step",
    "part",
    "tag",
    "key",
    "keys",
    "items",
    "values",
    "select",
    "null",
    "locality_id",
    "_",
    "Ünï".encode("ascii", "ignore").decode() + "_9",
    "x" * 70 + "a",
    "x" * 70 + "b",
    "CamelCase",
    "camelcase",
)
UNKNOWN = "00000000-0000-7000-8000-000000000000"
DAYS = ("2000-01-01", "2014-06-01", "2020-05-31", "2020-06-01", "2023-12-31", "2999-01-01")
NUMBERS = {"maxDepth": (-1, 0, 1, 2, 9), "first": (1, 2, 3, 5, 100), "last": (1, 2, 3, 100)}


@dataclass(frozen=True)
class Query:
    """A document with one operation, and its variables."""

    declarations: tuple[str, ...]
    selection: str
    fragments: tuple[str, ...]
    variables: dict[str, Any] = field(hash=False)

    def text(self, more: str = "") -> str:
        """The document; `more` is selected beside the rest."""
        declared = f"({', '.join(self.declarations)})" if self.declarations else ""
        operation = f"query Q{declared} {self.selection[:-1]}{more} }}"
        return "\n".join([operation, *self.fragments])


def is_composite(type_: Any) -> bool:
    return CORE.is_composite_type(CORE.get_named_type(type_))


def is_many(type_: Any) -> bool:
    """Whether a field leads to any number of rows."""
    return CORE.is_list_type(CORE.get_nullable_type(type_)) or "Connection" in str(type_)


def texts(world: World) -> dict[str, tuple[str, ...]]:
    """Values for text arguments and input fields, by name: real ones, and one of nothing."""
    numbers = tuple(row["number"] for row in world.of("ticket"))
    return {
        "slug": (*PLACES, "nowhere"),
        "locality": (*PLACES[:1] * 6, *PLACES, "nowhere", ""),
        "code": (*(line[0] for line in DIVISIONS), "990000000000"),
        "division": (*(line[0] for line in DIVISIONS), "990000000000"),
        "number": (*numbers, "RI-none", "' OR 1=1 --"),
        "name": (*filter(is_line, (row["name"] for row in world.of("org_unit"))), "none")[:9],
        "reason": ("煤气泄漏", "to help", "x" * 200),
        "level": (*(line[1] for line in LEVELS), "none"),
        "category": ("noise", "lift", "pension", "none"),
    }


def ids(world: World) -> dict[str, tuple[str, ...]]:
    """Global ids by the type they are of, one of each being unknown."""
    return {
        type_: tuple(
            [world.global_id(TABLES[type_], row) for row in world.of(TABLES[type_])]
            + [f"{TAGS[TABLES[type_]]}_{PLACES[0]}_{UNKNOWN}"]
        )
        for type_ in NODES
    }


def constant(value: Any, type_: Any) -> str:
    """A value as a literal without variables."""
    bare = CORE.get_nullable_type(type_)
    if value is None:
        return "null"
    if isinstance(value, dict):
        members = (f"{k}: {constant(v, bare.fields[k].type)}" for k, v in value.items())
        return f"{{{', '.join(members)}}}"
    if isinstance(value, list):
        return f"[{', '.join(constant(each, bare.of_type) for each in value)}]"
    return value if CORE.is_enum_type(bare) else json.dumps(value, ensure_ascii=False)
