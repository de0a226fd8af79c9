"""HTTP/1.1 as uvicorn speaks it, with what it leaves out: patience that ends, and a gate.

A connection whose next request does not come, or whose answer is not taken, is closed by a look at
all connections once a second: that costs a request no timer. An operation that comes while the gate
is shut is answered from a few prepared bytes, before anything of it is read.
"""

import asyncio
import re
from collections.abc import Callable
from functools import partial
from typing import Any, cast
from urllib.parse import unquote_to_bytes

import httptools
import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from server import errors
from server.bearers import plausible
from server.gate import RETRY, Gate
from server.gathering import Gathering
from server.request import WHOLE
from server.stalling import FOREVER, Stalling
from server.visit import new_id

HEADER_SECONDS = 5
"""For the head of a request: from its first byte, or from the end of what was before it."""

LINGER_SECONDS = 2
"""For a client that still sends what is not read any more, to read its answer first."""

TAKE_SECONDS = 20
"""For a client to take some of an answer that waits to be sent."""

LARGEST_UNREAD = 65_536
"""A body that is passed over unread, so that its connection may be used again."""

LARGEST_HEAD = 300_000
"""Bytes of a head, or of trailers, that are not whole: a little more than comes with one read."""

HEAD_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)

PLAIN = b"POST /graphql HTTP/1.1\r\n"
NOT_PLAIN = b"\nconnection:", b"\nexpect:", b"\ntransfer-encoding:", b"\nupgrade:"
"""Headers that call for more than an answer."""
LENGTH = re.compile(rb"\ncontent-length: ?([0-9]{1,5})(?=\r|$)")

OPERATIONS = b"/graphql"
NAMES = b"authorization"
"""The header that says who asks."""
MAY_NAME = b"\n%b:" % NAMES


def _turned_away() -> bytes:
    """The answer at a shut gate, with two places for the request's id."""
    extensions = {"code": errors.BUSY, "requestId": "%s", "retryAfter": RETRY}
    failure = {"message": errors.SAID[errors.BUSY], "extensions": extensions}
    body = orjson.dumps({"errors": [failure]}).decode()
    head = (
        "HTTP/1.1 503 Service Unavailable",
        "content-type: application/json",
        f"content-length: {len(body % new_id())}",
        f"retry-after: {RETRY}",
        "x-request-id: %s",
    )
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


TURNED_AWAY = _turned_away()


def plain_head(data: bytes) -> bytes:
    """The head, in small letters, of one whole operation sent as nearly all clients send theirs.

    Nothing of anything else.
    """
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(PLAIN):
        return b""
    head = head.lower()
    length = LENGTH.findall(head)
    once = head.count(b"content-length") == 1 and length == [b"%d" % len(body)]
    return b"" if not once or any(each in head for each in NOT_PLAIN) else head


class UnsoundError(Exception):
    """A head that can be read in two ways; uvicorn answers it as it does what is no HTTP."""


class _Away:
    """Stands where uvicorn looks for the request under way: this one has been answered."""

    response_complete = True
    more_body = False
    message_event = asyncio.Event()


class _Lingering:
    """A connection that is closed once its client had the time to read what it was sent."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self.write = transport.write
        self.is_closing = transport.is_closing

    def close(self) -> None:
        """Say that nothing more comes, and close a little later."""
        if not self._transport.is_closing():
            if self._transport.can_write_eof():
                self._transport.write_eof()
            loop = asyncio.get_running_loop()
            loop.call_later(LINGER_SECONDS, self._transport.abort)


class Cycle(RequestResponseCycle):
    """One request and its answer: an answer before the request's end is the connection's last."""

    named: bool | None = None
    """Of an operation that was read whole: whether somebody says who they are."""
    leave: Callable[[], None] | None = None
    """Tells the gate that it is being answered."""
    unframed = False
    """Whether the end of the connection is the end of the answer."""

    async def run_asgi(self, app: Any) -> None:
        """Have it answered."""
        try:
            await super().run_asgi(app)
        finally:
            self._answered()
            self._scope.pop(WHOLE, None)  # a ring, which only the collector would find

    @property
    def _scope(self) -> dict[str, Any]:
        return cast("dict[str, Any]", self.scope)

    def prepare(self) -> None:
        """Let whoever answers have a small body at once."""
        self._scope[WHOLE] = self._whole

    def _whole(self) -> bytes | None:
        """The body, if all of it has come with its head, as it does where it is small."""
        return None if self.more_body else bytes(self.body)

    def _answered(self) -> None:
        if self.leave is not None:
            self.leave()
            self.leave = None

    async def send(self, message: Any) -> None:
        """Send a part of the answer."""
        self._answered()  # events over time may go on for hours
        if self.more_body and not self.response_started:
            self.keep_alive = False
            self.transport: Any = _Lingering(self.transport)
        if self._scope["http_version"] == "1.0":
            self._unframe(message)
        await super().send(message)

    def _unframe(self, message: Any) -> None:
        """Send an answer of unknown length as it is: chunks are known from HTTP/1.1 on (RFC 9112, 6.1)."""
        if message["type"] == "http.response.start":
            names = {name.lower() for name, _ in message["headers"]}
            self.unframed = b"content-length" not in names
            self.chunked_encoding = False if self.unframed else None
        elif self.unframed:
            self.expected_content_length = len(message.get("body", b""))


class Connection(Stalling, HttpToolsProtocol):
    """One connection."""

    def __init__(self, *given: Any, gate: Gate | None, **named: Any) -> None:
        super().__init__(*given, **named)
        self.parser: Any
        self._gate = gate
        self._since = self.loop.time()
        """When the head that is awaited began to be."""
        self._head = 0
        """Bytes that came of that head, and of what stood before it in one read."""
        self._named: bool | None = None
        """Of an operation: whether somebody says who they are."""
        self._between = True
        """Whether what comes next begins a request."""
        self._chunk = False
        """Whether a chunk has begun and nothing of it has come: it may be the last, with trailers."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(cast("Any", Gathering(transport, self.loop)))

    def look(self, now: float) -> None:
        """Close it, if it has been waited for long enough."""
        waited = now - self._since
        # Closing waits until what was sent is taken: that has to end too.
        if now - self.stalled > TAKE_SECONDS or waited > HEADER_SECONDS + TAKE_SECONDS:
            self.transport.abort()
        elif waited > HEADER_SECONDS:
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        gate, done = self._gate, self.cycle is None or self.cycle.response_complete
        if self._between and done and gate is not None and gate.shut(False):
            head = plain_head(data)
            if head and gate.shut(MAY_NAME in head):
                self._unset_keepalive_if_required()
                self._say_busy(gate)
                return
        super().data_received(data)
        if (self._since != FOREVER or self._chunk) and not self.transport.is_closing():
            self._head += len(data)
            if self._head > LARGEST_HEAD:
                self._end()

    def _end(self) -> None:
        """End the connection over a head, or trailers, without end."""
        if self._chunk and self.cycle.response_started:
            self.transport.abort()
        else:
            self.transport.write(HEAD_TOO_LARGE)
            self.transport.close()

    def handle_websocket_upgrade(self) -> None:
        super().handle_websocket_upgrade()
        self.parser = None  # uvicorn lets go of it only where this stays the connection's protocol

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._between = False
        self._since, self._head = self.loop.time(), 0

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._since != FOREVER:  # trailers say nothing here: nobody in between looks at them
            super().on_header(name, value)

    def on_chunk_header(self) -> None:
        """A chunk begins."""
        self._chunk, self._head = True, 0

    def on_body(self, body: bytes) -> None:
        self._chunk = False
        super().on_body(body)

    def on_headers_complete(self) -> None:
        upgrading = self.parser.should_upgrade() and self._should_upgrade()
        if not self._sound(upgrading):
            raise UnsoundError
        self._since = FOREVER
        gate, named = self._gate, None if upgrading else self._asking()
        self._named = named
        if named is None or gate is None or not gate.shut(named):
            super().on_headers_complete()
        elif self.cycle is None or self.cycle.response_complete:
            self._turn_away(gate)
        else:  # others are before it on this connection, which ends with the last of them
            gate.turned_away += 1
            self._named = None
            self.cycle.keep_alive = False
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._between, self._chunk = True, False
        if self._named is not None and not self.cycle.response_complete:
            self.cycle.named = self._named
            self._count(self.cycle)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and self._between:  # else the rest of a body is no head
            self._since = self.loop.time()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        cycle.__class__ = Cycle  # uvicorn names its own class
        cast("Cycle", cycle).prepare()
        self._count(cycle)
        super()._start_asgi_task(cycle, app)

    def _count(self, cycle: RequestResponseCycle) -> None:
        """Have the gate count an operation once it is both read whole and its turn."""
        gate = self._gate
        if gate is not None and isinstance(cycle, Cycle) and cycle.named is not None:
            gate.enter(cycle.named)
            cycle.leave = partial(gate.leave, cycle.named)

    def _sound(self, upgrading: bool) -> bool:
        """Whether everybody reads the head alike: one host, a body of one plain form or, where another
        protocol is to follow, none (RFC 9112, 3.2, 6.1 and 6.3)."""
        names = [name for name, _ in self.headers]
        if names.count(b"host") != 1 and (
            b"host" in names or self.parser.get_http_version() != "1.0"
        ):
            return False
        if b"transfer-encoding" in names:
            codings = [value for name, value in self.headers if name == b"transfer-encoding"]
            return not upgrading and [coding.strip().lower() for coding in codings] == [b"chunked"]
        return not upgrading or dict(self.headers).get(b"content-length", b"0") == b"0"

    def _asking(self) -> bool | None:
        """Whether the caller of an operation says who they are; None for other requests."""
        if self.url != OPERATIONS:  # as nearly all spell it
            path = unquote_to_bytes(httptools.parse_url(self.url).path or b"")
            if path != OPERATIONS:
                return None
        return plausible(next((said for name, said in self.headers if name == NAMES), b""))

    def _say_busy(self, gate: Gate) -> None:
        gate.turned_away += 1
        self._since = self.loop.time()
        id = new_id().encode()
        self.transport.write(TURNED_AWAY % (id, id))

    def _turn_away(self, gate: Gate) -> None:
        self._say_busy(gate)
        self._named = None
        self.cycle: Any = _Away
        headers = dict(self.headers)
        length = headers.get(b"content-length", b"0")
        small = len(length) < 6 and int(length) <= LARGEST_UNREAD
        small = small and b"transfer-encoding" not in headers
        if not small or not self.parser.should_keep_alive():
            _Lingering(self.transport).close()
            self._since = FOREVER
