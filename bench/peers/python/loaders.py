"""Strawberry with SQLAlchemy and data loaders, as its documentation has it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from loading import cursor_of, listed, loaders, ticket_of
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, ValidationCache

Info = strawberry.Info[dict[str, Any], None]


def load(info: Info, name: str, key: Any) -> Any:
    return info.context["loaders"][name].load(key)


async def load_if(info: Info, name: str, key: Any) -> Any:
    return None if key is None else await load(info, name, key)


@strawberry.type(name="Level")
class LevelType:
    name: str
    kind: str


@strawberry.type(name="Person")
class PersonType:
    name: str


@strawberry.type(name="Category")
class CategoryType:
    name: str


@strawberry.type(name="Post")
class PostType:
    title: str
    kind: str

    @strawberry.field
    async def holder(self, info: Info) -> PersonType | None:
        return await load(info, "holder", self.id)

    @strawberry.field
    async def cover(self, info: Info) -> PersonType | None:
        return await load(info, "cover", self.id)


@strawberry.type(name="ServiceRecord")
class ServiceRecordType:
    kind: str
    at: datetime
    note: str | None

    @strawberry.field
    async def person(self, info: Info) -> PersonType | None:
        return await load(info, "person", self.person_id)


@strawberry.type
class ServiceRecordPage:
    nodes: list[ServiceRecordType]


@strawberry.type(name="OrgUnit")
class OrgUnitType:
    id: strawberry.ID
    name: str
    code: str

    @strawberry.field
    async def level(self, info: Info) -> LevelType | None:
        return await load(info, "level", self.level_code)

    @strawberry.field
    async def children(self, info: Info) -> list["OrgUnitType"]:
        return await load(info, "children", self.id)

    @strawberry.field
    async def ancestors(self, info: Info) -> list["OrgUnitType"]:
        return await load(info, "ancestors", self.path)

    @strawberry.field
    async def posts(self, info: Info) -> list[PostType]:
        return await load(info, "posts", self.id)

    @strawberry.field
    async def tickets(self, info: Info, first: int = 20) -> "TicketPage":
        return TicketPage(nodes=await load(info, "tickets", (self.path, first)))

    @strawberry.field
    async def listed(
        self, status: list[str] | None = None, first: int | None = 50, after: str | None = None
    ) -> "TicketConnection":
        return await listed_page(self.path, status or [], first or 50, after)


@strawberry.type
class NextHop:
    route: str
    rule: str | None
    due_at: datetime | None
    unit_id: strawberry.Private[UUID | None]

    @strawberry.field
    async def to_unit(self, info: Info) -> OrgUnitType | None:
        return await load_if(info, "unit", self.unit_id)


@strawberry.type(name="EscalationHop")
class EscalationHopType:
    sequence: int
    route: str
    reason: str | None
    rule: str | None
    at: datetime
    due_at: datetime | None
    left_at: datetime | None

    @strawberry.field
    async def from_unit(self, info: Info) -> OrgUnitType | None:
        return await load_if(info, "unit", self.from_unit_id)

    @strawberry.field
    async def to_unit(self, info: Info) -> OrgUnitType | None:
        return await load(info, "unit", self.to_unit_id)


@strawberry.type(name="Ticket")
class TicketType:
    id: strawberry.ID
    number: str
    title: str
    status: str
    severity: str
    created_at: datetime
    due_at: datetime | None

    @strawberry.field
    async def category(self, info: Info) -> CategoryType | None:
        return await load(info, "category", self.category_code)

    @strawberry.field
    async def org_unit(self, info: Info) -> OrgUnitType | None:
        return await load(info, "unit", self.unit_id)

    @strawberry.field
    async def reporter(self, info: Info) -> PersonType | None:
        return await load_if(info, "person", self.reporter_id)

    @strawberry.field
    async def escalation_chain(self, info: Info) -> list[EscalationHopType]:
        return await load(info, "chain", self.id)

    @strawberry.field
    def next_hop(self) -> NextHop | None:
        if self.next_route is None:
            return None
        return NextHop(
            route=self.next_route,
            rule=self.next_rule,
            due_at=self.next_due_at,
            unit_id=self.next_unit_id,
        )

    @strawberry.field
    async def service_records(self, info: Info, first: int = 20) -> ServiceRecordPage:
        return ServiceRecordPage(nodes=await load(info, "records", (self.id, first)))


@strawberry.type
class TicketPage:
    nodes: list[TicketType]


@strawberry.type
class TicketEdge:
    cursor: str
    node: TicketType


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class TicketConnection:
    edges: list[TicketEdge]
    page_info: PageInfo


async def listed_page(path: str, status: list[str], first: int, after: str | None) -> Any:
    found = await listed(path, status, first, after)
    edges = [TicketEdge(cursor=cursor_of(each), node=each) for each in found[:first]]
    end = edges[-1].cursor if edges else None
    return TicketConnection(
        edges=edges, page_info=PageInfo(has_next_page=len(found) > first, end_cursor=end)
    )


@strawberry.type
class Query:
    @strawberry.field
    async def org_unit(self, info: Info, id: strawberry.ID) -> OrgUnitType | None:
        return await load(info, "unit", UUID(id))

    @strawberry.field
    async def ticket(self, id: strawberry.ID) -> TicketType | None:
        return await ticket_of(UUID(id))


class App(GraphQL[dict[str, Any], None]):
    async def get_context(self, request: Any, response: Any) -> Any:
        return {"loaders": loaders()}


schema = strawberry.Schema(
    Query,
    types=[LevelType],
    extensions=[ParserCache(maxsize=100), ValidationCache(maxsize=100)],
)
app = App(schema, graphql_ide=None)
