"""Operations as clients send them, and what they are answered."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from strawberry.types import ExecutionResult

from server import errors
from server.body import Refused
from server.visit import visit

DIGEST = re.compile("[0-9a-f]{64}")
PREFIX = "sha256:"
"""What the id of a document begins with, before the digest of its text."""


class Operation(NamedTuple):
    """What a client asks for."""

    query: str
    """The document; empty where only its id was sent."""
    variables: dict[str, Any]
    name: str | None
    document: str | None = None
    """The id of a trusted document: `sha256:` and the digest of its text."""
    safe: bool = False
    """Whether it came in a way that may change nothing, so that only a query is carried out."""
    explain: bool = False
    """Whether it is to be told, beside the answer, what the query became."""


def read_operation(asked: Any, *, safe: bool = False) -> Operation:
    """Take a request's JSON apart; anything but the specified shape is a 400."""
    if not isinstance(asked, dict):
        raise bad_body("The body is one JSON object; batches are not taken.")
    parts = cast("Mapping[str, Any]", asked)
    query, name = _text(parts, "query"), _text(parts, "operationName")
    document = _document(parts)
    if not query and document is None:
        raise bad_body("`query` is a GraphQL document as text.")
    explain = _object(parts, "extensions").get("explain", False)
    if not isinstance(explain, bool):
        raise bad_body("`extensions.explain` is true or false.")
    return Operation(query, _object(parts, "variables"), name or None, document, safe, explain)


def bad_body(message: str) -> Refused:
    """JSON that is not an operation."""
    return Refused(400, "BAD_BODY", message)


def _text(parts: Mapping[str, Any], name: str) -> str:
    value = parts.get(name)
    if value is not None and not isinstance(value, str):
        raise bad_body(f"`{name}` is text.")
    return value or ""


def _object(parts: Mapping[str, Any], name: str) -> dict[str, Any]:
    value = parts.get(name)
    if value is not None and not isinstance(value, dict):
        raise bad_body(f"`{name}` is an object.")
    return cast("dict[str, Any]", value or {})


def _document(parts: Mapping[str, Any]) -> str | None:
    """The id of a document, in whichever of the two ways it was sent."""
    named = _text(parts, "documentId") or None
    persisted = _object(parts, "extensions").get("persistedQuery")
    match persisted:
        case None:
            return named
        case {"version": 1, "sha256Hash": str(digest)} if DIGEST.fullmatch(digest):
            hashed = PREFIX + digest
        case _:
            raise bad_body('`persistedQuery` is {"version": 1, "sha256Hash": "<64 hex digits>"}.')
    if named not in (None, hashed):
        raise bad_body("`documentId` and `persistedQuery` name different documents.")
    return hashed


def refusal(refused: Refused) -> dict[str, Any]:
    """A refusal as the client sees it."""
    visit().code = refused.code
    passing = {"retryAfter": errors.RETRY} if refused.status in errors.PASSING else {}
    return {"message": refused.message, "extensions": {"code": refused.code, **passing}}


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
