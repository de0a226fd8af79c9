"""The four requests that define the API, as they stand, on the demo's own places."""

from importlib.resources import files
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.app import make_app
from server.example import examples
from tests.api.acting import DISTRICT, RESIDENT
from tests.api.served import KEY, Site
from tests.conftest import SHARED

NAMES = ("tree", "board", "chain", "list")
OPEN = ["REPORTED", "ACCEPTED", "DISPATCHED", "IN_PROGRESS", "JOINT", "RESOLVED", "VERIFIED"]


def request(name: str) -> str:
    return (files("server") / "examples" / f"{name}.graphql").read_text("utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_requests_are_the_ones_agreed_on(name: str) -> None:
    agreed: Path = SHARED / "queries" / f"{name}.graphql"
    if not agreed.exists():
        pytest.skip("shared/queries is not here")
    assert request(name).encode() == agreed.read_bytes()


async def test_tree(demo: Site) -> None:
    """姜谭路西: 24 grids and 50 网格员, two compounds by name, everybody's office held."""
    unit = await demo.unit("weibin", "姜谭路西社区")
    tree = (await demo.ask(request("tree"), id=unit))["orgUnit"]
    assert (tree["id"], tree["name"]) == (unit, "姜谭路西社区")
    assert tree["level"] == {"name": "社区网格", "kind": "COMMUNITY"}
    assert [post["title"] for post in tree["posts"]] == [
        "社区党委书记",
        "社区网格长",
        "街长",
        "店长",
    ]
    grids = tree["children"]
    assert len(grids) == 24
    assert [grid["name"] for grid in grids[:3]] == [
        "宝氮二区网格",
        "秦川花园网格",
        "姜谭路西第3网格",
    ]
    assert {grid["level"]["kind"] for grid in grids} == {"GRID"}
    assert all(grid["children"] == [] for grid in grids)
    posts = [post for grid in grids for post in grid["posts"]]
    workers = [post for post in posts if post["kind"] == "GRID_WORKER"]
    assert len(workers) == 50
    assert all(post["holder"]["name"] for post in workers)
    assert sum(post["kind"] == "GRID_CHIEF" for post in posts) == 24
    assert len({grid["id"] for grid in grids}) == len({grid["code"] for grid in grids}) == 24


async def test_tree_of_four_levels(demo: Site) -> None:
    """南岭: community, grids, buildings, stairwells, each under the right one."""
    unit = await demo.unit("nanling", "华阳社区")
    tree = (await demo.ask(request("tree"), id=unit))["orgUnit"]
    kinds: list[set[str]] = []
    level = [tree]
    while level:
        kinds.append({unit["level"]["kind"] for unit in level})
        level = [below for unit in level for below in unit.get("children", [])]
    assert kinds == [{"COMMUNITY"}, {"GRID"}, {"BUILDING"}, {"STAIRWELL"}]
    sql = """
        SELECT count(*) FROM org_unit u JOIN org_unit t ON t.locality_id = u.locality_id
        AND starts_with(u.path, t.path) WHERE t.locality_id = 'nanling' AND t.name = '华阳社区'
    """
    assert count(tree) == await demo.owner.fetchval(sql)


def count(unit: Any) -> int:
    return 1 + sum(map(count, unit.get("children", [])))


async def test_board(demo: Site) -> None:
    """Each community of 姜谭街道 with its ten newest open tickets, as its chief sees them."""
    unit = await demo.unit("weibin", "姜谭街道")
    board = (await demo.ask(request("board"), DISTRICT, id=unit))["orgUnit"]
    assert board["name"] == "姜谭街道"
    names = [child["name"] for child in board["children"]]
    assert "姜谭路西社区" in names
    sql = """
        SELECT c.name, t.number FROM ticket t JOIN org_unit c ON c.locality_id = t.locality_id
        AND starts_with(t.unit_path, c.path) JOIN org_unit s ON s.id = c.parent_id
        WHERE t.open AND s.name = '姜谭街道' ORDER BY t.created_at DESC, t.id DESC
    """
    expected: dict[str, list[str]] = {name: [] for name in names}
    for row in await demo.owner.fetch(sql):
        expected[row["name"]].append(row["number"])
    assert any(expected.values())
    shown = {c["name"]: [t["number"] for t in c["tickets"]["nodes"]] for c in board["children"]}
    assert shown == {name: numbers[:10] for name, numbers in expected.items()}
    for child in board["children"]:
        for ticket in child["tickets"]["nodes"]:
            assert ticket["status"] not in ("CLOSED", "REJECTED", "MERGED", "WITHDRAWN")
            assert ticket["category"]["name"]
            assert ticket["reporter"]["name"]
            services = ticket["serviceRecords"]["nodes"]
            assert len(services) <= 3
            assert [s["at"] for s in services] == sorted((s["at"] for s in services), reverse=True)


async def test_board_for_the_public_holds_no_ticket(demo: Site) -> None:
    unit = await demo.unit("weibin", "姜谭街道")
    board = (await demo.ask(request("board"), id=unit))["orgUnit"]
    assert board["children"]
    assert all(child["tickets"]["nodes"] == [] for child in board["children"])


async def test_chain(demo: Site) -> None:
    """The unsafe wall: grid to community to street, and whom it reached there."""
    wall = await demo.ticket("宝氮二区与秦川花园之间围墙倾斜")
    ticket = (await demo.ask(request("chain"), DISTRICT, id=wall))["ticket"]
    assert ticket["orgUnit"]["name"] == "宝氮二区网格"
    above = [(unit["name"], unit["level"]["kind"]) for unit in ticket["orgUnit"]["ancestors"]]
    assert above == [("渭滨区", "DISTRICT"), ("姜谭街道", "STREET"), ("姜谭路西社区", "COMMUNITY")]
    hops = ticket["escalationChain"]
    assert [hop["sequence"] for hop in hops] == [1, 2, 3, 4]
    ways = [(hop["route"], hop["fromUnit"]["name"], hop["toUnit"]["name"]) for hop in hops]
    assert ways == [
        ("UP", "宝氮二区网格", "姜谭路西社区"),
        ("UP", "姜谭路西社区", "姜谭街道"),
        ("JOINT", "姜谭街道", "姜谭街道"),
        ("JOINT", "姜谭街道", "姜谭路西社区"),
    ]
    assert [hop["at"] for hop in hops] == sorted(hop["at"] for hop in hops)
    assert hops[0]["leftAt"] == hops[1]["at"]
    (chief,) = hops[1]["toUnit"]["posts"]
    assert chief["title"] == "镇街网格长"
    assert chief["holder"]["name"] == (await demo.person("weibin/姜谭街道")).name
    assert ticket["nextHop"] is None
    assert [s["kind"] for s in ticket["serviceRecords"]["nodes"]] == ["FOLLOW_UP", "REPAIR"]


async def test_chain_of_an_open_ticket_tells_what_is_next(demo: Site) -> None:
    sql = "SELECT id, next_rule FROM ticket WHERE locality_id = 'weibin' AND next_route = 'UP' LIMIT 1"
    row = await demo.owner.fetchrow(sql)
    assert row is not None
    asked = f"ticket_weibin_{row['id']}"
    ahead = (await demo.ask(request("chain"), DISTRICT, id=asked))["ticket"]["nextHop"]
    assert (ahead["route"], ahead["rule"]) == ("UP", row["next_rule"])
    assert ahead["dueAt"]
    assert ahead["toUnit"]["posts"][0]["title"]


async def test_chain_for_the_public_is_null(demo: Site) -> None:
    wall = await demo.ticket("宝氮二区与秦川花园之间围墙倾斜")
    assert await demo.ask(request("chain"), id=wall) == {"ticket": None}


async def test_list(demo: Site) -> None:
    """All open tickets of 渭滨 in pages of seven, newest first, none twice and none left out."""
    unit = await demo.unit("weibin", "渭滨区")
    after, seen = None, list[dict[str, Any]]()
    while True:
        given = {"id": unit, "status": OPEN, "first": 7, "after": after}
        page = (await demo.ask(request("list"), DISTRICT, **given))["orgUnit"]["tickets"]
        seen += [edge["node"] for edge in page["edges"]]
        assert "totalCount" not in page
        assert page["pageInfo"]["endCursor"] == page["edges"][-1]["cursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        assert len(page["edges"]) == 7
        after = page["pageInfo"]["endCursor"]
    rows = await demo.owner.fetch(
        "SELECT number FROM ticket WHERE locality_id = 'weibin' AND status = ANY($1) "
        "ORDER BY created_at DESC, id DESC",
        OPEN,
    )
    assert len(rows) > 14
    assert [ticket["number"] for ticket in seen] == [row["number"] for row in rows]
    for ticket in seen:
        assert ticket["status"] in OPEN
        assert ticket["category"]["name"]
        assert ticket["orgUnit"]["name"]
        assert ticket["createdAt"] < ticket["dueAt"] or ticket["dueAt"] is None


async def test_list_without_a_status_or_size_is_fifty_of_all(demo: Site) -> None:
    unit = await demo.unit("weibin", "渭滨区")
    page = (await demo.ask(request("list"), DISTRICT, id=unit))["orgUnit"]["tickets"]
    assert len(page["edges"]) == 50
    assert len({edge["node"]["status"] for edge in page["edges"]}) > 1


async def test_list_for_a_resident_is_their_own(demo: Site) -> None:
    unit = await demo.unit("weibin", "渭滨区")
    page = (await demo.ask(request("list"), RESIDENT, id=unit))["orgUnit"]["tickets"]
    me = (await demo.person(RESIDENT)).name
    assert {edge["node"]["reporter"]["name"] for edge in page["edges"]} <= {me}


async def test_the_page_s_examples_answer(demo: Site) -> None:
    """The ids that the first page offers lead somewhere, also for somebody without a token."""
    offered = {example.name: example for example in await examples(demo.database)}
    assert set(offered) == set(NAMES)
    for name in ("tree", "board", "list"):
        example = offered[name]
        data = await demo.ask(example.query, **example.variables)
        assert data["orgUnit"], name
    tree = offered["tree"]
    assert (await demo.ask(tree.query, **tree.variables))["orgUnit"]["children"]


async def test_the_page_s_chain_names_a_ticket(demo: Site) -> None:
    offered = {example.name: example for example in await examples(demo.database)}
    given = offered["chain"].variables
    assert (await demo.ask(request("chain"), DISTRICT, **given))["ticket"]["escalationChain"]


async def test_the_app_offers_them_on_its_first_page(demo: Site) -> None:
    app = make_app(demo.database, KEY, await examples(demo.database), demo=True)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://linli.test"
    ) as client:
        page = await client.get("/")
    assert all(f'id="{name}"' in page.text for name in NAMES)
