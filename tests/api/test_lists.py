"""The three lists: filters, orders and cursors, each against the same question in SQL."""

from typing import Any

import pytest

from tests.api.acting import DISTRICT, GRID
from tests.api.living import does, lived
from tests.api.served import Site, key_of

TICKETS = """
query($filter: TicketFilter, $order: TicketOrder, $first: Int, $after: String, $last: Int, $before: String) {
  tickets(filter: $filter, orderBy: $order, first: $first, after: $after, last: $last, before: $before) {
    totalCount edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""


async def keys(site: Site, table: str, where: str, order: str) -> list[Any]:
    sql = f"SELECT id FROM {table} WHERE locality_id = 'weibin' AND {where} ORDER BY {order}"
    return [row["id"] for row in await site.owner.fetch(sql)]


def shown(page: Any) -> list[Any]:
    return [key_of(edge["node"]["id"]) for edge in page["edges"]]


@pytest.mark.parametrize(
    ("filter_", "where"),
    [
        ({}, "true"),
        (None, "true"),
        ({"open": True}, "open"),
        ({"open": False}, "NOT open"),
        ({"status": {"in": ["CLOSED", "REJECTED"]}}, "status IN ('CLOSED', 'REJECTED')"),
        (
            {"status": {"in": ["CLOSED", "IN_PROGRESS", "CLOSED"]}, "open": True},
            "status = 'IN_PROGRESS'",
        ),
        ({"status": {"in": ["CLOSED", "IN_PROGRESS"]}, "open": False}, "status = 'CLOSED'"),
        (
            {"status": {"in": ["CLOSED", "MERGED"]}, "createdAt": {"lt": "2026-08-01T00:00:00Z"}},
            "status IN ('CLOSED', 'MERGED') AND created_at < '2026-08-01 00:00+00'",
        ),
        ({"status": {"in": []}}, "false"),
        ({"status": {"in": None}}, "true"),
        ({"status": None}, "true"),
        ({"severity": {"in": ["MAJOR"]}}, "severity = 'MAJOR'"),
        ({"category": {"in": ["yard", "dispute", "none"]}}, "category_code IN ('yard', 'dispute')"),
        ({"channel": {"in": ["HOTLINE"]}}, "channel = 'HOTLINE'"),
        ({"appealType": {"in": ["SUGGESTION"]}}, "appeal_type = 'SUGGESTION'"),
        ({"concern": {"in": ["HARDSHIP"]}}, "concern = 'HARDSHIP'"),
        (
            {"createdAt": {"gte": "2026-06-01T00:00:00+08:00", "lt": "2026-08-01T00:00:00+08:00"}},
            "created_at >= '2026-06-01 00:00+08' AND created_at < '2026-08-01 00:00+08'",
        ),
        ({"dueAt": {"gt": "2026-09-01T00:00:00Z"}}, "due_at > '2026-09-01 00:00+00'"),
        ({"dueAt": {"lte": "2026-09-01T00:00:00Z"}}, "due_at <= '2026-09-01 00:00+00'"),
        (
            {"open": False, "severity": {"in": ["HARD"]}, "channel": {"in": ["VISIT", "WALK_IN"]}},
            "NOT open AND severity = 'HARD' AND channel IN ('VISIT', 'WALK_IN')",
        ),
    ],
)
async def test_tickets_are_filtered(demo: Site, filter_: Any, where: str) -> None:
    expected = await keys(demo, "ticket", where, "created_at DESC, id DESC")
    page = (await demo.ask(TICKETS, DISTRICT, filter=filter_, first=100))["tickets"]
    assert page["totalCount"] == len(expected)
    assert shown(page) == expected[:100]


@pytest.mark.parametrize(("field", "column"), [("CREATED_AT", "created_at"), ("NUMBER", "number")])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_tickets_page_through_in_any_order(
    demo: Site, field: str, column: str, direction: str
) -> None:
    expected = await keys(demo, "ticket", "NOT open", f"{column} {direction}, id {direction}")
    asked = {"filter": {"open": False}, "order": {"field": field, "direction": direction}}
    seen: list[Any] = []
    after = None
    for _ in range(10):
        given = {**asked, "first": 100, "after": after}
        page = (await demo.ask(TICKETS, DISTRICT, **given))["tickets"]
        seen += shown(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert seen == expected
    last = (await demo.ask(TICKETS, DISTRICT, **asked, last=30))["tickets"]
    assert shown(last) == expected[-30:]
    before = {**asked, "last": 30, "before": last["pageInfo"]["startCursor"]}
    assert shown((await demo.ask(TICKETS, DISTRICT, **before))["tickets"]) == expected[-60:-30]
    middle = last["edges"][10]["cursor"]
    between = {**asked, "first": 5, "after": middle, "before": last["edges"][14]["cursor"]}
    page = (await demo.ask(TICKETS, DISTRICT, **between))["tickets"]
    assert shown(page) == shown(last)[11:14]


async def test_the_default_page_is_twenty_newest(demo: Site) -> None:
    expected = await keys(demo, "ticket", "true", "created_at DESC, id DESC")
    assert shown((await demo.ask(TICKETS, DISTRICT))["tickets"]) == expected[:20]


async def test_a_page_of_nothing(demo: Site) -> None:
    page = (await demo.ask(TICKETS, DISTRICT, filter={"status": {"in": []}}))["tickets"]
    nothing = {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }
    assert page == {"totalCount": 0, "edges": [], "pageInfo": nothing}


@pytest.mark.parametrize(
    "given",
    [
        {"first": 0},
        {"first": 101},
        {"first": -1},
        {"last": 0},
        {"last": 101},
        {"first": 2147483647},
        {"first": 1, "last": 1},
    ],
)
async def test_a_page_s_size_is_bounded(demo: Site, given: dict[str, int]) -> None:
    (error,) = await demo.errors(TICKETS, DISTRICT, **given)
    assert error["extensions"]["code"] == "BAD_PAGE_SIZE"


async def test_a_cursor_of_another_order_is_refused(demo: Site) -> None:
    page = (await demo.ask(TICKETS, DISTRICT, first=1))["tickets"]
    order = {"field": "NUMBER", "direction": "ASC"}
    after = page["pageInfo"]["endCursor"]
    (error,) = await demo.errors(TICKETS, DISTRICT, order=order, after=after)
    assert error["extensions"]["code"] == "BAD_CURSOR"


NESTED = """
query($id: ID!, $size: Int, $after: String) {
  good: tickets(first: 1) { nodes { id } }
  tree: orgUnit(id: $id) {
    children {
      latest: tickets(first: $size) {
        edges { node { serviceRecords(after: $after) { nodes { id } } } }
      }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("given", "code", "path"),
    [
        ({"size": 0}, "BAD_PAGE_SIZE", "tree children latest"),
        ({"after": "x"}, "BAD_CURSOR", "tree children latest edges node serviceRecords"),
        ({"id": "x"}, "BAD_ID", "tree"),
    ],
)
async def test_an_error_says_which_field_it_is_about(
    demo: Site, given: dict[str, Any], code: str, path: str
) -> None:
    """A screen of several lists has to know which of its cursors to drop."""
    roots = await demo.ask('{ locality(slug: "weibin") { roots { id } } }')
    unit = roots["locality"]["roots"][0]["id"]
    answer = await demo.post(NESTED, {"id": unit} | given, DISTRICT)
    assert answer.json().keys() == {"errors"}
    (error,) = answer.json()["errors"]
    assert (error["extensions"]["code"], error["path"]) == (code, path.split())


async def test_an_error_of_two_arguments_says_so_too(demo: Site) -> None:
    both = (
        "{ a: tickets(first: 1) { nodes { id } } b: tickets(first: 1, last: 1) { nodes { id } } }"
    )
    (error,) = await demo.errors(both, DISTRICT)
    assert (error["extensions"]["code"], error["path"]) == ("BAD_PAGE_SIZE", ["b"])


RECORDS = """
query($filter: ServiceRecordFilter, $order: ServiceRecordOrder) {
  serviceRecords(filter: $filter, orderBy: $order, first: 100) { totalCount edges { node { id } } }
}
"""


@pytest.mark.parametrize(
    ("filter_", "where"),
    [
        (None, "true"),
        ({"kind": {"in": ["REPAIR", "CARE"]}}, "kind IN ('REPAIR', 'CARE')"),
        ({"at": {"lt": "2026-03-01T00:00:00Z"}}, "at < '2026-03-01 00:00+00'"),
        (
            {"at": {"gte": "2026-03-01T00:00:00Z"}, "kind": {"in": ["VISIT"]}},
            "at >= '2026-03-01 00:00+00' AND kind = 'VISIT'",
        ),
    ],
)
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_service_records_are_filtered(
    demo: Site, filter_: Any, where: str, direction: str
) -> None:
    expected = await keys(demo, "service_record", where, f"at {direction}, id {direction}")
    order = {"field": "AT", "direction": direction}
    page = (await demo.ask(RECORDS, DISTRICT, filter=filter_, order=order))["serviceRecords"]
    assert page["totalCount"] == len(expected)
    assert shown(page) == expected[:100]


UNITS = """
query($locality: String, $filter: OrgUnitFilter, $order: OrgUnitOrder) {
  orgUnits(locality: $locality, filter: $filter, orderBy: $order, first: 1000) {
    totalCount edges { node { id tree } }
  }
}
"""


@pytest.mark.parametrize(
    ("filter_", "where"),
    [
        (None, "true"),
        ({"tree": {"in": ["PARTY"]}}, "tree = 'PARTY'"),
        ({"level": {"in": ["grid", "community"]}}, "level_code IN ('grid', 'community')"),
        ({"division": {"in": ["220102001001"]}}, "division_code = '220102001001'"),
        ({"tree": {"in": ["PLACE"]}}, "false"),
    ],
)
@pytest.mark.parametrize(("order", "by"), [("PATH", "path"), ("NAME", "name, id")])
async def test_units_are_filtered(
    demo: Site, filter_: Any, where: str, order: str, by: str
) -> None:
    rows = await demo.owner.fetch(
        f"SELECT id FROM org_unit WHERE locality_id = 'nanling' AND {where} ORDER BY {by}"
    )
    asked = {"locality": "nanling", "filter": filter_, "order": {"field": order}}
    page = (await demo.ask(UNITS, **asked))["orgUnits"]
    assert page["totalCount"] == len(rows)
    assert shown(page) == [row["id"] for row in rows][:1000]


async def test_a_ticket_s_history_is_a_list_too(demo: Site) -> None:
    query = """
    query($id: ID!, $after: String) { ticket(id: $id) {
      events(first: 5, after: $after) { totalCount nodes { sequence } pageInfo { endCursor hasNextPage } }
      last: events(last: 2) { nodes { sequence } }
      down: events(first: 2, orderBy: {field: SEQUENCE, direction: DESC}) { nodes { sequence } }
    } }
    """
    wall = await demo.ticket("宝氮二区与秦川花园之间围墙倾斜")
    found = (await demo.ask(query, DISTRICT, id=wall))["ticket"]
    assert found["events"]["totalCount"] == 12
    assert [event["sequence"] for event in found["events"]["nodes"]] == [1, 2, 3, 4, 5]
    assert [event["sequence"] for event in found["last"]["nodes"]] == [11, 12]
    assert [event["sequence"] for event in found["down"]["nodes"]] == [12, 11]
    after = found["events"]["pageInfo"]["endCursor"]
    found = (await demo.ask(query, DISTRICT, id=wall, after=after))["ticket"]
    assert [event["sequence"] for event in found["events"]["nodes"]] == [6, 7, 8, 9, 10]
    assert found["events"]["pageInfo"]["hasNextPage"] is True


OF_UNIT = """
query($id: ID!, $status: [TicketStatus!]) {
  orgUnit(id: $id) {
    tickets(within: SUBTREE, first: 100, filter: { status: { in: $status } }) {
      totalCount edges { node { id } }
    }
  }
}
"""


async def test_a_ticket_is_listed_under_the_status_that_it_has(shop: Site) -> None:
    """In the list of its grid and of the whole place, as soon as the verb is answered."""
    ticket = await lived(shop, "DISPUTED")
    grid = await shop.unit("weibin", GRID)
    top = await shop.owner.fetchval(
        "SELECT id FROM org_unit WHERE locality_id = 'weibin' AND path = '0000'"
    )
    for verb, status in ((None, "DISPUTED"), ("ticketRule", "DISPATCHED")):
        if verb:
            await does(shop, verb, DISTRICT, ticket)
        for unit in (grid, f"unit_weibin_{top}"):
            for asked in (["DISPUTED"], ["DISPATCHED"], ["DISPATCHED", "DISPUTED"]):
                answer = await shop.ask(OF_UNIT, DISTRICT, id=unit, status=asked)
                page = answer["orgUnit"]["tickets"]
                assert (key_of(ticket) in shown(page)) is (status in asked)
                assert page["totalCount"] == len(page["edges"])
