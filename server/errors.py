"""Errors as clients see them: a stable code, a request id, and no text of a driver."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from graphql import GraphQLError

from db.failures import Failure, failure_of

log = logging.getLogger("linli")

UNAVAILABLE = "DATABASE_UNAVAILABLE"
BUSY = "BUSY"
TIMEOUT = "TIMEOUT"
CONFLICT = "CONFLICT"
UNKNOWN = "OUTCOME_UNKNOWN"
INTERNAL = "INTERNAL"

SAID = {
    UNAVAILABLE: "The database cannot be reached for the moment; try again shortly.",
    BUSY: "Too many requests are being answered just now; try again shortly.",
    TIMEOUT: "This took too long and was stopped; ask for less, or try again.",
    CONFLICT: "Others changed the same things at the same time; try again.",
    UNKNOWN: "The line broke before it was known whether this was carried out. Send it again with "
    "the same clientMutationKey: then it is done once. Without a key, look first.",
    INTERNAL: "Something went wrong here; the request id helps us find it.",
}
STATUS = {code: 500 if code == INTERNAL else 503 for code in SAID}

CODES = {
    Failure.LOST: UNAVAILABLE,
    Failure.UNABLE: UNAVAILABLE,
    Failure.BUSY: BUSY,
    Failure.SLOW: TIMEOUT,
    Failure.CONFLICT: CONFLICT,
    Failure.UNKNOWN: UNKNOWN,
}


def code_of(error: BaseException) -> str:
    """The stable code of an unexpected error."""
    failure = failure_of(error)
    return INTERNAL if failure is None else CODES[failure]


def unexpected(error: BaseException) -> dict[str, Any]:
    """The GraphQL error for anything unforeseen; the log has the rest under the same id."""
    code, request_id = code_of(error), uuid4().hex
    if code == INTERNAL:
        log.error("request %s failed: %s", request_id, code, exc_info=error)
    else:
        log.warning("request %s failed: %s: %r", request_id, code, error.__cause__ or error)
    return {"message": SAID[code], "extensions": {"code": code, "requestId": request_id}}


def all_pass(failures: Sequence[Mapping[str, Any]]) -> bool:
    """Whether nothing but failures that pass came of an operation."""
    return bool(failures) and all(
        STATUS.get(each["extensions"]["code"]) == 503 for each in failures
    )


def formatted(error: GraphQLError) -> dict[str, Any]:
    """A GraphQL error for the client; one that wraps something unforeseen is masked."""
    original = error.original_error
    if original is not None and not isinstance(original, GraphQLError):
        if isinstance(original, asyncio.CancelledError):
            raise original
        return {**unexpected(original), "path": error.path}
    shown: dict[str, Any] = dict(error.formatted)
    shown["extensions"] = {"code": "BAD_REQUEST", **(error.extensions or {})}
    return shown
