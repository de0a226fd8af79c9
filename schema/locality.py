"""Localities (地方), their profiles (方案), levels and categories."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from compiler.fields import Connection, column, connection, entity, link
from db import tables
from domain.terms import LevelKind, Severity, TreeKind
from resolvers import (
    disclosure_log as read_disclosure,
    division as read_division,
    locality as read_locality,
    statistics as read_statistics,
)
from schema.disclosure import Disclosure
from schema.division import Division
from schema.statistics import Statistic, StatisticMonth

if TYPE_CHECKING:
    from schema.org_unit import OrgUnit


@entity(tables.Level, "A level of one of a locality's trees (层级).")
class Level:
    code: str = column("Its code in the locality's profile.")
    name: str = column("What the locality calls it.")
    kind: LevelKind = column("Its canonical kind.")
    tree: TreeKind = column("The tree it belongs to.")
    depth: int = column("How far from the top of its tree; the top is 1.")


@entity(tables.Category, "A kind of matter (事项类别), as the locality's profile defines it.")
class Category:
    code: str = column("Its code in the locality's profile.")
    name: str = column("What the locality calls it.")
    severity: Severity = column("How hard such a matter is taken to be.")
    hours: int = column("Hours within which such a matter should be finished.")


@entity(
    tables.ProfileRevision,
    "A locality's profile (方案) as it was put in force: levels, roles, cadences and rules as data.",
)
class Profile:
    revision: int = column("Counts up with every change.")
    digest: str = column("SHA-256 of the profile; equal digests mean equal rules.")
    body: strawberry.scalars.JSON = column("The whole profile as data.", counts=100)
    created_at: datetime = column("When it was put in force.")


@entity(tables.Locality, "One place served here (地方): it has its own levels, roles and rules.")
class Locality:
    slug: str = column("Its short name, as in `locality(slug:)`.", name="id")
    name: str = column("Its name.")
    time_zone: str = column("IANA time zone of its calendar and deadlines.")
    division: Division | None = link(
        read_division.of_row, "The division it lies in; null if it lies in no single one."
    )
    profile: Profile | None = link(
        read_locality.profile, "The profile in force; null if it is not for you to see."
    )
    levels: list[Level] = link(
        read_locality.levels, "Its levels, tree by tree, top to leaf.", most=10
    )
    categories: list[Category] = link(read_locality.categories, "Its kinds of matter, by code.")
    roots: list[Annotated["OrgUnit", strawberry.lazy("schema.org_unit")]] = link(
        read_locality.roots, "The tops of its trees.", usual=2, most=4
    )
    access_log: Connection[Disclosure] = connection(
        read_disclosure.of_locality,
        read_disclosure.ORDER,
        "Who read whose personal data in full, newest first: all of the place for its auditors; "
        "for others what was read of them and what they read.",
    )
    statistics: Connection[Statistic] = connection(
        read_statistics.of_locality,
        read_statistics.ORDER,
        "Published counts of the tops of its trees, newest month first.",
    )
    statistic_months: list[StatisticMonth] = link(
        read_statistics.months, "The months whose counts are published, oldest first."
    )
