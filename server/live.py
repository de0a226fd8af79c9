"""Answers over time: a query's one answer, a subscription's many, whatever they are sent over.

A subscription keeps no queue: hearing that something changed only wakes it, and what it then reads
begins where it last stood. However slow its client, it holds one batch of events.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial

from graphql import GraphQLError
from strawberry.types.graphql import OperationType

from compiler.disclosure import tell
from compiler.engine import CompiledSchema, Live, Prepared
from compiler.live import Batch
from db import jitter
from db.listen import Bell, Standing
from server import errors
from server.body import Refused
from server.callers import Caller, Callers, Steady, unauthenticated
from server.desk import Desk, broken
from server.door import visiting
from server.failed import Failed
from server.operation import Operation, refusal
from server.purse import points_in
from server.streams import Streams
from server.together import Together
from server.tokens import Identity
from server.wake import Wake

PASSING = (errors.UNAVAILABLE, errors.BUSY, errors.TIMEOUT)
"""What a subscription waits out."""

SLOW_READS = 3
"""Reads in a row that take too long; after these, it is the subscription's own fault."""

LOOK_AGAIN = 3_600
"""Seconds within which a subscription reads though it heard nothing: of a post, an office or a token
that ends with its day nobody tells."""


class Stopping(Exception):
    """The server is being stopped: clients are to come back."""


class Answers:
    """Answers operations, one or many times."""

    def __init__(
        self,
        schema: CompiledSchema,
        desk: Desk,
        callers: Callers,
        bell: Bell,
        streams: Streams | None = None,
    ) -> None:
        self._schema = schema
        self._desk = desk
        self.callers = callers
        self.streams = streams or Streams()
        self._bell = bell
        self._together = Together(callers.database)
        self._wakes: set[Wake] = set()
        self._stopping = asyncio.Event()
        self.look_again: float = LOOK_AGAIN

    def stop(self) -> None:
        """End all subscriptions, each with Stopping."""
        self._stopping.set()
        for wake in self._wakes:
            wake.hear(None)

    async def answers(self, operation: Operation, caller: Caller) -> AsyncGenerator[bytes]:
        """The bodies an operation is answered with; Failed, Refused or Stopping ends them early."""
        with visiting():
            prepared = await self._desk.prepare(operation, caller)
            if prepared.kind is not OperationType.SUBSCRIPTION:
                yield (await self._desk.carry_out(prepared, operation, caller)).body
                return
            async with aclosing(self._events(prepared, caller)) as events:
                async for event in events:
                    yield event

    async def _events(self, prepared: Prepared, caller: Caller) -> AsyncGenerator[bytes]:
        """The events of a subscription, each paid for once it is sent."""
        try:
            purse = await self._desk.subscribe(prepared, caller)
            live = await self._schema.live(prepared)
            async with aclosing(self._batches(live, caller)) as batches:
                async for batch in batches:
                    for event in batch.events:
                        yield event
                        await purse.settle(points_in(event, prepared.unseen), self._stopping)
                        if self._stopping.is_set():
                            raise Stopping
        except GraphQLError as error:
            raise Failed(errors.formatted(error)) from error
        except (Failed, Refused, Stopping):
            raise
        except Exception as error:  # the last line of defence: masked and logged
            raise broken(error) from error

    async def _batches(self, live: Live, caller: Caller) -> AsyncGenerator[Batch]:
        """What happened, again and again; listening begins before the first read."""
        if caller.identity is None:
            raise Failed(refusal(unauthenticated("Say who you are first.")))
        identity = caller.identity
        steady = Steady(self.callers, identity, live.statement.sql, live.values)
        whose = Standing(identity.locality, identity.person)
        wake = Wake(whose, identity.expires, self.look_again)
        deafen, unwatch = self._bell.hear(wake.hear), self._bell.watch(wake.watch)
        self._wakes.add(wake)
        try:
            while not self._stopping.is_set():
                wake.clear()
                batch = await self._read(live, identity, steady)
                yield batch
                if not batch.more:
                    await wake.wait(batch.state)
            raise Stopping
        finally:
            self._wakes.discard(wake)
            wake.end()
            deafen()
            unwatch()

    async def _read(self, live: Live, identity: Identity, steady: Steady) -> Batch:
        """Read on under a scope of this moment; while the database is away, wait for it."""
        slow = 0
        while True:
            try:
                body = await self._together.fetch(steady.reading(live.alike))
                write = partial(self.callers.disclose, identity)
                return live.take(await tell(live.statement.disclosures, body, write))
            except Exception as error:
                code = errors.code_of(error)
                slow += code == errors.TIMEOUT
                if code not in PASSING or slow > SLOW_READS or self._stopping.is_set():
                    raise
            await asyncio.sleep(jitter.between(0.2, 0.8))
