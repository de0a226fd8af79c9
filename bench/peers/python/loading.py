"""The data loaders: each loads one field of one level with one statement."""

import base64
import json
import os
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from rows import (
    PLACE,
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
from sqlalchemy import ARRAY, ColumnElement, Select, Text, cast, column, func, select, true, tuple_
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import aliased
from strawberry.dataloader import DataLoader

engine = create_async_engine(os.environ["DATABASE_URL"], pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)


async def all_of(query: Select[Any]) -> Sequence[Any]:
    async with sessions() as session:
        return (await session.execute(query)).all()


def one_by(key: Any, row: Any) -> Callable[[list[Any]], Any]:
    """Loads one row for each key."""

    async def load(keys: list[Any]) -> list[Any]:
        query = select(key, row).where(row.locality_id == PLACE, key.in_(keys))
        found = {each[0]: each[1] for each in await all_of(query)}
        return [found.get(each) for each in keys]

    return load


def many_by(key: Any, row: Any, *order: Any, where: Sequence[Any] = ()) -> Any:
    """Loads a list of rows for each key."""

    async def load(keys: list[Any]) -> list[list[Any]]:
        query = select(key, row).where(row.locality_id == PLACE, key.in_(keys), *where)
        groups = defaultdict(list)
        for of, each in await all_of(query.order_by(*order)):
            groups[of].append(each)
        return [groups[each] for each in keys]

    return load


def held(row: Any) -> list[ColumnElement[bool]]:
    return [row.valid_from <= func.current_date(), row.valid_to > func.current_date()]


def in_capacity(capacity: str) -> Any:
    async def load(keys: list[UUID]) -> list[Any]:
        newest = (
            select(Appointment.post_id, Appointment.person_id)
            .distinct(Appointment.post_id)
            .where(Appointment.locality_id == PLACE, Appointment.post_id.in_(keys))
            .where(Appointment.capacity == capacity, *held(Appointment))
            .order_by(Appointment.post_id, Appointment.valid_from.desc(), Appointment.id)
            .subquery()
        )
        query = select(newest.c.post_id, Person).join(
            Person, (Person.locality_id == PLACE) & (Person.id == newest.c.person_id)
        )
        found = dict(await all_of(query))
        return [found.get(each) for each in keys]

    return load


async def newest_open(keys: list[tuple[str, int]]) -> list[list[Any]]:
    """The newest open tickets of each subtree."""
    first = keys[0][1]
    paths = cast([path for path, _ in keys], ARRAY(Text))
    tops = func.unnest(paths).table_valued(column("path", Text), name="top").render_derived()
    each = (
        select(Ticket)
        .join(TicketScope, (TicketScope.ticket_id == Ticket.id))
        .where(Ticket.locality_id == PLACE, TicketScope.locality_id == PLACE)
        .where(TicketScope.path == tops.c.path, TicketScope.open, Ticket.open)
        .order_by(TicketScope.created_at.desc(), TicketScope.ticket_id.desc())
        .limit(first)
        .lateral()
    )
    ticket = aliased(Ticket, each)
    groups = defaultdict(list)
    for path, found in await all_of(select(tops.c.path, ticket).join(each, true())):
        groups[path].append(found)
    return [groups[path] for path, _ in keys]


async def latest_records(keys: list[tuple[UUID, int]]) -> list[list[Any]]:
    """The newest service records of each ticket."""
    first = keys[0][1]
    numbered = (
        select(
            ServiceRecord.id,
            func.row_number()
            .over(
                partition_by=ServiceRecord.ticket_id,
                order_by=(ServiceRecord.at.desc(), ServiceRecord.id.desc()),
            )
            .label("number"),
        )
        .where(ServiceRecord.locality_id == PLACE)
        .where(ServiceRecord.ticket_id.in_([ticket for ticket, _ in keys]))
        .subquery()
    )
    query = (
        select(ServiceRecord)
        .join(numbered, numbered.c.id == ServiceRecord.id)
        .where(ServiceRecord.locality_id == PLACE, numbered.c.number <= first)
        .order_by(ServiceRecord.at.desc(), ServiceRecord.id.desc())
    )
    groups = defaultdict(list)
    for (record,) in await all_of(query):
        groups[record.ticket_id].append(record)
    return [groups[ticket] for ticket, _ in keys]


async def lineages(keys: list[str]) -> list[list[Any]]:
    """The units above each path."""
    wanted = {path[:end] for path in keys for end in range(4, len(path), 4)}
    query = select(OrgUnit).where(OrgUnit.locality_id == PLACE, OrgUnit.path.in_(wanted))
    found = {unit.path: unit for (unit,) in await all_of(query)}
    return [[found[path[:end]] for end in range(4, len(path), 4)] for path in keys]


def loaders() -> dict[str, DataLoader[Any, Any]]:
    """Loaders for one request."""
    made: dict[str, Any] = {
        "level": one_by(Level.code, Level),
        "category": one_by(Category.code, Category),
        "unit": one_by(OrgUnit.id, OrgUnit),
        "person": one_by(Person.id, Person),
        "children": many_by(
            OrgUnit.parent_id, OrgUnit, OrgUnit.position, OrgUnit.id, where=held(OrgUnit)
        ),
        "posts": many_by(Post.unit_id, Post, Post.position, Post.id),
        "holder": in_capacity("HOLDER"),
        "cover": in_capacity("COVER"),
        "tickets": newest_open,
        "records": latest_records,
        "ancestors": lineages,
        "chain": many_by(EscalationHop.ticket_id, EscalationHop, EscalationHop.sequence),
    }
    return {name: DataLoader(load_fn=load) for name, load in made.items()}


def cursor_of(ticket: Any) -> str:
    key = json.dumps([ticket.created_at.isoformat(), str(ticket.id)])
    return base64.urlsafe_b64encode(key.encode()).decode()


async def listed(path: str, status: list[str], first: int, after: str | None) -> list[Any]:
    """A page of a subtree's tickets, and one more if there is one."""
    query = (
        select(Ticket)
        .join(TicketScope, TicketScope.ticket_id == Ticket.id)
        .where(Ticket.locality_id == PLACE, TicketScope.locality_id == PLACE)
        .where(TicketScope.path == path, Ticket.status.in_(status))
        .order_by(TicketScope.created_at.desc(), TicketScope.ticket_id.desc())
        .limit(first + 1)
    )
    if after is not None:
        at, key = json.loads(base64.urlsafe_b64decode(after))
        beyond = tuple_(TicketScope.created_at, TicketScope.ticket_id)
        query = query.where(beyond < tuple_(datetime.fromisoformat(at), UUID(key)))
    return [ticket for (ticket,) in await all_of(query)]


async def ticket_of(key: UUID) -> Any:
    """One ticket."""
    query = select(Ticket).where(Ticket.locality_id == PLACE, Ticket.id == key)
    return next((ticket for (ticket,) in await all_of(query)), None)
