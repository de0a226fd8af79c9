"""Posts of units, and the people who hold or cover them."""

from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, Select, any_, func, select
from sqlmodel import col

from db.tables import Appointment, OrgUnit, Person, Post
from domain.terms import Capacity, RoleKind
from resolvers.org_unit import At
from resolvers.rows import holds, lineage

Kinds = Annotated[
    list[RoleKind] | None, strawberry.argument(description="Only posts of these kinds.")
]


def of_unit(unit: type[OrgUnit], kinds: Kinds = None) -> Select[Post]:
    """The unit's own posts, in display order."""
    posts = select(Post).where(col(Post.unit_id) == unit.id, *_of_kinds(kinds))
    return posts.order_by(col(Post.position), col(Post.id))


def covering(unit: type[OrgUnit], kinds: Kinds = None) -> Select[Post]:
    """Posts of the unit and of every unit above it, nearest first."""
    posts = select(Post).where(col(Post.unit_path) == lineage(unit.path), *_of_kinds(kinds))
    return posts.order_by(func.length(Post.unit_path).desc(), col(Post.position), col(Post.id))


def of(column: str) -> Any:
    """The post a column of the row names."""

    def resolver(row: Any) -> Select[Post]:
        return select(Post).where(col(Post.id) == getattr(row, column))

    return resolver


def holder(post: type[Post], at: At = None) -> Select[Person]:
    """Who holds the post (A role)."""
    return _in_capacity(post, Capacity.HOLDER, at)


def cover(post: type[Post], at: At = None) -> Select[Person]:
    """Who stands in for the holder (B role)."""
    return _in_capacity(post, Capacity.COVER, at)


def _in_capacity(post: type[Post], capacity: Capacity, at: Any) -> Select[Person]:
    # Terms may overlap for a day at a handover: the newer appointment counts.
    appointed = (
        select(col(Appointment.person_id))
        .where(
            col(Appointment.locality_id) == post.locality_id,
            col(Appointment.post_id) == post.id,
            col(Appointment.capacity) == capacity,
            holds(Appointment, at),
        )
        .order_by(col(Appointment.valid_from).desc(), col(Appointment.id))
        .limit(1)
    )
    return select(Person).where(col(Person.id) == appointed.scalar_subquery())


def _of_kinds(kinds: Any) -> list[ColumnElement[bool]]:
    return [] if kinds is None else [col(Post.kind) == any_(kinds)]
