"""Corners that once broke: small requests that generated ones found, or nearly did."""

from typing import Any

import pytest

from db.pool import Database
from schema.api import API
from tests.compiler.running import ask
from tests.compiler.world import World


async def test_a_list_of_which_no_column_is_asked(database: Database, world: World) -> None:
    places = [{"__typename": "Locality"}] * 2
    assert await ask(database, world, "{ localities { __typename } }") == {"localities": places}
    text = "query($no: Boolean!) { localities { slug @include(if: $no) } }"
    assert await ask(database, world, text, no=False) == {"localities": [{}, {}]}


@pytest.mark.parametrize("paged", ["first: 2", "last: 2"])
async def test_a_page_of_which_no_column_is_asked(
    database: Database, world: World, paged: str
) -> None:
    for kind in ("tickets", "orgUnits", "serviceRecords"):
        text = f"{{ {kind}({paged}) {{ nodes {{ __typename }} edges {{ __typename }} }} }}"
        answer = await ask(database, world, text)
        assert [len(answer[kind][part]) for part in ("nodes", "edges")] == [2, 2]
        skipped = text.replace("__typename", "... @include(if: false) { __typename }")
        assert await ask(database, world, skipped) == {kind: {"nodes": [{}, {}], "edges": [{}, {}]}}


ONLY_FROM_ABOVE = [
    "{ localities { roots { locality { slug } } } }",
    '{ locality(slug: "riverside") { roots { locality { slug } } } }',
    "{ viewer { locality { roots { locality { slug } } } } }",
    '{ nodes(ids: "unit/S") { ... on OrgUnit { children { locality { slug } } } } }',
    '{ division(code: "441900003001") { orgUnits { ancestors { locality { slug } } } } }',
]


@pytest.mark.parametrize("text", ONLY_FROM_ABOVE)
async def test_a_list_whose_items_read_a_row_above_only(
    database: Database, world: World, text: str
) -> None:
    """SQL gives an aggregate over nothing but outer columns to the outer query."""
    with_own = text.replace("slug } }", "slug } own: code }")
    assert await ask(database, world, text) == without(await ask(database, world, with_own), "own")


def without(value: Any, name: str) -> Any:
    """JSON without the members of a name."""
    if isinstance(value, list):
        return [without(each, name) for each in value]
    if isinstance(value, dict):
        return {key: without(each, name) for key, each in value.items() if key != name}
    return value


@pytest.mark.parametrize("alias", ["rows", "cursors", "one", "page_row", "t0", "nodes", "edges"])
async def test_a_page_under_any_alias(database: Database, world: World, alias: str) -> None:
    """The statement's own names are not the client's."""
    info = "pageInfo { hasNextPage endCursor }"
    plain = await ask(database, world, f"{{ tickets(first: 2) {{ x: nodes {{ id }} {info} }} }}")
    text = f"{{ tickets(first: 2) {{ {alias}: nodes {{ id }} {info} }} }}"
    named = await ask(database, world, text)
    assert named["tickets"] == {
        alias: plain["tickets"]["x"],
        "pageInfo": plain["tickets"]["pageInfo"],
    }


async def test_aliases_longer_than_an_identifier(database: Database, world: World) -> None:
    """PostgreSQL cuts names at 63 bytes; these differ after that."""
    a, b = "x" * 80 + "a", "x" * 80 + "b"
    text = f"{{ tickets(first: 1) {{ {a}: nodes {{ id }} {b}: nodes {{ number }} }} }}"
    answer = await ask(database, world, text)
    assert list(answer["tickets"][a][0]) == ["id"]
    assert list(answer["tickets"][b][0]) == ["number"]


async def test_introspection_beside_data(database: Database, world: World) -> None:
    text = "query($id: ID!) { node(id: $id) { id } __schema { queryType { name } } }"
    unit = world.global_id("org_unit", world.unit("S"))
    assert await ask(database, world, text, id=unit) == {
        "node": {"id": unit},
        "__schema": {"queryType": {"name": "Query"}},
    }
    text = '{ localities { slug } __type(name: "Ticket") { name } }'
    answer = await ask(database, world, text)
    assert answer["__type"] == {"name": "Ticket"}


async def test_introspection_with_variables(database: Database, world: World) -> None:
    text = "query($of: String!, $yes: Boolean!) { __type(name: $of) { name @include(if: $yes) } }"
    answer = await ask(database, world, text, of="Ticket", yes=True)
    assert answer == {"__type": {"name": "Ticket"}}


async def test_an_alias_like_a_meta_field(database: Database, world: World) -> None:
    """`__typename` may be the name of anything; both exits agree."""
    text = '{ node(id: "unit/S") { ... on OrgUnit { __typename: code } } MORE }'
    alone = await ask(database, world, text.replace("MORE", ""))
    assert alone == {"node": {"__typename": "S"}}
    beside = await ask(database, world, text.replace("MORE", "__schema { queryType { name } }"))
    assert beside["node"] == alone["node"]


@pytest.mark.parametrize("depth", [2**31 - 1, 2**31 - 2, -(2**31)])
async def test_any_depth_may_be_asked_for(database: Database, world: World, depth: int) -> None:
    text = 'query($d: Int) { orgUnit(id: "unit/S") { descendants(maxDepth: $d) { totalCount } } }'
    answer = await ask(database, world, text, d=depth)
    all_below = await ask(database, world, text, d=None)
    assert answer == all_below or depth < 0


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_an_instant_outside_the_calendar_is_refused(
    database: Database, world: World, moment: str
) -> None:
    """It is a bad value of the caller's, not an internal error."""
    by_variable = "query($t: DateTime) { tickets(filter: {createdAt: {gte: $t}}) { totalCount } }"
    assert await ask(database, world, by_variable, t=moment) == ["BAD_VARIABLE"]
    literal = by_variable.replace("$t: DateTime", "$x: Int").replace("$t", f'"{moment}"')
    literal = literal.replace("($x: Int)", "")
    assert await ask(database, world, literal) == ["GRAPHQL_VALIDATION_FAILED"]


async def test_the_last_day_of_the_calendar_is_refused(database: Database, world: World) -> None:
    """asyncpg sends `date.max` as infinity, on which nothing holds any more; no day nears it."""
    text = "query($day: Date) { orgUnits(at: $day) { totalCount } }"
    before = await ask(database, world, text, day="2999-12-31")
    assert before["orgUnits"]["totalCount"] > 0
    for day in ("3000-01-01", "9999-12-31"):
        assert isinstance(API.prepare(text, None, {"day": day}), list)


@pytest.mark.parametrize(
    "text",
    [
        "{ tickets(first: 0) { totalCount } }",
        "{ tickets(first: 101) { __typename } }",
        '{ tickets(after: "x") { totalCount } }',
    ],
)
async def test_bad_paging_is_refused_whatever_is_asked(
    database: Database, world: World, text: str
) -> None:
    assert await ask(database, world, text) in (["BAD_PAGE_SIZE"], ["BAD_CURSOR"])
