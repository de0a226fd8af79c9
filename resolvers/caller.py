"""Whoever runs a verb, and what comes of it."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from graphql import GraphQLError

from compiler.errors import InputError
from compiler.ids import GlobalId
from db import idempotency
from db.failures import TRANSIENT, OutcomeUnknownError
from db.pool import Connection, Database
from db.scope import NOBODY, Scope
from db.unit_store import TOPS
from domain.permission import may_act
from domain.refusal import Refusal, RefusalCode
from domain.terms import Term

T = TypeVar("T")

LONGEST_KEY = 200
KEY_FIELD = "client_mutation_key"


class Caller(Protocol):
    """What a verb needs of the request's context."""

    @property
    def database(self) -> Database: ...
    @property
    def scope(self) -> Scope: ...


@dataclass(frozen=True)
class Outcome:
    """The key of what was made or changed, or why nothing was."""

    key: UUID | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True)
class Work:
    """A verb's transaction: its connection, and its caller's scope."""

    connection: Connection
    scope: Scope

    async def now(self) -> datetime:
        """The database's clock; asked after the locks are had, so that histories run forward."""
        return await self.connection.fetchval("SELECT clock_timestamp()")

    @asynccontextmanager
    async def everywhere(self) -> AsyncGenerator[None]:
        """Work in the whole place for once: for what the server itself has to see to."""
        rows = await self.connection.fetch(TOPS, self.scope.locality)
        tops = tuple(row["path"] for row in rows)
        await self.connection.execute(replace(self.scope, prefixes=tops).settings())
        yield
        await self.connection.execute(self.scope.settings())

    async def reach(self, *paths: str) -> None:
        """Let a verb that is allowed be written where its ticket is and where it goes, though that
        be beyond the caller's own units."""
        beyond = {path for path in paths if not may_act(path, self.scope.prefixes)}
        if beyond:
            await self.connection.execute(self.scope.reaching(*sorted(beyond)).settings())


class Refused(Exception):
    """Nothing is to be done; the transaction is rolled back."""

    def __init__(
        self,
        code: RefusalCode,
        field: str | None = None,
        limit: int | None = None,
        status: Term | None = None,
    ) -> None:
        super().__init__(code)
        self.refusal = Refusal(code, field, limit, status)


def refuse(refusal: Refusal | None) -> None:
    """Do nothing, if the rules have something against it."""
    if refusal is not None:
        raise Refused(refusal.code, refusal.field, refusal.limit, refusal.status)


def minted(work: Work, given: GlobalId | None) -> UUID | None:
    """The key of an id that the client made itself, of its own place; None if it made none."""
    if given is None:
        return None
    if given.locality != work.scope.locality or given.key.version != 7:
        raise InputError("BAD_ID", "An id of your own is in your place, with a UUID of version 7.")
    return given.key


async def once(
    caller: Caller,
    what: str,
    given: dict[str, Any],
    client_key: str | None,
    effect: Callable[[Work], Awaitable[UUID]],
) -> Outcome:
    """Do something in one transaction, and under one client key only once.

    The same key with the same input gives the first answer again; with another input KEY_REUSED.
    A refusal leaves no trace, so that a corrected request may use the key.
    """
    if caller.scope.person == NOBODY:
        raise GraphQLError("Say who you are first.", extensions={"code": "UNAUTHENTICATED"})
    if client_key == "":
        # Taken for no key, a double tap would do everything twice.
        return Outcome(refusal=Refusal(RefusalCode.KEY_EMPTY, KEY_FIELD))
    if client_key is not None and len(client_key) > LONGEST_KEY:
        return Outcome(refusal=Refusal(RefusalCode.TEXT_TOO_LONG, KEY_FIELD, LONGEST_KEY))
    fingerprint = idempotency.digest(what, given)

    async def carry_out(connection: Connection) -> UUID:
        work = Work(connection, caller.scope)
        if client_key is None:
            return await effect(work)
        return await _keyed(work, client_key, fingerprint, effect)

    lock = None if client_key is None else idempotency.lock(caller.scope, client_key)
    try:
        return Outcome(await caller.database.write(caller.scope, carry_out, lock))
    except Refused as refused:
        return Outcome(refusal=refused.refusal)
    except idempotency.KeyReusedError:
        return Outcome(refusal=Refusal(RefusalCode.KEY_REUSED, KEY_FIELD))


async def afterwards(reading: Awaitable[T]) -> T:
    """What is read when the effect is there already: a failure must not look as if it were not."""
    try:
        return await reading
    except TRANSIENT as error:
        raise OutcomeUnknownError from error


async def _keyed(
    work: Work, client_key: str, fingerprint: str, effect: Callable[[Work], Awaitable[UUID]]
) -> UUID:
    """The earlier effect's key, or the effect and its key remembered together."""
    found = await idempotency.earlier(work.connection, work.scope, client_key, fingerprint)
    if found is not None:
        return UUID(found["key"])
    made = await effect(work)
    answer = {"key": str(made)}
    await idempotency.remember(work.connection, work.scope, client_key, fingerprint, answer)
    return made
