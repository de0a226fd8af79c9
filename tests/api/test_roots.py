"""Every root of a read answers what the database holds, in order, and null where nothing is."""

from typing import Any

import pytest

from tests.api.acting import CHIEF, DISTRICT, ELSEWHERE, GRID, RESIDENT, SIBLING, reported
from tests.api.served import Site

NOBODY_S = "019b71b5-3660-7a96-b208-76e3beb113d7"
SLUGS = ["bailong", "hejiang", "huazhou", "nanling", "weibin", "xinmao"]


async def test_viewer(demo: Site) -> None:
    query = "{ viewer { person { id name posts { title unit { name } } } locality { slug } } }"
    nobody = {"viewer": {"person": None, "locality": None}}
    assert await demo.ask(query) == nobody
    worker, resident = await demo.person(CHIEF), await demo.person(RESIDENT)
    viewer = (await demo.ask(query, CHIEF))["viewer"]
    assert viewer == {
        "person": {
            "id": f"person_weibin_{worker.person}",
            "name": worker.name,
            "posts": [{"title": "基础网格长", "unit": {"name": GRID}}],
        },
        "locality": {"slug": "weibin"},
    }
    viewer = (await demo.ask(query, RESIDENT))["viewer"]
    assert (viewer["person"]["name"], viewer["person"]["posts"]) == (resident.name, [])


@pytest.mark.parametrize(
    ("phone", "address", "shown"),
    [
        ("8675309", "岗贝3号", ["****", "****"]),
        ("1380000001", "十一个字的地址在这里啊", ["****", "****"]),
        ("13800000001", "十二个字的地址在这里了啊", ["138****0001", "十二个字的地****"]),
        (None, None, [None, None]),
    ],
)
async def test_a_mask_hides_something_of_every_value(
    demo: Site, phone: str | None, address: str | None, shown: list[str | None]
) -> None:
    me = (await demo.person(RESIDENT)).person
    was = await demo.owner.fetchrow(OWN_DATA, me)
    assert was is not None
    try:
        await demo.owner.execute(SET_OWN_DATA, me, phone, address)
        answer = await demo.ask("{ viewer { person { private { phone address } } } }", RESIDENT)
    finally:
        await demo.owner.execute(SET_OWN_DATA, me, was["phone"], was["address"])
    assert list(answer["viewer"]["person"]["private"].values()) == shown


OWN_DATA = "SELECT phone, address FROM person_private WHERE person_id = $1"
SET_OWN_DATA = "UPDATE person_private SET phone = $2, address = $3 WHERE person_id = $1"


async def test_viewer_s_own_data_are_masked(shop: Site) -> None:
    query = """
    { viewer { person { private { phone address } reported(first: 3) { totalCount nodes { reporter { id } } } } } }
    """
    await reported(shop)
    me = await shop.person(RESIDENT)
    row = await shop.owner.fetchrow(OWN_DATA, me.person)
    assert row is not None
    person = (await shop.ask(query, RESIDENT))["viewer"]["person"]
    assert person["private"]["phone"] == f"{row['phone'][:3]}****{row['phone'][-4:]}"
    assert person["private"]["address"] in ("****", f"{row['address'][:6]}****")
    sql = "SELECT count(*) FROM ticket WHERE reporter_id = $1"
    assert person["reported"]["totalCount"] == await shop.owner.fetchval(sql, me.person)
    assert {t["reporter"]["id"] for t in person["reported"]["nodes"]} == {
        f"person_weibin_{me.person}"
    }


NODE = """
fragment Any on Node {
  __typename id
  ... on OrgUnit { name } ... on Person { who: name } ... on Post { title }
  ... on Ticket { number } ... on ServiceRecord { kind }
}
"""


async def of_each_kind(site: Site) -> dict[str, str]:
    """The id of one thing of each kind, all of 宝氮二区网格."""
    row = await site.owner.fetchrow(
        """
        SELECT u.id AS "OrgUnit", p.id AS "Post", t.id AS "Ticket", s.id AS "ServiceRecord",
            (SELECT id FROM person WHERE unit_id = u.id AND NOT published LIMIT 1) AS "Person"
        FROM org_unit u JOIN post p ON p.unit_id = u.id JOIN ticket t ON t.unit_id = u.id
        JOIN service_record s ON s.ticket_id = t.id WHERE u.name = $1 AND NOT t.open
        ORDER BY t.id, s.id, p.position LIMIT 1
        """,
        GRID,
    )
    assert row is not None
    tags = {"OrgUnit": "unit", "Post": "post", "Ticket": "ticket", "ServiceRecord": "record"}
    return {name: f"{tags.get(name, 'person')}_weibin_{key}" for name, key in row.items()}


async def test_node(demo: Site) -> None:
    query = "query($id: ID!) { node(id: $id) { ...Any } }" + NODE
    for kind, id_ in (await of_each_kind(demo)).items():
        found = (await demo.ask(query, DISTRICT, id=id_))["node"]
        assert (found["__typename"], found["id"]) == (kind, id_)
        assert len(found) == 3
    for absent in (
        f"unit_weibin_{NOBODY_S}",
        f"ticket_nowhere_{NOBODY_S}",
        f"none_weibin_{NOBODY_S}",
    ):
        assert await demo.ask(query, DISTRICT, id=absent) == {"node": None}


async def test_nodes_keep_their_order_and_leave_holes(demo: Site) -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ...Any } }" + NODE
    kinds = await of_each_kind(demo)
    absent = f"unit_weibin_{NOBODY_S}"
    asked = [*kinds.values(), absent, *reversed(kinds.values())]
    shown = [*kinds, None, *reversed(kinds)]
    found = (await demo.ask(query, DISTRICT, ids=asked))["nodes"]
    assert [node and node["__typename"] for node in found] == shown
    assert [node and node["id"] for node in found] == [None if i == absent else i for i in asked]
    found = (await demo.ask(query, ids=asked))["nodes"]
    public = {"OrgUnit", "Post"}
    assert [node and node["__typename"] for node in found] == [
        kind if kind in public else None for kind in shown
    ]
    assert await demo.ask(query, ids=[]) == {"nodes": []}


@pytest.mark.parametrize(
    ("ids", "code"),
    [(["x"], "BAD_ID"), ([f"unit_weibin_{NOBODY_S}"] * 101, "TOO_MANY_IDS"), ([""], "BAD_ID")],
)
async def test_nodes_are_refused(demo: Site, ids: list[str], code: str) -> None:
    (error,) = await demo.errors("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids)
    assert error["extensions"]["code"] == code


async def test_localities(demo: Site) -> None:
    query = """
    { localities {
      slug name timeZone division { code } profile { revision digest body }
      levels { code name kind tree depth } categories { code name severity hours } roots { name depth parentId }
    } }
    """
    places = (await demo.ask(query))["localities"]
    assert [place["slug"] for place in places] == SLUGS
    for place in places:
        assert place["profile"]["body"]["slug"] == place["slug"]
        assert len(place["profile"]["digest"]) == 64
        assert place["division"]["code"]
        assert [c["code"] for c in place["categories"]] == sorted(
            c["code"] for c in place["categories"]
        )
        assert place["roots"]
        assert all((root["depth"], root["parentId"]) == (1, None) for root in place["roots"])
    weibin = places[SLUGS.index("weibin")]
    assert [(level["name"], level["kind"]) for level in weibin["levels"]] == [
        ("区级网格", "DISTRICT"),
        ("镇街网格", "STREET"),
        ("社区网格", "COMMUNITY"),
        ("基础网格", "GRID"),
    ]


async def test_locality(demo: Site) -> None:
    query = "query($slug: String!) { locality(slug: $slug) { slug roots { name } } }"
    found = await demo.ask(query, slug="weibin")
    assert found == {"locality": {"slug": "weibin", "roots": [{"name": "渭滨区"}]}}
    for absent in ("nowhere", "", "Weibin", "weibin'"):
        assert await demo.ask(query, slug=absent) == {"locality": None}


async def test_division(demo: Site) -> None:
    query = """
    query($code: String!) { division(code: $code) {
      code name level parentCode validTo children { code } ancestors { name level }
      orgUnits { name locality { slug } }
    } }
    """
    found = (await demo.ask(query, code="610302004000"))["division"]
    assert found == {
        "code": "610302004000",
        "name": "姜谭街道",
        "level": "TOWNSHIP",
        "parentCode": "610302000000",
        "validTo": None,
        "children": [{"code": "610302004008"}],
        "ancestors": [
            {"name": "陕西省", "level": "PROVINCE"},
            {"name": "宝鸡市", "level": "PREFECTURE"},
            {"name": "渭滨区", "level": "COUNTY"},
        ],
        "orgUnits": [{"name": "姜谭街道", "locality": {"slug": "weibin"}}],
    }
    top = (await demo.ask(query, code="610000000000"))["division"]
    assert (top["ancestors"], top["parentCode"], top["orgUnits"]) == ([], None, [])
    codes = [child["code"] for child in top["children"]]
    assert codes == ["610300000000", "610500000000"]
    assert await demo.ask(query, code="000000000000") == {"division": None}


async def test_ticket_by_number(demo: Site) -> None:
    wall = "宝氮二区与秦川花园之间围墙倾斜"
    number = await demo.owner.fetchval("SELECT number FROM ticket WHERE title = $1", wall)
    query = """
    query($n: String!, $l: String) { ticketByNumber(number: $n, locality: $l) { title } }
    """
    there, absent = {"ticketByNumber": {"title": wall}}, {"ticketByNumber": None}
    assert await demo.ask(query, DISTRICT, n=number) == there
    assert await demo.ask(query, DISTRICT, n=number, l="weibin") == there
    assert await demo.ask(query, DISTRICT, n=number, l="huazhou") == absent
    assert await demo.ask(query, SIBLING, n=number) == absent
    assert await demo.ask(query, ELSEWHERE, n=number, l="weibin") == absent
    assert await demo.ask(query, n=number, l="weibin") == absent
    # As it was heard on the telephone.
    for heard in (number.lower(), number.title(), f" {number.lower()}\u3000"):
        assert await demo.ask(query, DISTRICT, n=heard) == there
        assert await demo.ask(query, SIBLING, n=heard) == absent
    assert await demo.ask(query, DISTRICT, n="") == absent


@pytest.mark.parametrize("field", ["orgUnits", "tickets", "serviceRecords", "ticketByNumber"])
async def test_the_public_names_a_place(demo: Site, field: str) -> None:
    asked = '(number: "x") { id }' if field == "ticketByNumber" else "{ nodes { id } }"
    (error,) = await demo.errors(f"{{ {field}{asked} }}")
    assert error["extensions"]["code"] == "LOCALITY_REQUIRED"


async def test_several_roots_at_once(demo: Site) -> None:
    query = """
    query($id: ID!) {
      a: orgUnit(id: $id) { name } b: locality(slug: "weibin") { slug }
      c: orgUnit(id: $id) { level { name } } __typename viewer { __typename }
      tickets(first: 1) { nodes { id } }
    }
    """
    data = await demo.ask(query, DISTRICT, id=await demo.unit("weibin", GRID))
    assert list(data) == ["a", "b", "c", "__typename", "viewer", "tickets"]
    assert data["a"] == {"name": GRID}
    assert data["c"] == {"level": {"name": "基础网格"}}
    assert (data["__typename"], data["viewer"]) == ("Query", {"__typename": "Viewer"})


async def test_introspection_beside_data(demo: Site) -> None:
    data: Any = await demo.ask("{ __schema { queryType { name } } localities { slug } }")
    assert data["__schema"] == {"queryType": {"name": "Query"}}
    assert [place["slug"] for place in data["localities"]] == SLUGS
