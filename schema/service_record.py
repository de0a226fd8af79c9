"""Service records (服务记录)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from compiler.fields import column, entity, link, value
from db import tables
from domain.terms import ServiceKind
from resolvers import (
    org_unit as read_org_unit,
    person as read_person,
    rows,
    ticket as read_ticket,
)
from schema.node import Node
from schema.person import Person

if TYPE_CHECKING:
    from schema.org_unit import OrgUnit
    from schema.ticket import Ticket


@entity(
    tables.ServiceRecord,
    "Something done for a resident (服务记录), recorded once and counted by every ledger.",
)
class ServiceRecord(Node):
    id: strawberry.ID = value(rows.node_id("record"), "Global id.")
    kind: ServiceKind = column("What was done.")
    at: datetime = column("When it was done.")
    note: str | None = column("What there is to say of it.")
    org_unit: Annotated["OrgUnit", strawberry.lazy("schema.org_unit")] | None = link(
        read_org_unit.of("unit_id"), "Where it was done."
    )
    person: Person | None = link(read_person.of("person_id"), "Who did it.")
    recipient: Person | None = link(read_person.of("recipient_id"), "For whom.")
    ticket: Annotated["Ticket", strawberry.lazy("schema.ticket")] | None = link(
        read_ticket.of("ticket_id"), "The ticket it answers, if any."
    )
