"""WebSockets as uvicorn speaks them, but frames of one turn of the event loop are written together.

A client that takes nothing is noticed by the look at all connections once a second: so a message
needs no timer.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

TAKE_SECONDS = 10
"""For a client to take enough of what was sent before that more can be sent."""

ENOUGH = 65_536
"""Bytes that are written without waiting for more."""

FOREVER = float("inf")


class Gathering:
    """A transport that joins what is written in one turn of the loop: each write costs a system call,
    and one event may be for all the subscriptions of a socket."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Write before the next turn ends, or at once if it is much."""
        if not self._parts:
            self._loop.call_soon(self._flush)
        self._parts.append(data)
        self._size += len(data)
        if self._size >= ENOUGH:
            self._flush()

    def close(self) -> None:
        """Close, once all is written."""
        self._flush()
        self._transport.close()

    def _flush(self) -> None:
        parts, self._parts, self._size = self._parts, [], 0
        if parts and not self._transport.is_closing():
            self._transport.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Frames(WebSocketsSansIOProtocol):
    """One WebSocket."""

    _stalled = FOREVER
    """Since when the client takes nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        gathering = Gathering(cast("asyncio.Transport", transport), self.loop)
        super().connection_made(cast("Any", gathering))

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.time()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stalled = FOREVER

    def look(self, now: float) -> None:
        """Give it up, if its client has taken nothing for long enough: it cannot be told either."""
        if now - self._stalled > TAKE_SECONDS:
            self.transport.abort()
