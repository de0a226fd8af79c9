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
    service_record as read_service_record,
    ticket as read_ticket,
)
from resolvers.disclosure import DISCLOSING
from schema.node import Node
from schema.person import Person

if TYPE_CHECKING:
    from schema.org_unit import OrgUnit
    from schema.ticket import Ticket


@entity(
    tables.ServiceRecordEvent,
    "One correction of a service record: why, and what the record said until then; written once, "
    "never changed.",
)
class ServiceRecordCorrection:
    sequence: int = column("Its place among the corrections; the first is 1.")
    at: datetime = column("When it was corrected.")
    reason: str = column("Why, in the words of whoever corrected it.")
    actor: Person | None = link(
        read_person.of("actor_id"), "Who corrected it; null if you may not see them."
    )
    kind: ServiceKind = column("What the record said was done.")
    served_at: datetime = column("When the record said it was done.")
    note: str | None = column("What the record said of it; null if nothing.")


@entity(
    tables.VisitPrivate,
    "What a home visit learnt of a household: personal data, closed by default. Whoever made the "
    "visit and whom it was for read it; others who may know of it see **** for what is known, or "
    "read it for a purpose that is theirs, which is written down.",
)
class Visit:
    living_situation: str | None = value(
        read_service_record.living_situation,
        "How they live and with whom (居住情况); null if nothing was said of it.",
        counts=DISCLOSING,
    )
    needs: str | None = value(
        read_service_record.needs,
        "What they need or wish for (生活诉求); null if nothing was said of it.",
        counts=DISCLOSING,
    )
    skills: str | None = value(
        read_service_record.skills,
        "What they like and are good at (兴趣特长); null if nothing was said of it.",
        counts=DISCLOSING,
    )
    difficulties: str | None = value(
        read_service_record.difficulties,
        "What troubles them (问题和困难); null if nothing was said of it.",
        counts=DISCLOSING,
    )


@entity(
    tables.ServiceRecord,
    "Something done for a resident (服务记录), recorded once and counted by every ledger.",
)
class ServiceRecord(Node):
    id: strawberry.ID = value(rows.node_id("record"), "Global id.")
    kind: ServiceKind = column("What was done.")
    at: datetime = column("When it was done.")
    note: str | None = column("What there is to say of it; null if nothing.")
    duty: str | None = column(
        "The code of the duty of the place's profile that it fulfils; null if none.",
        name="cadence_code",
    )
    visit: Visit | None = link(
        read_service_record.visit,
        "What the home visit learnt, masked for most; null if it is not for you.",
    )
    corrections: list[ServiceRecordCorrection] = link(
        read_service_record.corrections,
        "What it said before each of its corrections, in order.",
        usual=2,
        most=10,
    )
    org_unit: Annotated["OrgUnit", strawberry.lazy("schema.org_unit")] | None = link(
        read_org_unit.of("unit_id"), "Where it was done; null if you may not see that unit."
    )
    person: Person | None = link(
        read_person.of("person_id"), "Who did it; null if you may not see them."
    )
    recipient: Person | None = link(
        read_person.of("recipient_id"),
        "For whom; null if for nobody in particular, or if you may not see them.",
    )
    ticket: Annotated["Ticket", strawberry.lazy("schema.ticket")] | None = link(
        read_ticket.of("ticket_id"),
        "The ticket it answers; null if there is none that you may see.",
    )
