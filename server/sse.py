"""Server-sent events, as graphql-sse says in its "distinct connections mode": one request, one
operation, its answers as `next` events and a `complete` at the end."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress

import orjson
from starlette.types import Receive, Scope, Send

from server.body import Refused
from server.failed import Failed
from server.live import Stopping
from server.operation import refusal
from server.visit import visit

MEDIA_TYPE = "text/event-stream"
KEEP_ALIVE_SECONDS = 12
"""Between two signs of life; what lies between us and the client closes idle connections."""

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
]
COMPLETE = b"event: complete\ndata:\n\n"
ALIVE = b":\n\n"


class Events:
    """A response that streams the answers of an operation."""

    def __init__(
        self, bodies: AsyncGenerator[bytes], leave: Callable[[], None], patience: float = 10
    ) -> None:
        self._bodies = bodies
        self._leave = leave
        self._patience = patience

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream until the answers end, the client leaves or it takes nothing any more."""
        visit().receive = None  # whether it leaves is seen here
        stream = asyncio.create_task(self._stream(send))
        gone = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({stream, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._leave()
            stream.cancel()
            gone.cancel()
            with suppress(asyncio.CancelledError, TimeoutError, OSError):
                await stream

    async def _stream(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        lock = asyncio.Lock()
        alive = asyncio.create_task(self._keep_alive(send, lock))
        try:
            async with aclosing(self._bodies) as bodies:
                last = await self._events(bodies, send, lock)
        finally:
            alive.cancel()
        await self._send(send, lock, last, more=False)

    async def _events(self, bodies: AsyncGenerator[bytes], send: Send, lock: asyncio.Lock) -> bytes:
        """Send the events; what is to be sent last."""
        try:
            async for body in bodies:
                await self._send(send, lock, _next(body))
        except Failed as failed:
            return _next(orjson.dumps({"errors": failed.failures})) + COMPLETE
        except Refused as refused:
            return _next(orjson.dumps({"errors": [refusal(refused)]})) + COMPLETE
        except Stopping:
            return b""  # not complete: the client comes back
        return COMPLETE

    async def _keep_alive(self, send: Send, lock: asyncio.Lock) -> None:
        with suppress(TimeoutError, OSError):
            while True:
                await asyncio.sleep(KEEP_ALIVE_SECONDS)
                await self._send(send, lock, ALIVE)

    async def _send(
        self, send: Send, lock: asyncio.Lock, body: bytes, *, more: bool = True
    ) -> None:
        async with lock, asyncio.timeout(self._patience):
            await send({"type": "http.response.body", "body": body, "more_body": more})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _next(body: bytes) -> bytes:
    return b"event: next\ndata: " + body + b"\n\n"
