"""strawchemy: a selection becomes one statement of flat joins, whose rows become objects in Python."""

import os

import strawberry
from rows import (
    Appointment,
    Category,
    EscalationHop,
    Level,
    OrgUnit,
    Person,
    Post,
    ServiceRecord,
    Ticket,
    TicketScope,
)
from sqlalchemy import and_, func
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import foreign, relationship, remote
from starlette.requests import Request
from starlette.responses import Response
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache
from strawchemy import Strawchemy, StrawchemyConfig
from strawchemy.repository.strawberry import StrawchemyAsyncRepository

engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
TODAY = func.current_date()


def held(row):
    return and_(row.valid_from <= TODAY, row.valid_to > TODAY)


def in_capacity(capacity):
    return relationship(
        Person,
        secondary=Appointment.__table__,
        primaryjoin=and_(
            Post.id == Appointment.post_id,
            Post.locality_id == Appointment.locality_id,
            Appointment.capacity == capacity,
            held(Appointment),
        ),
        secondaryjoin=and_(
            Person.id == Appointment.person_id, Person.locality_id == Appointment.locality_id
        ),
        viewonly=True,
        uselist=False,
    )


def to_one(row, here, there, owner):
    return relationship(
        row,
        primaryjoin=and_(
            foreign(here) == remote(there), owner.locality_id == remote(row.locality_id)
        ),
        viewonly=True,
        uselist=False,
    )


OrgUnit.level = to_one(Level, OrgUnit.level_code, Level.code, OrgUnit)
OrgUnit.children = relationship(
    OrgUnit,
    primaryjoin=and_(
        OrgUnit.id == foreign(remote(OrgUnit.parent_id)),
        OrgUnit.locality_id == remote(OrgUnit.locality_id),
        remote(OrgUnit.valid_from) <= TODAY,
        remote(OrgUnit.valid_to) > TODAY,
    ),
    order_by=[OrgUnit.position, OrgUnit.id],
    viewonly=True,
)
OrgUnit.posts = relationship(
    Post,
    primaryjoin=and_(OrgUnit.id == foreign(Post.unit_id), OrgUnit.locality_id == Post.locality_id),
    viewonly=True,
)
# A related list takes no filter of the client's: the three statuses of the request are the model's.
OrgUnit.tickets = relationship(
    Ticket,
    secondary=TicketScope.__table__,
    primaryjoin=and_(
        OrgUnit.path == foreign(TicketScope.path), OrgUnit.locality_id == TicketScope.locality_id
    ),
    secondaryjoin=and_(
        Ticket.id == foreign(TicketScope.ticket_id),
        Ticket.locality_id == TicketScope.locality_id,
        Ticket.status.in_(["DISPATCHED", "IN_PROGRESS", "RESOLVED"]),
    ),
    viewonly=True,
)
OrgUnit.open_tickets = relationship(
    Ticket,
    secondary=TicketScope.__table__,
    primaryjoin=and_(
        OrgUnit.path == foreign(TicketScope.path),
        OrgUnit.locality_id == TicketScope.locality_id,
        TicketScope.open,
    ),
    secondaryjoin=and_(
        Ticket.id == foreign(TicketScope.ticket_id),
        Ticket.locality_id == TicketScope.locality_id,
        Ticket.open,
    ),
    viewonly=True,
)
Post.holder = in_capacity("HOLDER")
Post.cover = in_capacity("COVER")
Ticket.category = to_one(Category, Ticket.category_code, Category.code, Ticket)
Ticket.org_unit = to_one(OrgUnit, Ticket.unit_id, OrgUnit.id, Ticket)
Ticket.next_unit = to_one(OrgUnit, Ticket.next_unit_id, OrgUnit.id, Ticket)
Ticket.reporter = to_one(Person, Ticket.reporter_id, Person.id, Ticket)
Ticket.service_records = relationship(
    ServiceRecord,
    primaryjoin=and_(
        Ticket.id == foreign(ServiceRecord.ticket_id),
        Ticket.locality_id == ServiceRecord.locality_id,
    ),
    viewonly=True,
)
Ticket.escalation_chain = relationship(
    EscalationHop,
    primaryjoin=and_(
        Ticket.id == foreign(EscalationHop.ticket_id),
        Ticket.locality_id == EscalationHop.locality_id,
    ),
    viewonly=True,
)
EscalationHop.from_unit = to_one(OrgUnit, EscalationHop.from_unit_id, OrgUnit.id, EscalationHop)
EscalationHop.to_unit = to_one(OrgUnit, EscalationHop.to_unit_id, OrgUnit.id, EscalationHop)
ServiceRecord.person = to_one(Person, ServiceRecord.person_id, Person.id, ServiceRecord)

mapped = Strawchemy(
    StrawchemyConfig(
        "postgresql",
        repository_type=StrawchemyAsyncRepository,
        session_getter=lambda info: info.context["session"],
    )
)


# Orders name columns only: one that reaches OrgUnit.children would hold itself, which 0.24 refuses.
@mapped.order(OrgUnit, include=["position", "id"])
class OrgUnitOrder: ...


@mapped.order(Post, include=["position", "id"])
class PostOrder: ...


@mapped.order(Ticket, include=["created_at", "id"])
class TicketOrder: ...


@mapped.order(ServiceRecord, include=["at", "id"])
class ServiceRecordOrder: ...


@mapped.order(EscalationHop, include=["sequence"])
class HopOrder: ...


@mapped.filter(Ticket, include=["locality_id", "id"])
class TicketFilter: ...


@mapped.filter(OrgUnit, include=["locality_id", "id"])
class OrgUnitFilter: ...


@mapped.type(Level, include=["name", "kind"])
class LevelType: ...


@mapped.type(Person, include=["name"])
class PersonType: ...


@mapped.type(Category, include=["name"])
class CategoryType: ...


@mapped.type(Post, include=["title", "kind"])
class PostType:
    holder: PersonType | None
    cover: PersonType | None


@mapped.type(ServiceRecord, include=["kind", "at", "note"])
class ServiceRecordType:
    person: PersonType | None


@mapped.type(OrgUnit, include=["id", "name", "code"])
class OrgUnitType:
    level: LevelType | None
    children: list["OrgUnitType"] = mapped.field(order_by_input=OrgUnitOrder)
    posts: list[PostType] = mapped.field(order_by_input=PostOrder)
    tickets: list["TicketType"] = mapped.field(order_by_input=TicketOrder, pagination=True)
    open_tickets: list["TicketType"] = mapped.field(order_by_input=TicketOrder, pagination=True)


@mapped.type(
    EscalationHop, include=["sequence", "route", "reason", "rule", "at", "due_at", "left_at"]
)
class EscalationHopType:
    from_unit: OrgUnitType | None
    to_unit: OrgUnitType | None


@mapped.type(
    Ticket,
    include=[
        *("id", "number", "title", "status", "severity", "created_at", "due_at"),
        *("next_route", "next_rule", "next_due_at"),
    ],
)
class TicketType:
    category: CategoryType | None
    org_unit: OrgUnitType | None
    next_unit: OrgUnitType | None
    reporter: PersonType | None
    service_records: list[ServiceRecordType] = mapped.field(
        order_by_input=ServiceRecordOrder, pagination=True
    )
    escalation_chain: list[EscalationHopType] = mapped.field(order_by_input=HopOrder)


@strawberry.type
class Query:
    org_units: list[OrgUnitType] = mapped.field(filter_input=OrgUnitFilter)
    tickets: list[TicketType] = mapped.field(filter_input=TicketFilter)


class App(GraphQL):
    async def get_context(self, request: Request, response: Response):
        return {"request": request, "response": response, "session": request.state.session}


schema = strawberry.Schema(
    Query, extensions=[ParserCache(maxsize=100), ValidationCache(maxsize=100)]
)
served = App(schema, graphql_ide=None)


async def app(scope, receive, send):
    """One session for each request."""
    if scope["type"] != "http":
        await served(scope, receive, send)
        return
    async with sessions() as session:
        scope.setdefault("state", {})["session"] = session
        await served(scope, receive, send)
