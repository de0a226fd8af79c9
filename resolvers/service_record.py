"""Service records: of a ticket, of a subtree, of a locality."""

from enum import Enum
from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, Select, case, func, null, or_, select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.order import OrderDirection, Ordering
from compiler.scope import ScopeBinds
from db.paths import WIDTH
from db.tables import OrgUnit, ServiceRecord, ServiceRecordEvent, Ticket, VisitPrivate
from domain.disclosure import PersonalField
from domain.terms import ServiceKind
from resolvers.disclosure import disclosing
from resolvers.filters import Choices, DateTimeSpan, Locality, among, during, option
from resolvers.person import STARS
from resolvers.rows import inside, own_or_named
from resolvers.ticket import Within

Records = Select[ServiceRecord]


@strawberry.enum(description="What service records can be sorted by.")
class ServiceRecordOrderField(Enum):
    AT = strawberry.enum_value("AT", description="When the service was given.")


@strawberry.input(description="How service records are sorted.")
class ServiceRecordOrder:
    field: ServiceRecordOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.DESC
    )


ORDER = Ordering(
    ServiceRecordOrder,
    {ServiceRecordOrderField.AT: ("at", "id")},
    (ServiceRecordOrderField.AT, OrderDirection.DESC),
)


@strawberry.input(description="Which service records to list.")
class ServiceRecordFilter:
    kind: Choices[ServiceKind] | None = option("What was done.")
    at: DateTimeSpan | None = option("When it was done.")


Filter = Annotated[
    ServiceRecordFilter | None, strawberry.argument(description="Which records to list.")
]
WithinUnit = Annotated[Within, strawberry.argument(description="Whose records to list.")]


def listed(scope: ScopeBinds, locality: Locality = None, filter: Filter = None) -> Scoped:
    """All service records of a locality."""
    return Scoped(select(ServiceRecord).where(*_matches(filter)), own_or_named(scope, locality))


def of_ticket(ticket: type[Ticket], filter: Filter = None) -> Records:
    """What was done for a ticket."""
    return select(ServiceRecord).where(col(ServiceRecord.ticket_id) == ticket.id, *_matches(filter))


def of_unit(
    unit: type[OrgUnit], within: WithinUnit = Within.SUBTREE, filter: Filter = None
) -> Records:
    """What was done in a unit, or below it."""
    return select(ServiceRecord).where(
        *placed(ServiceRecord.unit_path, unit, within), *_matches(filter)
    )


def corrections(record: type[ServiceRecord]) -> Select[ServiceRecordEvent]:
    """What the record said before each of its corrections, first correction first."""
    earlier = select(ServiceRecordEvent).where(
        col(ServiceRecordEvent.service_record_id) == record.id
    )
    return earlier.order_by(col(ServiceRecordEvent.sequence))


def visit(record: type[ServiceRecord]) -> Select[VisitPrivate]:
    """What a home visit learnt of a household."""
    return select(VisitPrivate).where(col(VisitPrivate.service_record_id) == record.id)


def learnt(column: str) -> Any:
    """One thing a visit learnt, for the visitor and the visited; others see that there is one."""

    def resolver(visit: Any, viewer: ScopeBinds) -> ColumnElement[str]:
        value = getattr(visit, column)
        theirs = or_(visit.person_id == viewer.person, visit.recipient_id == viewer.person)
        return case((theirs, value), (col(value).is_not(None), STARS), else_=null())

    return resolver


def _of_visit(part: PersonalField) -> Any:
    column = part.value.lower()
    return disclosing(part, learnt(column), "recipient_id", "service_record_id")


living_situation = _of_visit(PersonalField.LIVING_SITUATION)
needs = _of_visit(PersonalField.NEEDS)
skills = _of_visit(PersonalField.SKILLS)
difficulties = _of_visit(PersonalField.DIFFICULTIES)


def placed(path: Any, unit: type[OrgUnit], within: Within) -> list[ColumnElement[bool]]:
    """Whether a row's unit is this one, one directly below, or any below."""
    if within is Within.SELF:
        return [col(path) == unit.path]
    if within is Within.SUBTREE:
        return [inside(path, unit.path)]
    return [inside(path, unit.path), func.length(path) == func.length(unit.path) + WIDTH]


def _matches(filter: ServiceRecordFilter | None) -> list[ColumnElement[bool]]:
    if filter is None:
        return []
    return [*among(ServiceRecord.kind, filter.kind), *during(ServiceRecord.at, filter.at)]
