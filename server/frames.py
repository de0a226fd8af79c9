"""WebSockets as uvicorn speaks them, but frames of one turn of the event loop are written together.

A client that takes nothing is noticed by the look at all connections once a second: so a message
needs no timer.
"""

import asyncio
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.gathering import Gathering
from server.stalling import Stalling

TAKE_SECONDS = 10
"""For a client to take enough of what was sent before that more can be sent."""


class Frames(Stalling, WebSocketsSansIOProtocol):
    """One WebSocket."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # It may be one already: each WebSocket begins as an HTTP request.
        if not isinstance(transport, Gathering):
            transport = cast("Any", Gathering(cast("asyncio.Transport", transport), self.loop))
        super().connection_made(transport)

    def look(self, now: float) -> None:
        """Give it up, if its client has taken nothing for long enough: it cannot be told either."""
        if now - self.stalled > TAKE_SECONDS:
            self.transport.abort()
