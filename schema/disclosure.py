"""Disclosures (个人信息查阅记录): who read whose personal data, and for what."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from compiler.fields import column, entity, link, value
from db import tables
from domain.disclosure import PersonalField, Purpose
from resolvers import disclosure_log as read_disclosure, person as read_person

if TYPE_CHECKING:
    from schema.person import Person, Post


@entity(
    tables.Disclosure,
    "One part of somebody's personal data that was given out in full (查阅记录): to whom, by which "
    "post and for what; never what it said. Rows are chained by their digests and never changed.",
)
class Disclosure:
    sequence: int = column("Counts up in each place, without a gap.")
    at: datetime = column("When.")
    field: PersonalField = column("Which part.")
    purpose: Purpose = column("What for.")
    reason: str | None = column("Why, in the reader's words; null where they said nothing.")
    post: Annotated["Post", strawberry.lazy("schema.person")] | None = link(
        read_disclosure.post, "The post by which it was read; null for one's own data."
    )
    actor_id: strawberry.ID = value(
        read_disclosure.person_id("actor_id"), "Global id of whoever read it."
    )
    actor: Annotated["Person", strawberry.lazy("schema.person")] | None = link(
        read_person.of("actor_id"), "Whoever read it; null if they are not for you to see."
    )
    subject_id: strawberry.ID = value(
        read_disclosure.person_id("subject_id"), "Global id of whose data it was."
    )
    subject: Annotated["Person", strawberry.lazy("schema.person")] | None = link(
        read_person.of("subject_id"), "Whose data it was; null if they are not for you to see."
    )
    digest: str = value(
        read_disclosure.digest, "SHA-256 over this row and the digest before it, in hexadecimal."
    )
