"""The desk: every operation passes it once it is parsed and its caller known, whatever carried it.

Operation + Caller -> prepare -> token scope -> bucket -> admission -> perform -> Answer

prepare      limits, validation, coercion, cost; remembered, and before any SQL; paid for if refused
token scope  a mutation wants a token that may write, or administer
bucket       the caller pays the cost, and has back what the answer did not hold
admission    a place among the operations at work, or in the short queue before it
perform      the statement, within the time that operations of this kind have
"""

import asyncio
import time
from contextlib import nullcontext
from functools import partial
from typing import NamedTuple

import orjson
from graphql import GraphQLError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from compiler.engine import CompiledSchema, Prepared
from compiler.finished import Finished
from server import errors
from server.body import Refused
from server.bucket import Standing
from server.callers import Caller, Callers
from server.context import Context
from server.failed import Failed, refused
from server.gate import DEAR, DEAR_COST, RETRY, TurnedAway
from server.leaving import Leaving
from server.limits import Limits
from server.operation import Operation, shown, was_refused
from server.planned import PRICE, check_may, planned
from server.purse import REMEMBERED, Purse, Purses, points_in, price_of
from server.remembered import Remembered
from server.rules import TRIAL, Rules
from server.token_scope import lacking
from server.visit import visit

READ_SECONDS = 2.5
"""For a query from here to its answer: with what it takes to give it up, three seconds."""

WRITE_SECONDS = 15
"""For a mutation: each of its statements has less."""

SUSPECT_SECONDS = 600
"""For so long after something was refused, its caller pays for being read at all."""

PARTIAL = 294
"""What HTTP calls data with errors beside it, as GraphQL over HTTP says."""


class Answer(NamedTuple):
    """What an operation came to."""

    body: bytes
    """One JSON object, as every transport sends it."""
    status: int = 200


class Desk:
    """Answers operations of one schema, within the limits."""

    def __init__(
        self,
        schema: CompiledSchema,
        callers: Callers,
        rules: Rules = TRIAL,
        limits: Limits | None = None,
    ) -> None:
        self._schema = schema
        self._callers = callers
        self._rules = rules
        limits = limits or Limits()
        self._gate = limits.gate
        self._purses = Purses(limits, callers.key.raw_value)
        self._suspects = Remembered[bool](REMEMBERED)

    async def prepare(self, operation: Operation, caller: Caller) -> Prepared:
        """The operation, sound and allowed; Failed if it is not, and that is paid for."""
        purse, price = self._purses.of(caller.identity), price_of(operation.query)
        try:
            if self._suspects.get(purse.principal):
                return await self._prepared_if_paid(operation, caller, purse, price)
            try:
                return self._prepared(operation, caller)
            except Exception:
                self._suspects.put(purse.principal, True, time.time() + SUSPECT_SECONDS)
                await purse.fine(price)
                raise
        except (Failed, Refused):
            raise
        except Exception as error:  # the last line of defence: masked and logged
            raise broken(error) from error

    async def _prepared_if_paid(
        self, operation: Operation, caller: Caller, purse: Purse, price: int
    ) -> Prepared:
        """The same of who was refused lately: paid in advance, and given back if it is sound."""
        await purse.pay(price)
        prepared = self._prepared(operation, caller)
        purse.back(price)
        return prepared

    def _prepared(self, operation: Operation, caller: Caller) -> Prepared:
        """The operation, sound and allowed; Failed if it is not."""
        anonymous = caller.identity is None
        try:
            prepared = self._rules.prepare(self._schema, operation, anonymous=anonymous)
        except GraphQLError as error:
            failure = errors.formatted(error)
            status = errors.REFUSALS.get(failure["extensions"]["code"], 400)
            raise Failed(failure, status=status) from error
        if isinstance(prepared, list):
            raise Failed(*map(errors.formatted, prepared))
        _noted(prepared)
        if (scope := lacking(self._schema, prepared, caller.identity)) is not None:
            raise refused(errors.SCOPE, scope=scope)
        return prepared

    async def answer(self, operation: Operation, caller: Caller) -> Answer:
        """The one answer of a query or mutation; Failed or Refused if there is none."""
        prepared = await self.prepare(operation, caller)
        return await self.carry_out(prepared, operation, caller)

    async def carry_out(self, prepared: Prepared, operation: Operation, caller: Caller) -> Answer:
        """The answer of what was prepared."""
        purse = self._purses.of(caller.identity)
        # Compiling costs more than reading: what was not asked of late is dearer by that.
        first = 0 if self._schema.knows(prepared) else prepared.links
        first += PRICE if operation.explain else 0
        try:
            standing = await purse.pay(prepared.cost + first)
            try:
                result = await self._perform(prepared, operation, caller, purse)
            except TurnedAway as error:
                purse.back(prepared.cost + first)
                raise refused(errors.BUSY, RETRY) from error
            return _told(result, purse, prepared, standing, first)
        except (Failed, Refused):
            raise
        except Exception as error:  # the last line of defence: masked and logged
            raise broken(error) from error

    async def subscribe(self, prepared: Prepared, caller: Caller) -> Purse:
        """Have a subscription paid; what its events are paid from."""
        purse = self._purses.of(caller.identity)
        await purse.pay(prepared.cost)
        return purse

    async def _perform(
        self, prepared: Prepared, operation: Operation, caller: Caller, purse: Purse
    ) -> ExecutionResult:
        """Carry it out in a place at work; a query only for as long as its client is there."""
        reading = prepared.kind is OperationType.QUERY
        lanes = (purse.lane, DEAR) if prepared.cost >= DEAR_COST else (purse.lane,)
        watch = Leaving() if reading else nullcontext()
        place = self._gate.place(*lanes) if self._gate else nullcontext()
        with watch:
            async with asyncio.timeout(READ_SECONDS if reading else WRITE_SECONDS), place:
                work = partial(self._work, prepared, operation, purse)
                if self._schema.reads(prepared) and not operation.explain:
                    return await self._callers.reading_as(caller, work)
                return await work(await self._callers.context(caller))

    async def _work(
        self, prepared: Prepared, operation: Operation, purse: Purse, context: Context
    ) -> ExecutionResult:
        """Carry it out, and explain it if that is wanted."""
        self._purses.learn(purse, context.scope)
        if operation.explain:
            check_may(context)
        result = await self._schema.perform(prepared, operation.variables, context)
        if operation.explain and not result.errors:
            told = await planned(self._schema, prepared, context)
            result.extensions = {"explain": told}
        return result


def broken(error: Exception) -> Failed:
    """What is told of anything unforeseen."""
    failure = errors.unexpected(error)
    return Failed(failure, status=errors.STATUS[failure["extensions"]["code"]])


def _noted(prepared: Prepared) -> None:
    """Have the log know what was asked."""
    found = visit()
    found.kind = prepared.kind.value
    name = prepared.document.operation(prepared.name).name
    found.operation, found.document = name.value if name else "", prepared.document.digest.hex()
    found.cost = prepared.cost


def _told(
    result: ExecutionResult,
    purse: Purse,
    prepared: Prepared,
    standing: Standing | None,
    first: int,
) -> Answer:
    """The result as the client sees it, with what it cost if that is limited."""
    if result.errors:
        return _erred(result)
    # Not encoded once more, which would copy it: an answer may have fifty megabytes.
    data = result.body if isinstance(result, Finished) else orjson.dumps(result.data)
    told = result.extensions or {}
    if standing is not None:
        actual = min(prepared.cost, points_in(data, prepared.unseen))
        purse.back(prepared.cost - actual)
        told = {"cost": standing.told(prepared.cost + first, actual + first), **told}
    if not told:
        return Answer(b'{"data":%b}' % data)
    return Answer(b'{"data":%b,"extensions":%b}' % (data, orjson.dumps(told)))


def _erred(result: ExecutionResult) -> Answer:
    body = shown(result)
    if was_refused(result):
        raise Failed(*body["errors"])
    passing = result.data is None and errors.all_pass(body["errors"])
    return Answer(orjson.dumps(body), 503 if passing else PARTIAL)


__all__ = ["PARTIAL", "Answer", "Desk", "Failed", "broken"]
