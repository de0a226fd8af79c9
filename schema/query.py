"""The roots of every read."""

import strawberry

from compiler.fields import Connection, connection, link, same
from resolvers import (
    division as read_division,
    locality as read_locality,
    node as read_node,
    org_unit as read_org_unit,
    person as read_person,
    service_record as read_service_record,
    ticket as read_ticket,
)
from schema.division import Division
from schema.locality import Locality
from schema.node import Node
from schema.org_unit import OrgUnit
from schema.person import Person
from schema.service_record import ServiceRecord
from schema.ticket import Ticket


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
