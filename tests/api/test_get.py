"""GET: queries only, and none that a foreign page could have sent; pages only for browsers."""

from collections.abc import Callable, Mapping

import httpx
import orjson
import pytest

from server.rules import Introspection
from server.trusted import Documents, document_id
from tests.api.acting import COMMUNITY, GRID, mutation
from tests.api.ruled import under
from tests.api.served import Site

ASKED = {"graphql-require-preflight": "1"}
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
GRAPHQL_JSON = "application/graphql-response+json"
HELLO = "{ __typename }"


async def get(
    site: Site, headers: Mapping[str, str] | None = None, method: str = "GET", **parts: str
) -> httpx.Response:
    async with site.client() as client:
        return await client.request(method, "/graphql", params=parts, headers=headers)


def told(answer: httpx.Response) -> tuple[int, str | None]:
    body = answer.json()
    errors = body.get("errors") or [{"extensions": {"code": None}}]
    return answer.status_code, errors[0]["extensions"]["code"]


@pytest.mark.trust(3)
async def test_a_query_wants_the_header_or_a_trusted_document(demo: Site) -> None:
    assert told(await get(demo, query=HELLO)) == (403, "PREFLIGHT_REQUIRED")
    # What a form or an image of a foreign page can set does not help.
    for header in ("content-type", "accept-language", "origin", "x-requested-with"):
        assert told(await get(demo, {header: "text/plain"}, query=HELLO))[0] == 403
    answer = await get(demo, ASKED, query=HELLO)
    assert (answer.status_code, answer.json()) == (200, {"data": {"__typename": "Query"}})
    assert answer.headers["cache-control"] == "no-store"
    known = under(demo, documents=Documents({document_id(HELLO): HELLO}))
    assert told(await get(known, query=HELLO)) == (200, None)
    assert told(await get(known, documentId=document_id(HELLO))) == (200, None)
    assert told(await get(known, query=HELLO + " ")) == (403, "PREFLIGHT_REQUIRED")
    # A matching id makes no text trusted.
    other = HELLO + "#"
    answer = await get(known, query=other, documentId=document_id(other))
    assert told(answer) == (403, "PREFLIGHT_REQUIRED")


async def test_variables_names_and_tokens_are_taken(demo: Site) -> None:
    query = "query A { a: __typename } query B($slug: String!) { locality(slug: $slug) { slug } }"
    parts = {"query": query, "operationName": "B", "variables": '{"slug":"weibin"}'}
    assert (await get(demo, ASKED, **parts)).json() == {"data": {"locality": {"slug": "weibin"}}}
    empty = {"query": HELLO, "operationName": "", "variables": "", "extensions": ""}
    assert told(await get(demo, ASKED, **empty)) == (200, None)
    sent = ASKED | await demo.headers(COMMUNITY)
    answer = await get(demo, sent, query="{ viewer { person { name } } }")
    assert answer.json()["data"]["viewer"]["person"] is not None


@pytest.mark.trust(3)
async def test_nothing_is_changed_by_get(
    shop: Site, record_property: Callable[[str, object], None]
) -> None:
    made = {"unitId": await shop.unit("weibin", GRID), "title": "by GET", "category": "yard"}
    report = mutation("ticketReport")
    parts = {"query": report, "variables": orjson.dumps({"input": made}).decode()}
    both = {**parts, "query": "query Q { __typename } " + report.replace("mutation", "mutation M")}
    both["operationName"] = "M"
    subscription = 'subscription { ticketChanged(id: "x") { id } }'
    trusted = under(shop, documents=Documents({document_id(report): report}))
    by_id = {"documentId": document_id(report), "variables": parts["variables"]}
    before, sent = await shop.count("ticket"), ASKED | await shop.headers("weibin")
    tries: list[tuple[Site, dict[str, str]]] = [
        (shop, parts),
        (shop, both),
        (shop, {"query": subscription}),
        (trusted, by_id),
    ]
    for site, given in tries:
        for method in ("GET", "HEAD"):
            for accept in ("application/json", GRAPHQL_JSON):
                answer = await get(site, sent | {"accept": accept}, method, **given)
                assert answer.status_code == 405
                assert answer.headers["allow"] == "POST"
                if method == "GET":
                    assert told(answer) == (405, "METHOD_NOT_ALLOWED")
    assert await shop.count("ticket") == before
    record_property("figure", f"{len(tries) * 4} requests, nothing changed")


@pytest.mark.trust(1, 3)
async def test_parameters_of_another_shape(demo: Site) -> None:
    wrong: list[tuple[str, str]] = [
        ("", "BAD_BODY"),
        ("query=", "BAD_BODY"),
        ("query", "BAD_BODY"),
        ("query=a&query=b", "BAD_BODY"),
        ("query=%7B__typename%7D&variables=[]", "BAD_BODY"),
        ("query=%7B__typename%7D&variables=1", "BAD_BODY"),
        ("query=%7B__typename%7D&variables=%7B", "BAD_JSON"),
        ("query=%7B__typename%7D&variables=" + "[" * 8_000, "BAD_JSON"),
        ('query=%7B__typename%7D&variables={"a":NaN}', "BAD_JSON"),
        ("query=%7B__typename%7D&extensions=x", "BAD_JSON"),
        ("query=%7B__typename%7D&extensions={}&extensions={}", "BAD_BODY"),
        ('query=%7B__typename%7D&variables={"a":"%FF\\ud800"}', "BAD_JSON"),
        ("query=%FF%FE%00", "GRAPHQL_PARSE_FAILED"),
        ("%00=%00&query=%7B", "GRAPHQL_PARSE_FAILED"),
    ]
    async with demo.client() as client:
        for given, said in wrong:
            headers = ASKED | {"accept": GRAPHQL_JSON}
            answer = await client.get(f"/graphql?{given}", headers=headers)
            assert told(answer) == (400, said), given
        answer = await client.get("/graphql?query=" + "x" * 20_000, headers=ASKED)
        assert told(answer) == (414, "ADDRESS_TOO_LONG")


async def test_streams_are_asked_for_by_post(demo: Site) -> None:
    answer = await get(demo, ASKED | {"accept": "text/event-stream"}, query=HELLO)
    assert told(answer) == (406, "NOT_ACCEPTABLE")


@pytest.mark.trust(3)
async def test_pages_are_for_browsers_and_where_they_are_enabled(demo: Site) -> None:
    html = {"accept": BROWSER}
    answer = await get(demo, html)
    assert (answer.status_code, answer.headers["location"]) == (303, "/graphiql")
    for accept in ("*/*", "application/json", "text/html;q=0.5, application/json", "text/*"):
        assert (await get(demo, {"accept": accept})).status_code in (400, 406)
    async with demo.client() as client:
        answer = await client.post("/graphql", content=b"{}", headers={"accept": "text/html"})
        assert told(answer) == (406, "NOT_ACCEPTABLE")
        for path in ("/", "/graphiql"):
            page = await client.get(path)
            assert page.headers["x-frame-options"] == "DENY"
            assert page.headers["referrer-policy"] == "no-referrer"
            assert page.headers["x-content-type-options"] == "nosniff"
            policy = page.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "script-src 'self';" in policy
    closed = under(demo, ide=False)
    assert told(await get(closed, html)) == (400, "BAD_BODY")
    async with closed.client() as client:
        for path in ("/", "/graphiql"):
            assert told(await client.get(path, headers=html)) == (404, "NOT_FOUND")


ASKING = [
    "{ __schema { queryType { name } } }",
    '{ a: __type(name: "Ticket") { name } }',
    "{ __typename ...F } fragment F on Query { b: __schema { description } }",
    "{ ... on Query { ... { __schema { types { name } } } } }",
    "query A { __schema { queryType { name } } } query B { __typename }",
]
NOT_ASKING = [
    HELLO,
    "# __schema\n{ __typename }",
    'query($a: String = "__type(") { locality(slug: $a) { slug __typename } }',
    "{ __schema: __typename __type_: __typename }",
]


async def test_the_schema_is_told_to_whom_the_operator_says(demo: Site) -> None:
    closed, people = (under(demo, introspection=each) for each in list(Introspection)[::-1][:2])
    told_to: list[tuple[Site, str | None, bool]] = [
        (demo, None, True),
        (people, None, False),
        (people, COMMUNITY, True),
        (closed, None, False),
        (closed, COMMUNITY, False),
    ]
    for site, by, answered in told_to:
        for query in ASKING:
            name = "A" if "query A" in query else None
            answer = await site.post(query, None, by, {"accept": GRAPHQL_JSON}, name)
            assert told(answer) == ((200, None) if answered else (403, "INTROSPECTION_OFF")), query
        for query in NOT_ASKING:
            assert told(await site.post(query, by=by)) == (200, None), query
    for site, status in ((demo, 200), (people, 404), (closed, 404)):
        async with site.client() as client:
            assert (await client.get("/schema.graphql")).status_code == status
