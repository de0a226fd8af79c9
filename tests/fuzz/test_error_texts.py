"""What errors say, and to whom: nothing of the driver, of SQL, of a path, of a hidden name."""

import os
from typing import Any

import httpx
import pytest

from bench.fuzz import fuzz, unwelcome

COUNT = int(os.environ.get("FUZZ_COUNT") or 2_000)


@pytest.mark.trust(12)
async def test_errors_say_nothing_of_what_is_within(
    client: httpx.AsyncClient, record_property: Any
) -> None:
    found = await fuzz(client, COUNT)
    assert found.wrong == {}
    # Some are carried out, the others refused; none is turned away unread.
    assert set(found.statuses) <= {200, 400}
    assert found.statuses[200] > COUNT / 20
    record_property("figure", f"{COUNT:,} fuzzed answers, no word of driver, SQL, path or table")


@pytest.mark.trust(12)
def test_such_a_word_is_noticed() -> None:
    told = b'{"errors": [{"message": "relation \\"person_private\\" does not exist"}]}'
    assert set(unwelcome("", 400, told)) == {"relation ", "person_private"}
    assert unwelcome("person_private relation ", 400, told) == []
    assert unwelcome("", 500, b"{}") == ["status 500"]


@pytest.mark.trust(12)
async def test_nothing_is_suggested(client: httpx.AsyncClient) -> None:
    for query in (
        "{ tickts { totalCount } }",
        "{ viewer { persn { id } } }",
        "{ tickets(frst: 1) { totalCount } }",
        "{ node(id: 1) { ... on Tickt { id } } }",
        "{ tickets(filter: {statu: null}) { totalCount } }",
        "query($v: TicketFiltr) { tickets(filter: $v) { totalCount } }",
        "{ tickets @includ(if: true) { totalCount } }",
        "{ tickets(orderBy: {field: CREATED}) { totalCount } }",
        "{ ...Fragmnt } fragment Fragment on Query { __typename }",
    ):
        answer = await client.post("/graphql", json={"query": query})
        assert answer.json()["errors"], query
        assert "mean" not in answer.text, answer.text
    for filter_ in ({"statu": None}, {"status": {"in": ["CLOSD"]}}):
        asked = "query($v: TicketFilter) { tickets(filter: $v) { totalCount } }"
        sent = {"query": asked, "variables": {"v": filter_}}
        answer = await client.post("/graphql", json=sent)
        assert answer.json()["errors"]
        assert "mean" not in answer.text, answer.text


@pytest.mark.trust(12, 34)
async def test_a_bad_literal_is_the_callers_fault(client: httpx.AsyncClient) -> None:
    spans = "(filter: {createdAt: {gte: %s}}) { totalCount }"
    for query in (
        "{ tickets" + spans % '"x"' + " }",
        'query($v: DateTime = "x") { tickets' + spans % "$v" + " }",
        'query($v: DateTime = "2016-12-31T23:59:60Z") { tickets' + spans % "$v" + " }",
        '{ orgUnits(at: "10000-01-01") { totalCount } }',
    ):
        (error,) = (await client.post("/graphql", json={"query": query})).json()["errors"]
        assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED", query
