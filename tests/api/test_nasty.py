"""Nasty values in every kind of argument: an answer or a refusal, never a 500 or a driver's word."""

from typing import Any

import httpx
import pytest

from tests.api.acting import DISTRICT, GRID
from tests.api.served import Site

TEXTS = [
    "",
    " ",
    "\x00",
    "a\x00b",
    "'",
    "'; DROP TABLE ticket; --",
    '"',
    "\\",
    "\\x00",
    "%",
    "$1",
    "{}",
    "\u202e\u2066bidi\u2069",
    "\ufeff",
    "\uffff",
    "\U0010ffff",
    "e\u0301" * 50,
    "👨‍👩‍👧‍👦",
    "x" * 100_000,
    "长" * 40_000,
]
"""Strings, the longest small enough that two of them fit into a body."""

INTS = [
    "-1",
    "0",
    "2147483646",
    "-2147483648",
    "2147483648",
    "9" * 40,
    "1.5",
    "1e400",
    "-0",
    "true",
    '"1"',
    "[1]",
    "null",
]
IDS = [
    "unit_weibin_00000000-0000-0000-0000-000000000000",
    "unit_weibin_FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
    "unit_wei'bin_00000000-0000-0000-0000-000000000000",
    "unit__00000000-0000-0000-0000-000000000000",
    "ticket_weibin_x",
    "__",
    "unit_weibin_00000000-0000-0000-0000-000000000000\n",
]
TIMES = [
    "2026-01-01",
    "2026-01-01T00:00:00",
    "2026-02-30T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-12-31T23:59:60Z",
    "10000-01-01T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "infinity",
    "now",
    "epoch",
    "2026-01-01T00:00:00+25:00",
    "9999-12-31T23:59:59.999999Z",
]
DAYS = [
    "2026-02-30",
    "10000-01-01",
    "0000-01-01",
    "0001-01-01",
    "9999-12-31",
    "infinity",
    "today",
    "1",
]

READS: dict[str, tuple[str, str]] = {
    "slug": ("String!", "{ locality(slug: $v) { slug roots { name } } }"),
    "code": ("String!", "{ division(code: $v) { code } }"),
    "number": ("String!", "{ ticketByNumber(number: $v) { id } }"),
    "locality": ("String", "{ tickets(locality: $v) { totalCount } orgUnits(locality: $v) { totalCount } }"),
    "category": ("[String!]", "{ tickets(filter: {category: {in: $v}}) { totalCount } }"),
    "level": ("[String!]", '{ orgUnits(locality: "weibin", filter: {level: {in: $v}, division: {in: $v}}) { totalCount } }'),
    "after": ("String", "{ tickets(after: $v) { nodes { id } } }"),
    "before": ("String", "{ serviceRecords(before: $v) { nodes { id } } }"),
    "unit cursor": ("String", '{ orgUnits(locality: "weibin", after: $v) { nodes { id } } }'),
    "node": ("ID!", "{ node(id: $v) { id } }"),
    "nodes": ("[ID!]!", "{ nodes(ids: $v) { id } }"),
    "unit": ("ID!", "{ orgUnit(id: $v) { id } }"),
    "ticket": ("ID!", "{ ticket(id: $v) { id } }"),
}  # fmt: skip

WORDS = (
    "asyncpg",
    "postgres",
    "sqlalchemy",
    "Traceback",
    "SELECT",
    "INSERT",
    "linli_",
    "invalid byte",
    "line 1:",
    "codec",
)
"""What a driver or a stack would say, none of which was sent."""


def well_behaved(answer: httpx.Response, sent: object) -> None:
    assert answer.status_code in (200, 400), (sent, answer.text[:300])
    body = answer.json()
    said = str(body.get("errors", ""))
    for error in body.get("errors", []):
        assert error["message"]
        assert error["extensions"]["code"] not in ("INTERNAL", "DATABASE_UNAVAILABLE", "TIMEOUT"), (
            sent,
            error,
        )
    assert not [word for word in WORDS if word in said], (sent, said)


@pytest.mark.parametrize("name", READS)
async def test_texts_in_reads(demo: Site, name: str) -> None:
    type_, asked = READS[name]
    for text in [*TEXTS, *IDS]:
        value: Any = [text, "x", text] if type_.startswith("[") else text
        answer = await demo.post(f"query($v: {type_}) {asked}", {"v": value}, DISTRICT)
        well_behaved(answer, text)


@pytest.mark.parametrize("name", READS)
async def test_values_of_other_types(demo: Site, name: str) -> None:
    type_, asked = READS[name]
    for value in (*INTS, "{}", "[[]]", "false", "[null]"):
        headers = {**await demo.headers(DISTRICT), "content-type": "application/json"}
        query = f"query($v: {type_}) {asked}".replace("\\", "\\\\").replace('"', '\\"')
        body = f'{{"query": "{query}", "variables": {{"v": {value}}}}}'
        async with demo.client() as client:
            answer = await client.post("/graphql", content=body, headers=headers)
        well_behaved(answer, value)


async def test_texts_written_into_the_document(demo: Site) -> None:
    for literal in (
        "\\u0000",
        "\\uD800",
        "\\uDC00\\uD800",
        "\\u{110000}",
        "\\u{D800}",
        "'",
        "\\u202E",
    ):
        for asked in (
            'locality(slug: "X") { slug }',
            'tickets(after: "X") { totalCount }',
            'node(id: "X") { id }',
        ):
            well_behaved(
                await demo.post(f"{{ {asked.replace('X', literal)} }}", by=DISTRICT), literal
            )


NUMBERS = {
    "first": "query($v: Int) { tickets(first: $v) { totalCount nodes { id } } }",
    "last": "query($v: Int) { tickets(last: $v) { totalCount nodes { id } } }",
    "maxDepth": 'query($v: Int) { locality(slug: "weibin") { roots { descendants(maxDepth: $v) { totalCount } } } }',
}  # fmt: skip


@pytest.mark.parametrize("name", NUMBERS)
async def test_numbers(demo: Site, name: str) -> None:
    for number in INTS:
        body = f'{{"query": "{NUMBERS[name]}", "variables": {{"v": {number}}}}}'
        body = body.replace('"weibin"', '\\"weibin\\"')
        headers = {**await demo.headers(DISTRICT), "content-type": "application/json"}
        async with demo.client() as client:
            well_behaved(await client.post("/graphql", content=body, headers=headers), number)


SPANS = """
query($v: DateTime) {
  tickets(filter: {createdAt: {gte: $v, lt: $v}, dueAt: {lte: $v}}) { totalCount }
  serviceRecords(filter: {at: {gt: $v}}) { totalCount }
}
"""
AS_OF = """
query($v: Date, $u: ID!) {
  orgUnit(id: $u, at: $v) { children(at: $v) { id } descendants(at: $v) { totalCount }
    posts { holder(at: $v) { id } } }
  orgUnits(locality: "weibin", at: $v) { totalCount }
}
"""


async def test_times_and_days(demo: Site) -> None:
    unit = await demo.unit("weibin", GRID)
    for text in [*TIMES, *DAYS, *TEXTS, "2026-01-01T00:00:00+23:59"]:
        well_behaved(await demo.post(SPANS, {"v": text}, DISTRICT), text)
        well_behaved(await demo.post(AS_OF, {"v": text, "u": unit}, DISTRICT), text)
    for other in (5, 1.5, True, [], {}):
        well_behaved(await demo.post(SPANS, {"v": other}, DISTRICT), other)
        well_behaved(await demo.post(AS_OF, {"v": other, "u": unit}, DISTRICT), other)


FAR = ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]


@pytest.mark.parametrize("text", FAR)
async def test_instants_beyond_the_calendar(demo: Site, text: str) -> None:
    well_behaved(await demo.post(SPANS, {"v": text}, DISTRICT), text)
