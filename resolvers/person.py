"""People, their posts, and their personal data, masked."""

from typing import Any

from sqlalchemy import ColumnElement, Select, Text, func, literal_column, select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.scope import ScopeBinds
from db.tables import Appointment, Person, PersonPrivate, Post
from resolvers.rows import holds


def of(column: str) -> Any:
    """The person a column of the row names."""

    def resolver(row: Any) -> Select[Person]:
        return select(Person).where(col(Person.id) == getattr(row, column))

    return resolver


def own(scope: ScopeBinds) -> Scoped:
    """The caller."""
    return Scoped(select(Person).where(col(Person.id) == scope.person), scope.locality)


def posts(person: type[Person]) -> Select[Post]:
    """The posts the person holds or covers today."""
    appointed = select(col(Appointment.post_id)).where(
        col(Appointment.locality_id) == person.locality_id,
        col(Appointment.person_id) == person.id,
        holds(Appointment, None),
    )
    return (
        select(Post).where(col(Post.id).in_(appointed)).order_by(col(Post.unit_path), col(Post.id))
    )


def private(person: type[Person]) -> Select[PersonPrivate]:
    """The person's personal data."""
    return select(PersonPrivate).where(col(PersonPrivate.person_id) == person.id)


def masked_phone(private: type[PersonPrivate]) -> ColumnElement[str]:
    """First three and last four digits, as in 138****0001."""
    stars = literal_column("'****'", Text)
    return func.left(private.phone, 3) + stars + func.right(private.phone, 4)


def masked_address(private: type[PersonPrivate]) -> ColumnElement[str]:
    """The first six characters only."""
    return func.left(private.address, 6) + literal_column("'****'", Text)
