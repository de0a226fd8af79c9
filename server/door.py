"""The door: the outermost part of the application, which gives each request its id and logs it."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.address import Proxies
from server.log import requests
from server.visit import VISIT, Visit, new_id

REQUEST_ID = b"x-request-id"
SANE = re.compile(rb"[A-Za-z0-9_-]{8,64}")
ROOM = re.compile(r"/[A-Za-z.]{0,32}(?=/|$)")
TRACE = re.compile(rb"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class Door:
    """Middleware around the whole application."""

    def __init__(self, app: ASGIApp, proxies: Proxies) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, under an id that its answer, its errors and the log all bear."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        found = Visit(self._id(scope), self._proxies.client(scope), scope["type"])
        if found.over == "http":
            found.receive = receive
        VISIT.set(found)
        began, status = perf_counter(), 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                mark = (REQUEST_ID, found.id.encode())
                message = {**message, "headers": [*message.get("headers", ()), mark]}
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            told(found, began, method=scope.get("method"), path=_room(scope["path"]), status=status)

    def _id(self, scope: Scope) -> str:
        """The id that a proxy of ours gave the request, or a new one."""
        if self._proxies.in_front(scope):
            sent: dict[bytes, bytes] = dict(scope["headers"])
            if SANE.fullmatch(given := sent.get(REQUEST_ID, b"")):
                return given.decode()
            if trace := TRACE.fullmatch(sent.get(b"traceparent", b"")):
                return trace[1].decode()
        return new_id()


def _room(path: str) -> str:
    """The first part of a path: what follows may name things."""
    found = ROOM.match(path)
    return found[0] if found else "other"


@contextmanager
def visiting() -> Generator[None]:
    """A visit of its own for an operation, if it is one among several on a socket."""
    socket = VISIT.get()
    if socket is None or socket.over != "websocket":
        yield
        return
    found = Visit(address=socket.address, over=socket.over)
    VISIT.set(found)
    began = perf_counter()
    try:
        yield
    finally:
        told(found, began, socket=socket.id)


def told(found: Visit, began: float, **more: Any) -> None:
    """Log a visit."""
    requests.told(found, (perf_counter() - began) * 1_000, more)
