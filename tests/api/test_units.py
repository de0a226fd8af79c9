"""A unit's tree both ways, as of a day, who covers it, and what happened in it."""

from typing import Any

import pytest

from tests.api.acting import CHIEF, DISTRICT, GRID, reported
from tests.api.served import Site, key_of


async def unit(
    site: Site, asked: str, name: str = "姜谭路西社区", by: str | None = DISTRICT
) -> Any:
    """A unit of 渭滨, read as asked."""
    id_ = await site.unit("weibin", name)
    return (await site.ask(f"query($id: ID!) {{ orgUnit(id: $id) {{ {asked} }} }}", by, id=id_))[
        "orgUnit"
    ]


async def test_what_a_unit_is(demo: Site) -> None:
    asked = """
    name code tree depth parentId households validFrom validTo level { code } locality { slug }
    division { code } parent { id name } ancestors { name }
    """
    found = await unit(demo, asked, by=None)
    town = await demo.unit("weibin", "姜谭街道")
    code = found.pop("code")
    assert code
    assert found == {
        "name": "姜谭路西社区",
        "tree": "GRID",
        "depth": 3,
        "parentId": town,
        "households": None,
        "validFrom": None,
        "validTo": None,
        "level": {"code": "community"},
        "locality": {"slug": "weibin"},
        "division": {"code": "610302004008"},
        "parent": {"id": town, "name": "姜谭街道"},
        "ancestors": [{"name": "渭滨区"}, {"name": "姜谭街道"}],
    }
    top = await unit(demo, "parent { id } parentId ancestors { id }", "渭滨区")
    assert top == {"parent": None, "parentId": None, "ancestors": []}


@pytest.mark.parametrize(
    ("deep", "expected"), [(None, 441), (1, 8), (2, 76), (3, 441), (0, 0), (-1, 0)]
)
async def test_descendants_are_flat(demo: Site, deep: int | None, expected: int) -> None:
    query = """
    query($id: ID!, $deep: Int) { orgUnit(id: $id) { id
      descendants(maxDepth: $deep, first: 1000) { totalCount nodes { id depth parentId } }
    } }
    """
    top = (await demo.ask(query, id=await demo.unit("weibin", "渭滨区"), deep=deep))["orgUnit"]
    found = top["descendants"]["nodes"]
    assert top["descendants"]["totalCount"] == len(found) == expected
    depths = {top["id"]: 1}
    for below in found:  # a parent comes before its children
        assert below["depth"] == depths[below["parentId"]] + 1
        depths[below["id"]] = below["depth"]
    assert len(depths) == expected + 1


async def test_the_greatest_depth_is_a_depth(demo: Site) -> None:
    assert (await unit(demo, "descendants(maxDepth: 2147483647) { totalCount }"))["descendants"]


async def test_descendants_page_both_ways(demo: Site) -> None:
    query = """
    query($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { orgUnit(id: $id) {
      descendants(first: $first, after: $after, last: $last, before: $before) {
        edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    } }
    """
    id_ = await demo.unit("weibin", "姜谭路西社区")

    async def page(**given: Any) -> tuple[list[str], Any]:
        found = (await demo.ask(query, id=id_, **given))["orgUnit"]["descendants"]
        return [edge["node"]["name"] for edge in found["edges"]], found["pageInfo"]

    whole, _ = await page(first=100)
    assert len(whole) == 24
    forward, info = await page(first=10)
    assert (info["hasNextPage"], info["hasPreviousPage"]) == (True, False)
    then, info = await page(first=20, after=info["endCursor"])
    assert (info["hasNextPage"], info["hasPreviousPage"]) == (False, True)
    assert forward + then == whole
    back, info = await page(last=5)
    assert (back, info["hasPreviousPage"], info["hasNextPage"]) == (whole[-5:], True, False)
    before, _ = await page(last=5, before=info["startCursor"])
    assert before == whole[-10:-5]


COVERS = "coveredBy { title kind unit { name } holder { name } cover { name } }"


async def test_who_covers_a_unit_nearest_first(demo: Site) -> None:
    posts = (await unit(demo, COVERS, GRID, by=None))["coveredBy"]
    units: list[str] = []
    for post in posts:
        if post["unit"]["name"] not in units:
            units.append(post["unit"]["name"])
    assert units == [GRID, "姜谭路西社区", "姜谭街道", "渭滨区"]
    assert (posts[0]["title"], posts[-1]["title"]) == ("基础网格长", "区级网格长")
    assert posts[0]["holder"]["name"] == (await demo.person(CHIEF)).name
    chiefs = await unit(demo, "coveredBy(kinds: [GRID_CHIEF, PARTY_SECRETARY]) { title }", GRID)
    titles = ["基础网格长", "社区党委书记", "社区网格长", "镇街网格长", "区级网格长"]
    assert [post["title"] for post in chiefs["coveredBy"]] == titles
    assert await unit(demo, "coveredBy(kinds: []) { title }", GRID) == {"coveredBy": []}


async def test_who_covers_a_unit_with_substitutes(demo: Site) -> None:
    """鑫茂's generalists stand in for one another (AB角)."""
    id_ = await demo.unit("xinmao", "鑫茂东苑1号楼1单元")
    query = f"query($id: ID!) {{ orgUnit(id: $id) {{ {COVERS} }} }}"
    posts = (await demo.ask(query, id=id_))["orgUnit"]["coveredBy"]
    pairs = [post for post in posts if post["holder"] and post["cover"]]
    assert pairs
    assert all(post["holder"] != post["cover"] for post in pairs)


WITHIN = {
    "SELF": "t.unit_path = u.path",
    "CHILDREN": "starts_with(t.unit_path, u.path) AND length(t.unit_path) = length(u.path) + 4",
    "SUBTREE": "starts_with(t.unit_path, u.path)",
}


@pytest.mark.parametrize("within", WITHIN)
@pytest.mark.parametrize(
    ("field", "table"), [("tickets", "ticket"), ("serviceRecords", "service_record")]
)
@pytest.mark.parametrize(
    ("slug", "name"), [("weibin", "姜谭路西社区"), ("huazhou", "大街社区"), ("weibin", GRID)]
)
async def test_what_happened_within(
    demo: Site, within: str, field: str, table: str, slug: str, name: str
) -> None:
    order = "created_at" if table == "ticket" else "at"
    rows = await demo.owner.fetch(
        f"SELECT t.id FROM {table} t JOIN org_unit u ON u.locality_id = t.locality_id "
        f"WHERE u.locality_id = $1 AND u.name = $2 AND {WITHIN[within]} ORDER BY t.{order} DESC, t.id DESC",
        slug,
        name,
    )
    query = f"""
    query($id: ID!) {{ orgUnit(id: $id) {{
      {field}(within: {within}, first: 100) {{ totalCount nodes {{ id }} }}
    }} }}
    """
    found = (await demo.ask(query, slug, id=await demo.unit(slug, name)))["orgUnit"][field]
    assert found["totalCount"] == len(rows)
    assert [key_of(node["id"]) for node in found["nodes"]] == [row["id"] for row in rows][:100]


AS_OF = """
query($id: ID!, $grid: ID!, $at: Date) {
  orgUnit(id: $id, at: $at) {
    children { name }
    descendants(first: 100) { totalCount }
  }
  today: orgUnit(id: $id) { children(at: $at) { name } descendants(at: $at, first: 100) { totalCount } }
  orgUnits(locality: "weibin", at: $at, filter: { level: { in: ["grid"] } }) { totalCount }
  grid: orgUnit(id: $grid, at: $at) { name validFrom validTo }
}
"""


async def test_the_tree_as_of_a_day(own: Site) -> None:
    """宝氮二区网格 opens on 1 March and closes on 1 June."""
    grid = await own.unit("weibin", GRID)
    await own.owner.execute(
        "UPDATE org_unit SET valid_from = '2026-03-01', valid_to = '2026-06-01' WHERE id = $1",
        key_of(grid),
    )
    given = {"id": await own.unit("weibin", "姜谭路西社区"), "grid": grid}
    for at, there in (
        ("2026-02-28", False),
        ("2026-03-01", True),
        ("2026-05-31", True),
        ("2026-06-01", False),
        (None, False),
    ):
        data = await own.ask(AS_OF, at=at, **given)
        for top in (data["orgUnit"], data["today"]):
            names = [child["name"] for child in top["children"]]
            assert ((GRID in names), len(names)) == (there, 23 + there), at
            assert top["descendants"]["totalCount"] == 23 + there
        assert data["orgUnits"]["totalCount"] == 364 + there
        expected = {"name": GRID, "validFrom": "2026-03-01", "validTo": "2026-06-01"}
        assert data["grid"] == (expected if there else None)


async def test_a_closed_unit_keeps_its_history(own: Site) -> None:
    ticket = await reported(own)
    grid = await own.unit("weibin", GRID)
    await own.owner.execute(
        "UPDATE org_unit SET valid_to = CURRENT_DATE WHERE id = $1", key_of(grid)
    )
    query = "query($id: ID!) { ticket(id: $id) { orgUnit { name validTo } } }"
    found = (await own.ask(query, DISTRICT, id=ticket))["ticket"]["orgUnit"]
    assert found["name"] == GRID
    assert found["validTo"] is not None


async def test_who_held_a_post_on_a_day(own: Site) -> None:
    grid = await own.unit("weibin", GRID)
    await own.owner.execute(
        "UPDATE appointment a SET valid_to = '2026-06-01' FROM post p WHERE p.id = a.post_id "
        "AND p.unit_id = $1 AND p.role_code = 'grid_chief'",
        key_of(grid),
    )
    query = """
    query($id: ID!) { orgUnit(id: $id) { posts(kinds: [GRID_CHIEF]) {
      before: holder(at: "2026-05-31") { name } after: holder(at: "2026-06-01") { name } holder { name }
    } } }
    """
    (post,) = (await own.ask(query, id=grid))["orgUnit"]["posts"]
    assert post["before"]["name"]
    assert (post["after"], post["holder"]) == (None, None)
