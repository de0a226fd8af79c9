"""Errors as clients see them: a stable code, a request id, and no text of a driver."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError

from compiler.errors import InputError
from db.failures import Failure, failure_of
from server.visit import visit

log = logging.getLogger("linli")

UNAVAILABLE = "DATABASE_UNAVAILABLE"
BUSY = "BUSY"
TIMEOUT = "TIMEOUT"
CONFLICT = "CONFLICT"
UNKNOWN = "OUTCOME_UNKNOWN"
UNAUDITED = "AUDIT_UNAVAILABLE"
INTERNAL = "INTERNAL"
RATE_LIMITED = "RATE_LIMITED"
SCOPE = "FORBIDDEN_SCOPE"
OFFICE = "FORBIDDEN_OFFICE"
STANDING_CHANGED = "STANDING_CHANGED"
DISCLOSURE_LIMIT = "DISCLOSURE_LIMIT"
TOO_MANY_STREAMS = "TOO_MANY_STREAMS"
LEFT = "CLIENT_LEFT"

SAID = {
    UNAVAILABLE: "The database cannot be reached for the moment; try again shortly.",
    BUSY: "Too many requests are being answered just now; try again shortly.",
    TIMEOUT: "This took too long and was stopped; ask for less, or try again.",
    CONFLICT: "Others changed the same things at the same time; try again.",
    UNKNOWN: "The line broke before it was known whether this was carried out. Send it again with "
    "the same clientMutationKey: then it is done once. Without a key, look first.",
    UNAUDITED: "Personal data is given out only once it is written down who reads it, and that "
    "cannot be done for the moment; try again shortly.",
    INTERNAL: "Something went wrong here; the request id helps us find it.",
    RATE_LIMITED: "You have asked for more than is restored so fast; `cost` says how much there is, "
    "`retryAfter` in how many seconds there is enough again.",
    SCOPE: "This token lacks the scope that `scope` names: a mutation wants `write`, and one that "
    "sees to tokens or offices `admin` too.",
    OFFICE: "This is for those who hold the office that `office` names.",
    STANDING_CHANGED: "A post or an office that this began under is not yours any more; begin anew.",
    TOO_MANY_STREAMS: "You keep too many streams open; close one, or follow more over one socket.",
    DISCLOSURE_LIMIT: "You have read personal data in full of as many people as one may within an "
    "hour; `retryAfter` says in how many seconds you may read of these.",
    LEFT: "The client left before it was answered.",
}
REFUSALS = {"METHOD_NOT_ALLOWED": 405, "DOCUMENT_NOT_TRUSTED": 403, "INTROSPECTION_OFF": 403}
"""Sound operations that are not allowed, and what HTTP calls that."""

OWN_STATUS = {
    INTERNAL: 500,
    RATE_LIMITED: 429,
    DISCLOSURE_LIMIT: 429,
    TOO_MANY_STREAMS: 429,
    SCOPE: 403,
    OFFICE: 403,
    STANDING_CHANGED: 403,
    LEFT: 499,
}
STATUS = {code: OWN_STATUS.get(code, 503) for code in SAID}

PASSING = 429, 503
"""What HTTP calls errors that pass."""

RETRY = 2
"""Seconds after which what fails for the moment may be tried again."""

CODES = {
    Failure.LOST: UNAVAILABLE,
    Failure.UNABLE: UNAVAILABLE,
    Failure.BUSY: BUSY,
    Failure.SLOW: TIMEOUT,
    Failure.CONFLICT: CONFLICT,
    Failure.UNKNOWN: UNKNOWN,
    Failure.UNAUDITED: UNAUDITED,
}


def code_of(error: BaseException) -> str:
    """The stable code of an unexpected error."""
    failure = failure_of(error)
    return INTERNAL if failure is None else CODES[failure]


def unexpected(error: BaseException) -> dict[str, Any]:
    """The GraphQL error for anything unforeseen; the log has the rest under the same id."""
    code = code_of(error)
    if code == INTERNAL:
        log.error("failed: %s", code, exc_info=error)
    else:
        log.warning("failed: %s: %s", code, type(error.__cause__ or error).__name__)
    return failure(code)


def failure(code: str, retry: int = RETRY, **more: Any) -> dict[str, Any]:
    """The GraphQL error of a code of ours, under the id by which the log knows the request.

    If it passes, it says in how many seconds to try again: to those, too, who see no header.
    """
    found = visit()
    found.code = code
    passing = {"retryAfter": retry} if STATUS[code] in PASSING else {}
    extensions = {"code": code, "requestId": found.id, **passing, **more}
    return {"message": SAID[code], "extensions": extensions}


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
    if isinstance(error, InputError) and error.field:
        shown.setdefault("path", error.field)
    shown["extensions"] = extensions = {"code": "BAD_REQUEST", **(error.extensions or {})}
    found = visit()
    found.code = found.code or extensions["code"]
    return shown
