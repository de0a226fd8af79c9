"""A connection on which what is written in one turn of the event loop goes out together."""

import asyncio
from typing import Any

ENOUGH = 65_536
"""Bytes that are written without waiting for more, and not copied to be joined."""


class Gathering:
    """A transport that joins small writes: each costs a call of the system, and wakes the client.

    So the head of an answer goes out with its body, and one event that is for all the subscriptions
    of a socket in one piece.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._parts: list[bytes] = []
        self._size = 0
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Write before the next turn ends, or at once if it is much."""
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._parts.append(data)
        self._size += len(data)
        if self._size >= ENOUGH:
            self.flush()

    def close(self) -> None:
        """Close, once all is written."""
        self.flush()
        self._transport.close()

    def write_eof(self) -> None:
        """Say that nothing more comes, after all that was written."""
        self.flush()
        self._transport.write_eof()

    def flush(self) -> None:
        """Write what was gathered."""
        parts = self._parts if self._size >= ENOUGH else [b"".join(self._parts)]
        self._parts, self._size = [], 0
        for part in parts:
            if part and not self._transport.is_closing():
                self._transport.write(part)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
