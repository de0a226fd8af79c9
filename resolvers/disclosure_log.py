"""Disclosures: who read which personal data, by which post and for what."""

from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, Select, func, literal_column, select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.ids import id_sql
from compiler.order import OrderDirection, Ordering
from compiler.scope import ScopeBinds
from db.tables import Disclosure, Locality, Post


@strawberry.enum(description="What disclosures can be sorted by.")
class DisclosureOrderField(Enum):
    SEQUENCE = strawberry.enum_value("SEQUENCE", description="The order they were made in.")


@strawberry.input(description="How disclosures are sorted.")
class DisclosureOrder:
    field: DisclosureOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.DESC
    )


ORDER = Ordering(
    DisclosureOrder,
    {DisclosureOrderField.SEQUENCE: ("sequence",)},
    (DisclosureOrderField.SEQUENCE, OrderDirection.DESC),
)


def about_me(scope: ScopeBinds) -> Scoped:
    """Who read the caller's personal data."""
    mine = select(Disclosure).where(col(Disclosure.subject_id) == scope.person)
    return Scoped(mine, scope.locality)


def of_locality(locality: type[Locality]) -> Scoped:
    """Every disclosure of the place that the caller may see."""
    found = select(Disclosure).where(col(Disclosure.locality_id) == locality.id)
    return Scoped(found, locality.id)


def post(disclosure: type[Disclosure]) -> Select[Post]:
    """The post by which it was read."""
    return select(Post).where(col(Post.id) == disclosure.post_id)


def person_id(column: str) -> Any:
    """The id of somebody the row names, whether or not they are for the viewer to see."""

    def resolver(disclosure: Any) -> ColumnElement[str]:
        return id_sql("person", disclosure.locality_id, getattr(disclosure, column))

    return resolver


def digest(disclosure: type[Disclosure]) -> ColumnElement[str]:
    """The row's digest in hexadecimal."""
    return func.encode(col(disclosure.digest), literal_column("'hex'"))
