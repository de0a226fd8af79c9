"""Administrative divisions (行政区划)."""

from datetime import date
from typing import TYPE_CHECKING, Annotated

import strawberry

from compiler.fields import column, entity, link, value
from db import tables
from domain.terms import DivisionLevel
from resolvers import (
    division as read_division,
    rows,
)

if TYPE_CHECKING:
    from schema.org_unit import OrgUnit


@entity(
    tables.Division,
    "An official administrative division (行政区划), by its 12-digit code as of 31 October 2021. "
    "A grid may refer to one but is never one.",
)
class Division:
    code: str = column("Official 12-digit code.")
    parent_code: str | None = column("Code of the division above; null for a province.")
    level: DivisionLevel = column("Its level.")
    name: str = column("Its official name.")
    valid_to: date | None = value(rows.until, "Day it was abolished; null while it exists.")
    children: list["Division"] = link(read_division.children, "Divisions directly below, by code.")
    ancestors: list["Division"] = link(
        read_division.ancestors, "Divisions above, from the province down.", usual=3, most=5
    )
    org_units: list[Annotated["OrgUnit", strawberry.lazy("schema.org_unit")]] = link(
        read_division.org_units, "Units of any locality that refer to it."
    )
