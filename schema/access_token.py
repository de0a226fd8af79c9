"""Access tokens (访问令牌): what people give programs to speak for them."""

from datetime import datetime

import strawberry

from compiler.fields import column, entity, link, value
from db import tables
from domain.identity import TokenScope
from resolvers import person as read_person, rows
from schema.node import Node
from schema.person import Person


@entity(
    tables.AccessToken,
    "A token that lets a program speak for a person (访问令牌), until it expires or is revoked. Its "
    "text was shown once and is not kept. Seen by its person, and by the place's administrators.",
)
class AccessToken(Node):
    id: strawberry.ID = value(rows.node_id("token"), "Global id; it is not the token's text.")
    name: str = column("What its person calls it.")
    person: Person | None = link(
        read_person.of("person_id"), "Whom it speaks for; null if they are not for you to see."
    )
    scopes: list[TokenScope] = column("What it lets do, of what its person may.")
    created_at: datetime = column("When it was made.")
    expires_at: datetime = column("Until when it is good.")
    last_used_at: datetime | None = column(
        "When it was last used, to the hour; null if it never was."
    )
    revoked_at: datetime | None = column("When it was revoked; null if it was not.")
