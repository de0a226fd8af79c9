"""The roots of every read."""

from datetime import datetime
from typing import Annotated

import strawberry

from compiler.fields import Connection, changes, connection, link, same
from resolvers import (
    access_token as read_access_token,
    change as read_change,
    disclosure_log as read_disclosure,
    division as read_division,
    erasure as read_erasure,
    forecast as read_forecast,
    locality as read_locality,
    meeting as read_meeting,
    node as read_node,
    office as read_office,
    org_unit as read_org_unit,
    person as read_person,
    service_record as read_service_record,
    ticket as read_ticket,
    webhook as read_webhook,
)
from schema.access_token import AccessToken
from schema.change import CHANGES, ChangePage
from schema.disclosure import Disclosure
from schema.division import Division
from schema.erasure import Erasure
from schema.forecast import EscalationForecast
from schema.locality import Locality
from schema.meeting import Meeting
from schema.node import Node
from schema.office import Office
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
    access_log: Connection[Disclosure] = connection(
        read_disclosure.about_me,
        read_disclosure.ORDER,
        "Who read the caller's personal data in full, newest first: which part, by which post, for "
        "what.",
    )
    erasure: Erasure | None = link(
        read_erasure.own, "The caller's request that their data be deleted; null without one."
    )
    access_tokens: Connection[AccessToken] = connection(
        read_access_token.own, read_access_token.ORDER, "The caller's access tokens, newest first."
    )
    offices: list[Office] = link(
        read_office.own, "The offices that the caller holds today.", usual=3, most=3
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
    locality: Locality | None = link(
        read_locality.by_slug, "One place; null if there is none of that slug."
    )
    division: Division | None = link(
        read_division.by_code, "An official division by its code; null if there is none."
    )
    org_unit: OrgUnit | None = link(
        read_org_unit.by_id,
        "One unit, with the tree below and above it; null if there is none that you may see.",
    )
    ticket: Ticket | None = link(
        read_ticket.by_id, "One ticket; null if there is none that you may see."
    )
    ticket_by_number: Ticket | None = link(
        read_ticket.by_number, "One ticket by its number; null if there is none that you may see."
    )
    meeting: Meeting | None = link(
        read_meeting.by_id, "One meeting; null if there is none that you may see."
    )
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
    webhook: Webhook | None = link(
        read_webhook.by_id, "One webhook; null if there is none that you may see."
    )
    webhooks: Connection[Webhook] = connection(
        read_webhook.listed, read_webhook.ORDER, "A locality's webhooks that you may see."
    )
    access_tokens: Connection[AccessToken] = connection(
        read_access_token.listed,
        read_access_token.ORDER,
        "A locality's access tokens that you may see: your own; for administrators all.",
    )
    offices: Connection[Office] = connection(
        read_office.listed,
        read_office.ORDER,
        "A locality's offices that you may see: your own; for administrators all.",
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
