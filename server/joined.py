"""The head of an answer, sent together with its body: one packet and one call of the system, not two."""

import asyncio

LONG = 65_536
"""Bytes of a body that is not copied to be joined."""


class Joined:
    """A connection that holds the first thing written until the next, or until this moment is over."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._held: bytes | None = None
        """None before anything was written, empty once it has been sent."""
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """Send it, now or in a moment."""
        if self._held is None:
            self._held = data
            asyncio.get_running_loop().call_soon(self._send)
        elif self._held and len(data) < LONG:
            self._held, joined = b"", self._held + data
            self._transport.write(joined)
        else:
            self._send()
            self._transport.write(data)

    def close(self) -> None:
        """Send what is held, and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        """Send what is held."""
        if self._held:
            self._held, held = b"", self._held
            self._transport.write(held)
