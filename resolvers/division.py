"""Divisions: read by code, up and down their own tree."""

from typing import Annotated

import strawberry
from sqlalchemy import Select, Text, any_, func, select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.scope import ScopeBinds
from db.tables import Division, OrgUnit
from resolvers.rows import holds

Row = type[Division]


def by_code(
    scope: ScopeBinds,
    code: Annotated[str, strawberry.argument(description="Its official 12-digit code.")],
) -> Select[Division]:
    """The division with that official code."""
    return select(Division).where(col(Division.code) == code)


def of_row(row: type[OrgUnit]) -> Scoped:
    """The division a unit or locality refers to."""
    return Scoped(select(Division).where(col(Division.code) == row.division_code))


def children(division: Row) -> Select[Division]:
    """Divisions directly below, by code."""
    below = select(Division).where(col(Division.parent_code) == division.code)
    return below.order_by(col(Division.code))


def ancestors(division: Row) -> Select[Division]:
    """Divisions above, from the province down."""
    part = func.unnest(func.string_to_array(division.path, "/"), type_=Text()).column_valued("part")
    codes = select(func.rpad(part, 12, "0")).scalar_subquery()
    above = select(Division).where(
        col(Division.code) == any_(func.array(codes)), col(Division.code) != division.code
    )
    return above.order_by(col(Division.path))


def org_units(division: Row) -> Scoped:
    """Units of any locality that refer to the division."""
    units = select(OrgUnit).where(col(OrgUnit.division_code) == division.code, holds(OrgUnit, None))
    return Scoped(units.order_by(col(OrgUnit.locality_id), col(OrgUnit.path)), None)
