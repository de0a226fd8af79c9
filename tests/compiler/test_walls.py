"""Two walls keep the rows: each is taken away in turn, and the other gives the same bytes."""

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio
from sqlalchemy import ColumnElement
from sqlmodel import col
from strawberry.schema.config import StrawberryConfig

from compiler.engine import CompiledSchema
from db.embedded import Embedded
from db.pool import Database
from db.scope import Scope
from db.tables import METADATA, Division, Locality
from schema.api import API
from schema.query import Query
from schema.scalars import SCALARS
from server.context import Context
from tests.compiler.conftest import fill
from tests.compiler.oracle_sight import Sight
from tests.compiler.queries import APART
from tests.compiler.world import PLACES, Row, World, make_world
from tests.conftest import make_scratch

pytestmark = pytest.mark.usefixtures("without_a_price")

PERSON = "{ id name private { phone address } reported { totalCount nodes { id } } }"
RECORD = f"""{{
  id note person {PERSON} recipient {{ name }} ticket {{ id }}
  visit {{ livingSituation needs skills difficulties }}
  corrections {{ reason note actor {{ name }} }}
}}"""
TICKET = f"""{{
  id number reporter {PERSON} nextHop {{ rule }}
  events {{ totalCount nodes {{ note actor {PERSON} }} edges {{ cursor }} }}
  escalationChain {{ reason actor {PERSON} toPost {{ holder {{ id }} }} }}
  serviceRecords {{ totalCount nodes {RECORD} }}
  agenda {{ resolution meeting {{ title minutes agenda {{ resolution ticket {{ id }} }} }} }}
  attachments {{ id name url uploader {{ id }} }}
}}"""
UNIT = f"""{{
  id posts {{ holder {PERSON} cover {PERSON} }} coveredBy {{ holder {{ name }} }}
  tickets(first: 100) {{
    totalCount nodes {TICKET} edges {{ cursor }} pageInfo {{ endCursor hasNextPage }}
  }}
  serviceRecords(last: 100) {{ totalCount nodes {RECORD} pageInfo {{ hasPreviousPage }} }}
}}"""
NODE = f"""{{
  __typename id ... on Ticket {TICKET} ... on Person {PERSON} ... on ServiceRecord {RECORD}
  ... on OrgUnit {{ name posts {{ holder {{ name }} }} }} ... on Post {{ holder {PERSON} }}
  ... on Attachment {{ name url uploader {PERSON} }}
}}"""
WEBHOOK = f"""{{
  id url owner {PERSON} deliveries {{
    totalCount nodes {{ id ticket {{ id }} serviceRecord {{ id }} attempts {{ responseCode }} }}
  }}
}}"""
QUERIES = {
    "viewer": f"{{ viewer {{ person {PERSON} locality {{ slug }} }} }}",
    "localities": "{ localities { slug profile { digest } roots { posts { holder { name } } } } }",
    "locality": f'{{ locality(slug: "old_town") {{ roots {UNIT} }} }}',
    "division": f'{{ division(code: "441900003000") {{ orgUnits {UNIT} }} }}',
    "orgUnit": f"query($unit: ID!) {{ orgUnit(id: $unit) {{ children {UNIT} }} }}",
    "ticket": f"query($ticket: ID!) {{ ticket(id: $ticket) {TICKET} }}",
    "ticketByNumber": f"""query($number: String!, $place: String) {{
        ticketByNumber(number: $number, locality: $place) {TICKET} }}""",
    "orgUnits": f"query($place: String) {{ orgUnits(locality: $place) {{ nodes {UNIT} }} }}",
    "tickets": f"""query($place: String) {{
        tickets(locality: $place, first: 100) {{ totalCount nodes {TICKET} }} }}""",
    "serviceRecords": f"""query($place: String) {{
        serviceRecords(locality: $place, first: 100) {{ totalCount nodes {RECORD} }} }}""",
    "meeting": f"""query($meeting: ID!) {{
        meeting(id: $meeting) {{ title caller {PERSON} agenda {{ resolution ticket {TICKET} }} }}
    }}""",
    "webhook": f"query($webhook: ID!) {{ webhook(id: $webhook) {WEBHOOK} }}",
    "webhooks": f"query($place: String) {{ webhooks(locality: $place) {{ nodes {WEBHOOK} }} }}",
    "accessTokens": f"""query($place: String) {{
        accessTokens(locality: $place) {{ totalCount nodes {{ id name person {PERSON} }} }} }}""",
    "offices": f"""query($place: String) {{
        offices(locality: $place) {{ nodes {{ id kind person {PERSON} grantedBy {{ name }} }} }} }}""",
    "node": f"query($ticket: ID!) {{ node(id: $ticket) {NODE} }}",
    "nodes": f"query($ids: [ID!]!) {{ nodes(ids: $ids) {NODE} }}",
}
KINDS = (
    "ticket",
    "person",
    "service_record",
    "post",
    "meeting",
    "attachment",
    "webhook",
    "webhook_delivery",
    "access_token",
    "office",
)
VIEWERS = list(make_world().viewers)
UNPLACED: tuple[Any, ...] = (Division, Locality)
UNKNOWN = "00000000-0000-7000-8000-000000000000"


def only_locality(
    row: Any, locality: ColumnElement[str] | None, _viewer: Any
) -> list[ColumnElement[bool]]:
    """What is left of the guard when the rule is taken out of it."""
    return [] if locality is None or row in UNPLACED else [col(row.locality_id) == locality]


OPEN_API = CompiledSchema(
    guard=only_locality,
    query=Query,
    config=StrawberryConfig(auto_camel_case=True, scalar_map=SCALARS),
)


@pytest_asyncio.fixture(scope="session")
async def unpoliced(server: Embedded, template: str, world: World) -> AsyncIterator[Database]:
    """The same world in a database whose tables have no row-level security."""
    scratch = await make_scratch(server, template)
    await fill(scratch, world)
    owner = await asyncpg.connect(scratch.owner_dsn)
    for table in METADATA.tables:
        await owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    await owner.close()
    opened = await Database.connect(scratch.app_dsn, size=1)
    yield opened
    await opened.close()


def requests(world: World) -> list[tuple[str, dict[str, Any]]]:
    """Every root, asked for rows of both localities."""
    asked: list[tuple[str, dict[str, Any]]] = []
    for place in PLACES:
        tickets = world.of("ticket", place)
        ids = [world.global_id(table, row) for table in KINDS for row in world.of(table, place)]
        given = {
            "place": place,
            "unit": world.global_id("org_unit", world.unit("S", place)),
            "ticket": world.global_id("ticket", tickets[1]),
            "number": tickets[2]["number"],
            "meeting": world.global_id("meeting", busiest(world, place)),
            "webhook": world.global_id("webhook", world.of("webhook", place)[0]),
        }
        for text in QUERIES.values():
            for start in range(0, len(ids), 60) if "$ids" in text else (0,):
                known = {**given, "ids": ids[start : start + 60]}
                asked.append((text, {k: v for k, v in known.items() if f"${k}:" in text}))
    return asked


def busiest(world: World, place: str) -> Row:
    """The meeting with the longest agenda."""
    items = [item["meeting_id"] for item in world.of("agenda_item", place)]
    return max(world.of("meeting", place), key=lambda meeting: items.count(meeting["id"]))


async def answers(
    schema: CompiledSchema, database: Database, world: World, viewer: Scope, **more: Any
) -> list[bytes]:
    """The bytes of every request's answer."""
    found: list[bytes] = []
    for text, variables in requests(world):
        context = Context(database, viewer, **more)
        result = await schema.execute(text, variable_values=variables, context_value=context)
        assert not result.errors, result.errors
        found.append(orjson.dumps(result.data))
    return found


def test_every_root_is_asked() -> None:
    # `changes` has walls of its own in test_feed.
    assert {*QUERIES, *APART} == set(API.core.query_type.fields)


@pytest.mark.parametrize("name", VIEWERS)
async def test_row_level_security_alone_keeps_the_rows(
    database: Database, world: World, name: str
) -> None:
    both = await answers(API, database, world, world.viewers[name])
    for entered in (False, True):
        alone = await answers(OPEN_API, database, world, world.viewers[name], remembered=entered)
        assert alone == both


@pytest.mark.parametrize("name", VIEWERS)
async def test_the_compiled_rule_alone_keeps_the_rows(
    database: Database, unpoliced: Database, world: World, name: str
) -> None:
    both = await answers(API, database, world, world.viewers[name])
    for entered in (False, True):
        alone = await answers(API, unpoliced, world, world.viewers[name], remembered=entered)
        assert alone == both


@pytest.mark.parametrize("name", VIEWERS)
async def test_without_either_wall_everything_is_seen(
    database: Database, unpoliced: Database, world: World, name: str
) -> None:
    """The tests above would notice a hole: without walls almost every answer is another."""
    both = await answers(API, database, world, world.viewers[name])
    none = await answers(OPEN_API, unpoliced, world, world.viewers[name])
    changed = sum(a != b for a, b in zip(both, none, strict=True))
    assert changed > len(both) / 2
    assert b"RI-2025-0001" in b"".join(none)


async def test_an_unset_scope_sees_nothing(
    bare: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """Statements with a viewer's own parameters, on a connection that was not told of the viewer."""
    await bare.set_type_codec("json", schema="pg_catalog", encoder=str, decoder=str)
    for text, variables in requests(world):
        prepared = API.prepare(text, None, variables)
        assert not isinstance(prepared, list)
        statement = API.statement(prepared)
        values = statement.values(prepared.values.coerced, world.viewers["street"])
        found = str(await bare.fetchval(statement.sql, *values))
        assert not re.search(
            "(unit|ticket|person|post|record|meeting|webhook|delivery|token|office)_", found
        )
        for nothing in ('"totalCount" : 0', "null", "[]", "{}", '"viewer"'):
            found = found.replace(nothing, "")
        assert not re.search("[1-9]", found), found


async def test_an_unset_scope_sees_no_row_of_any_table(
    bare: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    for table in METADATA.tables:
        assert await bare.fetchval(f"SELECT count(*) FROM {table}") == 0
    # The settings without the mark that a transaction of ours makes are not enough.
    viewer = world.viewers["street"]
    await bare.execute(f"BEGIN; {viewer.settings()}")
    seen = len(Sight(world, viewer).rows("ticket"))
    assert await bare.fetchval("SELECT count(*) FROM ticket") == seen > 30
    await bare.execute("SET LOCAL linli.scope = ''")
    assert await bare.fetchval("SELECT count(*) FROM ticket") == 0
    assert await bare.fetchval("SELECT count(*) FROM locality") == 0
    await bare.execute("ROLLBACK")
    # Nor is anything left of a scope once its transaction ended.
    assert await bare.fetchval("SELECT count(*) FROM locality") == 0


async def answer(database: Database, viewer: Scope, text: str, **variables: Any) -> bytes:
    context = Context(database, viewer)
    result = await API.execute(text, variable_values=variables, context_value=context)
    return orjson.dumps([result.data, [error.formatted for error in result.errors or ()]])


@pytest.mark.parametrize("name", VIEWERS)
async def test_forbidden_is_the_same_as_absent(database: Database, world: World, name: str) -> None:
    """Every row there is, asked for by its id: it is shown, or it might as well not exist."""
    viewer = world.viewers[name]
    text = """query($id: ID!) {
        node(id: $id) { __typename id ... on Ticket { events { totalCount } } }
        nodes(ids: [$id, $id]) { id ... on Person { private { phone } } }
    }"""
    forbidden = 0
    for table in ("ticket", "person", "service_record", "meeting", *KINDS[6:]):
        for place in PLACES:
            rows = world.of(table, place)
            absent = world.global_id(table, {**rows[0], "id": UNKNOWN})
            nothing = await answer(database, viewer, text, id=absent)
            for row in rows:
                found = await answer(database, viewer, text, id=world.global_id(table, row))
                assert found == nothing or str(row["id"]) in found.decode()
                forbidden += found == nothing
    assert forbidden > 20  # of another locality, at the least


async def test_forbidden_tickets_by_id_and_number(database: Database, world: World) -> None:
    """Of another locality; and of one's own for somebody who serves elsewhere in it."""
    by_number = "query($n: String!, $l: String) { ticketByNumber(number: $n, locality: $l) { id } }"
    by_id = "query($id: ID!) { ticket(id: $id) { id } }"
    ticket = world.of("ticket", PLACES[0])[1]
    absent = f"ticket_{PLACES[0]}_{UNKNOWN}"
    for name in ("public", "elsewhere"):
        viewer = world.viewers[name]
        real = await answer(database, viewer, by_id, id=world.global_id("ticket", ticket))
        assert real == await answer(database, viewer, by_id, id=absent)
        real = await answer(database, viewer, by_number, n=ticket["number"], l=PLACES[0])
        assert real == await answer(database, viewer, by_number, n="none", l=PLACES[0])
        assert real == await answer(database, viewer, by_number, n=ticket["number"], l="nowhere")


async def test_the_scope_comes_from_todays_appointments(database: Database, world: World) -> None:
    """What the server reads for a person is what the tests take for granted."""
    for viewer in world.viewers.values():
        if viewer.locality:
            assert await database.scope_of(viewer.locality, viewer.person) == viewer
    stranger = world.viewers["street"].person
    assert await database.scope_of(PLACES[1], stranger) is None
