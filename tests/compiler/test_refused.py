"""What a request may not say: each refusal has a code, and no statement runs."""

import base64

import pytest

from compiler.limits import DEEPEST_OBJECTS
from db.pool import Database
from schema.api import API
from tests.compiler.oracle_sight import Sight
from tests.compiler.running import Counting, ask
from tests.compiler.world import World

NOBODY = "00000000-0000-7000-8000-000000000000"


def seen(world: World) -> int:
    """How many tickets the street sees: most there are."""
    count = len(Sight(world, world.viewers["street"]).rows("ticket"))
    assert 30 < count < 100
    return count


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
    assert len((await ask(database, world, text, n=100))["tickets"]["nodes"]) == seen(world)
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

    assert await ask(database, world, nested(DEEPEST_OBJECTS)) == {"orgUnit": {"parent": None}}
    assert await ask(database, world, nested(DEEPEST_OBJECTS + 1)) == ["TOO_DEEP"]


async def test_a_locality_is_asked_for_only_of_who_has_none(
    database: Database, world: World
) -> None:
    text = "{ tickets { totalCount } }"
    assert (await ask(database, world, text))["tickets"]["totalCount"] == seen(world)
    caller = Counting(database, world.viewers["public"])
    result = await API.execute(text, context_value=caller)
    assert [error.extensions for error in result.errors or ()] == [{"code": "LOCALITY_REQUIRED"}]
