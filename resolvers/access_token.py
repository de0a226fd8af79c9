"""Access tokens: what people gave programs to speak for them."""

from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.order import OrderDirection, Ordering
from compiler.scope import ScopeBinds
from db.tables import AccessToken
from resolvers.filters import Locality
from resolvers.rows import own_or_named


@strawberry.enum(description="What access tokens can be sorted by.")
class AccessTokenOrderField(Enum):
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="When they were made.")


@strawberry.input(description="How access tokens are sorted.")
class AccessTokenOrder:
    field: AccessTokenOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.DESC
    )


ORDER = Ordering(
    AccessTokenOrder,
    {AccessTokenOrderField.CREATED_AT: ("created_at", "id")},
    (AccessTokenOrderField.CREATED_AT, OrderDirection.DESC),
)


def own(scope: ScopeBinds) -> Scoped:
    """The caller's own."""
    mine = select(AccessToken).where(col(AccessToken.person_id) == scope.person)
    return Scoped(mine, scope.locality)


def listed(scope: ScopeBinds, locality: Locality = None) -> Scoped:
    """A locality's access tokens."""
    return Scoped(select(AccessToken), own_or_named(scope, locality))


def written(scope: ScopeBinds) -> Scoped:
    """The access token that was made or revoked."""
    found: Any = select(AccessToken).where(col(AccessToken.id) == scope.key)
    return Scoped(found, scope.locality)
