"""Answers over time: a query's one answer, a subscription's many, whatever they are sent over.

A subscription keeps no queue: hearing that something changed only wakes it, and what it then reads
begins where it last stood. However slow its client, it holds one batch of events.
"""

import asyncio
import random
import time
from collections.abc import AsyncGenerator
from typing import Any

from graphql import GraphQLError
from strawberry.types.graphql import OperationType

from compiler.engine import CompiledSchema, Live
from compiler.live import Batch
from db.listen import Bell, Heard
from server import errors
from server.body import Refused
from server.callers import Caller, Callers, unauthenticated
from server.operation import Operation, refusal, shown, was_refused
from server.tokens import Identity

READERS = 4
"""Subscriptions that read at the same time; the other connections are for requests."""

PASSING = (errors.UNAVAILABLE, errors.BUSY)
"""What a subscription waits out."""

FAR = 1_000
"""After so many changes that did not concern it, a subscription moves on all the same."""


class Failed(Exception):
    """The operation cannot be carried out: errors as the client sees them."""

    def __init__(self, *failures: dict[str, Any]) -> None:
        super().__init__(failures)
        self.failures = list(failures)


class Stopping(Exception):
    """The server is being stopped: clients are to come back."""


class Wake:
    """Wakes one subscription when something happens that may concern it."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._about: dict[str, Any] | None = None
        self._others = 0

    def hear(self, heard: Heard | None) -> None:
        """Wake if the change may concern the subscription, or if changes may have been missed."""
        if heard is None or self._about is None or self._concerns(heard, self._about):
            self._event.set()
        else:
            self._others += heard.locality == self._about["locality"]
            if self._others >= FAR:
                self._event.set()

    @staticmethod
    def _concerns(heard: Heard, about: dict[str, Any]) -> bool:
        if heard.locality != about["locality"]:
            return False
        if "key" in about:
            return str(heard.key) == about["key"]
        paths = (heard.unit_path, heard.handler_path, heard.was_handler_path)
        return about["path"] is not None and any(each.startswith(about["path"]) for each in paths)

    def clear(self) -> None:
        """From here on, whatever is heard wakes anew."""
        self._event.clear()
        self._others = 0

    async def wait(self, about: dict[str, Any], until: float) -> None:
        """Sleep until woken, or until that time."""
        self._about = about
        left = None if until == float("inf") else max(0, until - time.time())
        try:
            async with asyncio.timeout(left):
                await self._event.wait()
        except TimeoutError:
            return


class Answers:
    """Answers operations, one or many times."""

    def __init__(self, schema: CompiledSchema, callers: Callers, bell: Bell) -> None:
        self._schema = schema
        self.callers = callers
        self._bell = bell
        self._gate = asyncio.Semaphore(READERS)
        self._wakes: set[Wake] = set()
        self._stopping = False

    def stop(self) -> None:
        """End all subscriptions, each with Stopping."""
        self._stopping = True
        for wake in self._wakes:
            wake.hear(None)

    async def answers(self, operation: Operation, caller: Caller) -> AsyncGenerator[dict[str, Any]]:
        """The bodies an operation is answered with; Failed, Refused or Stopping ends them early."""
        try:
            prepared = self._schema.prepare(operation.query, operation.name, operation.variables)
            if isinstance(prepared, list):
                raise Failed(*map(errors.formatted, prepared))
            if prepared.kind is OperationType.SUBSCRIPTION:
                async for batch in self._batches(self._schema.live(prepared), caller):
                    for event in batch.events:
                        yield {"data": event}
                return
            context = await self.callers.context(caller)
            result = await self._schema.perform(prepared, operation.variables, context)
            if was_refused(result):
                raise Failed(*shown(result)["errors"])
            yield shown(result)
        except GraphQLError as error:
            raise Failed(errors.formatted(error)) from error
        except (Failed, Refused, Stopping):
            raise
        except Exception as error:  # the last line of defence: masked and logged
            raise Failed(errors.unexpected(error)) from error

    async def _batches(self, live: Live, caller: Caller) -> AsyncGenerator[Batch]:
        """What happened, again and again; listening begins before the first read."""
        if caller.identity is None:
            raise Failed(refusal(unauthenticated("Say who you are first.")))
        wake = Wake()
        deafen = self._bell.hear(wake.hear)
        self._wakes.add(wake)
        try:
            while not self._stopping:
                wake.clear()
                batch = await self._read(live, caller.identity)
                yield batch
                if not batch.more:
                    await wake.wait(batch.state, caller.identity.expires)
            raise Stopping
        finally:
            self._wakes.discard(wake)
            deafen()

    async def _read(self, live: Live, identity: Identity) -> Batch:
        """Read on under a scope of this moment; while the database is away, wait for it."""
        while True:
            try:
                async with self._gate:
                    sql = live.statement.sql
                    return live.take(await self.callers.fetch(identity, sql, live.values))
            except Exception as error:
                if errors.code_of(error) not in PASSING or self._stopping:
                    raise
            await asyncio.sleep(random.uniform(0.2, 0.8))  # noqa: S311  # only spreads readers
