"""The roots of every read."""

from datetime import datetime
from typing import Annotated

import strawberry

from compiler.fields import Connection, changes, connection, link, same
from resolvers import (
    change as read_change,
    division as read_division,
    forecast as read_forecast,
    locality as read_locality,
    meeting as read_meeting,
    node as read_node,
    org_unit as read_org_unit,
    person as read_person,
    service_record as read_service_record,
    ticket as read_ticket,
    webhook as read_webhook,
)
from schema.change import CHANGES, ChangePage
from schema.division import Division
from schema.forecast import EscalationForecast
from schema.locality import Locality
from schema.meeting import Meeting
from schema.node import Node
from schema.org_unit import OrgUnit
from schema.person import Person
from schema.service_record import ServiceRecord
from schema.ticket import Ticket
from schema.verb import InfoOf, read_id
from schema.webhook import Webhook


@strawberry.type(description="Whoever is asking.")
class Viewer:
    person: Person | None = link(read_person.own, "The caller; null for an anonymous one.")
    locality: Locality | None = link(
        read_locality.own, "The caller's place; null for an anonymous one."
    )


@strawberry.type(description="Everything that can be read. Each operation is one SQL statement.")
class Query:
    viewer: Viewer = same("Whoever is asking.")
    node: Node | None = link(
        read_node.by_id, "Anything by its global id; null if not there for you."
    )
    nodes: list[Node | None] = link(
        read_node.by_ids, "Several things by their global ids, in order."
    )
    localities: list[Locality] = link(read_locality.all_localities, "The places served, by slug.")
    locality: Locality | None = link(read_locality.by_slug, "One place.")
    division: Division | None = link(read_division.by_code, "An official division by its code.")
    org_unit: OrgUnit | None = link(
        read_org_unit.by_id, "One unit, with the tree below and above it."
    )
    ticket: Ticket | None = link(read_ticket.by_id, "One ticket.")
    ticket_by_number: Ticket | None = link(read_ticket.by_number, "One ticket by its number.")
    meeting: Meeting | None = link(read_meeting.by_id, "One meeting.")
    org_units: Connection[OrgUnit] = connection(
        read_org_unit.listed, read_org_unit.ORDER, "A locality's units, depth first.", most=1000
    )
    tickets: Connection[Ticket] = connection(
        read_ticket.listed, read_ticket.ORDER, "A locality's tickets, newest first."
    )
    service_records: Connection[ServiceRecord] = connection(
        read_service_record.listed,
        read_service_record.ORDER,
        "A locality's service records, newest first.",
    )
    webhook: Webhook | None = link(read_webhook.by_id, "One webhook.")
    webhooks: Connection[Webhook] = connection(
        read_webhook.listed, read_webhook.ORDER, "A locality's webhooks that you may see."
    )
    changes: ChangePage = changes(read_change.since, CHANGES)

    @strawberry.field(
        description="The chain that a ticket would follow until an instant if nobody acted; null "
        "if there is no such ticket for you. Nothing is changed."
    )
    async def simulate_escalation(
        self,
        info: InfoOf,
        ticket_id: Annotated[strawberry.ID, strawberry.argument(description="The ticket.")],
        until: Annotated[datetime, strawberry.argument(description="How far to look ahead.")],
    ) -> EscalationForecast | None:
        ticket = read_id(ticket_id, "ticket")
        made = await read_forecast.simulate(info.context, ticket, until)
        return None if made is None else EscalationForecast(made=made)
