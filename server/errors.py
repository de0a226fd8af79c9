"""Errors as clients see them: a stable code, a request id, and no text of a driver."""

import asyncio
import logging
from typing import Any
from uuid import uuid4

import asyncpg
from graphql import GraphQLError

log = logging.getLogger("linli")

UNAVAILABLE = "DATABASE_UNAVAILABLE"
TIMEOUT = "TIMEOUT"
INTERNAL = "INTERNAL"

SAID = {
    UNAVAILABLE: "The database cannot be reached for the moment; try again shortly.",
    TIMEOUT: "This took too long and was stopped; ask for less, or try again.",
    INTERNAL: "Something went wrong here; the request id helps us find it.",
}
STATUS = {UNAVAILABLE: 503, TIMEOUT: 503, INTERNAL: 500}


def code_of(error: BaseException) -> str:
    """The stable code of an unexpected error, by SQLSTATE class where it is PostgreSQL's."""
    if isinstance(error, asyncpg.QueryCanceledError | asyncpg.LockNotAvailableError | TimeoutError):
        return TIMEOUT
    lost = (asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresConnectionError)
    if isinstance(error, (OSError, *lost)):
        return UNAVAILABLE
    unavailable = (
        asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError,
        asyncpg.TooManyConnectionsError,
    )
    return UNAVAILABLE if isinstance(error, unavailable) else INTERNAL


def unexpected(error: BaseException) -> dict[str, Any]:
    """The GraphQL error for anything unforeseen; the log has the rest under the same id."""
    code, request_id = code_of(error), uuid4().hex
    log.error("request %s failed: %s", request_id, code, exc_info=error)
    return {"message": SAID[code], "extensions": {"code": code, "requestId": request_id}}


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
