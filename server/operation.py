"""Operations as clients send them, and what they are answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from strawberry.types import ExecutionResult

from server import errors
from server.body import Refused


@dataclass(frozen=True)
class Operation:
    """What a client asks for."""

    query: str
    variables: dict[str, Any]
    name: str | None


def read_operation(asked: Any) -> Operation:
    """Take a request's JSON apart; anything but the specified shape is a 400."""
    if not isinstance(asked, dict):
        raise Refused(400, "BAD_BODY", "The body is one JSON object; batches are not taken.")
    parts = cast("Mapping[str, Any]", asked)
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


def refusal(refused: Refused) -> dict[str, Any]:
    """A refusal as the client sees it."""
    return {"message": refused.message, "extensions": {"code": refused.code}}


def was_refused(result: ExecutionResult) -> bool:
    """Whether the operation was not a valid one, so that nothing of it ran."""
    failed = result.errors or []
    return bool(failed) and result.data is None and not any(error.path for error in failed)


def shown(result: ExecutionResult) -> dict[str, Any]:
    """The result as the client sees it."""
    body: dict[str, Any] = {}
    if result.errors:
        body["errors"] = [errors.formatted(error) for error in result.errors]
    if not was_refused(result):
        body["data"] = result.data
    return body
