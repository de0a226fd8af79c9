"""Where a request ends and what belongs to its head, whatever is sent: trailers, upgrades, doubtful heads."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from server.frames import Frames
from server.protocol import LARGEST_HEAD, Connection

SECONDS = 10
CHUNKED = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n"
UPGRADE = (
    b"GET / HTTP/1.1\r\nhost: x\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
    b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\nsec-websocket-version: 13\r\n"
)
MUCH = 3 * LARGEST_HEAD


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Reads a body, or not, and answers with the names of the headers."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close"})
        return
    if scope["path"] == "/parts":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for part in (b"one ", b"two ", b""):
            await send({"type": "http.response.body", "body": part, "more_body": bool(part)})
        return
    more = scope["path"] == "/"
    while more:
        more = (await receive()).get("more_body", False)
    told = b" ".join(name for name, _ in scope["headers"])
    headers = [(b"content-length", b"%d" % len(told))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": told, "more_body": False})


@asynccontextmanager
async def listening() -> AsyncGenerator[int]:
    loop = asyncio.get_running_loop()
    config, state = uvicorn.Config(app, log_config=None, ws=Frames), ServerState()

    def connection() -> Connection:
        return Connection(config, state, {}, gate=None)

    async with await loop.create_server(connection, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def said(sent: bytes) -> bytes:
    """What is answered until the connection is closed; nothing if it was reset before that was read."""
    async with listening() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        try:
            async with asyncio.timeout(SECONDS):
                return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()


@pytest.mark.trust(5)
@pytest.mark.parametrize(
    "trailers",
    [b"x-a: " + b"a" * MUCH, b"x-%06d: aaaaaaaa\r\n" * (MUCH // 20)],
    ids=["one without end", "many"],
)
async def test_trailers_without_end_are_refused(trailers: bytes) -> None:
    answer = await said(CHUNKED + b"2\r\n{}\r\n0\r\n" + trailers)
    assert answer[:12] in (b"HTTP/1.1 431", b"")


async def test_a_large_body_in_chunks_is_no_trailer() -> None:
    chunk = b"%x\r\n%b\r\n" % (MUCH, b"a" * MUCH)
    assert (await said(CHUNKED + chunk + b"0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")


async def test_trailers_are_no_headers() -> None:
    """Whoever stands in between may check what is in the head alone."""
    trailer = b"authorization: Bearer x\r\nlinli-locality: weibin\r\n"
    answer = await said(CHUNKED + b"2\r\n{}\r\n0\r\n" + trailer + b"\r\n")
    assert answer.endswith(b"\r\n\r\nhost transfer-encoding connection")


@pytest.mark.trust(6, 14)
@pytest.mark.parametrize(
    "more", [b"content-length: 5\r\n", b"transfer-encoding: chunked\r\n"], ids=["long", "chunked"]
)
@pytest.mark.parametrize("method", [b"GET", b"POST"])
async def test_an_upgrade_has_no_body(more: bytes, method: bytes) -> None:
    """One that never comes would be waited for without end."""
    sent = UPGRADE.replace(b"GET", method) + more + b"\r\n"
    assert (await said(sent)).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("more", [b"", b"content-length: 0\r\n"])
async def test_an_upgrade_without_one_is_an_upgrade(more: bytes) -> None:
    assert (await said(UPGRADE + more + b"\r\n")).startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n",
        b"GET / HTTP/1.1\r\nhost: x\r\nhost: y\r\n",
        b"GET / HTTP/1.0\r\nhost: x\r\nhost: y\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip, chunked\r\n",
        b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n",
    ],
)
async def test_a_head_that_can_be_read_in_two_ways_is_refused(head: bytes) -> None:
    assert (await said(head + b"connection: close\r\n\r\n0\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def test_an_older_client_names_no_host() -> None:
    assert (await said(b"GET / HTTP/1.0\r\n\r\n")).startswith(b"HTTP/1.1 200 ")


async def test_what_is_left_of_a_body_is_no_head() -> None:
    """It goes on coming after its request was answered: nothing is written any more by then."""
    failed: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, found: failed.append(found))
    sent = CHUNKED.replace(b"POST /", b"POST /unread") + b"1\r\n \r\n" * (MUCH // 6)
    assert (await said(sent)).startswith(b"HTTP/1.1 200 ")
    assert not failed


async def test_only_who_knows_chunks_is_sent_some() -> None:
    """To a client of HTTP/1.0 the answer ends with the connection."""
    head, _, body = (await said(b"GET /parts HTTP/1.0\r\n\r\n")).partition(b"\r\n\r\n")
    assert (b"transfer-encoding" in head, body) == (False, b"one two ")
    head, _, body = (await said(b"GET / HTTP/1.0\r\nhost: x\r\n\r\n")).partition(b"\r\n\r\n")
    assert (b"content-length: 4" in head, body) == (True, b"host")
    asked = b"GET /parts HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    head, _, body = (await said(asked)).partition(b"\r\n\r\n")
    assert (b"transfer-encoding: chunked" in head, body) == (
        True,
        b"4\r\none \r\n4\r\ntwo \r\n0\r\n\r\n",
    )
