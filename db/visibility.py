"""Who sees which row: said once, for the compiled predicate and for row-level security alike.

A viewer's scope is a locality, the path prefixes of the units it serves in, and its own person.
`SEEN` gives for each table the condition under which a row is seen. It is rendered twice: with bind
parameters into every compiled statement, and with the transaction's settings into the policy of
the table. Either wall alone keeps the secret; an unset scope sees nothing.
"""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    Uuid,
    and_,
    any_,
    false,
    func,
    literal_column,
    or_,
    true,
    type_coerce,
)
from sqlmodel import col

from db.tables import (
    Appointment,
    Category,
    ClientMutation,
    Division,
    EscalationHop,
    Level,
    Locality,
    OrgUnit,
    Person,
    PersonPrivate,
    Post,
    ProfileRevision,
    ServiceRecord,
    Ticket,
    TicketEvent,
    TicketScope,
)


class Viewer(Protocol):
    """The viewer's scope as SQL: parameters in a statement, settings in a policy."""

    @property
    def locality(self) -> ColumnElement[str]: ...
    @property
    def prefixes(self) -> ColumnElement[Any]: ...
    @property
    def person(self) -> ColumnElement[UUID]: ...


class Settings:
    """The scope as the transaction's settings, read through STABLE functions."""

    locality: ColumnElement[str] = func.linli_locality(type_=Text())
    prefixes: ColumnElement[Any] = func.linli_prefixes(type_=ARRAY(Text()))
    person: ColumnElement[UUID] = func.linli_person(type_=Uuid())
    known: ColumnElement[bool] = func.linli_scope_set()


class Placeholders:
    """The scope as placeholders of a statement written by hand."""

    def __init__(self, locality: str, prefixes: str, person: str) -> None:
        self.locality: ColumnElement[str] = literal_column(locality, Text())
        self.prefixes: ColumnElement[Any] = literal_column(prefixes, ARRAY(Text()))
        self.person: ColumnElement[UUID] = literal_column(person, Uuid())


Seen = Callable[[Viewer], ColumnElement[bool]]


def under(path: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Whether a unit's path lies in one of the viewer's subtrees."""
    return type_coerce(col(path), Text()).op("^@", is_comparison=True)(any_(viewer.prefixes))


def everyone(_viewer: Viewer) -> ColumnElement[bool]:
    """Public facts: the places, their profiles, units, posts and who holds them (公示牌)."""
    return true()


def nobody(_viewer: Viewer) -> ColumnElement[bool]:
    """What a table without a rule shows."""
    return false()


def of_ticket(row: Any, own: Any) -> Seen:
    """Rows of a ticket: for those above its place or its handler, and for whoever reported it."""

    def seen(viewer: Viewer) -> ColumnElement[bool]:
        involved = or_(
            under(row.unit_path, viewer), under(row.handler_path, viewer), col(own) == viewer.person
        )
        return and_(col(row.locality_id) == viewer.locality, involved)

    return seen


def person(viewer: Viewer) -> ColumnElement[bool]:
    """People on the public board; those of the viewer's subtrees; oneself."""
    near = and_(
        col(Person.locality_id) == viewer.locality,
        or_(under(Person.unit_path, viewer), col(Person.id) == viewer.person),
    )
    return or_(col(Person.published), near)


def person_private(viewer: Viewer) -> ColumnElement[bool]:
    """Personal data: of the viewer's subtrees, and one's own (masked all the same)."""
    mine = col(PersonPrivate.person_id) == viewer.person
    near = or_(under(PersonPrivate.unit_path, viewer), mine)
    return and_(col(PersonPrivate.locality_id) == viewer.locality, near)


def service_record(viewer: Viewer) -> ColumnElement[bool]:
    """As for a ticket, and for whoever gave the service."""
    given = and_(
        col(ServiceRecord.locality_id) == viewer.locality,
        col(ServiceRecord.person_id) == viewer.person,
    )
    return or_(of_ticket(ServiceRecord, ServiceRecord.recipient_id)(viewer), given)


def ticket_scope(viewer: Viewer) -> ColumnElement[bool]:
    """Which tickets lie in which subtree: ids and times, only ever joined to tickets seen."""
    return col(TicketScope.locality_id) == viewer.locality


def own_mutations(viewer: Viewer) -> ColumnElement[bool]:
    """One's own remembered answers."""
    return and_(
        col(ClientMutation.locality_id) == viewer.locality,
        col(ClientMutation.person_id) == viewer.person,
    )


SEEN: dict[type[Any], Seen] = {
    Division: everyone,
    Locality: everyone,
    ProfileRevision: everyone,
    Level: everyone,
    Category: everyone,
    OrgUnit: everyone,
    Post: everyone,
    Appointment: everyone,
    Person: person,
    PersonPrivate: person_private,
    Ticket: of_ticket(Ticket, Ticket.reporter_id),
    TicketScope: ticket_scope,
    TicketEvent: of_ticket(TicketEvent, TicketEvent.reporter_id),
    EscalationHop: of_ticket(EscalationHop, EscalationHop.reporter_id),
    ServiceRecord: service_record,
    ClientMutation: own_mutations,
}


def guard(
    row: type[Any], locality: ColumnElement[str] | None, viewer: Viewer
) -> list[ColumnElement[bool]]:
    """The conditions a compiled statement adds for rows of a table: its locality, and SEEN."""
    conditions: list[ColumnElement[bool]] = []
    if locality is not None and "locality_id" in row.__table__.c:
        conditions.append(col(row.locality_id) == locality)
    rule = SEEN.get(row, nobody)
    # Nothing is said of what everyone sees: a condition that is always true is still evaluated.
    return conditions if rule is everyone else [*conditions, rule(viewer)]
