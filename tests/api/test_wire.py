"""What is misspoken on the wire itself: lengths that lie, paths, frames, origins."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx
import orjson
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from tests.api.acting import COMMUNITY
from tests.api.ruled import under
from tests.api.served import Site
from tests.api.telling import PROTOCOL, Phone, Started, listening, phone, phone_of

BODY = b'{"query":"{ __typename }"}'
HEAD = b"POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
LAST = HEAD + b"connection: close\r\n"
WHOLE = LAST + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
FIRST = HEAD + b"content-length: %d\r\n\r\n" % len(BODY) + BODY
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)


async def spoken(server: Started, sent: bytes) -> bytes:
    """All that is answered to bytes, until the server closes."""
    host, port = server.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(sent)
        async with asyncio.timeout(10):
            return await reader.read()
    finally:
        writer.close()


def statuses(said: bytes) -> list[int]:
    return [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]]


SMUGGLING = [
    HEAD + b"content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n" + CHUNKED,
    HEAD + b"transfer-encoding: chunked\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY,
    HEAD + b"content-length: 5\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY,
    HEAD + b"content-length: -1\r\n\r\n" + BODY,
    HEAD + b"content-length: +26\r\n\r\n" + BODY,
    HEAD + b"content-length: 0x1a\r\n\r\n" + BODY,
    HEAD + b"content-length: 26, 26\r\n\r\n" + BODY,
    HEAD + b"content-length: " + b"9" * 5_000 + b"\r\n\r\n" + BODY,
    HEAD + b"content-length : 26\r\n\r\n" + BODY,
    HEAD + b"transfer-encoding: xchunked\r\n\r\n" + CHUNKED,
    HEAD + b"transfer-encoding: chunked, gzip\r\n\r\n" + CHUNKED,
    HEAD + b"transfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\n" + BODY,
    HEAD + b"transfer-encoding: chunked\r\n\r\n-1\r\n" + BODY,
    HEAD + b"x: a\r\n b\r\ncontent-length: 26\r\n\r\n" + BODY,
    HEAD + b"x\x00y: a\r\ncontent-length: 26\r\n\r\n" + BODY,
    b"POST /graphql HTTP/9.9\r\nhost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
]
"""Requests of which two readers may not find the same end."""

PATHS = [b"//graphql", b"/graphql%00", b"/../graphql", b"/%2e%2e/graphql", b"/graphql/.", b"/\xff"]
PATHS += [b"http://elsewhere.test/nothing", b"*", b"/static/%2e%2e%2f%2e%2e%2fpyproject.toml"]


@pytest.mark.trust(1)
async def test_lengths_that_lie_are_never_answered_as_operations(
    served: Started,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    with caplog.at_level(logging.ERROR):
        assert statuses(await spoken(served, FIRST + WHOLE)) == [200, 200]
        assert b"Query" in await spoken(
            served, LAST + b"transfer-encoding: chunked\r\n\r\n" + CHUNKED
        )
        for sent in SMUGGLING:
            said = await spoken(served, sent + WHOLE)
            assert b"Query" not in said, (sent, said)
            assert all(400 <= status < 500 for status in statuses(said)), (sent, said)
        for path in PATHS:
            head = b"GET " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
            said = await spoken(served, head)
            assert statuses(said)[:1] in ([404], [400]), (path, said)
    assert caplog.records == []
    record_property("figure", f"{len(SMUGGLING)} ambiguous requests, none carried out")


def deep(levels: int) -> str:
    return '{"type":"subscribe","id":"1","payload":' + "[" * levels + "]" * levels + "}"


FRAMES: list[tuple[Any, set[int]]] = [
    ("[]", {4400}),
    ('[{"type":"ping"}]', {4400}),
    ("9" * 5_000, {4400}),
    ('{"type":"ping","payload":' + "9" * 5_000 + "}", {4400}),
    ('{"type":"ping","payload":NaN}', {4400}),
    ('{"type":"ping","type":"pong"}', {4400}),
    ('{"type":"ping","payload":"\\ud800"}', {4400}),
    (deep(20_000), {4400}),
    (deep(900), {4400}),
    (b"\x00\x01\x02", {4400}),
    (b'{"type":"ping"}', {4400}),
    ({"type": "subscribe", "id": [1], "payload": {"query": "{ __typename }"}}, {4400}),
    ({"type": "subscribe", "id": {"a": 1}, "payload": {"query": "{ __typename }"}}, {4400}),
    ({"type": "subscribe", "id": None, "payload": {"query": "{ __typename }"}}, {4400}),
    ({"type": "subscribe", "id": "1", "payload": [{"query": "{ __typename }"}]}, {4400}),
    ({"type": "subscribe", "id": "1", "payload": {"documentId": 1}}, {4400}),
    ({"type": "subscribe", "id": "1", "payload": {"query": "{a}", "extensions": []}}, {4400}),
    ({"type": "complete", "id": ["1"]}, {4400}),
    ({"type": "connection_terminate"}, {4400}),
    ({"type": "stop", "id": "1"}, {4400}),
    ({"type": {"a": 1}}, {4400}),
    ("x" * 65_537, {1009}),
    ("x" * 15_000_000, {1009}),
    (b"x" * 15_000_000, {1009}),
]


async def thrown(one: Phone, frame: str | bytes) -> None:
    """Send a frame, or as much of it as is taken."""
    with suppress(ConnectionClosed):
        await one.wire.send(frame)


@pytest.mark.trust(15, 16, 21)
async def test_frames_that_are_no_messages_close_the_socket(
    shop: Site,
    served: Started,
    caplog: pytest.LogCaptureFixture,
    record_property: Callable[[str, object], None],
) -> None:
    with caplog.at_level(logging.WARNING):
        for frame, codes in FRAMES:
            text = orjson.dumps(frame).decode() if isinstance(frame, dict) else frame
            async with phone(served) as one:
                await thrown(one, text)
                # Before anybody said who they are, an operation is unauthorised first.
                assert (await one.closed())[0] in codes | {4401}, str(frame)[:60]
            async with phone_of(shop, served, COMMUNITY) as one:
                await thrown(one, text)
                assert (await one.closed())[0] in codes, str(frame)[:60]
    assert caplog.records == []
    record_property("figure", f"{len(FRAMES)} frames, each closed; 15 MB refused at 64 KB")


@pytest.mark.trust(19)
async def test_pages_of_listed_origins_may_call(shop: Site) -> None:
    friend = "https://app.example"
    site = under(shop, origins=frozenset({friend}))
    foreign = [
        "https://elsewhere.example",
        "null",
        "https://app.example.evil",
        "https://APP.example",
    ]
    foreign += ["http://app.example", "https://app.example:8443", "file://", ""]
    async with listening(site) as server:
        url = f"ws://{server.address}/graphql"
        for origin in (friend, f"http://{server.address}"):
            async with connect(url, subprotocols=[PROTOCOL], origin=Origin(origin)) as wire:
                await Phone(wire).begin()
        for origin in foreign:
            with pytest.raises(InvalidStatus) as refused:
                await connect(url, subprotocols=[PROTOCOL], origin=Origin(origin))
            assert refused.value.response.status_code == 403, origin
    async with site.client() as client:
        for origin in (friend, *foreign):
            allowed = await preflight(client, origin)
            assert allowed.get("access-control-allow-origin") == (
                friend if origin == friend else None
            )
            assert "access-control-allow-credentials" not in allowed
            answer = await client.post(
                "/graphql",
                content=BODY,
                headers={"origin": origin, "content-type": "application/json"},
            )
            shared = answer.headers.get("access-control-allow-origin")
            assert shared == (friend if origin == friend else None)
    async with shop.client() as client:
        assert "access-control-allow-origin" not in await preflight(client, friend)


async def preflight(client: httpx.AsyncClient, origin: str) -> httpx.Headers:
    headers = {
        "origin": origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,graphql-require-preflight",
    }
    return (await client.options("/graphql", headers=headers)).headers
