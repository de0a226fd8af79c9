"""Localities, their profiles, levels and categories."""

from typing import Annotated

import strawberry
from sqlalchemy import Select, select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.scope import ScopeBinds
from db.tables import Category, Level, Locality, OrgUnit, ProfileRevision, Ticket
from resolvers.rows import holds

Row = type[Locality]


def all_localities(scope: ScopeBinds) -> Select[Locality]:
    """Every place on this server, by slug."""
    return select(Locality).order_by(col(Locality.id))


def by_slug(
    scope: ScopeBinds,
    slug: Annotated[str, strawberry.argument(description="Its short name, as in `weibin`.")],
) -> Scoped:
    """The place with that slug."""
    return Scoped(select(Locality).where(col(Locality.id) == slug), slug)


def own(scope: ScopeBinds) -> Scoped:
    """The caller's own place."""
    return Scoped(select(Locality).where(col(Locality.id) == scope.locality), scope.locality)


def of_row(row: type[OrgUnit]) -> Select[Locality]:
    """The place a row belongs to."""
    return select(Locality).where(col(Locality.id) == row.locality_id)


def profile(locality: Row) -> Scoped:
    """The profile in force."""
    found = select(ProfileRevision).where(
        col(ProfileRevision.locality_id) == locality.id,
        col(ProfileRevision.revision) == locality.revision,
    )
    return Scoped(found, locality.id)


def levels(locality: Row) -> Scoped:
    """The levels, tree by tree, top to leaf."""
    found = select(Level).where(col(Level.locality_id) == locality.id)
    return Scoped(found.order_by(col(Level.tree), col(Level.depth)), locality.id)


def categories(locality: Row) -> Scoped:
    """The kinds of matter, by code."""
    found = select(Category).where(col(Category.locality_id) == locality.id)
    return Scoped(found.order_by(col(Category.code)), locality.id)


def roots(locality: Row) -> Scoped:
    """The tops of the locality's trees."""
    found = select(OrgUnit).where(
        col(OrgUnit.locality_id) == locality.id,
        col(OrgUnit.parent_id).is_(None),
        holds(OrgUnit, None),
    )
    return Scoped(found.order_by(col(OrgUnit.path)), locality.id)


def level_of(unit: type[OrgUnit]) -> Select[Level]:
    """The level a unit stands at."""
    return select(Level).where(col(Level.code) == unit.level_code)


def category_of(ticket: type[Ticket]) -> Select[Category]:
    """The kind of matter a ticket is about."""
    return select(Category).where(col(Category.code) == ticket.category_code)
