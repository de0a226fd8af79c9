"""People, their posts, and their personal data, masked."""

from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import ColumnElement, Select, Text, case, func, literal_column, null, select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.order import OrderDirection, Ordering
from compiler.scope import ScopeBinds
from db.tables import Appointment, OrgUnit, Person, PersonPrivate, Post
from domain.disclosure import PersonalField
from resolvers.disclosure import disclosing
from resolvers.rows import holds, inside


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


@strawberry.enum(description="What people can be sorted by.")
class PersonOrderField(Enum):
    PLACE = strawberry.enum_value("PLACE", description="The unit they live or serve in.")


@strawberry.input(description="How people are sorted.")
class PersonOrder:
    field: PersonOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.ASC
    )


ORDER = Ordering(
    PersonOrder,
    {PersonOrderField.PLACE: ("unit_path", "id")},
    (PersonOrderField.PLACE, OrderDirection.ASC),
)


def of_unit(unit: type[OrgUnit]) -> Select[Person]:
    """People who live or serve in the unit or below it."""
    return select(Person).where(inside(Person.unit_path, unit.path))


def private(person: type[Person]) -> Select[PersonPrivate]:
    """The person's personal data."""
    return select(PersonPrivate).where(col(PersonPrivate.person_id) == person.id)


def masked_phone(private: Any, _viewer: ScopeBinds) -> ColumnElement[str]:
    """First three and last four digits, as in 138****0001; a short number is masked whole."""
    ends = func.left(private.phone, 3) + STARS + func.right(private.phone, 4)
    return _masked(private.phone, 11, ends)


def masked_address(private: Any, _viewer: ScopeBinds) -> ColumnElement[str]:
    """The first six characters only; a short address is masked whole."""
    return _masked(private.address, 12, func.left(private.address, 6) + STARS)


STARS: ColumnElement[str] = literal_column("'****'", Text)


def masked_whole(column: str) -> Any:
    """That something is kept, and nothing of it."""

    def masked(private: Any, _viewer: ScopeBinds) -> ColumnElement[str]:
        return case((getattr(private, column).is_not(None), STARS), else_=null())

    return masked


def _masked(full: Any, shortest: int, partly: Any) -> ColumnElement[str]:
    """Part of a value long enough that the rest stays secret; null where there is none."""
    known = case((func.length(full) >= shortest, partly), else_=STARS)
    return case((col(full).is_not(None), known), else_=null())


F = PersonalField
phone = disclosing(F.PHONE, masked_phone, "person_id")
address = disclosing(F.ADDRESS, masked_address, "person_id")
living_situation = disclosing(F.LIVING_SITUATION, masked_whole("living_situation"), "person_id")
needs = disclosing(F.NEEDS, masked_whole("needs"), "person_id")
skills = disclosing(F.SKILLS, masked_whole("skills"), "person_id")
difficulties = disclosing(F.DIFFICULTIES, masked_whole("difficulties"), "person_id")
