"""The endpoint's manners: types, sizes, methods, bodies; a refusal is never a 500."""

import gzip
from collections.abc import AsyncIterator, Callable, Mapping

import httpx
import orjson
import pytest

from tests.api.served import Site

JSON = "application/json; charset=utf-8"
GRAPHQL_JSON = "application/graphql-response+json"
HELLO = b'{"query": "{ __typename }"}'
SAID = {"data": {"__typename": "Query"}}


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


TAKEN = [
    "application/json",
    "application/json; charset=utf-8",
    'application/json; charset="UTF-8"',
    "Application/JSON ;charset=UTF-8",
    "application/json; version=1; charset=utf8",
    "application/json;",
]
NOT_TAKEN = [
    "",
    "text/plain",
    "text/json",
    "application/graphql",
    "application/graphql+json",
    "application/graphql-response+json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
    "xapplication/json",
    "foo-application/json-bar",
    "foo/bar; application/json",
    "text/plain; application/json",
    "text/plain, application/json",
    "application/json, text/plain",
    "application/json; charset=utf-16",
    "application/json; charset=latin1",
    "application/json; charset=utf-8; charset=utf-16",
    "application/*",
    "*/*",
]


@pytest.mark.trust(2)
async def test_only_json_is_taken(
    demo: Site, record_property: Callable[[str, object], None]
) -> None:
    for media_type in TAKEN:
        answer = await send(demo, HELLO, {"content-type": media_type})
        assert (answer.status_code, answer.json()) == (200, SAID), media_type
        assert answer.headers["content-type"] == JSON
    for media_type in NOT_TAKEN:
        answer = await send(demo, HELLO, {"content-type": media_type})
        assert (answer.status_code, code(answer)) == (415, "BAD_CONTENT_TYPE"), media_type
    async with demo.client() as client:
        answer = await client.post("/graphql", content=HELLO)
        assert (answer.status_code, code(answer)) == (415, "BAD_CONTENT_TYPE")
        twice = [("content-type", "application/json"), ("content-type", "text/plain")]
        answer = await client.post("/graphql", content=HELLO, headers=twice)
        assert (answer.status_code, code(answer)) == (415, "BAD_CONTENT_TYPE")
    record_property("figure", f"{len(NOT_TAKEN) + 2} content types refused")


async def test_packed_bodies_are_not_unpacked(demo: Site) -> None:
    bomb = gzip.compress(b" " * 50_000_000)
    for packing in ("gzip", "deflate", "br", "zstd", "gzip, gzip", "identity, gzip", "*"):
        answer = await send(demo, bomb, {"content-encoding": packing})
        assert (answer.status_code, code(answer)) == (415, "BAD_CONTENT_ENCODING"), packing
        assert answer.headers["accept-encoding"] == "identity"
    assert (await send(demo, HELLO, {"content-encoding": "Identity"})).json() == SAID


NOT_JSON = [
    b"",
    b"{",
    b"{'query': '{ __typename }'}",
    b'{"query": "\xff"}',
    b'{"query": "\xed\xa0\x80"}',
    b'{"query": "{ __typename }\x00"}',
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf" + HELLO,
    b'{"query": "\\ud800"}',
    b'{"query": "{ __typename }", "variables": {"\\udfff": 1}}',
    b'{"query": "{ __typename }", "variables": {"a": NaN}}',
    b'{"query": "{ __typename }", "variables": {"a": -Infinity}}',
    b'{"query": "{ __typename }", "variables": {"a": 1e400}}',
    b'{"query": "{ __typename }", "variables": {"a": ' + b"9" * 5_000 + b"}}",
    b"9" * 5_000,
    HELLO + HELLO,
    HELLO + b"}",
    b"[" * 100_000,
    b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 1_020 + b"]" * 1_020 + b"}}",
    b'{"a":' * 50_000,
    b'{"query": "{ __typename }", "query": "{ __typename }"}',
    b'{"query": "{ __typename }", "variables": {"a": 1, "\\u0061": 2}}',
    b'{"query": "{ __typename }", "extensions": {"a": [{"b": 1, "b": 1}]}}',
]
BAD_BODIES = [
    b"null",
    b"1",
    b"-0.0",
    b"true",
    b'"abc"',
    b'"{ __typename }"',
    b"[]",
    b"[1]",
    b"{}",
    b'{"query": null}',
    b'{"query": ""}',
    b'{"query": 1}',
    b'{"query": {}}',
    b'{"query": ["{ __typename }"]}',
    b'{"Query": "{ __typename }"}',
]
OTHER_MEMBERS = [
    *[b'"variables": ' + value for value in (b"[]", b'"{}"', b"0", b"false", b'""', b"1e10")],
    *[b'"operationName": ' + value for value in (b"1", b"{}", b"[]", b"true", b"0.5")],
    *[b'"extensions": ' + value for value in (b"[]", b'"{}"', b"0", b"false", b'""')],
    *[b'"documentId": ' + value for value in (b"1", b"{}", b"[]", b"true")],
    *[
        b'"extensions": {"persistedQuery": ' + value + b"}"
        for value in (b"1", b"[]", b"{}", b'{"version": 1}', b'{"version":2,"sha256Hash":"00"}')
    ],
]


def with_member(member: bytes) -> bytes:
    return HELLO[:-1] + b", " + member + b"}"


@pytest.mark.trust(1)
async def test_what_is_no_operation_is_a_400(
    demo: Site, record_property: Callable[[str, object], None]
) -> None:
    wrong = [(body, "BAD_JSON") for body in NOT_JSON]
    wrong += [(body, "BAD_BODY") for body in [*BAD_BODIES, *map(with_member, OTHER_MEMBERS)]]
    for body, said in wrong:
        for accept in ("*/*", GRAPHQL_JSON):
            answer = await send(demo, body, {"accept": accept})
            assert (answer.status_code, code(answer)) == (400, said), body[:80]
            assert len(answer.content) < 200
    record_property("figure", f"{len(wrong)} bodies, each a 400")


@pytest.mark.trust(11)
async def test_batches_are_not_taken(demo: Site) -> None:
    for batch in (b"[" + HELLO + b"]", b"[" + HELLO + b"," + HELLO + b"]"):
        answer = await send(demo, batch)
        assert (answer.status_code, code(answer)) == (400, "BAD_BODY")


async def test_what_may_be_left_out_may_be_null_and_what_is_unknown_is_ignored(demo: Site) -> None:
    members = [
        b'"variables": null',
        b'"operationName": null',
        b'"operationName": ""',
        b'"documentId": null',
        b'"documentId": ""',
        b'"extensions": null',
        b'"extensions": {}',
        b'"extensions": {"some": ["thing"]}',
        b'"extensions": {"persistedQuery": null}',
        b'"onError": 7',
        b'"id": [[[]]]',
        b'"\xe9\x82\xbb\xe9\x87\x8c": "\\u90bb"',
        b'"variables": {"deep": ' + b"[" * 20 + b"]" * 20 + b"}",
    ]
    for member in members:
        assert (await send(demo, with_member(member))).json() == SAID, member


async def in_chunks(total: int) -> AsyncIterator[bytes]:
    yield b'{"query": "{ __typename } #'
    for _ in range(total // 1000):
        yield b"x" * 1000
    yield b'"}'


async def test_a_body_is_bounded(demo: Site) -> None:
    for body in (b" " * 262_145, HELLO + b" " * 2_000_000, in_chunks(270_000)):
        answer = await send(demo, body)
        assert (answer.status_code, code(answer)) == (413, "BODY_TOO_LARGE")
    for length in ("9" * 30, "9" * 5_000):
        answer = await send(demo, HELLO, {"content-length": length})
        assert (answer.status_code, code(answer)) == (413, "BODY_TOO_LARGE")
    padded = HELLO + b" " * (262_144 - len(HELLO))
    assert (await send(demo, padded)).status_code == 200
    assert (await send(demo, in_chunks(250_000))).status_code == 200


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


async def test_other_methods_are_refused(demo: Site) -> None:
    async with demo.client() as client:
        for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY", "post"):
            answer = await client.send(client.build_request(method, "/graphql"))
            found = (answer.status_code, code(answer)) if method != "post" else (405, None)
            assert found in ((405, "METHOD_NOT_ALLOWED"), (405, None)), method
            if method != "post":
                allowed = {each.strip() for each in answer.headers["allow"].split(",")}
                assert allowed == {"GET", "HEAD", "POST"}


async def test_other_addresses_are_not_there(demo: Site) -> None:
    paths = ["/graphql/", "/Graphql", "/graphql/../graphql/x", "/%67raphql%00", "/é"]
    paths += [
        "/graphql;x",
        "/static/../../etc/passwd",
        "/static/x/y",
        "/" + "a" * 5_000,
        "/wp-admin",
    ]
    async with demo.client() as client:
        for path in paths:
            for method in ("GET", "POST"):
                answer = await client.request(method, path, content=HELLO)
                assert (answer.status_code, code(answer)) == (404, "NOT_FOUND"), path
                assert answer.headers["content-type"] == JSON


WANTED = {
    "": JSON,
    "*/*": JSON,
    "application/*": JSON,
    "application/json": JSON,
    "APPLICATION/JSON": JSON,
    GRAPHQL_JSON: GRAPHQL_JSON,
    f"{GRAPHQL_JSON}; charset=utf-8": GRAPHQL_JSON,
    f"application/json, {GRAPHQL_JSON}": GRAPHQL_JSON,
    f"{GRAPHQL_JSON}, application/json;q=0.9": GRAPHQL_JSON,
    f"application/json, {GRAPHQL_JSON};q=0.9": JSON,
    f"application/json;q=0, {GRAPHQL_JSON};q=0.1": GRAPHQL_JSON,
    f"{GRAPHQL_JSON};q=0, */*;q=0.1": JSON,
    f"*/*, {GRAPHQL_JSON};q=0.5": JSON,
    f"multipart/mixed, {GRAPHQL_JSON}, application/json;q=0.9": GRAPHQL_JSON,
    "text/html, */*;q=0.1": JSON,
    f"{GRAPHQL_JSON}, application/json, text/event-stream, multipart/mixed": GRAPHQL_JSON,
    "text/event-stream": "text/event-stream",
    "text/event-stream, application/json;q=0.5": "text/event-stream",
    "text/event-stream, */*": "text/event-stream",
    "text/event-stream;q=0.5, application/json": JSON,
    "text/html": None,
    "image/png, text/*": None,
    "application/json;q=0": None,
    "application/json;q=x": None,
    f"x{GRAPHQL_JSON}x": None,
    "*/*;q=0": None,
    ",": JSON,
}


@pytest.mark.trust(4)
async def test_the_type_that_is_wanted_most_is_given(
    demo: Site, record_property: Callable[[str, object], None]
) -> None:
    for accept, given in WANTED.items():
        answer = await send(demo, HELLO, {"accept": accept})
        if given is None:
            assert (answer.status_code, code(answer)) == (406, "NOT_ACCEPTABLE"), accept
        else:
            media = answer.headers["content-type"]
            assert (answer.status_code, media.partition(";")[0]) == (
                200,
                given.partition(";")[0],
            ), accept
    record_property("figure", f"{len(WANTED)} Accept headers")


UNSOUND = {
    "{": "GRAPHQL_PARSE_FAILED",
    "   ": "GRAPHQL_PARSE_FAILED",
    '{ locality(slug: "\\uD800") { slug } }': "GRAPHQL_PARSE_FAILED",
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


async def test_an_operation_that_cannot_run(demo: Site) -> None:
    """400 for clients that know the type made for it; 200 for older ones; the same body."""
    for query, said in UNSOUND.items():
        new = await demo.post(query, headers={"accept": f"{GRAPHQL_JSON}, application/json;q=0.9"})
        old = await demo.post(query, headers={"accept": "application/json"})
        assert (new.status_code, code(new)) == (400, said), query
        assert new.headers["content-type"] == f"{GRAPHQL_JSON}; charset=utf-8"
        assert (old.status_code, old.headers["content-type"]) == (200, JSON)
        assert new.json() == old.json()


async def test_partly_an_answer_says_so_to_who_knows_the_type(demo: Site) -> None:
    """GraphQL over HTTP has a status of its own for data with errors beside it."""
    query = 'mutation { ticketWithdraw(input: {ticketId: "x"}) { ticket { id } } }'
    new = await demo.post(query, headers={"accept": GRAPHQL_JSON})
    old = await demo.post(query, headers={"accept": "application/json"})
    for answer in (new, old):
        assert answer.json().keys() == {"errors", "data"}
    assert (new.status_code, old.status_code) == (294, 200)


async def test_an_operation_is_chosen_by_name(demo: Site) -> None:
    query = "query A { a: __typename } query B { b: __typename }"
    assert await demo.ask(query, operation="A") == {"a": "Query"}
    assert await demo.ask(query, operation="B") == {"b": "Query"}
    for text in (query, "{ __typename }"):
        answer = await demo.post(text, operation="C", headers={"accept": GRAPHQL_JSON})
        assert (answer.status_code, code(answer)) == (400, "OPERATION_NOT_FOUND")


async def test_answers_are_kept_by_nobody(demo: Site) -> None:
    token = await demo.headers("weibin")
    answers = [
        await demo.post("{ __typename }"),
        await demo.post("{ viewer { person { name } } }", headers=token),
        await demo.post("{"),
        await send(demo, b"{"),
        await send(demo, HELLO, {"authorization": "Bearer x"}),
        await send(demo, HELLO, {"accept": "text/event-stream"}),
    ]
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "set-cookie" not in answer.headers


async def test_a_cookie_names_nobody(demo: Site) -> None:
    token = await demo.headers("weibin")
    query = orjson.dumps({"query": "{ viewer { person { name } } }"})
    cookie = {"cookie": f"authorization={token['authorization']}; token={token['authorization']}"}
    assert (await send(demo, query, cookie)).json()["data"]["viewer"]["person"] is None


async def test_it_lives_and_is_ready(demo: Site) -> None:
    async with demo.client() as client:
        for path in ("/healthz", "/readyz"):
            answer = await client.get(path)
            assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
