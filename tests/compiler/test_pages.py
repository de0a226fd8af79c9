"""Paging by cursor: every row once, in order, both ways; and what is refused."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from compiler.build import DEEPEST
from db.pool import Database
from schema.api import API
from tests.compiler.oracle import ORDERS
from tests.compiler.oracle_sight import Sight
from tests.compiler.running import Counting
from tests.compiler.world import Row, World

NOBODY = "00000000-0000-7000-8000-000000000000"
PAGE = """{
  nodes { key: KEY }
  edges { cursor node { key: KEY } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  totalCount
}"""


@dataclass(frozen=True)
class Walk:
    """A connection to walk through: the query around it, and which rows it holds."""

    query: str
    type: str
    table: str
    key: str
    holds: Callable[[World, Row], bool]

    def text(self, order: str, direction: str, size: str) -> str:
        mark = "after" if size == "first" else "before"
        by = f"orderBy: {{field: {order}, direction: {direction}}}"
        query = self.query.replace("PAGE", f"{size}: 3, {mark}: $cursor, {by}")
        return f"query Walk($cursor: String) {query.replace('ROWS', PAGE.replace('KEY', self.key))}"


def lies_in(code: str) -> Callable[[World, Row], bool]:
    """Whether a ticket of the first locality lies in a unit's subtree."""
    return lambda world, row: (
        row["locality_id"] == "riverside" and row["unit_path"].startswith(world.unit(code)["path"])
    )


def held(world: World, row: Row) -> bool:
    return (
        row["locality_id"] == "riverside" and row["valid_to"].year > 2024 > row["valid_from"].year
    )


WALKS = {
    "tickets": Walk(
        "{ found: tickets(PAGE) ROWS }",
        "Ticket",
        "ticket",
        "number",
        lambda world, row: row["locality_id"] == "riverside",
    ),
    "a subtree's tickets": Walk(
        '{ in: orgUnit(id: "unit/C1") { found: tickets(PAGE) ROWS } }',
        "Ticket",
        "ticket",
        "number",
        lies_in("C1"),
    ),
    "units": Walk("{ found: orgUnits(PAGE) ROWS }", "OrgUnit", "org_unit", "code", held),
    "descendants": Walk(
        '{ in: orgUnit(id: "unit/S") { found: descendants(PAGE) ROWS } }',
        "OrgUnit",
        "org_unit",
        "code",
        lambda world, row: held(world, row) and row["tree"] == "GRID" and row["code"] != "S",
    ),
    "records": Walk(
        "{ found: serviceRecords(PAGE) ROWS }",
        "ServiceRecord",
        "service_record",
        "id",
        lambda world, row: row["locality_id"] == "riverside",
    ),
    "events": Walk(
        '{ in: ticketByNumber(number: "RI-2025-0008") { found: events(PAGE) ROWS } }',
        "TicketEvent",
        "ticket_event",
        "sequence",
        lambda world, row: any(
            ticket["id"] == row["ticket_id"] and ticket["number"] == "RI-2025-0008"
            for ticket in world.of("ticket")
        ),
    ),
}
CASES = [
    pytest.param(walk, order, direction, id=f"{name} by {order} {direction}")
    for name, walk in WALKS.items()
    for order in ORDERS[walk.type][0]
    for direction in ("ASC", "DESC")
]


async def ask(database: Database, world: World, text: str, **variables: Any) -> Any:
    """The data, or the codes of the errors, as the street's chief gets them."""
    text = text.replace("unit/C1", world.global_id("org_unit", world.unit("C1")))
    text = text.replace("unit/S", world.global_id("org_unit", world.unit("S")))
    caller = Counting(database, world.viewers["street"])
    result = await API.execute(text, variable_values=variables, context_value=caller)
    if result.errors:
        assert caller.statements == []
        return [(error.extensions or {}).get("code") for error in result.errors]
    return orjson.loads(orjson.dumps(result.data))


def expected(world: World, walk: Walk, order: str, direction: str) -> list[Any]:
    """The keys of all rows, sorted in Python."""
    rows = [
        row
        for row in Sight(world, world.viewers["street"]).rows(walk.table)
        if walk.holds(world, row)
    ]
    columns = ORDERS[walk.type][0][order]
    rows.sort(key=lambda row: [row[name] for name in columns], reverse=direction == "DESC")
    if walk.key == "id":
        return [world.global_id(walk.table, row) for row in rows]
    return [row[walk.key] for row in rows]


async def pages(database: Database, world: World, text: str, size: str) -> list[Any]:
    """Every page up to the last one, as a client would turn them."""
    found: list[Any] = []
    cursor = None
    more, end = (
        ("hasNextPage", "endCursor") if size == "first" else ("hasPreviousPage", "startCursor")
    )
    while not found or found[-1]["pageInfo"][more]:
        answer = await ask(database, world, text, cursor=cursor)
        found.append(answer["found"] if "found" in answer else answer["in"]["found"])
        cursor = found[-1]["pageInfo"][end]
    return found


@pytest.mark.parametrize("size", ["first", "last"])
@pytest.mark.parametrize(("walk", "order", "direction"), CASES)
async def test_every_row_once_and_in_order(
    database: Database, world: World, walk: Walk, order: str, direction: str, size: str
) -> None:
    found = await pages(database, world, walk.text(order, direction, size), size)
    wanted = expected(world, walk, order, direction)
    assert len(wanted) >= 2
    assert {page["totalCount"] for page in found} == {len(wanted)}
    assert [len(page["nodes"]) for page in found[:-1]] == [3] * (len(found) - 1)
    for at, page in enumerate(found):
        assert [edge["node"] for edge in page["edges"]] == page["nodes"]
        cursors = [edge["cursor"] for edge in page["edges"]]
        info = page["pageInfo"]
        assert (info["startCursor"], info["endCursor"]) == (cursors[0], cursors[-1])
        assert info["hasPreviousPage" if size == "first" else "hasNextPage"] is (at > 0)
    if size == "last":
        found.reverse()
    assert [node["key"] for page in found for node in page["nodes"]] == wanted


def test_the_world_has_ties(world: World) -> None:
    """More than a page of tickets were reported at one instant: the id breaks the tie."""
    moments = [row["created_at"] for row in world.of("ticket", "riverside")]
    assert max(moments.count(moment) for moment in moments) > 3
    services = [row["at"] for row in world.of("service_record", "riverside")]
    assert max(services.count(moment) for moment in services) > 3


async def test_a_page_may_lie_between_two_cursors(database: Database, world: World) -> None:
    text = "query($a: String, $b: String) { tickets(after: $a, before: $b, first: 100) PAGE }"
    text = text.replace("PAGE", PAGE.replace("KEY", "number"))
    whole = (await ask(database, world, text))["tickets"]["edges"]
    cut = await ask(database, world, text, a=whole[4]["cursor"], b=whole[9]["cursor"])
    assert cut["tickets"]["edges"] == whole[5:9]
    assert cut["tickets"]["totalCount"] == len(whole)
    empty = await ask(database, world, text, a=whole[9]["cursor"], b=whole[4]["cursor"])
    assert empty["tickets"]["nodes"] == []
    assert empty["tickets"]["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": None,
    }


def coded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


GOOD = coded(f"CREATED_AT-|2025-03-02 02:00:00+00|{NOBODY}")
TAMPERED = {
    "empty": "",
    "not base64": "*?",
    "a byte off": GOOD[:-3],
    "one more letter": GOOD + "x",
    "not UTF-8": base64.urlsafe_b64encode(b"CREATED_AT-|\xff\xfe").decode(),
    "another direction": coded(f"CREATED_AT+|2025-03-02 02:00:00+00|{NOBODY}"),
    "another order": coded(f"NUMBER-|RI-2025-0001|{NOBODY}"),
    "no keys": coded("CREATED_AT-"),
    "a key short": coded("CREATED_AT-|2025-03-02 02:00:00+00"),
    "a key too many": coded(f"CREATED_AT-|2025-03-02 02:00:00+00|{NOBODY}|x"),
    "no instant": coded(f"CREATED_AT-|yesterday|{NOBODY}"),
    "no zone": coded(f"CREATED_AT-|2025-03-02 02:00:00|{NOBODY}"),
    "before all time": coded(f"CREATED_AT-|0001-01-01 00:00:00+14:00|{NOBODY}"),
    "after all time": coded(f"CREATED_AT-|9999-12-31 23:59:59-14:00|{NOBODY}"),
    "no id": coded("CREATED_AT-|2025-03-02 02:00:00+00|7"),
    "NUL": coded("CREATED_AT-|2025-03-02 02:00:00+00|\x00"),
    "SQL": coded(f"CREATED_AT-|now()|{NOBODY}"),
}


@pytest.mark.parametrize("cursor", TAMPERED.values(), ids=TAMPERED)
@pytest.mark.parametrize("mark", ["after", "before"])
async def test_a_tampered_cursor_is_refused(
    database: Database, world: World, cursor: str, mark: str
) -> None:
    by_variable = f"query($c: String) {{ tickets({mark}: $c) {{ nodes {{ id }} }} }}"
    assert await ask(database, world, by_variable, c=GOOD) != ["BAD_CURSOR"]
    assert await ask(database, world, by_variable, c=cursor) == ["BAD_CURSOR"]
    literal = f'{{ tickets({mark}: "{cursor}") {{ nodes {{ id }} }} }}'
    assert await ask(database, world, literal) == ["BAD_CURSOR"]


@pytest.mark.parametrize("number", ["x", "", "99999999999", "-99999999999", "1.5"])
async def test_a_cursor_of_numbers_holds_a_number(
    database: Database, world: World, number: str
) -> None:
    text = (
        "query($c: String) { tickets(first: 1) { nodes { events(after: $c) { nodes { at } } } } }"
    )
    assert await ask(database, world, text, c=coded(f"SEQUENCE+|{number}")) == ["BAD_CURSOR"]


REFUSED = {
    "first: 0": ("{ tickets(first: 0) { nodes { id } } }", "BAD_PAGE_SIZE"),
    "first: -1": ("{ tickets(first: -1) { nodes { id } } }", "BAD_PAGE_SIZE"),
    "first: 101": ("{ tickets(first: 101) { nodes { id } } }", "BAD_PAGE_SIZE"),
    "last: 0": ("{ tickets(last: 0) { nodes { id } } }", "BAD_PAGE_SIZE"),
    "last: 101": ("{ tickets(last: 101) { pageInfo { endCursor } } }", "BAD_PAGE_SIZE"),
    "1001 units": ("{ orgUnits(first: 1001) { edges { cursor } } }", "BAD_PAGE_SIZE"),
    "first and last": ("{ tickets(first: 1, last: 1) { nodes { id } } }", "BAD_PAGE_SIZE"),
    "an id of nothing": ('{ node(id: "7") { id } }', "BAD_ID"),
    "a number for an id": ("{ node(id: 7) { id } }", "BAD_ID"),
    "an empty id": ('{ orgUnit(id: "") { id } }', "BAD_ID"),
    "an id with an end": (f'{{ node(id: "unit_riverside_{NOBODY}\\n") {{ id }} }}', "BAD_ID"),
    "an id in capitals": (f'{{ node(id: "UNIT_riverside_{NOBODY}") {{ id }} }}', "BAD_ID"),
    "no locality in it": (f'{{ node(id: "unit__{NOBODY}") {{ id }} }}', "BAD_ID"),
    "another noun's id": (f'{{ orgUnit(id: "ticket_riverside_{NOBODY}") {{ id }} }}', "BAD_ID"),
    "one bad id of two": (f'{{ nodes(ids: ["unit_riverside_{NOBODY}", "x"]) {{ id }} }}', "BAD_ID"),
    "NUL": ('{ locality(slug: "a\\u0000") { name } }', "BAD_TEXT"),
    "NUL in a list": (
        '{ tickets(filter: { category: { in: ["a", "\\u0000"] } }) { totalCount } }',
        "BAD_TEXT",
    ),
    "NUL in a locality": ('{ tickets(locality: "\\u0000") { totalCount } }', "BAD_TEXT"),
}


@pytest.mark.parametrize(("text", "code"), REFUSED.values(), ids=REFUSED)
async def test_refused(database: Database, world: World, text: str, code: str) -> None:
    assert await ask(database, world, text) == [code]


@pytest.mark.parametrize("size", [0, -1, 101, 2**31 - 1])
async def test_a_page_size_in_a_variable(database: Database, world: World, size: int) -> None:
    """The statement is compiled for any size: each request's own is checked."""
    text = "query($n: Int) { tickets(first: $n) { nodes { id } pageInfo { hasNextPage } } }"
    assert len((await ask(database, world, text, n=100))["tickets"]["nodes"]) == 35
    assert await ask(database, world, text, n=size) == ["BAD_PAGE_SIZE"]


async def test_bad_values_in_variables(database: Database, world: World) -> None:
    by_id = "query($id: ID!) { ticket(id: $id) { id } }"
    assert await ask(database, world, by_id, id=f"unit_riverside_{NOBODY}") == ["BAD_ID"]
    assert await ask(database, world, by_id, id=f"ticket_riverside_{NOBODY}") == {"ticket": None}
    by_slug = "query($s: String!) { locality(slug: $s) { slug } }"
    assert await ask(database, world, by_slug, s="\x00") == ["BAD_TEXT"]
    assert await ask(database, world, by_slug, s="\ud800") == ["BAD_TEXT"]


async def test_at_most_a_hundred_ids(database: Database, world: World) -> None:
    ids = [f"unit_riverside_{NOBODY}"] * 101
    text = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert await ask(database, world, text, ids=ids[:100]) == {"nodes": [None] * 100}
    assert await ask(database, world, text, ids=ids) == ["TOO_MANY_IDS"]
    literal = f"{{ nodes(ids: {str(ids).replace(chr(39), chr(34))}) {{ id }} }}"
    assert await ask(database, world, literal) == ["TOO_MANY_IDS"]
    assert await ask(database, world, "{ nodes(ids: []) { id } }") == {"nodes": []}


async def test_too_deep(database: Database, world: World) -> None:
    def nested(levels: int) -> str:
        return '{ orgUnit(id: "unit/S") ' + "{ parent " * (levels - 1) + "{ id }" + " }" * levels

    assert await ask(database, world, nested(DEEPEST)) == {"orgUnit": {"parent": None}}
    assert await ask(database, world, nested(DEEPEST + 1)) == ["TOO_DEEP"]


async def test_a_locality_is_asked_for_only_of_who_has_none(
    database: Database, world: World
) -> None:
    text = "{ tickets { totalCount } }"
    assert (await ask(database, world, text))["tickets"]["totalCount"] == 35
    caller = Counting(database, world.viewers["public"])
    result = await API.execute(text, context_value=caller)
    assert [error.extensions for error in result.errors or ()] == [{"code": "LOCALITY_REQUIRED"}]
