"""Every field of every type, systematically: what generated queries might not happen to ask."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import graphql
import orjson
import pytest

from db.pool import Database
from schema.api import API
from tests.compiler.oracle import Oracle
from tests.compiler.oracle_fields import NODES, TABLES
from tests.compiler.oracle_sight import Sight
from tests.compiler.queries import DAYS
from tests.compiler.running import Counting, exact
from tests.compiler.world import DIVISIONS, World, make_world

CORE: Any = graphql
VIEWERS = list(make_world().viewers)
pytestmark = pytest.mark.usefixtures("without_a_price")


def everything(type_: Any, levels: int) -> str:
    """A selection of all fields of a type, and of all they lead to, some levels down."""
    type_ = CORE.get_named_type(type_)
    members = ["__typename"]
    for name, field in type_.fields.items():
        inner = CORE.get_named_type(field.type)
        if not CORE.is_composite_type(inner):
            members.append(name)
        elif inner.name == "PageInfo" or type_.name.endswith("Edge"):
            members.append(f"{name} {everything(inner, levels)}")
        elif type_.name.endswith("Connection"):
            # The page counts as no level of its own; edges repeat the nodes.
            below = everything(inner, levels) if name == "nodes" else "{ cursor __typename }"
            members.append(f"{name} {below}")
        elif levels > 0:
            members.append(f"{name} {everything(inner, levels - 1)}")
    return f"{{ {' '.join(members)} }}"


def alone(type_: Any, levels: int) -> Iterator[str]:
    """Every way to ask for a single thing some levels below a type, and for nothing beside it."""
    type_ = CORE.get_named_type(type_)
    yield "{ __typename }"
    paged = type_.name.endswith(("Connection", "Edge"))
    for name, field in type_.fields.items():
        inner = CORE.get_named_type(field.type)
        if type_.name.endswith("Edge") and name == "node":
            continue  # the same as the connection's own nodes
        if not CORE.is_composite_type(inner):
            yield f"{{ {name} }}"
        elif levels > 0 or paged:
            down = levels if paged else levels - 1
            yield from (f"{{ {name} {path} }}" for path in alone(inner, down))


async def check(database: Database, world: World, name: str, text: str, **variables: Any) -> Any:
    """The answer, which must be the oracle's."""
    caller = Counting(database, world.viewers[name])
    result = await API.execute(text, variable_values=variables, context_value=caller)
    assert not result.errors, result.errors
    today = datetime.now(UTC).date()
    expected = Oracle.answer(world, world.viewers[name], today, text, variables)
    assert exact(orjson.dumps(result.data)) == exact(orjson.dumps(expected))
    assert len(caller.statements) == 1
    return expected


@pytest.mark.parametrize("name", VIEWERS)
@pytest.mark.parametrize("type_", NODES)
async def test_every_field_of_a_noun(
    database: Database, world: World, type_: str, name: str
) -> None:
    """All rows there are, by their ids, with everything they lead to."""
    rows = world.of(TABLES[type_])
    ids = [world.global_id(TABLES[type_], row) for row in rows][-100:]
    inner = everything(API.core.type_map[type_], 1)
    text = f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on {type_} {inner} }} }}"
    found = await check(database, world, name, text, ids=ids)
    # Only the administrator sees all offices and access tokens, and there are few.
    own = type_ in ("AccessToken", "Office")
    if name == ("both_trees" if own else "street"):
        assert json.dumps(found).count("__typename") > (5 if own else 100)


@pytest.mark.parametrize("name", VIEWERS)
async def test_every_field_of_a_place(database: Database, world: World, name: str) -> None:
    roots = ["viewer", "localities", "division"]
    types = {root: API.core.query_type.fields[root].type for root in roots}
    text = f"""query($code: String!) {{
        viewer {everything(types["viewer"], 2)}
        localities {everything(types["localities"], 2)}
        division(code: $code) {everything(types["division"], 2)}
    }}"""
    for line in DIVISIONS:
        await check(database, world, name, text, code=line[0])


ROOTS = {
    **{type_: f"nodes(ids: $ids) {{ ... on {type_} " for type_ in NODES},
    "Locality": "localities { ... on Locality ",
    "Division": 'division(code: "441900003000") { ... on Division ',
}
LINKS = [
    (type_, name)
    for type_ in ROOTS
    for name, field in API.core.type_map[type_].fields.items()
    if CORE.is_composite_type(CORE.get_named_type(field.type))
]


@pytest.mark.parametrize(("type_", "link"), LINKS)
async def test_every_field_by_itself(
    database: Database, world: World, type_: str, link: str
) -> None:
    """A level of which one column is read, or none, or only one of a level above."""
    linked = API.core.type_map[type_].fields[link].type
    paths = [f"{link} {path}" for path in alone(linked, 1)]
    if "Connection" in str(linked):
        paths += [f"{link}(last: 2) {path}" for path in alone(linked, 0)]
    rows = world.of(TABLES[type_], "riverside")[:6] if type_ in NODES else []
    ids = [world.global_id(TABLES[type_], row) for row in rows]
    for start in range(0, len(paths), 40):
        members = (f"a{at}: {path}" for at, path in enumerate(paths[start : start + 40]))
        text = f"{{ {ROOTS[type_]} {{ {' '.join(members)} }} }} }}"
        if ids:
            await check(database, world, "street", f"query($ids: [ID!]!) {text}", ids=ids)
            # By one id the locality is a parameter, by several a column: two shapes of statement.
            text = text.replace("nodes(ids: $ids)", "node(id: $id)")
            await check(database, world, "street", f"query($id: ID!) {text}", id=ids[-1])
        else:
            await check(database, world, "street", text)


@pytest.mark.parametrize("day", [None, *DAYS])
async def test_every_unit_on_every_day(database: Database, world: World, day: str | None) -> None:
    """The day holds for all below, until another is named."""
    posts = "posts { title holder { name } cover { name } }"
    text = f"""query($id: ID!, $day: Date) {{
        orgUnit(id: $id, at: $day) {{
            code validFrom validTo {posts}
            parent {{ code children {{ code {posts} }} }}
            ancestors {{ code children {{ code }} }}
            children {{ code {posts} again: children(at: "2014-06-01") {{ code {posts} }} }}
            descendants(first: 100) {{ totalCount nodes {{ code children {{ code }} }} }}
            named: descendants(at: "2020-05-31", orderBy: {{ field: NAME }}) {{ nodes {{ name }} }}
            coveredBy {{ title holder {{ name }} then: holder(at: "2016-01-01") {{ name }} }}
            tickets {{ nodes {{ number orgUnit {{ code children {{ code }} }} }} }}
        }}
        orgUnits(locality: "riverside", at: $day) {{ nodes {{ code children {{ code }} }} }}
    }}"""
    for unit in world.of("org_unit", "riverside"):
        await check(database, world, "street", text, id=world.global_id("org_unit", unit), day=day)


@pytest.mark.parametrize("within", ["SELF", "CHILDREN", "SUBTREE"])
@pytest.mark.parametrize("filter_", [None, {"open": True}, {"open": False}], ids=str)
@pytest.mark.parametrize("paged", ["first: 3", "last: 3"])
async def test_every_units_tickets_and_records(
    database: Database, world: World, within: str, filter_: Any, paged: str
) -> None:
    """Lists of a subtree, cut to a page both ways, in both orders."""
    page = "{ totalCount nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
    text = f"""query($ids: [ID!]!, $filter: TicketFilter) {{ nodes(ids: $ids) {{ ... on OrgUnit {{
        tickets(within: {within}, filter: $filter, {paged}) {page}
        back: tickets(
            within: {within}, filter: $filter, {paged}
            orderBy: {{ field: CREATED_AT, direction: ASC }}
        ) {page}
        byNumber: tickets(
            within: {within}, filter: $filter, {paged}, orderBy: {{ field: NUMBER }}
        ) {page}
        serviceRecords(within: {within}, {paged}) {page}
        meetings(within: {within}, {paged}) {page}
        heldMeetings: meetings(within: {within}, filter: {{ held: true }}, {paged}) {page}
        others: meetings(within: {within}, filter: {{ held: false }}, {paged}) {page}
    }} }} }}"""
    ids = [world.global_id("org_unit", row) for row in world.of("org_unit")]
    for name in ("street", "worker", "elsewhere"):
        await check(database, world, name, text, ids=ids, filter=filter_)


FILTERS = [
    {"status": {"in": ["CLOSED", "RESOLVED"]}},
    {"severity": {"in": ["MINOR"]}},
    {"category": {"in": ["noise", "none"]}},
    {"channel": {"in": ["APP"]}},
    {"appealType": {"in": ["HELP", "COMPLAINT"]}},
    {"concern": {"in": ["HARMONY", "HARDSHIP"]}},
    {"status": {"in": []}},
    {"status": {"in": None}, "severity": None},
    *(
        {name: {bound: "2025-03-02T10:00:00+08:00"}}
        for name in ("createdAt", "dueAt")
        for bound in ("gte", "gt", "lte", "lt")
    ),
    {"createdAt": {"gte": "2025-03-01T14:00:00Z", "lt": "2025-03-02T14:00:00Z"}, "open": True},
]


@pytest.mark.parametrize("filter_", FILTERS, ids=str)
async def test_every_filter(database: Database, world: World, filter_: Any) -> None:
    text = """query($filter: TicketFilter) {
        tickets(locality: "riverside", filter: $filter, first: 100) {
            totalCount nodes { number status severity category { code } channel createdAt dueAt }
        }
    }"""
    found = await check(database, world, "street", text, filter=filter_)
    count = found["tickets"]["totalCount"]
    nothing = filter_.get("status") == {"in": []}
    assert (count == 0) is nothing
    seen = len(Sight(world, world.viewers["street"]).rows("ticket", locality_id="riverside"))
    assert (count == seen) is (filter_.get("status") == {"in": None})
