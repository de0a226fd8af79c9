"""The endpoint's manners: types, sizes, methods, bodies; a refusal is never a 500."""

from collections.abc import AsyncIterator, Mapping

import httpx
import pytest

from tests.api.served import Site

GRAPHQL_JSON = "application/graphql-response+json"
HELLO = b'{"query": "{ __typename }"}'


async def send(
    site: Site, body: bytes | AsyncIterator[bytes], headers: Mapping[str, str] | None = None
) -> httpx.Response:
    async with site.client() as client:
        sent = {"content-type": "application/json", **(headers or {})}
        return await client.post("/graphql", content=body, headers=sent)


def code(answer: httpx.Response) -> str:
    body = answer.json()
    assert "data" not in body
    return body["errors"][0]["extensions"]["code"]


@pytest.mark.parametrize(
    "media_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON ;charset=UTF-8"],
)
async def test_json_is_taken(demo: Site, media_type: str) -> None:
    answer = await send(demo, HELLO, {"content-type": media_type})
    assert answer.status_code == 200
    assert answer.json() == {"data": {"__typename": "Query"}}
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "media_type",
    [
        "",
        "text/plain",
        "application/graphql",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "text/plain; application/json",
    ],
)
async def test_other_types_are_not(demo: Site, media_type: str) -> None:
    answer = await send(demo, HELLO, {"content-type": media_type})
    assert (answer.status_code, code(answer)) == (415, "BAD_CONTENT_TYPE")


async def test_no_type_at_all(demo: Site) -> None:
    async with demo.client() as client:
        answer = await client.post("/graphql", content=HELLO)
    assert (answer.status_code, code(answer)) == (415, "BAD_CONTENT_TYPE")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'query': '{ __typename }'}",
        b'{"query": "\xff"}',
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf" + HELLO,
        b'{"query": "\\ud800"}',
        b'{"query": "{ __typename }", "variables": {"a": NaN}}',
        b'{"query": "{ __typename }", "variables": {"a": Infinity}}',
        HELLO + HELLO,
        b"[" * 100_000,
    ],
)
async def test_what_is_not_json(demo: Site, body: bytes) -> None:
    answer = await send(demo, body)
    assert (answer.status_code, code(answer)) == (400, "BAD_JSON")


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"1",
        b"true",
        b'"{ __typename }"',
        b"[]",
        b"[" + HELLO + b"]",
        b"{}",
        b'{"query": null}',
        b'{"query": ""}',
        b'{"query": 1}',
        b'{"query": ["{ __typename }"]}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "variables": "{}"}',
        b'{"query": "{ __typename }", "variables": 0}',
        b'{"query": "{ __typename }", "variables": false}',
        b'{"query": "{ __typename }", "operationName": 1}',
        b'{"query": "{ __typename }", "operationName": {}}',
    ],
)
async def test_json_of_another_shape(demo: Site, body: bytes) -> None:
    for accept in ("*/*", GRAPHQL_JSON):
        answer = await send(demo, body, {"accept": accept})
        assert (answer.status_code, code(answer)) == (400, "BAD_BODY")


@pytest.mark.parametrize(
    "rest",
    [b'"variables": null', b'"operationName": null', b'"operationName": ""', b'"extensions": {}'],
)
async def test_what_may_be_left_out_may_be_null(demo: Site, rest: bytes) -> None:
    assert (await send(demo, HELLO[:-1] + b", " + rest + b"}")).json() == {
        "data": {"__typename": "Query"}
    }


async def in_chunks(total: int) -> AsyncIterator[bytes]:
    yield b'{"query": "{ __typename } #'
    for _ in range(total // 1000):
        yield b"x" * 1000
    yield b'"}'


async def test_a_body_is_bounded(demo: Site) -> None:
    for body in (b" " * 1_000_001, HELLO + b" " * 2_000_000, in_chunks(1_100_000)):
        answer = await send(demo, body)
        assert (answer.status_code, code(answer)) == (413, "BODY_TOO_LARGE")
    padded = HELLO + b" " * (1_000_000 - len(HELLO))
    assert (await send(demo, padded)).status_code == 200
    assert (await send(demo, in_chunks(900_000))).status_code == 200


async def test_an_endless_body_is_not_read_to_its_end(demo: Site) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while given < 1_000:
            given += 1
            yield b" " * 100_000

    assert (await send(demo, endless())).status_code == 413
    # httpx hands a transport's whole body over lazily: what is left unread was never asked for.
    assert given < 20


@pytest.mark.parametrize("accept", ["application/json", "*/*", GRAPHQL_JSON, ""])
async def test_get_is_refused(demo: Site, accept: str) -> None:
    async with demo.client() as client:
        answer = await client.get(
            "/graphql", params={"query": "{ __typename }"}, headers={"accept": accept}
        )
    assert (answer.status_code, code(answer)) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_other_methods_are_refused(demo: Site, method: str) -> None:
    async with demo.client() as client:
        answer = await client.request(method, "/graphql", content=HELLO)
    assert answer.status_code == 405
    assert "POST" in answer.headers["allow"]


async def test_a_browser_is_sent_to_graphiql(demo: Site) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    async with demo.client() as client:
        answer = await client.get("/graphql", headers={"accept": accept})
        assert answer.status_code in (302, 303, 307)
        assert answer.headers["location"] == "/graphiql"
        assert (await client.get("/graphiql")).status_code == 200


UNSOUND = {
    "{": "GRAPHQL_PARSE_FAILED",
    "   ": "GRAPHQL_PARSE_FAILED",
    '{ locality(slug: "\\uD800") { slug } }': "GRAPHQL_PARSE_FAILED",
    "{" + "a{" * 3000: "GRAPHQL_PARSE_FAILED",
    "{ a " * 4000: "GRAPHQL_PARSE_FAILED",
    "{ none }": "GRAPHQL_VALIDATION_FAILED",
    "{ localities }": "GRAPHQL_VALIDATION_FAILED",
    "{ locality { slug } }": "GRAPHQL_VALIDATION_FAILED",
    "{ locality(slug: 5) { slug } }": "GRAPHQL_VALIDATION_FAILED",
    "{ ...A } fragment A on Query { ...A }": "GRAPHQL_VALIDATION_FAILED",
    "query A { __typename } query A { __typename }": "GRAPHQL_VALIDATION_FAILED",
    "subscription { a }": "GRAPHQL_VALIDATION_FAILED",
    "type A { a: Int }": "GRAPHQL_VALIDATION_FAILED",
    "query A { __typename } query B { __typename }": "OPERATION_NOT_FOUND",
    "query($s: String!) { locality(slug: $s) { slug } }": "BAD_VARIABLE",
    '{ node(id: "x") { id } }': "BAD_ID",
}


@pytest.mark.parametrize("query", UNSOUND, ids=lambda query: query[:30])
async def test_an_operation_that_cannot_run(demo: Site, query: str) -> None:
    """400 for clients that know the type made for it; 200 for older ones; the same body."""
    new = await demo.post(query, headers={"accept": f"{GRAPHQL_JSON}, application/json;q=0.9"})
    old = await demo.post(query, headers={"accept": "application/json"})
    assert (new.status_code, code(new)) == (400, UNSOUND[query])
    assert new.headers["content-type"] == GRAPHQL_JSON
    assert (old.status_code, old.headers["content-type"]) == (200, "application/json")
    assert new.content == old.content


async def test_an_operation_that_runs_says_200_in_either_type(demo: Site) -> None:
    answer = await demo.post("{ __typename }", headers={"accept": GRAPHQL_JSON})
    assert (answer.status_code, answer.headers["content-type"]) == (200, GRAPHQL_JSON)


async def test_an_operation_is_chosen_by_name(demo: Site) -> None:
    query = "query A { a: __typename } query B { b: __typename }"
    assert await demo.ask(query, operation="A") == {"a": "Query"}
    assert await demo.ask(query, operation="B") == {"b": "Query"}
    answer = await demo.post(query, operation="C", headers={"accept": GRAPHQL_JSON})
    assert (answer.status_code, code(answer)) == (400, "OPERATION_NOT_FOUND")
    answer = await demo.post("{ __typename }", operation="C", headers={"accept": GRAPHQL_JSON})
    assert (answer.status_code, code(answer)) == (400, "OPERATION_NOT_FOUND")


async def test_it_lives_and_is_ready(demo: Site) -> None:
    async with demo.client() as client:
        for path in ("/healthz", "/readyz"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
