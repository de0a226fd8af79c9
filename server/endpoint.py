"""POST /graphql: bytes in, bytes out.

Request -> body (size, type, shape) -> caller (token, scope) -> schema -> response.
"""

from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp
from strawberry.types import ExecutionResult

from compiler.engine import CompiledSchema
from server import errors, sse
from server.body import Refused, read_within
from server.callers import Caller, Callers
from server.language import negotiate
from server.live import Answers
from server.operation import Operation, read_operation, refusal, shown, was_refused

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
LARGEST_BODY = 1_000_000
BODY_SECONDS = 10
RETRY_SECONDS = "2"


async def read_body(request: Request) -> Operation:
    """The operation in the body, refused as soon as it is known to be too large or of another
    type."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != JSON:
        raise Refused(415, "BAD_CONTENT_TYPE", f"Send the operation as {JSON}.")
    body = await read_within(request, LARGEST_BODY, BODY_SECONDS)
    try:
        return read_operation(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise Refused(400, "BAD_JSON", "The body is not JSON in UTF-8.") from error


class Endpoint:
    """The GraphQL endpoint of one schema over one database."""

    def __init__(self, schema: CompiledSchema, callers: Callers, answers: Answers) -> None:
        self._schema = schema
        self._callers = callers
        self._answers = answers

    async def answer(self, request: Request) -> ASGIApp:
        """Answer one request, whatever happens."""
        accepted = request.headers.get("accept", "")
        if request.method == "GET" and "text/html" in accepted:
            return RedirectResponse("/graphiql")
        media_type = GRAPHQL_JSON if GRAPHQL_JSON in accepted else JSON
        try:
            if request.method != "POST":
                raise Refused(405, "METHOD_NOT_ALLOWED", "Send operations with POST.")
            operation = await read_body(request)
            identity = self._callers.identify(request.headers.get("authorization"))
            caller = Caller(identity, negotiate(request.headers.get("accept-language", "")))
            if sse.MEDIA_TYPE in accepted:
                return sse.Events(self._answers.answers(operation, caller))
            return respond(await self._execute(operation, caller), media_type)
        except Refused as refused:
            return failed(refused.status, refusal(refused), media_type)
        except Exception as error:  # the last line of defence: masked and logged
            failure = errors.unexpected(error)
            return failed(errors.STATUS[failure["extensions"]["code"]], failure, media_type)

    async def _execute(self, operation: Operation, caller: Caller) -> ExecutionResult:
        return await self._schema.execute(
            operation.query,
            variable_values=operation.variables,
            context_value=await self._callers.context(caller),
            operation_name=operation.name,
        )


def respond(result: ExecutionResult, media_type: str) -> Response:
    """The response to an operation that ran, or that was not a valid one."""
    body = shown(result)
    if result.data is None and errors.all_pass(body.get("errors", ())):
        retry = {"retry-after": RETRY_SECONDS}
        return Response(orjson.dumps(body), 503, retry, media_type)
    # Older clients that accept only application/json expect 200 with errors inside.
    status = 400 if was_refused(result) and media_type == GRAPHQL_JSON else 200
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
