"""Webhooks (网络回调): where changes are told to other systems."""

from datetime import datetime

import strawberry

from compiler.fields import Connection, column, connection, entity, link, value
from db import tables
from domain.terms import ChangedNoun, TicketVerb
from domain.webhook import DeliveryError, DeliveryStatus, WebhookEnd
from resolvers import (
    org_unit as read_org_unit,
    person as read_person,
    rows,
    ticket as read_ticket,
    webhook as read_webhook,
)
from schema.node import Node
from schema.org_unit import OrgUnit
from schema.person import Person
from schema.service_record import ServiceRecord
from schema.ticket import Ticket


@entity(tables.WebhookAttempt, "One attempt to tell a webhook of a change.")
class WebhookAttempt:
    number: int = column(
        "Counts up from 1. A number left out was begun by a server that died over it."
    )
    at: datetime = column("When its outcome was known.")
    milliseconds: int = column("How long it took.")
    response_code: int | None = column(
        "The HTTP status of the answer; null if there was none. Nothing else of it is kept."
    )
    error: DeliveryError | None = column("Why it failed; null if it was taken.")


@entity(
    tables.WebhookDelivery,
    "The telling of one change (投递) to one webhook: repeated until it is taken or given up.",
)
class WebhookDelivery(Node):
    id: strawberry.ID = value(
        rows.node_id("delivery"),
        "Global id. The receiver gets the part after the last `_` as `webhook-id`, the same in "
        "each attempt, and leaves out what it has seen.",
    )
    webhook: "Webhook | None" = link(
        read_webhook.of_delivery, "The webhook that is told; null if you may not see it."
    )
    noun: ChangedNoun = column("What kind of thing changed.")
    verb: str | None = column("What was done to it; null if that is not known.")
    at: datetime = column("When it changed.")
    ticket: Ticket | None = link(
        read_ticket.of("ticket_id"),
        "The ticket that changed; null if it is none, or not yours to see.",
    )
    service_record: ServiceRecord | None = link(
        read_webhook.service_record,
        "The service record that changed; null if it is none, or not yours to see.",
    )
    status: DeliveryStatus = column("Where it stands.")
    next_attempt_at: datetime | None = column(
        "When it is tried next; null when nothing more is tried."
    )
    attempts: list[WebhookAttempt] = link(read_webhook.attempts, "Every attempt, in order.")


@entity(
    tables.Webhook,
    "An address of another system that is told of changes (网络回调), signed as Standard Webhooks "
    "has it. It is told ids and statuses, and only of what its owner may see. Seen by its owner "
    "and by those who serve at the top of its tree.",
)
class Webhook(Node):
    id: strawberry.ID = value(rows.node_id("webhook"), "Global id.")
    name: str = column("What its owner calls it.")
    url: str = column("Where it is told.")
    owner: Person | None = link(
        read_person.of("owner_id"),
        "Whoever made it: it is told what they may see, no more. Null if you may not see them.",
    )
    org_unit: OrgUnit | None = link(
        read_org_unit.of("unit_id"),
        "It is told of changes in this unit and below it; null if you may not see it.",
    )
    nouns: list[ChangedNoun] = column("What kinds of thing it is told of.")
    verbs: list[TicketVerb] | None = column(
        "Which verbs on tickets it is told of; null for all of them."
    )
    created_at: datetime = column("When it was made.")
    failing_since: datetime | None = column(
        "The first failure since something last got through; null while all is well."
    )
    ended: WebhookEnd | None = column("Why it is told nothing; null while it is in use.")
    ended_at: datetime | None = column("Since when it is told nothing; null while it is in use.")
    former_until: datetime | None = column(
        "Until when the secret before the last rotation signs too; null if it never was rotated."
    )
    deliveries: Connection[WebhookDelivery] = connection(
        read_webhook.deliveries,
        read_webhook.DELIVERY_ORDER,
        "What it has been told and is still to be, newest first; kept for 30 days.",
    )
