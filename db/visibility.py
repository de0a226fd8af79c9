"""Who sees which row: said once, for the compiled predicate and for row-level security alike.

A viewer's scope is a locality, the path prefixes of the units it serves in, the offices it holds,
and its own person.
`SEEN` gives for each table the condition under which a row is seen. It is rendered twice: with bind
parameters into every compiled statement, and with the transaction's settings into the policy of
the table. Either wall alone keeps the secret; an unset scope sees nothing.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    any_,
    false,
    func,
    literal,
    not_,
    or_,
    true,
    type_coerce,
)
from sqlmodel import col

from db.scope import NOBODY
from db.tables import (
    AccessToken,
    AgendaItem,
    Appointment,
    Attachment,
    Category,
    Change,
    ClientMutation,
    Disclosure,
    DisclosureHead,
    Division,
    Erasure,
    EscalationHop,
    Level,
    Locality,
    Login,
    Meeting,
    Office,
    OrgUnit,
    Person,
    PersonPrivate,
    Post,
    ProfileRevision,
    ServiceRecord,
    ServiceRecordEvent,
    Statistic,
    StatisticMonth,
    Ticket,
    TicketEvent,
    TicketScope,
    VisitPrivate,
    Webhook,
    WebhookAttempt,
    WebhookDelivery,
)
from db.viewer import Viewer
from domain.identity import OfficeKind

Seen = Callable[[Viewer], ColumnElement[bool]]


def under(path: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Whether a unit's path lies in one of the viewer's subtrees."""
    return type_coerce(col(path), Text()).op("^@", is_comparison=True)(any_(viewer.prefixes))


def holds(kind: OfficeKind, viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer holds an office today."""
    return literal(kind.value, Text()) == any_(viewer.offices)


def everyone(_viewer: Viewer) -> ColumnElement[bool]:
    """Public facts: the places, their profiles, units, posts and who holds them (公示牌)."""
    return true()


def nobody(_viewer: Viewer) -> ColumnElement[bool]:
    """What a table without a rule shows."""
    return false()


def called(row: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Whether a unit called to help lies in one of the viewer's subtrees (吹哨报到)."""
    # The row lists those units and all above them: one overlap, where a policy may look at no other table.
    return func.coalesce(col(row.joint_scopes).op("&&")(viewer.prefixes), false())


def of_ticket(row: Any, own: Any) -> Seen:
    """Rows of a ticket: for those above its place, its handler or a unit called to help, and for
    whoever reported it."""

    def seen(viewer: Viewer) -> ColumnElement[bool]:
        involved = or_(
            under(row.unit_path, viewer),
            under(row.handler_path, viewer),
            col(own) == viewer.person,
            called(row, viewer),
        )
        return and_(col(row.locality_id) == viewer.locality, involved)

    return seen


def all_arisen_below(unit: Any) -> Seen:
    """Whether `of_ticket` shows every ticket that arose in a unit's subtree: to those above it."""

    def seen(viewer: Viewer) -> ColumnElement[bool]:
        return and_(unit.locality_id == viewer.locality, under(unit.path, viewer))

    return seen


def of_service(row: Any) -> Seen:
    """As for a ticket, and for whoever gave the service."""

    def seen(viewer: Viewer) -> ColumnElement[bool]:
        given = and_(col(row.locality_id) == viewer.locality, col(row.person_id) == viewer.person)
        return or_(of_ticket(row, row.recipient_id)(viewer), given)

    return seen


def change(viewer: Viewer) -> ColumnElement[bool]:
    """Whoever sees the thing, or saw it before it changed."""
    involved = or_(
        of_ticket(Change, Change.reporter_id)(viewer),
        under(Change.was_handler_path, viewer),
        col(Change.person_id) == viewer.person,
    )
    return and_(col(Change.locality_id) == viewer.locality, involved)


def meeting(viewer: Viewer) -> ColumnElement[bool]:
    """Everybody of the place: what is on the agenda is guarded by itself."""
    return col(Meeting.locality_id) == viewer.locality


def visit_private(viewer: Viewer) -> ColumnElement[bool]:
    """Personal data learnt on a visit: of the viewer's subtrees, one's own, and what one wrote."""
    near = or_(
        under(VisitPrivate.unit_path, viewer),
        col(VisitPrivate.person_id) == viewer.person,
        col(VisitPrivate.recipient_id) == viewer.person,
    )
    return and_(col(VisitPrivate.locality_id) == viewer.locality, near)


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


def ticket_scope(viewer: Viewer) -> ColumnElement[bool]:
    """Which tickets lie in which subtree: ids and times, only ever joined to tickets seen."""
    return col(TicketScope.locality_id) == viewer.locality


def of_webhook(row: Any) -> Seen:
    """Whoever made the webhook, and those who serve at the top of its tree."""

    def seen(viewer: Viewer) -> ColumnElement[bool]:
        looks_after = or_(under(row.root_path, viewer), col(row.owner_id) == viewer.person)
        return and_(col(row.locality_id) == viewer.locality, looks_after)

    return seen


def server(viewer: Viewer) -> ColumnElement[bool]:
    """The server itself at work in a place, as nobody in particular."""
    return viewer.person == NOBODY


def own(row: Any) -> Seen:
    """One's own: remembered answers, a request to be forgotten."""

    def seen(viewer: Viewer) -> ColumnElement[bool]:
        mine = or_(col(row.person_id) == viewer.person, server(viewer))
        return and_(col(row.locality_id) == viewer.locality, mine)

    return seen


def disclosure(viewer: Viewer) -> ColumnElement[bool]:
    """Those whose data were read, whoever read them, and the place's auditors."""
    involved = or_(
        col(Disclosure.subject_id) == viewer.person,
        col(Disclosure.actor_id) == viewer.person,
        holds(OfficeKind.AUDITOR, viewer),
        server(viewer),
    )
    return and_(col(Disclosure.locality_id) == viewer.locality, involved)


def disclosure_head(viewer: Viewer) -> ColumnElement[bool]:
    """Everybody of the place: how many disclosures there are, and a digest."""
    return col(DisclosureHead.locality_id) == viewer.locality


def of_identity(row: Any) -> Seen:
    """One's own; and for administrators all of the place."""

    def seen(viewer: Viewer) -> ColumnElement[bool]:
        mine = col(row.person_id) == viewer.person
        either = or_(mine, holds(OfficeKind.ADMINISTRATOR, viewer), server(viewer))
        return and_(col(row.locality_id) == viewer.locality, either)

    return seen


def server_in(row: Any) -> Seen:
    """The server itself at work in the place, as nobody in particular."""

    def seen(viewer: Viewer) -> ColumnElement[bool]:
        return and_(col(row.locality_id) == viewer.locality, viewer.person == NOBODY)

    return seen


def statistic(viewer: Viewer) -> ColumnElement[bool]:
    """Everyone; the fine ones, the place's data consumers."""
    consumer = and_(
        col(Statistic.locality_id) == viewer.locality, holds(OfficeKind.DATA_CONSUMER, viewer)
    )
    return or_(not_(col(Statistic.fine)), consumer, server_in(Statistic)(viewer))


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
    ServiceRecord: of_service(ServiceRecord),
    ServiceRecordEvent: of_service(ServiceRecordEvent),
    VisitPrivate: visit_private,
    Meeting: meeting,
    AgendaItem: of_ticket(AgendaItem, AgendaItem.reporter_id),
    Attachment: of_ticket(Attachment, Attachment.reporter_id),
    Change: change,
    ClientMutation: own(ClientMutation),
    Disclosure: disclosure,
    DisclosureHead: disclosure_head,
    Erasure: own(Erasure),
    Webhook: of_webhook(Webhook),
    WebhookDelivery: of_webhook(WebhookDelivery),
    WebhookAttempt: of_webhook(WebhookAttempt),
    Statistic: statistic,
    StatisticMonth: everyone,
    Office: of_identity(Office),
    Login: of_identity(Login),
    AccessToken: of_identity(AccessToken),
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
