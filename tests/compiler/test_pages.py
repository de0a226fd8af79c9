"""Paging by cursor: every row once, in order, both ways; and what is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from db.pool import Database
from tests.compiler.oracle import ORDERS
from tests.compiler.oracle_sight import Sight
from tests.compiler.running import ask
from tests.compiler.world import Row, World

PAGE = """{
  nodes { key: KEY }
  edges { cursor node { key: KEY } }
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  totalCount
}"""


STATUSES = ("REPORTED", "MERGED", "REPORTED", "IN_PROGRESS", "CLOSED", "EXTENDED", "REJECTED")
"""Of several pages, one of them named twice."""


@dataclass(frozen=True)
class Walk:
    """A connection to walk through: the query around it, and which rows it holds."""

    query: str
    type: str
    table: str
    key: str
    holds: Callable[[World, Row], bool]
    viewer: str = "street"

    def text(self, order: str, direction: str, size: str) -> str:
        mark = "after" if size == "first" else "before"
        by = f"orderBy: {{field: {order}, direction: {direction}}}"
        query = self.query.replace("FILTER", f"filter: {{status: {{in: [{', '.join(STATUSES)}]}}}}")
        query = query.replace("PAGE", f"{size}: 3, {mark}: $cursor, {by}")
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
    "tickets by status": Walk(
        "{ found: tickets(FILTER, PAGE) ROWS }",
        "Ticket",
        "ticket",
        "number",
        lambda world, row: row["locality_id"] == "riverside" and row["status"] in STATUSES,
    ),
    "a subtree's tickets by status": Walk(
        '{ in: orgUnit(id: "unit/S") { found: tickets(FILTER, PAGE) ROWS } }',
        "Ticket",
        "ticket",
        "number",
        lambda world, row: lies_in("S")(world, row) and row["status"] in STATUSES,
    ),
    "a subtree's tickets by status, not all of them seen": Walk(
        '{ in: orgUnit(id: "unit/S") { found: tickets(FILTER, PAGE) ROWS } }',
        "Ticket",
        "ticket",
        "number",
        lambda world, row: lies_in("S")(world, row) and row["status"] in STATUSES,
        "worker",
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


def expected(world: World, walk: Walk, order: str, direction: str) -> list[Any]:
    """The keys of all rows, sorted in Python."""
    rows = [
        row
        for row in Sight(world, world.viewers[walk.viewer]).rows(walk.table)
        if walk.holds(world, row)
    ]
    columns = ORDERS[walk.type][0][order]
    rows.sort(key=lambda row: [row[name] for name in columns], reverse=direction == "DESC")
    if walk.key == "id":
        return [world.global_id(walk.table, row) for row in rows]
    return [row[walk.key] for row in rows]


async def pages(
    database: Database, world: World, text: str, size: str, viewer: str = "street"
) -> list[Any]:
    """Every page up to the last one, as a client would turn them."""
    found: list[Any] = []
    cursor = None
    more, end = (
        ("hasNextPage", "endCursor") if size == "first" else ("hasPreviousPage", "startCursor")
    )
    while not found or found[-1]["pageInfo"][more]:
        answer = await ask(database, world, text, viewer, cursor=cursor)
        found.append(answer["found"] if "found" in answer else answer["in"]["found"])
        cursor = found[-1]["pageInfo"][end]
    return found


@pytest.mark.parametrize("size", ["first", "last"])
@pytest.mark.parametrize(("walk", "order", "direction"), CASES)
async def test_every_row_once_and_in_order(
    database: Database, world: World, walk: Walk, order: str, direction: str, size: str
) -> None:
    found = await pages(database, world, walk.text(order, direction, size), size, walk.viewer)
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


async def test_what_is_too_much_to_count_is_not_counted(
    database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it may be counted to the last row, it is; in a tree each list by itself."""
    text = "query Much%s { orgUnits { totalCount nodes { tickets { totalCount } } } }"
    whole = (await ask(database, world, text % ""))["orgUnits"]
    sizes = [unit["tickets"]["totalCount"] for unit in whole["nodes"]]
    most = sorted(sizes)[-2]
    assert 0 < most < max(sizes)
    monkeypatch.setattr("compiler.page.MOST_COUNTED", most)
    bounded = (await ask(database, world, text % "Bounded"))["orgUnits"]
    assert bounded["totalCount"] == (len(sizes) if len(sizes) <= most else None)
    assert [unit["tickets"]["totalCount"] for unit in bounded["nodes"]] == [
        size if size <= most else None for size in sizes
    ]
