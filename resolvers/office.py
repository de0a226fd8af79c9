"""Offices: what people may see or do for a whole place."""

from enum import Enum

import strawberry
from sqlalchemy import ColumnElement, select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.order import OrderDirection, Ordering
from compiler.scope import ScopeBinds
from db.tables import Office
from resolvers.filters import Locality
from resolvers.rows import holds, own_or_named


@strawberry.enum(description="What offices can be sorted by.")
class OfficeOrderField(Enum):
    GRANTED_AT = strawberry.enum_value("GRANTED_AT", description="When they were given.")


@strawberry.input(description="How offices are sorted.")
class OfficeOrder:
    field: OfficeOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.DESC
    )


ORDER = Ordering(
    OfficeOrder,
    {OfficeOrderField.GRANTED_AT: ("granted_at", "id")},
    (OfficeOrderField.GRANTED_AT, OrderDirection.DESC),
)


def own(scope: ScopeBinds) -> Scoped:
    """What the caller holds today."""
    mine = select(Office).where(col(Office.person_id) == scope.person, holds(Office, None))
    return Scoped(mine.order_by(col(Office.granted_at), col(Office.id)), scope.locality)


def listed(scope: ScopeBinds, locality: Locality = None) -> Scoped:
    """A locality's offices, ended ones too."""
    return Scoped(select(Office), own_or_named(scope, locality))


def written(scope: ScopeBinds) -> Scoped:
    """The office that was given or taken."""
    return Scoped(select(Office).where(col(Office.id) == scope.key), scope.locality)


def in_force(office: type[Office]) -> ColumnElement[bool]:
    """Whether it is held today."""
    return holds(office, None)
