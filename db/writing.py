"""Who may write which row, where to see it is not enough; said beside `db.visibility`.

A command that is not named here follows `SEEN`: whoever sees a row may write it so, as far as the
grants of `db.policies` go. Rows are asked as they are to be, for whoever sees a row may lock it. A
verb that the rules allow may reach further for its transaction, to where its ticket is.
"""

from typing import Any, Literal

from sqlalchemy import ColumnElement, Date, Interval, and_, cast, func, literal_column, or_
from sqlmodel import col

from db.scope import NOBODY
from db.tables import (
    AccessToken,
    AgendaItem,
    Attachment,
    Change,
    ClientMutation,
    Disclosure,
    DisclosureHead,
    Erasure,
    EscalationHop,
    Login,
    Meeting,
    Office,
    Person,
    PersonPrivate,
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
from db.visibility import Seen, called, holds, server, server_in, under
from domain.identity import OfficeKind
from domain.retention import KEPT, Kept

Command = Literal["INSERT", "UPDATE", "DELETE"]
COMMANDS: tuple[Command, ...] = ("INSERT", "UPDATE", "DELETE")


def every(*rules: Seen) -> Seen:
    """Whoever all the rules let."""
    return lambda viewer: and_(*(rule(viewer) for rule in rules))


def either(*rules: Seen) -> Seen:
    """Whoever one of the rules lets."""
    return lambda viewer: or_(*(rule(viewer) for rule in rules))


def by(person: Any) -> Seen:
    """Whoever the row says wrote it; the server itself, if it says nobody did."""
    return lambda viewer: func.coalesce(col(person), NOBODY) == viewer.person


def within(path: Any) -> Seen:
    """Those who serve in the unit or above."""
    return lambda viewer: under(path, viewer)


def serving(row: Any) -> Seen:
    """Those who serve where the need arose, at its handler, or above: seeing it is not enough."""
    return either(within(row.unit_path), within(row.handler_path))


def helping(row: Any) -> Seen:
    """Those who serve in a unit called to help, or above."""
    return lambda viewer: called(row, viewer)


def administrator(viewer: Viewer) -> ColumnElement[bool]:
    """An administrator of the place."""
    return holds(OfficeKind.ADMINISTRATOR, viewer)


def near(viewer: Viewer) -> ColumnElement[bool]:
    """Those who serve in the subtree, above it, or in a part of it."""
    # The row names neither reporter nor handler. Some prefix begins with the path if the list of
    # them, each after a comma, holds it after a comma.
    path, listed = col(TicketScope.path), func.array_to_string(viewer.prefixes, ",")
    part = func.strpos(func.concat(",", listed), func.concat(",", path)) > 0
    return or_(under(path, viewer), part)


def outlived(_viewer: Viewer) -> ColumnElement[bool]:
    """That a disclosure is as old as it is to become."""
    age = f"interval '{KEPT[Kept.DISCLOSURES].days} days'"
    return col(Disclosure.at) < func.now() - literal_column(age, Interval())


def just_now(_viewer: Viewer) -> ColumnElement[bool]:
    """That a disclosure says it is made at this time, as far as clocks agree."""
    off = literal_column("interval '5 minutes'", Interval())
    return col(Disclosure.at).between(func.now() - off, func.now() + off)


def unbegun(_viewer: Viewer) -> ColumnElement[bool]:
    """That a head is of a chain without a row; how it moves then, migration 0005 says."""
    head = DisclosureHead
    first: ColumnElement[bytes] = literal_column("decode(repeat('00', 32), 'hex')")
    empty = and_(col(head.sequence) == 0, col(head.removed) == 0)
    return and_(empty, col(head.digest) == first, col(head.removed_digest) == first)


def anew(_viewer: Viewer) -> ColumnElement[bool]:
    """That a request to be forgotten is still to be carried out."""
    return col(Erasure.done_at).is_(None)


def to_another(viewer: Viewer) -> ColumnElement[bool]:
    """Of an office, that it is not given to oneself."""
    return col(Office.person_id) != viewer.person


def without_end(_viewer: Viewer) -> ColumnElement[bool]:
    """Of an office, that it lasts until it is taken: of such nobody holds two that exclude each other."""
    return col(Office.valid_to) == literal_column("'infinity'", Date())


def over(_viewer: Viewer) -> ColumnElement[bool]:
    """That an office has ended: it is taken away, and never prolonged."""
    return col(Office.valid_to) <= cast(func.clock_timestamp(), Date)


HEAD = {row: within(row.root_path) for row in (Webhook, WebhookDelivery, WebhookAttempt)}
"""Those who serve at the top of a webhook's tree."""

WRITTEN: dict[type[Any], dict[Command, Seen]] = {
    Ticket: {"INSERT": every(by(Ticket.reporter_id), serving(Ticket)), "UPDATE": serving(Ticket)},
    TicketScope: {"INSERT": near, "UPDATE": near},
    TicketEvent: {
        "INSERT": every(by(TicketEvent.actor_id), serving(TicketEvent)),
        "UPDATE": serving(TicketEvent),
    },
    EscalationHop: {
        "INSERT": every(by(EscalationHop.actor_id), serving(EscalationHop)),
        "UPDATE": serving(EscalationHop),
    },
    ServiceRecord: {
        "INSERT": every(
            by(ServiceRecord.person_id), either(serving(ServiceRecord), helping(ServiceRecord))
        ),
        "UPDATE": either(by(ServiceRecord.person_id), serving(ServiceRecord)),
    },
    ServiceRecordEvent: {
        "INSERT": every(
            by(ServiceRecordEvent.actor_id),
            either(by(ServiceRecordEvent.person_id), within(ServiceRecordEvent.unit_path)),
        ),
        "UPDATE": serving(ServiceRecordEvent),
        "DELETE": server,
    },
    VisitPrivate: {"INSERT": by(VisitPrivate.person_id), "DELETE": server},
    Person: {"UPDATE": either(by(Person.id), server)},
    PersonPrivate: {
        "INSERT": by(PersonPrivate.person_id),
        "UPDATE": by(PersonPrivate.person_id),
        "DELETE": server,
    },
    ClientMutation: {"INSERT": by(ClientMutation.person_id), "DELETE": server},
    Disclosure: {
        "INSERT": every(by(Disclosure.actor_id), just_now),
        "DELETE": every(server, outlived),
    },
    DisclosureHead: {"INSERT": unbegun},
    Erasure: {
        "INSERT": by(Erasure.person_id),
        "UPDATE": either(server, every(by(Erasure.person_id), anew)),
    },
    Login: {"DELETE": server},
    Meeting: {
        "INSERT": every(by(Meeting.caller_id), within(Meeting.unit_path)),
        "UPDATE": within(Meeting.unit_path),
    },
    AgendaItem: {"INSERT": serving(AgendaItem), "UPDATE": serving(AgendaItem)},
    Attachment: {
        "INSERT": by(Attachment.uploader_id),
        "UPDATE": either(by(Attachment.uploader_id), serving(Attachment)),
    },
    Change: {"DELETE": server},
    Webhook: {
        "INSERT": every(by(Webhook.owner_id), HEAD[Webhook]),
        "UPDATE": HEAD[Webhook],
        "DELETE": HEAD[Webhook],
    },
    WebhookDelivery: dict.fromkeys(COMMANDS, HEAD[WebhookDelivery]),
    WebhookAttempt: dict.fromkeys(COMMANDS, HEAD[WebhookAttempt]),
    Statistic: {"INSERT": server_in(Statistic)},
    StatisticMonth: {"INSERT": server_in(StatisticMonth)},
    Office: {
        "INSERT": every(by(Office.granted_by_id), administrator, to_another, without_end),
        "UPDATE": every(administrator, over),
    },
    AccessToken: {"INSERT": by(AccessToken.person_id), "DELETE": server},
}


def unended(_viewer: Viewer) -> ColumnElement[bool]:
    """That a ticket has not ended."""
    return and_(col(TicketScope.open))


UNENDED: dict[type[Any], Seen] = {TicketScope: unended}
"""Of which rows only some may be changed at all: what has ended does not begin again."""
