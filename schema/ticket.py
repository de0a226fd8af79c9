"""Tickets (诉求/工单), their escalation chains (升级链) and history."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from compiler.fields import Connection, column, connection, entity, link, same, value
from db import tables
from domain.terms import (
    AppealType,
    Channel,
    ConcernClass,
    Route,
    Severity,
    TicketStatus,
    TicketVerb,
    Verdict,
)
from resolvers import (
    attachment as read_attachment,
    locality as read_locality,
    meeting as read_meeting,
    org_unit as read_org_unit,
    person as read_person,
    post as read_post,
    rows,
    service_record as read_service_record,
    ticket as read_ticket,
    ticket_verbs as read_ticket_verbs,
)
from schema.attachment import Attachment
from schema.locality import Category
from schema.meeting import AgendaItem
from schema.node import Node
from schema.person import Person, Post
from schema.service_record import ServiceRecord

if TYPE_CHECKING:
    from schema.org_unit import OrgUnit

Unit = Annotated["OrgUnit", strawberry.lazy("schema.org_unit")]


@entity(
    tables.EscalationHop,
    "One stay of a ticket at a unit (升级/流转): how it came there, why, and how long the unit has.",
)
class EscalationHop:
    sequence: int = column("Its place in the chain; the first is 1.")
    route: Route = column("How the ticket came.")
    reason: str | None = column(
        "Why, in the words of whoever moved it; null if they gave none, or the clock did."
    )
    rule: str | None = column("Code of the profile's rule that fired; null if a person moved it.")
    at: datetime = column("When the ticket came.")
    due_at: datetime | None = column(
        "This hop's clock: when the unit should be done; null if its time is not limited."
    )
    left_at: datetime | None = column("When the ticket left; null while it is there.")
    from_unit: Unit | None = link(
        read_org_unit.of("from_unit_id"),
        "The unit it came from; null for the first hop, or if you may not see it.",
    )
    to_unit: Unit | None = link(
        read_org_unit.of("to_unit_id"), "The unit it came to; null if you may not see it."
    )
    to_post: Post | None = link(
        read_post.of("to_post_id"),
        "The post that answers for it there; null if there is none that you may see.",
    )
    actor: Person | None = link(
        read_person.of("actor_id"), "Who moved it; null if the clock did or you may not see them."
    )


@entity(tables.Ticket, "What will happen to a ticket by itself if nobody acts.")
class NextHop:
    route: Route | None = column("How it will move; null if not known.", name="next_route")
    rule: str | None = column(
        "Code of the profile's rule that will fire; null if not known.", name="next_rule"
    )
    due_at: datetime | None = column("When; null if not known.", name="next_due_at")
    to_unit: Unit | None = link(
        read_org_unit.of("next_unit_id"), "Where it will go; null if you may not see that unit."
    )


@entity(tables.TicketEvent, "One thing that happened to a ticket; written once, never changed.")
class TicketEvent:
    sequence: int = column("Its place in the history; the first is 1.")
    verb: TicketVerb = column("What was done.")
    from_status: TicketStatus | None = column("Where the ticket stood; null for the report.")
    to_status: TicketStatus = column("Where it stood afterwards.")
    at: datetime = column("When.")
    note: str | None = column("What was said; null if nothing was.")
    verdict: Verdict | None = column("What the resident said; null where they were not asked.")
    due_at: datetime | None = column(
        "The new deadline of the case; null where no more time was given."
    )
    actor: Person | None = link(
        read_person.of("actor_id"), "Who did it; null if the clock did or you may not see them."
    )


@entity(
    tables.Ticket,
    "A need somebody made known (诉求/工单): handled at the lowest level that can, passed up by "
    "the others, and answered.",
)
class Ticket(Node):
    id: strawberry.ID = value(rows.node_id("ticket"), "Global id.")
    number: str = column("The number people quote.")
    title: str = column("What it is about, in one line.")
    body: str = column("What it is about, in full.")
    status: TicketStatus = column("Where it stands.")
    open: bool = column("Whether anything more is expected of anyone.")
    severity: Severity = column("How hard it is.")
    appeal_type: AppealType = column("What the person who reported it wants.")
    concern: ConcernClass | None = column(
        "Its class of concern; null where the locality uses none."
    )
    channel: Channel = column("How it became known.")
    created_at: datetime = column("When it was reported.")
    due_at: datetime | None = column(
        "The case clock: when it should be finished; null if its time is not limited."
    )
    hop_count: int = column(
        "How often it was sent on; send it back as `hop` with a verb.", name="hops"
    )
    hop_due_at: datetime | None = column(
        "The hop clock: when the unit that has it should be done; null if its time is not limited."
    )
    paused_at: datetime | None = column("Since when both clocks stand still; null while they run.")
    allowed_verbs: list[TicketVerb] = value(
        read_ticket_verbs.allowed, "What you may do to it now: the buttons to draw.", counts=3
    )
    resolution: str | None = column(
        "The handler's claim: how it was solved; null until then. Of a merged ticket, how the one "
        "that carries it on was."
    )
    resolved_at: datetime | None = column("When the handler said it was solved; null until then.")
    verified_at: datetime | None = column("When a checker confirmed it; null until then.")
    verdict: Verdict | None = column(
        "What the resident said of the answer; null until they were asked."
    )
    closed_at: datetime | None = column("When it was filed; null until then.")
    profile_revision: int = column("The revision of the locality's profile it was opened under.")
    category: Category | None = link(
        read_locality.category_of, "Its kind of matter; null if you may not see it."
    )
    org_unit: Unit | None = link(
        read_org_unit.of("unit_id"), "Where the need arose; null if you may not see that unit."
    )
    handler: Unit | None = link(
        read_org_unit.of("handler_unit_id"),
        "The unit that answers for it now; null if you may not see it.",
    )
    reporter: Person | None = link(
        read_person.of("reporter_id"), "Who reported it; null if you may not see them."
    )
    escalation_chain: list[EscalationHop] = link(
        read_ticket.chain, "Its whole way from unit to unit, first hop first.", usual=5, most=20
    )
    merged_into: Annotated["Ticket", strawberry.lazy("schema.ticket")] | None = link(
        read_ticket.of("merged_into_id"),
        "The ticket that carries it on, where it was merged; null if you may not see that one.",
    )
    carried_count: int = column("How many other reports were merged into it.", name="carries")
    next_hop: NextHop | None = same(
        "What will happen by itself if nobody acts; null if nothing will.",
        when=read_ticket.has_next_hop,
    )
    events: Connection[TicketEvent] = connection(
        read_ticket.events, read_ticket.EVENT_ORDER, "Its history, first event first."
    )
    service_records: Connection[ServiceRecord] = connection(
        read_service_record.of_ticket,
        read_service_record.ORDER,
        "What was done for it, newest first.",
    )
    attachments: list[Attachment] = link(
        read_attachment.of_ticket,
        "Its photographs, those from before the work first, each in the order they came; at most 20.",
        usual=3,
        most=20,
    )
    agenda: list[AgendaItem] = link(
        read_meeting.of_ticket,
        "The meetings it was put before and what each resolved, in the order in which it was.",
        usual=2,
        most=10,
    )
