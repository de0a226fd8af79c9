"""POST /graphql: bytes in, bytes out.

Request -> body (size, type, shape) -> caller (token, scope) -> schema -> response.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from strawberry.types import ExecutionResult

from compiler.engine import CompiledSchema
from db.pool import Database
from db.scope import PUBLIC, Scope
from server import errors
from server.context import Context
from server.tokens import TokenError, verify

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
LARGEST_BODY = 1_000_000
BODY_SECONDS = 10
RETRY_SECONDS = "2"


class Refused(Exception):
    """The request never becomes an operation: a status, a code and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Operation:
    """What a request body asks for."""

    query: str
    variables: dict[str, Any]
    name: str | None


def read_operation(body: bytes) -> Operation:
    """Take a body apart; anything but the specified shape is a 400."""
    try:
        asked = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(400, "BAD_JSON", "The body is not JSON in UTF-8.") from error
    if not isinstance(asked, dict):
        raise Refused(400, "BAD_BODY", "The body is one JSON object; batches are not taken.")
    parts = cast("dict[str, Any]", asked)
    query, variables = parts.get("query"), parts.get("variables")
    name = parts.get("operationName")
    if not isinstance(query, str) or not query:
        raise Refused(400, "BAD_BODY", "`query` is a GraphQL document as text.")
    if variables is not None and not isinstance(variables, dict):
        raise Refused(400, "BAD_BODY", "`variables` is an object.")
    if name is not None and not isinstance(name, str):
        raise Refused(400, "BAD_BODY", "`operationName` is text.")
    given = cast("dict[str, Any]", variables or {})
    return Operation(query, given, name or None)


async def read_body(request: Request) -> bytes:
    """The body, refused as soon as it is known to be too large or of another type."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise Refused(415, "BAD_CONTENT_TYPE", f"Send the operation as {JSON}.")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST_BODY:
                    said = f"A body has at most {LARGEST_BODY} bytes."
                    raise Refused(413, "BODY_TOO_LARGE", said)
    except TimeoutError as error:
        raise Refused(408, "BODY_TOO_SLOW", "The body did not come in time.") from error
    return bytes(body)


class Endpoint:
    """The GraphQL endpoint of one schema over one database."""

    def __init__(self, schema: CompiledSchema, database: Database, key: Any) -> None:
        self._schema = schema
        self._database = database
        self._key = key

    async def answer(self, request: Request) -> Response:
        """Answer one request, whatever happens."""
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return RedirectResponse("/graphiql")
        media_type = GRAPHQL_JSON if GRAPHQL_JSON in request.headers.get("accept", "") else JSON
        try:
            if request.method != "POST":
                raise Refused(405, "METHOD_NOT_ALLOWED", "Send operations with POST.")
            operation = read_operation(await read_body(request))
            context = await self._context(request)
            result = await self._schema.execute(
                operation.query,
                variable_values=operation.variables,
                context_value=context,
                operation_name=operation.name,
            )
            return respond(result, media_type)
        except Refused as refused:
            failure = {"message": refused.message, "extensions": {"code": refused.code}}
            return failed(refused.status, failure, media_type)
        except Exception as error:  # the last line of defence: masked and logged
            failure = errors.unexpected(error)
            return failed(errors.STATUS[failure["extensions"]["code"]], failure, media_type)

    async def _context(self, request: Request) -> Context:
        language = "zh-Hans" if prefers_chinese(request.headers) else "en"
        return Context(self._database, await self._scope(request.headers), language)

    async def _scope(self, headers: Mapping[str, str]) -> Scope:
        given = headers.get("authorization")
        if given is None:
            return PUBLIC
        scheme, _, token = given.partition(" ")
        if scheme.lower() != "bearer":
            raise Refused(401, "UNAUTHENTICATED", "Send `Authorization: Bearer <token>`.")
        try:
            identity = verify(self._key, token.strip())
        except TokenError as error:
            raise Refused(401, "UNAUTHENTICATED", str(error)) from error
        scope = await self._database.scope_of(identity.locality, identity.person)
        if scope is None:
            raise Refused(401, "UNAUTHENTICATED", "The person this token names is not here.")
        return scope


def prefers_chinese(headers: Mapping[str, str]) -> bool:
    """Whether the client's first language is Chinese."""
    return headers.get("accept-language", "").strip().lower().startswith("zh")


def respond(result: ExecutionResult, media_type: str) -> Response:
    """The response to an operation that ran, or that was not a valid one."""
    body: dict[str, Any] = {}
    status = 200
    if result.errors:
        body["errors"] = [errors.formatted(error) for error in result.errors]
        refused = result.data is None and not any(error.path for error in result.errors)
        # Older clients that accept only application/json expect 200 with errors inside.
        status = 400 if refused and media_type == GRAPHQL_JSON else 200
        if not refused:
            body["data"] = result.data
    else:
        body["data"] = result.data
    return Response(orjson.dumps(body), status, media_type=media_type)


def failed(status: int, failure: dict[str, Any], media_type: str) -> Response:
    """The response to a request that never became an operation, or broke."""
    headers: dict[str, str] = {}
    if status == 503:
        headers["retry-after"] = RETRY_SECONDS
    if status == 401:
        headers["www-authenticate"] = "Bearer"
    if status == 405:
        headers["allow"] = "POST"
    return Response(orjson.dumps({"errors": [failure]}), status, headers, media_type)
