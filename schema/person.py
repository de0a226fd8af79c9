"""People (人员) and their posts (岗位)."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from compiler.fields import Connection, column, connection, entity, link, value
from db import tables
from domain.terms import RoleKind
from resolvers import (
    org_unit as read_org_unit,
    person as read_person,
    post as read_post,
    rows,
    ticket as read_ticket,
)
from resolvers.disclosure import DISCLOSING
from schema.node import Node

if TYPE_CHECKING:
    from schema.org_unit import OrgUnit
    from schema.ticket import Ticket

Unit = Annotated["OrgUnit", strawberry.lazy("schema.org_unit")]


@entity(
    tables.PersonPrivate,
    "Personal data (个人信息) of somebody you may see: masked, or in full for a purpose that is "
    "yours. A value in full is given out only once it is written down who read it, and for what.",
)
class PersonPrivate:
    phone: str | None = value(
        read_person.phone,
        "Telephone number; null if none is known; masked: the ends of a long one.",
        counts=DISCLOSING,
    )
    address: str | None = value(
        read_person.address,
        "Address; null if none is known; masked: the beginning of a long one.",
        counts=DISCLOSING,
    )
    living_situation: str | None = value(
        read_person.living_situation,
        "How they live, and with whom; null if nothing is known; masked: whether anything is.",
        counts=DISCLOSING,
    )
    needs: str | None = value(
        read_person.needs,
        "What they need; null if nothing is known; masked: whether anything is.",
        counts=DISCLOSING,
    )
    skills: str | None = value(
        read_person.skills,
        "What they are good at; null if nothing is known; masked: whether anything is.",
        counts=DISCLOSING,
    )
    difficulties: str | None = value(
        read_person.difficulties,
        "What is hard for them; null if nothing is known; masked: whether anything is.",
        counts=DISCLOSING,
    )


@entity(
    tables.Person,
    "A person (人员). Those on a public grid board (公示牌) are seen by all, others by those who "
    "serve the unit they live in, and by themselves.",
)
class Person(Node):
    id: strawberry.ID = value(rows.node_id("person"), "Global id.")
    name: str = column("Their name.")
    published: bool = column("Whether the name stands on a public board.")
    unit: Unit | None = link(
        read_org_unit.of("unit_id"),
        "Where they live or serve; null if that is not known, or not for you to see.",
    )
    posts: list[Annotated["Post", strawberry.lazy("schema.person")]] = link(
        read_person.posts, "The posts they hold or cover today.", usual=2, most=5
    )
    reported: Connection[Annotated["Ticket", strawberry.lazy("schema.ticket")]] = connection(
        read_ticket.reported_by, read_ticket.ORDER, "Tickets they reported that you may see."
    )
    private: PersonPrivate | None = link(
        read_person.private, "Their personal data; null if they are not for you."
    )


@entity(
    tables.Post,
    "A post of a unit (岗位). It stays when people change; escalation goes to a post, never to a "
    "person.",
)
class Post(Node):
    id: strawberry.ID = value(rows.node_id("post"), "Global id.")
    title: str = column("What the locality calls it.")
    kind: RoleKind = column("Its canonical kind.")
    official_phone: str | None = column(
        "The post's own number, fit for a public board; null if it has none."
    )
    unit: Unit | None = link(
        read_org_unit.of("unit_id"), "The unit it belongs to; null if you may not see it."
    )
    holder: Person | None = link(read_post.holder, "Who holds it (A role); null while vacant.")
    cover: Person | None = link(
        read_post.cover, "Who stands in for the holder (B role); null if nobody does."
    )
