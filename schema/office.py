"""Offices (职务授权): what people may see or do for a whole place."""

from datetime import datetime

import strawberry

from compiler.fields import column, entity, link, value
from db import tables
from domain.identity import OfficeKind
from resolvers import office as read_office, person as read_person, rows
from schema.node import Node
from schema.person import Person


@entity(
    tables.Office,
    "What somebody may see or do for a whole place, beside their posts (职务授权): who gave it, who "
    "took it. Never changed otherwise. Seen by whoever holds it, and by the place's administrators.",
)
class Office(Node):
    id: strawberry.ID = value(rows.node_id("office"), "Global id.")
    kind: OfficeKind = column("Which office.")
    person: Person | None = link(
        read_person.of("person_id"), "Who holds it; null if they are not for you to see."
    )
    in_force: bool = value(read_office.in_force, "Whether it is held today.")
    granted_at: datetime = column("When it was given.")
    granted_by: Person | None = link(
        read_person.of("granted_by_id"),
        "The administrator who gave it; null if it was given on the server's command line.",
    )
    revoked_at: datetime | None = column("When it was taken; null if it was not.")
    revoked_by: Person | None = link(
        read_person.of("revoked_by_id"),
        "The administrator who took it; null also if that was on the server's command line.",
    )
