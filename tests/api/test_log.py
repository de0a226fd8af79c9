"""The log: one line a record, nothing personal, and nothing of what a client sent as a value."""

import logging
from collections.abc import AsyncIterator, Callable
from io import StringIO

import asyncpg
import orjson
import pytest
import pytest_asyncio

from server.log import JsonFormatter, TextFormatter, set_up
from tests.api.acting import COMMUNITY, mutation
from tests.api.served import Site
from tests.api.telling import Started, phone_of

CANARY = "canary-\n\r\u2028\x85 18700000000"
KEY = "canary-key-18700000001"

NASTY = [
    ("query canary_name($c: String!) { locality(slug: $c) { slug } }", {"c": CANARY}),
    ("query($c: ID!) { node(id: $c) { id } }", {"c": CANARY}),
    ("query($c: ID!) { node(id: $c) { id } }", {"c": {CANARY: [CANARY]}}),
    ('{ locality(slug: "canary-18700000000") { slug nothing } }', {}),
    ("{ canary_18700000000 }", {}),
    (mutation("ticketReport"), {"input": {"title": CANARY, "unitId": CANARY, "category": CANARY}}),
    (
        mutation("ticketAccept"),
        {"input": {"ticketId": "ticket_weibin_x", "clientMutationKey": KEY}},
    ),
    ("query($c: String!) { changes(since: $c) { cursor } }", {"c": CANARY}),
]


@pytest_asyncio.fixture
async def written() -> AsyncIterator[StringIO]:
    """What a server's log writes while a test runs."""
    stream = StringIO()
    handlers = [logging.StreamHandler(stream) for _ in range(2)]
    handlers[0].setFormatter(JsonFormatter())
    handlers[1].setFormatter(TextFormatter())
    before = logging.root.level
    logging.root.setLevel(logging.INFO)
    for each in handlers:
        logging.root.addHandler(each)
    yield stream
    for each in handlers:
        logging.root.removeHandler(each)
    logging.root.setLevel(before)


def harmless(said: str) -> int:
    """How many lines there are, each whole and without a word of any client's."""
    assert "canary" not in said.lower()
    assert "1870000000" not in said
    lines = said.split("\n")
    assert lines.pop() == ""
    for line in lines:
        assert line.isprintable(), line
        if line.startswith("{"):
            assert orjson.loads(line)["level"]
    return len(lines)


@pytest.mark.trust(52)
async def test_no_value_of_a_request_is_logged(
    shop: Site,
    served: Started,
    written: StringIO,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
) -> None:
    """Neither of sound operations nor of others, nor when the database's errors hold values."""
    headers = {"x-request-id": "canary-id", "user-agent": "canary", "accept-language": "canary"}
    failing = [
        asyncpg.UniqueViolationError(f"Key (phone)=({CANARY}) already exists."),
        asyncpg.InvalidTextRepresentationError(f'invalid input syntax: "{CANARY}"'),
        asyncpg.AdminShutdownError(f"{CANARY}"),
        ConnectionRefusedError(111, CANARY),
        ValueError(CANARY),
    ]
    for query, variables in NASTY:
        await shop.post(query, variables, COMMUNITY, headers=headers)
        await shop.post(query, variables, headers={**headers, "accept": "text/event-stream"})
    async with phone_of(shop, served, COMMUNITY) as one:
        for query, variables in NASTY:
            await one.subscribe(query, **variables)
            await one.take()
    for error in failing:

        async def fail(*_: object, error: Exception = error) -> bytes:
            raise error from ValueError(CANARY)

        for way in ("fetch", "enter"):
            monkeypatch.setattr(shop.database, way, fail)
        answer = await shop.post("{ localities { slug } }", by=COMMUNITY, headers=headers)
        assert answer.json()["errors"][0]["extensions"]["code"] in (
            "INTERNAL",
            "DATABASE_UNAVAILABLE",
        )
        assert answer.json()["errors"][0]["extensions"]["requestId"] in written.getvalue()
    many = harmless(written.getvalue())
    assert many > 2 * (3 * len(NASTY) + len(failing))
    record_property("figure", f"{many} lines of {3 * len(NASTY) + len(failing)} nasty requests")


async def test_a_request_is_told_in_one_line(shop: Site, written: StringIO) -> None:
    answer = await shop.post("query Places_1 { localities { slug } }", by=COMMUNITY)
    told = [orjson.loads(line) for line in written.getvalue().split("\n") if line.startswith("{")]
    (line,) = [each for each in told if each["message"] == "request"]
    assert line["requestId"] == answer.headers["x-request-id"]
    shown = {name: line[name] for name in ("operation", "kind", "cost", "status", "path", "over")}
    assert shown == {
        "operation": "Places_1",
        "kind": "query",
        "cost": 1,
        "status": 200,
        "path": "/graphql",
        "over": "http",
    }
    assert len(line["document"]) == 16
    assert line["ms"] > 0
    person = await shop.person(COMMUNITY)
    assert line["caller"]
    assert str(person.person) not in written.getvalue()
    again = await shop.post("{ __typename }", by=COMMUNITY)
    assert again.headers["x-request-id"] != answer.headers["x-request-id"]
    assert written.getvalue().count(line["caller"]) == 4


async def test_an_id_is_taken_from_a_trusted_proxy_only(shop: Site) -> None:
    sent = {"x-request-id": "given-by-a-proxy-1"}
    answer = await shop.post("{ __typename }", headers=sent)
    assert answer.headers["x-request-id"] != sent["x-request-id"]


def test_settings_choose_what_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    before, level = logging.root.handlers[:], logging.root.level
    try:
        for form, lines in (("json", 1), ("text", 1), ("off", 0)):
            set_up(form, "WARNING")
            logging.getLogger("elsewhere").info("not this")
            logging.getLogger("elsewhere").warning("a\nb", extra={"more": "c\nd"})
            said = capsys.readouterr().err
            assert said.count("\n") == lines
            assert ("not this" in said) is False
    finally:
        logging.root.handlers[:] = before
        logging.root.setLevel(level)
