"""/graphql over HTTP: bytes in, bytes out.

Request -> media type -> operation -> caller (token, scope) -> desk -> response.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, cast

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from server import errors, sse
from server.accept import EVENTS, GRAPHQL_JSON, HTML, JSON, LONGEST, REMEMBERED, preferred
from server.body import Refused
from server.callers import Caller, Callers
from server.compress import compressed
from server.desk import PARTIAL, Desk, Failed
from server.heads import heads_of
from server.language import negotiate
from server.live import Answers
from server.operation import refusal
from server.request import read_address, read_body
from server.rules import TRIAL, Rules

HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""What is answered to one caller is nobody else's, and no page's script or style."""

METHODS = ("GET", "HEAD", "POST")

SENT = (GRAPHQL_JSON, JSON, EVENTS)
"""What is given to whoever sends a body."""

NONE: Mapping[str, str] = MappingProxyType({})


class Endpoint:
    """The GraphQL endpoint of one schema over one database."""

    def __init__(
        self, desk: Desk, callers: Callers, answers: Answers, rules: Rules = TRIAL
    ) -> None:
        self._desk = desk
        self._callers = callers
        self._answers = answers
        self._rules = rules
        self._read = (HTML, GRAPHQL_JSON, JSON) if rules.ide else (GRAPHQL_JSON, JSON)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, as an application of its own."""
        response = await self.answer(Request(scope, receive))
        await response(scope, receive, send)

    async def answer(self, request: Request) -> ASGIApp:
        """The response to one request, whatever happens."""
        if request.method not in METHODS:
            return await missed(request, HTTPException(405, headers={"allow": ", ".join(METHODS)}))
        sent, headers = request.method == "POST", heads_of(request.scope)
        accept = headers.get(b"accept", "")[:LONGEST]
        media_type = preferred(accept, SENT if sent else self._read)
        if media_type == HTML:
            return RedirectResponse("/graphiql", 303, HEADERS)
        try:
            return await self._answer(request, headers, media_type)
        except Failed as found:
            return declined(found, media_type)
        except Refused as refused:
            return failed(refused.status, refusal(refused), media_type)
        except Exception as error:  # the last line of defence: masked and logged
            failure = errors.unexpected(error)
            return failed(errors.STATUS[failure["extensions"]["code"]], failure, media_type)

    async def _answer(
        self, request: Request, headers: Mapping[bytes, str], media_type: str | None
    ) -> ASGIApp:
        if media_type is None:
            said = f"Accept {GRAPHQL_JSON}, {JSON}, or for events over time {EVENTS} with POST."
            raise Refused(406, "NOT_ACCEPTABLE", said)
        if request.method == "POST":
            operation = await read_body(request, headers)
        else:
            operation = read_address(request, headers, self._rules.documents)
        identity = await self._callers.identify(
            headers.get(b"authorization"), headers.get(b"linli-locality")
        )
        caller = Caller(identity, negotiate(headers.get(b"accept-language", "")))
        if media_type == EVENTS:
            leave = self._answers.streams.take(identity)
            return sse.Events(self._answers.answers(operation, caller), leave)
        answer = await self._desk.answer(operation, caller)
        coding = headers.get(b"accept-encoding", "")[:LONGEST]
        body, told = await compressed(answer.body, coding)
        return respond(body, answer.status, media_type, headers=told)


CALLED_FOR = {
    401: {"www-authenticate": 'Bearer error="invalid_token"'},
    405: {"allow": "POST"},
    415: {"accept-encoding": "identity"},
}
"""Headers that a status calls for."""


class Answered:
    """A response all of which is there."""

    __slots__ = ("_body", "_heads", "_status")

    def __init__(self, body: bytes, status: int, heads: list[tuple[bytes, bytes]]) -> None:
        self._body = body
        self._status = status
        self._heads = heads

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        heads = [*self._heads, (b"content-length", b"%d" % len(self._body))]
        await send({"type": "http.response.start", "status": self._status, "headers": heads})
        await send({"type": "http.response.body", "body": self._body})


def respond(
    body: bytes,
    status: int,
    media_type: str | None,
    wait: int = errors.RETRY,
    headers: Mapping[str, str] = NONE,
) -> ASGIApp:
    """A response, with the headers given and those that its status calls for."""
    # Who accepts neither is told why in plain JSON.
    media_type = GRAPHQL_JSON if media_type == GRAPHQL_JSON else JSON
    # A code of GraphQL's own is for those who know its own type.
    status = 200 if status == PARTIAL and media_type == JSON else status
    return Answered(body, status, _heads(status, media_type, wait, tuple(headers.items())))


@lru_cache(REMEMBERED)
def _heads(
    status: int, media_type: str, wait: int, further: tuple[tuple[str, str], ...]
) -> list[tuple[bytes, bytes]]:
    """The headers of a response, but for its length."""
    headers = HEADERS | CALLED_FOR.get(status, {}) | dict(further)
    if status in errors.PASSING:
        headers["retry-after"] = str(wait)
    headers["content-type"] = f"{media_type}; charset=utf-8"
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def declined(found: Failed, media_type: str | None) -> ASGIApp:
    """The response to an operation that was not carried out."""
    # Older clients that accept only application/json expect 200 with errors inside.
    status = 200 if found.status == 400 and media_type == JSON else found.status
    return respond(orjson.dumps({"errors": found.failures}), status, media_type, found.retry)


def failed(status: int, failure: dict[str, Any], media_type: str | None) -> ASGIApp:
    """The response to a request that never became an operation, or broke."""
    return respond(orjson.dumps({"errors": [failure]}), status, media_type)


async def missed(_request: Request, error: Exception) -> Response:
    """The response at addresses, and to methods, that there are none of."""
    found = cast("HTTPException", error)
    code = "METHOD_NOT_ALLOWED" if found.status_code == 405 else "NOT_FOUND"
    failure = {"message": "There is no such thing here.", "extensions": {"code": code}}
    headers = HEADERS | dict(found.headers or {})
    body = orjson.dumps({"errors": [failure]})
    return Response(body, found.status_code, headers, f"{JSON}; charset=utf-8")
