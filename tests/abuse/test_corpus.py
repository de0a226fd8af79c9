"""What is to hurt the server is refused before any SQL, shortly, and alike over every transport."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from compiler.errors import MOST_SAID
from db.scope import PUBLIC
from schema.api import API
from server.http import LARGEST_FRAME
from tests.abuse.corpus import CORPUS, Abuse
from tests.api.served import Site
from tests.api.telling import Started, events_in, phone

MOST_BYTES = 1_000
Record = Callable[[str, object], None]


class Nobody:
    """The public; no statement may be run for it."""

    scope = PUBLIC

    async def fetch(self, sql: str, _values: list[Any]) -> bytes:
        raise AssertionError(f"SQL was run: {sql[:80]}")


def codes_of(failures: Any) -> set[str]:
    """The codes of errors, each of which is short."""
    for each in failures:
        assert len(each["message"].encode()) <= MOST_SAID + len("…".encode()), each
        assert "Did you mean" not in each["message"]
    return {each["extensions"]["code"] for each in failures}


@pytest.mark.trust(7, 8, 9, 10, 12, 13)
async def test_refused_before_any_sql(record_property: Record) -> None:
    for abuse in CORPUS:
        result = await API.execute(
            abuse.document, variable_values=abuse.variables, context_value=Nobody()
        )
        assert codes_of([error.formatted for error in result.errors or []]) == {abuse.code}, abuse
    record_property("figure", f"{len(CORPUS)} attempts, no statement run")


async def over_http(site: Site, abuse: Abuse) -> tuple[Any, int]:
    answer = await site.post(abuse.document, abuse.variables)
    assert answer.status_code in (200, 400), abuse
    return answer.json()["errors"], len(answer.content)


async def over_sse(site: Site, abuse: Abuse) -> tuple[Any, int]:
    headers = {"accept": "text/event-stream"}
    answer = await site.post(abuse.document, abuse.variables, headers=headers)
    (_, body), (last, _) = events_in(answer.text)
    assert last == "complete", abuse
    return body["errors"], len(answer.content)


@pytest.mark.trust(7, 8, 9, 10, 12, 13, 21)
@pytest.mark.parametrize("send", [over_http, over_sse], ids=["HTTP", "SSE"])
async def test_refused_shortly(bare: Site, send: Any, record_property: Record) -> None:
    largest = 0
    for abuse in CORPUS:
        failures, size = await send(bare, abuse)
        assert codes_of(failures) == {abuse.code}, abuse.name
        assert size < MOST_BYTES, (abuse.name, failures)
        largest = max(largest, size)
    record_property("figure", f"{len(CORPUS)} attempts, answers of at most {largest} bytes")


@pytest.mark.trust(21)
async def test_refused_over_websocket(open_to_all: Started, record_property: Record) -> None:
    """But for what is too large for a message: that closes the socket."""
    sent = [
        abuse
        for abuse in CORPUS
        if len(orjson.dumps([abuse.document, abuse.variables])) < LARGEST_FRAME - 200
    ]
    async with phone(open_to_all) as one:
        await one.begin()
        for abuse in sent:
            id = await one.subscribe(abuse.document, **abuse.variables)
            message = await one.take()
            assert (message["type"], message["id"]) == ("error", id), (abuse.name, message)
            assert codes_of(message["payload"]) == {abuse.code}, abuse.name
            assert len(orjson.dumps(message)) < MOST_BYTES, abuse.name
    record_property("figure", f"{len(sent)} attempts on one socket, each with the code of HTTP")


@pytest.mark.trust(21)
async def test_a_limit_of_subscriptions_too(open_to_all: Started) -> None:
    """A subscription's document passes the same checks."""
    text = "subscription { ticketChanged { ticket { %s id %s } } }"
    deep = text % ("mergedInto { " * 40, "} " * 40)
    wide = text % (
        " ".join(
            f"a{at}: agenda {{ ticket {{ events(first: 100) {{ nodes {{ at }} }} }} }}"
            for at in range(60)
        ),
        "",
    )
    async with phone(open_to_all) as one:
        await one.begin()
        for document, code in ((deep, "TOO_DEEP"), (wide, "TOO_COSTLY")):
            await one.subscribe(document)
            assert codes_of((await one.take())["payload"]) == {code}
