"""Connections by themselves: what the shut gate turns away, and who takes too long."""

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from domain.identity import access_token
from server import protocol, websocket
from server.bearers import plausible
from server.frames import Frames
from server.gate import Gate
from server.gathering import Gathering
from server.protocol import Connection, Cycle, plain_head
from server.websocket import Session, Sockets

SECONDS = 10
JSON = b"accept: application/json, text/event-stream;q=0\r\n"
OPERATION = b"POST %b HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n%b\r\n"
LAST = b"connection: close\r\n"
TOKEN = access_token("weibin", "0" * 32).encode()


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers whatever it is asked, and takes no WebSocket."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close"})
        return
    headers = [(b"content-length", b"5")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"there", "more_body": False})


@asynccontextmanager
async def listening(gate: Gate) -> AsyncGenerator[int]:
    loop = asyncio.get_running_loop()
    config, state = uvicorn.Config(app, log_config=None, ws=Frames), ServerState()

    def connection() -> Connection:
        return Connection(config, state, {}, gate=gate)

    async with await loop.create_server(connection, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def said(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(SECONDS):
        try:
            return await reader.read()
        finally:
            writer.close()


async def begun() -> None:
    """Let what was sent arrive by itself."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.mark.trust(48)
async def test_no_spelling_gets_round_a_shut_gate() -> None:
    gate = Gate(4, waiting=4)
    around = (
        (b"/graphql", b""),
        (b"/graphql", JSON),
        (b"/%67raphql?x", b""),
        (b"http://elsewhere.test/graphql", b""),
        (b"/graphql", b"accept: text/event-stream\r\n"),
        (b"/graphql", b"authorization: x\r\n"),
        (b"/graphql", b"authorization: Bearer linli_pat_x\r\n"),
    )
    foreign = OPERATION % (b"/graphql", b"connection: upgrade, close\r\nupgrade: foo\r\n")
    health = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"
    kept, operation = (OPERATION % (b"/graphql", more) for more in (b"", LAST))
    async with listening(gate) as port:
        assert b"there" in await said(port, operation)
        assert gate._inside == [0, 0]
        for _ in range(4):  # half of all: shut to who says nothing
            gate.enter(False)
        named = b"authorization: Bearer %b\r\n" % TOKEN
        assert b"there" in await said(port, OPERATION % (b"/graphql", named + LAST))
        for path, more in around:
            assert b" 503 " in await said(port, OPERATION % (path, more + LAST)), (path, more)
        assert b" 503 " in await said(port, foreign)
        answer = await said(port, health + kept * 20)
        assert answer.count(b"there") == 1, "what waits behind another is not answered"
        for _ in range(4):
            gate.leave(False)
        assert (await said(port, kept + operation)).count(b"there") == 2
    assert gate._inside == [0, 0]


async def test_a_connection_is_of_use_after_it_was_turned_away() -> None:
    gate, kept = Gate(4, waiting=4), OPERATION % (b"/graphql", b"")
    async with listening(gate) as port, asyncio.timeout(SECONDS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for parts in ((kept,), (kept[:30], kept[30:]), (kept[:-2], kept[-2:]), (kept,)):
            for _ in range(8):
                gate.enter(True)
            for part in parts:
                writer.write(part)
                await begun()
            assert b" 503 " in await reader.readuntil(b"}]}")
            for _ in range(8):
                gate.leave(True)
            writer.write(kept)
            assert (await reader.readuntil(b"there")).startswith(b"HTTP/1.1 200")
        for _ in range(8):
            gate.enter(True)
        # A body that reads like a request is a body all the same, also of what was turned away.
        writer.write(kept.replace(b": 0", b": %d" % len(kept)))
        assert b" 503 " in await reader.readuntil(b"}]}")
        writer.write(kept)
        await begun()
        writer.write(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await reader.readuntil(b"there")).startswith(b"HTTP/1.1 200")
        writer.close()


def test_what_is_told_apart_without_being_parsed() -> None:
    head = b"POST /graphql HTTP/1.1\r\nhost: x\r\n"
    whole = head + b"Content-Length: 2"
    assert plain_head(whole + b"\r\n\r\n{}") == whole.lower()
    for each in (
        b"content-length: 2\r\n\r\n{",
        b"content-length: 2\r\n\r\n{}x",
        b"content-length: 2\r\n",
        b"content-length: 2\r\ncontent-length:  1\r\n\r\n{}",
        b"content-length: 2\r\nconnection: close\r\n\r\n{}",
        b"content-length: 2\r\nexpect: 100-continue\r\n\r\n{}",
        b"content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n{}",
        b"content-length: 2\r\nupgrade: websocket\r\n\r\n{}",
        b"\r\n{}",
    ):
        assert not plain_head(head + each), each
    assert not plain_head(b"GET /healthz HTTP/1.1\r\ncontent-length: 0\r\n\r\n")


def test_whom_a_header_may_name() -> None:
    part = b"x" * 20
    assert plausible(b"Bearer " + TOKEN)
    assert plausible(b"bearer %b.%b.%b" % (part, part, part))
    for each in (b"", b"x", b"Bearer", b"Bearer x", b"Basic " + TOKEN, b"Bearer " + TOKEN[:-1]):
        assert not plausible(each), each


class Transport(asyncio.Transport):
    """A connection whose client takes nothing: closing it waits for that."""

    closed = aborted = False

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.aborted = True


async def test_who_takes_nothing_of_a_small_answer_is_let_go() -> None:
    config = uvicorn.Config(app, log_config=None)
    one, transport = Connection(config, ServerState(), {}, gate=None), Transport()
    one.connection_made(transport)
    began = asyncio.get_running_loop().time()
    one.look(began + protocol.HEADER_SECONDS + 1)
    assert (transport.closed, transport.aborted) == (True, False)
    one.look(began + protocol.HEADER_SECONDS + protocol.TAKE_SECONDS + 1)
    assert transport.aborted


async def test_who_takes_nothing_of_a_large_answer_is_let_go() -> None:
    config = uvicorn.Config(app, log_config=None)
    one, transport = Connection(config, ServerState(), {}, gate=None), Transport()
    one.connection_made(transport)
    one.data_received(OPERATION % (b"/graphql", b""))
    one.pause_writing()
    began = asyncio.get_running_loop().time()
    one.look(began + protocol.TAKE_SECONDS - 1)
    one.resume_writing()
    one.look(began + protocol.TAKE_SECONDS + 1)
    assert not transport.aborted
    one.pause_writing()
    one.look(began + protocol.TAKE_SECONDS + 1)
    assert transport.aborted
    one.connection_lost(None)


UPGRADE = (
    b"GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)


def alive() -> Counter[str]:
    """How many parts of connections there are, of each kind."""
    kinds = Connection, Cycle, Frames, Gathering
    return Counter(type(each).__name__ for each in gc.get_objects() if type(each) in kinds)


@pytest.mark.trust(49)
async def test_what_has_ended_is_gone_without_a_search_for_rings() -> None:
    gate, kept = Gate(4, waiting=4), OPERATION % (b"/graphql", b"")
    gc.collect()
    before = alive()
    gc.disable()
    try:
        async with listening(gate) as port:
            assert (await said(port, kept * 3 + OPERATION % (b"/graphql", LAST))).count(
                b"there"
            ) == 4
            assert b" 403 " in await said(port, UPGRADE)
            for _ in range(8):
                gate.enter(False)
            assert b" 503 " in await said(port, OPERATION % (b"/graphql", LAST))
            async with asyncio.timeout(SECONDS):
                while alive() != before:
                    await asyncio.sleep(0)
    finally:
        gc.enable()


async def test_an_operation_ends_no_newer_one_of_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    ending, sent = asyncio.Event(), list[Any]()

    class Slow:
        """Answers nothing, and takes its time to end."""

        async def answers(self, *_: Any) -> AsyncGenerator[bytes]:
            await ending.wait()
            for body in ():
                yield body

    async def send(_session: Session, message: Any) -> None:
        sent.append(message)

    monkeypatch.setattr(websocket.Session, "_send", send)
    given: Any = Slow()
    nothing: Any = None
    async with asyncio.TaskGroup() as tasks:
        session = Session(Sockets(given, nothing), nothing, tasks)
        older = tasks.create_task(session._answer("1", nothing, nothing))
        newer = tasks.create_task(asyncio.sleep(0))
        session._running["1"] = newer
        ending.set()
        await older
        assert session._running == {"1": newer}
    assert sent == []
