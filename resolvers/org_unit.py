"""Organisation units: up, down and across their tree, as of a day."""

from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlmodel import col

from compiler.arguments import Ref
from compiler.fields import Scoped
from compiler.ids import id_sql
from compiler.order import OrderDirection, Ordering
from compiler.scope import ScopeBinds
from db.tables import OrgUnit
from domain.terms import TreeKind
from resolvers.filters import Choices, Locality, among, option
from resolvers.rows import depth, holds, inside, lineage, own_or_named

Row = type[OrgUnit]
Units = Select[OrgUnit]
At = Annotated[
    date | None,
    strawberry.argument(
        description="As it was on this day; it holds for the same argument of everything below."
    ),
]
Id = Annotated[Ref, strawberry.argument(description="The unit's id.")]


@strawberry.enum(description="What organisation units can be sorted by.")
class OrgUnitOrderField(Enum):
    PATH = strawberry.enum_value("PATH", description="Their place in the tree, depth first.")
    NAME = strawberry.enum_value("NAME", description="Their name.")


@strawberry.input(description="How organisation units are sorted.")
class OrgUnitOrder:
    field: OrgUnitOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.ASC
    )


ORDER = Ordering(
    OrgUnitOrder,
    {OrgUnitOrderField.PATH: ("path",), OrgUnitOrderField.NAME: ("name", "id")},
    (OrgUnitOrderField.PATH, OrderDirection.ASC),
)


@strawberry.input(description="Which organisation units to list.")
class OrgUnitFilter:
    tree: Choices[TreeKind] | None = option("The tree they belong to.")
    level: Choices[str] | None = option("The code of their level.")
    name: Choices[str] | None = option("Their name, in full.")
    division: Choices[str] | None = option("The official code of the division they refer to.")


Filter = Annotated[OrgUnitFilter | None, strawberry.argument(description="Which units to list.")]


def by_id(scope: ScopeBinds, id: Id, at: At = None) -> Scoped:
    """The unit with that id, if it held on that day."""
    ref = id.of("unit")
    return Scoped(_held(at).where(col(OrgUnit.id) == ref.key), ref.locality)


def listed(
    scope: ScopeBinds, locality: Locality = None, filter: Filter = None, at: At = None
) -> Scoped:
    """All units of a locality."""
    return Scoped(_held(at).where(*_matches(filter)), own_or_named(scope, locality))


def parent(unit: Row) -> Units:
    """The unit directly above."""
    return select(OrgUnit).where(col(OrgUnit.id) == unit.parent_id)


def children(unit: Row, at: At = None) -> Units:
    """Units directly below, in display order."""
    below = _held(at).where(col(OrgUnit.parent_id) == unit.id)
    return below.order_by(col(OrgUnit.position), col(OrgUnit.id))


def ancestors(unit: Row) -> Units:
    """Units above, from the top of the tree down."""
    above = select(OrgUnit).where(
        col(OrgUnit.path) == lineage(unit.path), col(OrgUnit.path) != unit.path
    )
    return above.order_by(col(OrgUnit.path))


def descendants(
    unit: Row,
    max_depth: Annotated[
        int | None, strawberry.argument(description="How many levels below; all if left out.")
    ] = None,
    at: At = None,
) -> Units:
    """Units below at any depth, flat."""
    below = _held(at).where(inside(OrgUnit.path, unit.path), col(OrgUnit.path) != unit.path)
    if max_depth is not None:
        below = below.where(depth(OrgUnit.path) - depth(unit.path) <= max_depth)
    return below


def of(column: str) -> Any:
    """The unit a column of the row names."""

    def resolver(row: Any) -> Units:
        return select(OrgUnit).where(col(OrgUnit.id) == getattr(row, column))

    return resolver


def _held(at: date | None) -> Units:
    return select(OrgUnit).where(holds(OrgUnit, at))


def _matches(filter: OrgUnitFilter | None) -> list[ColumnElement[bool]]:
    if filter is None:
        return []
    return [
        *among(OrgUnit.tree, filter.tree),
        *among(OrgUnit.level_code, filter.level),
        *among(OrgUnit.name, filter.name),
        *among(OrgUnit.division_code, filter.division),
    ]


def unit_depth(unit: Row) -> ColumnElement[int]:
    """How deep the unit lies; the top of a tree is at 1."""
    return depth(unit.path)


def parent_id(unit: Row) -> ColumnElement[str]:
    """The global id of the unit above."""
    return id_sql("unit", unit.locality_id, unit.parent_id)


def since(unit: Row) -> ColumnElement[date]:
    """The first day the unit existed; null if that is not known."""
    return func.nullif(unit.valid_from, literal_column("'-infinity'::date"))
