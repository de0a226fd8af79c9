"""Trusted documents: named by their digest over every transport, and all that some may send."""

from collections.abc import Mapping
from typing import Any

import httpx
import orjson
import pytest

from server.trusted import Documents, Only, document_id
from tests.api.acting import COMMUNITY, GRID
from tests.api.ruled import under
from tests.api.served import Site
from tests.api.telling import events_in, listening, phone, phone_of

GRAPHQL_JSON = "application/graphql-response+json"
WHERE = "query Where($slug: String!) {\n  locality(slug: $slug) { slug }\n}\n"
WHO = "query Who { viewer { person { name } } }"
UNKNOWN = "{ __typename }"
TEXTS = {document_id(text): text for text in (WHERE, WHO)}
ANSWER = {"data": {"locality": {"slug": "weibin"}}}
GIVEN = {"slug": "weibin"}


def persisted(id: str) -> dict[str, Any]:
    hashed = {"version": 1, "sha256Hash": id.removeprefix("sha256:")}
    return {"extensions": {"persistedQuery": hashed}}


async def post(site: Site, asked: Mapping[str, Any], by: str | None = None) -> httpx.Response:
    headers = {"content-type": "application/json", "accept": GRAPHQL_JSON}
    async with site.client() as client:
        sent = headers | await site.headers(by)
        return await client.post("/graphql", content=orjson.dumps(asked), headers=sent)


async def get(site: Site, asked: Mapping[str, Any]) -> httpx.Response:
    parts = {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in asked.items()
    }
    async with site.client() as client:
        return await client.get("/graphql", params=parts, headers={"accept": GRAPHQL_JSON})


def told(answer: httpx.Response) -> tuple[int, str | None]:
    errors = answer.json().get("errors") or [{"extensions": {"code": None}}]
    return answer.status_code, errors[0]["extensions"]["code"]


def test_an_id_is_as_the_specification_has_it() -> None:
    text = "query ($id: ID!) {\n  user(id: $id) {\n    name\n  }\n}"
    digest = "7dba4bd717b41f10434822356a93c32b1fb4907b983e854300ad839f84cdcd6e"
    assert document_id(text) == f"sha256:{digest}"


async def test_a_document_is_named_in_either_way(demo: Site) -> None:
    site, id = under(demo, documents=Documents(TEXTS)), document_id(WHERE)
    for named in ({"documentId": id}, persisted(id), {"documentId": id, **persisted(id)}):
        for text in ({}, {"query": WHERE}, {"query": None}, {"query": ""}):
            asked = {**named, **text, "variables": GIVEN}
            assert (await post(site, asked)).json() == ANSWER
        assert (await get(site, {**named, "variables": GIVEN})).json() == ANSWER


async def test_ids_that_name_nothing(demo: Site) -> None:
    site, id, other = under(demo, documents=Documents(TEXTS)), document_id(WHERE), document_id(WHO)
    missing = "PERSISTED_QUERY_NOT_FOUND"
    for unknown in ("x", "sha256:", id[:-1], id.upper(), id.removeprefix("sha256:"), " " + id):
        answer = await post(site, {"documentId": unknown})
        assert told(answer) == (400, missing), unknown
        assert answer.json()["errors"][0]["message"] == "PersistedQueryNotFound"
        assert told(await get(site, {"documentId": unknown})) == (400, missing)
    for asked in ({"documentId": document_id(UNKNOWN)}, persisted(document_id(UNKNOWN))):
        assert told(await post(site, asked)) == (400, missing)
        # Nothing is learnt from clients: the text is answered, and forgotten as any other.
        assert told(await post(site, {**asked, "query": UNKNOWN})) == (200, None)
        assert told(await post(site, asked)) == (400, missing)
    mismatch = (400, "DOCUMENT_MISMATCH")
    assert told(await post(site, {"documentId": id, "query": UNKNOWN})) == mismatch
    assert told(await post(site, {**persisted(id), "query": WHERE + " "})) == mismatch
    assert told(await post(site, {"documentId": other, **persisted(id)})) == (400, "BAD_BODY")
    # Where there are no documents at all, none is found.
    assert told(await post(demo, {"documentId": id})) == (400, missing)


@pytest.mark.trust(21)
async def test_some_may_send_nothing_else_over_any_transport(shop: Site) -> None:
    refused, id = "DOCUMENT_NOT_TRUSTED", document_id(WHERE)
    for only, held in ((Only.ANONYMOUS, [None]), (Only.ALL, [None, COMMUNITY])):
        site = under(shop, documents=Documents(TEXTS, only))
        for by in (None, COMMUNITY):
            expected = (403, refused) if by in held else (200, None)
            for text in (UNKNOWN, WHERE + " ", "{ __schema { queryType { name } } }"):
                variables = GIVEN if text.startswith("query") else {}
                asked = {"query": text, "variables": variables}
                assert told(await post(site, asked, by)) == expected
                with_id = {**asked, "documentId": document_id(text)}
                assert told(await post(site, with_id, by)) == expected
            # The text of one that is known is as good as its id.
            for asked in ({"query": WHERE}, {"documentId": id}, persisted(id)):
                answer = await post(site, {**asked, "variables": GIVEN}, by)
                assert answer.json() == ANSWER
        async with listening(site) as server:
            async with phone(server) as one:
                await one.begin()
                await one.send(type="subscribe", id="1", payload={"query": UNKNOWN})
                (error,) = (await one.take())["payload"]
                assert error["extensions"]["code"] == refused
                payload = {"documentId": id, "variables": GIVEN}
                await one.send(type="subscribe", id="2", payload=payload)
                assert (await one.take())["payload"] == ANSWER
            async with phone_of(site, server, COMMUNITY) as one:
                await one.send(type="subscribe", id="1", payload={"query": UNKNOWN})
                assert (await one.take())["type"] == ("error" if only is Only.ALL else "next")


async def test_over_server_sent_events_too(shop: Site) -> None:
    site = under(shop, documents=Documents(TEXTS, Only.ANONYMOUS))
    headers = {"content-type": "application/json", "accept": "text/event-stream"}
    wanted = [
        ({"query": UNKNOWN}, "DOCUMENT_NOT_TRUSTED"),
        ({"documentId": "sha256:0"}, "PERSISTED_QUERY_NOT_FOUND"),
        ({**persisted(document_id(WHERE)), "variables": GIVEN}, None),
    ]
    async with site.client() as client:
        for asked, code in wanted:
            answer = await client.post("/graphql", content=orjson.dumps(asked), headers=headers)
            ((_, body), _) = events_in(answer.text)
            if code is None:
                assert body == ANSWER
            else:
                assert body["errors"][0]["extensions"]["code"] == code


async def test_a_trusted_document_costs_what_it_costs(demo: Site) -> None:
    links = "tickets(first: 100) { nodes { handler { tickets(first: 100) { nodes { id } } } } }"
    costly = f"query($id: ID!) {{ orgUnit(id: $id) {{ {links} }} }}"
    site = under(demo, documents=Documents({document_id(costly): costly}, Only.ALL))
    asked = {
        "documentId": document_id(costly),
        "variables": {"id": await demo.unit("weibin", GRID)},
    }
    for by in (None, COMMUNITY):
        assert told(await post(site, asked, by)) == (400, "TOO_COSTLY")
    assert told(await get(site, asked)) == (400, "TOO_COSTLY")
