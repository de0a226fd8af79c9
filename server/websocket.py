"""The graphql-transport-ws protocol: operations over one WebSocket.

connection_init -> connection_ack; then subscribe -> next…, complete | error, many at a time.
Whatever breaks the protocol closes the socket with the protocol's own code.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any, cast

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from db.failures import TRANSIENT
from server.body import Refused
from server.callers import Caller, Callers
from server.desk import Failed
from server.language import negotiate
from server.live import Answers, Stopping
from server.operation import Operation, read_operation
from server.origins import may_call
from server.request import read_json

PROTOCOL = "graphql-transport-ws"
AWAY = 1013
"""The client may come back and try again."""

TOO_MANY = 4429
"""What clients of the protocol do not try again by themselves."""

MOST_OPERATIONS = 20
"""Operations that may run at the same time on one socket."""


@dataclass(frozen=True)
class Patience:
    """Seconds a client is waited for."""

    to_begin: float = 5


class Closing(Exception):
    """The socket is to be closed, with a code and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True)
class Sockets:
    """The endpoint for WebSockets."""

    answers: Answers
    callers: Callers
    patience: Patience = Patience()
    origins: frozenset[str] = frozenset()
    """Origins whose pages may call, beside our own."""

    async def serve(self, socket: WebSocket) -> None:
        """Serve one socket from its handshake to its end."""
        if not may_call(socket.headers, self.origins):
            await socket.close()  # before it was accepted, this is a 403
            return
        spoken = PROTOCOL in socket.scope["subprotocols"]
        await socket.accept(PROTOCOL if spoken else None)
        closing: Closing | None = None
        try:
            if not spoken:
                raise Closing(4406, "Subprotocol not acceptable")
            async with asyncio.TaskGroup() as tasks:
                await Session(self, socket, tasks).run()
        except* Closing as group:
            closing = cast("Closing", _first(group))
        except* WebSocketDisconnect:
            pass  # the client left
        if closing is not None:
            # One that takes nothing any more cannot be told either.
            with suppress(TimeoutError, WebSocketDisconnect):
                async with asyncio.timeout(1):
                    await socket.close(closing.code, closing.reason)


def _first(group: BaseExceptionGroup[Any]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner  # pyright: ignore[reportUnknownArgumentType]  # of any exceptions


class Session:
    """One accepted socket: who calls, and what runs for them."""

    def __init__(self, sockets: Sockets, socket: WebSocket, tasks: asyncio.TaskGroup) -> None:
        self._sockets = sockets
        self._socket = socket
        self._tasks = tasks
        self._begun = asyncio.Event()
        self._caller: Caller | None = None
        self._running: dict[str, asyncio.Task[None]] = {}
        self._leave: Callable[[], None] | None = None

    async def run(self) -> None:
        """Take messages until the client leaves, which ends all that runs for it."""
        self._tasks.create_task(self._await_beginning())
        try:
            while True:
                await self._take(await self._receive())
        finally:
            if self._leave is not None:
                self._leave()

    async def _await_beginning(self) -> None:
        try:
            async with asyncio.timeout(self._sockets.patience.to_begin):
                await self._begun.wait()
        except TimeoutError:
            raise Closing(4408, "Connection initialisation timeout") from None

    async def _receive(self) -> dict[str, Any]:
        frame = await self._socket.receive()
        if frame["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(frame["code"])
        try:
            message = read_json((frame.get("text") or "").encode())
        except Refused:
            raise Closing(4400, "A message is JSON in a text frame") from None
        if not isinstance(message, dict):
            raise Closing(4400, "A message is a JSON object")
        return cast("dict[str, Any]", message)

    async def _take(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "connection_init"}:
                await self._begin(message.get("payload") or {})
            case {"type": "ping"}:
                await self._send({"type": "pong"})
            case {"type": "pong"}:
                return
            case {"type": "subscribe", "id": str(id), "payload": payload} if id:
                await self._subscribe(id, payload)
            case {"type": "complete", "id": str(id)}:
                if (task := self._running.pop(id, None)) is not None:
                    task.cancel()
            case _:
                raise Closing(4400, "Not a message of this protocol")

    async def _begin(self, payload: Any) -> None:
        """Learn who calls, from the payload or else from the handshake's headers."""
        if self._begun.is_set():
            raise Closing(TOO_MANY, "Too many initialisation requests")
        self._begun.set()
        if not isinstance(payload, dict):
            raise Closing(4400, "The payload is a JSON object")
        sent = {str(name).lower(): value for name, value in cast("dict[Any, Any]", payload).items()}
        headers = self._socket.headers
        token = sent.get("authorization") or headers.get("authorization")
        language = sent.get("acceptlanguage") or headers.get("accept-language", "")
        place = sent.get("linlilocality") or headers.get("linli-locality")
        given = isinstance(token, str | None) and isinstance(place, str | None)
        if not given or not isinstance(language, str):
            raise Closing(4400, "`authorization`, `linliLocality` and `acceptLanguage` are texts")
        try:
            identity = await self._sockets.callers.identify(token, place)
        except Refused as refused:
            code = AWAY if refused.status == 503 else 4403
            raise Closing(code, refused.message) from refused
        except Failed as failed:  # too many who were nobody came from that address
            raise Closing(AWAY, failed.failures[0]["message"]) from failed
        except TRANSIENT as error:
            raise Closing(AWAY, "The database cannot be reached for the moment") from error
        try:
            self._leave = self._sockets.answers.streams.take(identity)
        except Failed as failed:
            raise Closing(TOO_MANY, failed.failures[0]["message"]) from failed
        self._caller = Caller(identity, negotiate(language))
        await self._send({"type": "connection_ack"})

    async def _subscribe(self, id: str, payload: Any) -> None:
        if self._caller is None:
            raise Closing(4401, "Unauthorized")
        if id in self._running:
            raise Closing(4409, "A subscriber of this id already exists")
        try:
            operation = read_operation(payload)
        except Refused as refused:
            raise Closing(4400, refused.message) from refused
        if len(self._running) >= MOST_OPERATIONS:
            said = f"At most {MOST_OPERATIONS} operations run at the same time."
            failure = {"message": said, "extensions": {"code": "TOO_MANY_OPERATIONS"}}
            await self._send({"type": "error", "id": id, "payload": [failure]})
            return
        work = self._answer(id, operation, self._caller)
        self._running[id] = self._tasks.create_task(work)

    async def _answer(self, id: str, operation: Operation, caller: Caller) -> None:
        last: dict[str, Any] = {"type": "complete", "id": id}
        try:
            async with aclosing(self._sockets.answers.answers(operation, caller)) as bodies:
                async for body in bodies:
                    payload = orjson.Fragment(body)
                    await self._send({"type": "next", "id": id, "payload": payload})
        except Failed as failed:
            last = {"type": "error", "id": id, "payload": failed.failures}
        except Refused as refused:
            raise Closing(4401, refused.message) from refused
        except Stopping:
            raise Closing(1012, "The server is being stopped") from None
        # Its client may have completed it meanwhile, and begun another of that id.
        if self._running.get(id) is asyncio.current_task():
            del self._running[id]
            await self._send(last)

    async def _send(self, message: dict[str, Any]) -> None:
        # It waits for a slow client; one that takes nothing is given up (`server.frames`).
        await self._socket.send_text(orjson.dumps(message).decode())
