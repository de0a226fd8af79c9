"""Failures of the database that pass: what each means, told apart here and nowhere else."""

from enum import Enum, auto

import asyncpg


class Failure(Enum):
    """What a failure that passes was about."""

    LOST = auto()
    """No connection could be had, or it broke: PostgreSQL stops, starts, or is gone."""
    BUSY = auto()
    """No connection was free."""
    SLOW = auto()
    """A statement, or a lock it waited for, took too long."""
    CONFLICT = auto()
    """Others were in the way: a deadlock, a changed table; doing it again may well succeed."""
    UNABLE = auto()
    """PostgreSQL takes no writes now: it has no room, or is a standby."""
    UNAUDITED = auto()
    """Who is given personal data could not be written down."""
    UNKNOWN = auto()
    """COMMIT was sent and its answer did not come."""


class BusyError(TimeoutError):
    """No connection became free in time."""


class OutcomeUnknownError(ConnectionError):
    """Whether it was done is not known; doing it again under the same key does it once."""


class NotWrittenDownError(ConnectionError):
    """It could not be written down who is given personal data, so it is not given."""


FAILURES: dict[type[BaseException], Failure] = {
    OSError: Failure.LOST,
    asyncpg.InterfaceError: Failure.LOST,
    asyncpg.InternalClientError: Failure.LOST,
    asyncpg.PostgresConnectionError: Failure.LOST,  # 08
    asyncpg.OperatorInterventionError: Failure.LOST,  # 57
    asyncpg.IdleInTransactionSessionTimeoutError: Failure.LOST,  # 25P03
    BusyError: Failure.BUSY,
    asyncpg.TooManyConnectionsError: Failure.BUSY,  # 53300
    TimeoutError: Failure.SLOW,
    asyncpg.QueryCanceledError: Failure.SLOW,  # 57014
    asyncpg.LockNotAvailableError: Failure.SLOW,  # 55P03
    asyncpg.TransactionRollbackError: Failure.CONFLICT,  # 40
    asyncpg.InvalidCachedStatementError: Failure.CONFLICT,
    asyncpg.OutdatedSchemaCacheError: Failure.CONFLICT,
    asyncpg.InsufficientResourcesError: Failure.UNABLE,  # 53
    asyncpg.ReadOnlySQLTransactionError: Failure.UNABLE,  # 25006
    OutcomeUnknownError: Failure.UNKNOWN,
    NotWrittenDownError: Failure.UNAUDITED,
}
"""By class; asyncpg has one for each SQLSTATE and for each of their groups."""

TRANSIENT = tuple(FAILURES)


def failure_of(error: BaseException) -> Failure | None:
    """What an error was about, by the nearest of its classes; None if it does not pass."""
    return next((FAILURES[each] for each in type(error).__mro__ if each in FAILURES), None)


def may_repeat(error: BaseException, *, keyed: bool) -> bool:
    """Whether to do it again at once: nothing was committed, or a key makes it one effect."""
    failure = failure_of(error)
    return failure in (Failure.LOST, Failure.CONFLICT) or (keyed and failure is Failure.UNKNOWN)
