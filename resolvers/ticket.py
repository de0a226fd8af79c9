"""Tickets: lists of a subtree, one by id or number, and what hangs on each."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, FromClause, Select, func, literal_column, not_, select
from sqlmodel import col

from compiler.arguments import Ref
from compiler.fields import Ahead, Scoped
from compiler.order import OrderDirection, Ordering
from compiler.scope import ScopeBinds
from db.paths import WIDTH
from db.tables import EscalationHop, OrgUnit, Ticket, TicketEvent, TicketScope
from db.ticket import CLOSED
from domain.terms import AppealType, Channel, ConcernClass, Severity, TicketStatus
from resolvers.filters import Choices, DateTimeSpan, Locality, among, during, each_of, option
from resolvers.guard import all_arisen_below
from resolvers.rows import own_or_named

Row = type[Ticket]
Tickets = Select[Ticket]
BLANKS = " \u3000"
"""What may surround a number that was typed by hand."""

Id = Annotated[Ref, strawberry.argument(description="The ticket's id.")]


@strawberry.enum(description="Which units' rows a list takes in.")
class Within(Enum):
    SELF = strawberry.enum_value("SELF", description="The unit's own.")
    CHILDREN = strawberry.enum_value("CHILDREN", description="Those of the units directly below.")
    SUBTREE = strawberry.enum_value("SUBTREE", description="The unit's own and all below it.")


@strawberry.enum(description="What tickets can be sorted by.")
class TicketOrderField(Enum):
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="When they were reported.")
    NUMBER = strawberry.enum_value("NUMBER", description="Their number.")


@strawberry.input(description="How tickets are sorted.")
class TicketOrder:
    field: TicketOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.DESC
    )


ORDER = Ordering(
    TicketOrder,
    {TicketOrderField.CREATED_AT: ("created_at", "id"), TicketOrderField.NUMBER: ("number", "id")},
    (TicketOrderField.CREATED_AT, OrderDirection.DESC),
)


@strawberry.enum(description="What a ticket's history can be sorted by.")
class TicketEventOrderField(Enum):
    SEQUENCE = strawberry.enum_value("SEQUENCE", description="The order in which things happened.")


@strawberry.input(description="How a ticket's history is sorted.")
class TicketEventOrder:
    field: TicketEventOrderField = strawberry.field(description="What it is sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.ASC
    )


EVENT_ORDER = Ordering(
    TicketEventOrder,
    {TicketEventOrderField.SEQUENCE: ("sequence",)},
    (TicketEventOrderField.SEQUENCE, OrderDirection.ASC),
)


@strawberry.input(description="Which tickets to list.")
class TicketFilter:
    status: Choices[TicketStatus] | None = option("Where they stand.")
    open: bool | None = option("Whether anything more is expected of anyone.")
    severity: Choices[Severity] | None = option("How hard they are.")
    category: Choices[str] | None = option("The code of their category.")
    channel: Choices[Channel] | None = option("How they became known.")
    appeal_type: Choices[AppealType] | None = option("What the person who reported wants.")
    concern: Choices[ConcernClass] | None = option("Their class of concern.")
    created_at: DateTimeSpan | None = option("When they were reported.")
    due_at: DateTimeSpan | None = option("When they are due.")


Filter = Annotated[TicketFilter | None, strawberry.argument(description="Which tickets to list.")]
WithinUnit = Annotated[Within, strawberry.argument(description="Whose tickets to list.")]


def by_id(scope: ScopeBinds, id: Id) -> Scoped:
    """The ticket with that id."""
    ref = id.of("ticket")
    return Scoped(select(Ticket).where(col(Ticket.id) == ref.key), ref.locality)


def by_number(
    scope: ScopeBinds,
    number: Annotated[
        str, strawberry.argument(description="The number people quote, in capitals or not.")
    ],
    locality: Locality = None,
) -> Scoped:
    """The ticket with that number, however it was heard: they are all written in capitals."""
    found = select(Ticket).where(col(Ticket.number) == func.upper(func.btrim(number, BLANKS)))
    return Scoped(found, own_or_named(scope, locality))


def listed(scope: ScopeBinds, locality: Locality = None, filter: Filter = None) -> Scoped:
    """All tickets of a locality."""
    wanted = _wanted(filter)
    found = select(Ticket).where(*_matches(filter, Ticket, wanted))
    return Scoped(found, own_or_named(scope, locality), each=wanted)


def of_unit(
    unit: type[OrgUnit], within: WithinUnit = Within.SUBTREE, filter: Filter = None
) -> Scoped:
    """Tickets whose place is the unit, or below it."""
    if within is Within.SELF:
        return Scoped(select(Ticket).where(col(Ticket.unit_path) == unit.path, *_matches(filter)))
    wanted = _wanted(filter)
    created: Any = TicketScope.created_at
    key: Any = TicketScope.ticket_id
    keys = {"created_at": created, "id": key}
    found = (
        col(TicketScope.locality_id) == unit.locality_id,
        col(TicketScope.path) == unit.path,
        *_known(filter, TicketScope, wanted),
    )
    asked = [*_told(filter)]
    if within is Within.CHILDREN:
        asked.append(func.length(Ticket.unit_path) == func.length(unit.path) + WIDTH)
    own = (key == col(Ticket.id), created == col(Ticket.created_at))
    below = select(Ticket).where(*own, *found, *asked)
    rows: Any = select(created, key.label("id"))
    ahead = Ahead(rows.where(*found), key, all_arisen_below(unit))
    return Scoped(below, keys=keys, each=wanted, ahead=None if asked else ahead)


def handled_by(unit: type[OrgUnit], filter: Filter = None) -> Tickets:
    """Open tickets that the unit answers for now, wherever they arose: its desk."""
    return select(Ticket).where(
        col(Ticket.handler_unit_id) == unit.id, col(Ticket.open), *_matches(filter)
    )


def of(column: str) -> Any:
    """The ticket a column of the row names."""

    def resolver(row: Any) -> Tickets:
        return select(Ticket).where(col(Ticket.id) == getattr(row, column))

    return resolver


def reported_by(person: Any) -> Tickets:
    """Tickets the person reported."""
    return select(Ticket).where(col(Ticket.reporter_id) == person.id)


def chain(ticket: Row) -> Select[EscalationHop]:
    """The ticket's way from unit to unit, first hop first."""
    hops = select(EscalationHop).where(col(EscalationHop.ticket_id) == ticket.id)
    return hops.order_by(col(EscalationHop.sequence))


def events(ticket: Row) -> Select[TicketEvent]:
    """Everything that happened to the ticket."""
    return select(TicketEvent).where(col(TicketEvent.ticket_id) == ticket.id)


def has_next_hop(ticket: Row) -> ColumnElement[bool]:
    """Whether the ticket will move by itself if nobody acts."""
    return col(ticket.next_route).is_not(None)


def _wanted(filter: TicketFilter | None) -> FromClause | None:
    """The statuses asked for: the newest of each are found by an index, those of all are not."""
    return None if filter is None else each_of(filter.status)


def _matches(
    filter: TicketFilter | None, row: Any = Ticket, wanted: FromClause | None = None
) -> list[ColumnElement[bool]]:
    """What a ticket has to be."""
    return [*_known(filter, row, wanted), *_told(filter)]


def _known(
    filter: TicketFilter | None, row: Any, wanted: FromClause | None
) -> list[ColumnElement[bool]]:
    """The part of it that `ticket_scope` knows too."""
    if filter is None:
        return []
    return [*_stands(filter, row, wanted), *during(row.created_at, filter.created_at)]


def _told(filter: TicketFilter | None) -> list[ColumnElement[bool]]:
    """The part of it that only the ticket tells."""
    if filter is None:
        return []
    return [
        *among(Ticket.severity, filter.severity),
        *among(Ticket.category_code, filter.category),
        *among(Ticket.channel, filter.channel),
        *among(Ticket.appeal_type, filter.appeal_type),
        *among(Ticket.concern, filter.concern),
        *during(Ticket.due_at, filter.due_at),
    ]


def _stands(
    filter: TicketFilter, row: Any, wanted: FromClause | None
) -> Iterator[ColumnElement[bool]]:
    if wanted is not None:
        yield col(row.status) == wanted.c.value
    else:
        yield from among(row.status, filter.status)
    if filter.open is None:
        return
    # Written as the bare column, so that the partial indexes of open tickets serve it; but not those
    # of some statuses, which have an index of their own.
    among_open: ColumnElement[bool] = literal_column(f"(wanted.value NOT IN ({CLOSED}))")
    is_open: Any = col(row.open) if wanted is None else among_open
    yield is_open if filter.open else not_(is_open)
