"""Meetings of a unit, their agendas, and where a ticket was put before one."""

from enum import Enum
from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, Select, select
from sqlmodel import col

from compiler.arguments import Ref
from compiler.fields import Scoped
from compiler.order import OrderDirection, Ordering
from compiler.scope import ScopeBinds
from db.tables import AgendaItem, Meeting, OrgUnit, Ticket
from resolvers.filters import DateTimeSpan, during, option
from resolvers.service_record import placed
from resolvers.ticket import Within

Id = Annotated[Ref, strawberry.argument(description="The meeting's id.")]


@strawberry.enum(description="What meetings can be sorted by.")
class MeetingOrderField(Enum):
    AT = strawberry.enum_value("AT", description="When they are called for.")


@strawberry.input(description="How meetings are sorted.")
class MeetingOrder:
    field: MeetingOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.DESC
    )


ORDER = Ordering(
    MeetingOrder,
    {MeetingOrderField.AT: ("at", "id")},
    (MeetingOrderField.AT, OrderDirection.DESC),
)


@strawberry.input(description="Which meetings to list.")
class MeetingFilter:
    at: DateTimeSpan | None = option("When they are called for.")
    held: bool | None = option("Whether they were held.")


Filter = Annotated[MeetingFilter | None, strawberry.argument(description="Which meetings to list.")]
WithinUnit = Annotated[Within, strawberry.argument(description="Whose meetings to list.")]


def by_id(scope: ScopeBinds, id: Id) -> Scoped:
    """The meeting with that id."""
    ref = id.of("meeting")
    return Scoped(select(Meeting).where(col(Meeting.id) == ref.key), ref.locality)


def of(column: str) -> Any:
    """The meeting a column of the row names."""

    def resolver(row: Any) -> Select[Meeting]:
        return select(Meeting).where(col(Meeting.id) == getattr(row, column))

    return resolver


def of_unit(
    unit: type[OrgUnit], within: WithinUnit = Within.SUBTREE, filter: Filter = None
) -> Select[Meeting]:
    """Meetings that the unit called, or those below it."""
    called = select(Meeting).where(*placed(Meeting.unit_path, unit, within))
    return called.where(*_matches(filter))


def agenda(meeting: type[Meeting]) -> Select[AgendaItem]:
    """The tickets put before the meeting, in the order in which they were."""
    items = select(AgendaItem).where(col(AgendaItem.meeting_id) == meeting.id)
    return items.order_by(col(AgendaItem.tabled_at), col(AgendaItem.ticket_id))


def of_ticket(ticket: type[Ticket]) -> Select[AgendaItem]:
    """The meetings that the ticket was put before, in the order in which it was."""
    items = select(AgendaItem).where(col(AgendaItem.ticket_id) == ticket.id)
    return items.order_by(col(AgendaItem.tabled_at), col(AgendaItem.meeting_id))


def _matches(filter: MeetingFilter | None) -> list[ColumnElement[bool]]:
    if filter is None:
        return []
    held = col(Meeting.held_at)
    known = {None: [], True: [held.is_not(None)], False: [held.is_(None)]}
    return [*during(Meeting.at, filter.at), *known[filter.held]]
