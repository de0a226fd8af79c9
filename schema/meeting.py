"""Meetings (会议), their agendas (议题) and what they resolved (决议)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from compiler.fields import column, entity, link, value
from db import tables
from resolvers import (
    meeting as read_meeting,
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
    tables.AgendaItem,
    "A ticket put before a meeting (议题), and what the meeting resolved (决议).",
)
class AgendaItem:
    tabled_at: datetime = column("When the ticket was put before the meeting.")
    resolution: str | None = column("What was resolved; null while nothing is.")
    resolved_at: datetime | None = column(
        "When that was written down, or the ticket went another way; null until then."
    )
    meeting: Annotated["Meeting", strawberry.lazy("schema.meeting")] | None = link(
        read_meeting.of("meeting_id"), "The meeting; null if you may not see it."
    )
    ticket: Annotated["Ticket", strawberry.lazy("schema.ticket")] | None = link(
        read_ticket.of("ticket_id"), "The ticket; null if you may not see it."
    )


@entity(
    tables.Meeting,
    "A meeting that a unit calls (会议): the monthly one, a joint one, a residents' council. "
    "Everybody of the place may know of it; of its agenda each sees the tickets that are theirs to "
    "see.",
)
class Meeting(Node):
    id: strawberry.ID = value(rows.node_id("meeting"), "Global id.")
    title: str = column("What it is about, in one line.")
    at: datetime = column("When it is called for.")
    held_at: datetime | None = column("When it was held; null until then.")
    minutes: str | None = column(
        "What was said, for everybody of the place to read: no personal data belongs here. Null until "
        "it was held."
    )
    duty: str | None = column(
        "The code of the duty of the place's profile that it fulfils; null if none.",
        name="cadence_code",
    )
    created_at: datetime = column("When it was called.")
    unit: Annotated["OrgUnit", strawberry.lazy("schema.org_unit")] | None = link(
        read_org_unit.of("unit_id"), "The unit that meets; null if you may not see it."
    )
    caller: Person | None = link(
        read_person.of("caller_id"), "Who called it; null if you may not see them."
    )
    agenda: list[AgendaItem] = link(
        read_meeting.agenda,
        "The tickets put before it that you may see, in the order in which they were.",
    )
