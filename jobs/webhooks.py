"""Telling the outside: from the outbox to each webhook, again and again until it is taken.

Each webhook with something to do has a lane of its own, so that a receiver that does not answer
holds up nobody else. Nothing lives in memory alone: a worker may die at any point, and another
goes on from the tables.
"""

import asyncio
import logging
import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from db import delivery_store, webhook_store
from db.delivery_store import Attempt, Due
from db.failures import TRANSIENT
from db.listen import Bell
from db.pool import Database
from db.scope import Scope
from db.webhook_store import Channel, Standing
from domain.webhook import Told, WebhookEnd, headers, judge
from jobs.outgoing import Outgoing
from jobs.rounds import Rounds

AT_ONCE = 8
"""Deliveries under way to one webhook; only one while nothing gets through to it."""

SOON, LATEST = 0.2, 10.0
"""Seconds until the next look: when a transaction is waited for; when nothing is known to be due."""

log = logging.getLogger("linli")


class Courier:
    """Delivers what is due, as one of any number of workers."""

    def __init__(
        self,
        database: Database,
        outgoing: Outgoing,
        clock: Callable[[datetime], datetime] = lambda now: now,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._outgoing = outgoing
        self._clock = clock
        """From the database's time to the time that counts."""
        self._chance = chance
        self._lanes: dict[tuple[str, UUID], asyncio.Task[None]] = {}
        self._scopes: dict[str, Scope] = {}
        self.rounds = Rounds("webhooks", self.places, self.look, LATEST)

    async def places(self) -> list[str]:
        """The places with a webhook in use; any other costs nothing until this is asked again."""
        self._scopes = await webhook_store.in_use(self._database)
        return sorted(self._scopes)

    async def look(self, locality: str) -> float:
        """Open a lane for each webhook with something to do; seconds until the next look."""
        scope = self._scopes.get(locality)
        if scope is None:
            return LATEST
        found = await webhook_store.standings(self._database, scope)
        return min([LATEST, *(self._open(scope, each) for each in found)])

    def _open(self, scope: Scope, standing: Standing) -> float:
        key = (scope.locality, standing.id)
        left = LATEST
        if standing.due_at is not None:
            left = (standing.due_at - self._clock(standing.now)).total_seconds()
        if key not in self._lanes and (standing.behind or left <= 0):
            lane = asyncio.create_task(self._lane(scope, standing.id))
            self._lanes[key] = lane
            lane.add_done_callback(lambda _: self._lanes.pop(key))
        if standing.blocked:
            return SOON
        return LATEST if key in self._lanes else left

    async def rest(self) -> None:
        """Wait until all lanes are through."""
        await asyncio.gather(*self._lanes.values())

    async def stop(self) -> None:
        """Break off; what was under way is attempted again when its lease runs out."""
        lanes = list(self._lanes.values())
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)

    async def _lane(self, scope: Scope, webhook: UUID) -> None:
        try:
            while count := await webhook_store.fan_out(self._database, scope, webhook):
                pass
            while await self._deliver(scope, webhook):
                pass
            if count is None:
                await asyncio.sleep(SOON)
        except TRANSIENT as error:
            log.warning("a webhook waits for the database: %s", type(error).__name__)
        except Exception:  # whatever it is, the other webhooks go on
            log.exception("a webhook's lane broke")
        else:
            self.rounds.stir(scope.locality)

    async def _deliver(self, scope: Scope, webhook: UUID) -> bool:
        """Attempt what is due; whether there may be more."""
        channel = await webhook_store.channel(self._database, scope, webhook)
        if channel is None:
            return False
        owner = await self._database.scope_of(scope.locality, channel.owner)
        if owner is None or not owner.prefixes:
            await self._end(scope, webhook)
            return False
        most = 1 if channel.failing else AT_ONCE
        now = self._clock(channel.now)
        due = await delivery_store.claim(self._database, scope, webhook, now, most)
        if due:
            await self._tell(scope, owner, channel, due)
        return bool(due)

    async def _end(self, scope: Scope, webhook: UUID) -> None:
        async with self._database.transaction(scope, write=True) as connection:
            await webhook_store.end(connection, scope.locality, webhook, WebhookEnd.OWNER)

    async def _tell(self, scope: Scope, owner: Scope, channel: Channel, due: Sequence[Due]) -> None:
        seen = await delivery_store.seen(self._database, owner, due)
        hidden = [each for each in due if each.key not in seen]
        if hidden:
            await delivery_store.withhold(self._database, scope, hidden)
        attempts = [
            self._attempt(scope, channel, each, seen[each.key]) for each in due if each.key in seen
        ]
        # None breaks off the others: what was sent must be written down.
        for outcome in await asyncio.gather(*attempts, return_exceptions=True):
            if outcome is not None:
                raise outcome

    async def _attempt(self, scope: Scope, channel: Channel, due: Due, status: str | None) -> None:
        told = Told(due.noun, scope.locality, str(due.key), due.verb, status, due.at)
        body = told.body()
        started = time.monotonic()
        signed = headers(str(due.id), self._clock(channel.now), body, channel.secrets)
        answer = await self._outgoing.post(channel.url, body, signed)
        took = round((time.monotonic() - started) * 1000)
        made = Attempt(channel.id, due, took, answer)
        async with self._database.transaction(scope, write=True) as connection:
            kept = await delivery_store.lock(connection, scope.locality, channel.id)
            if kept is None:
                return
            now = self._clock(kept.now)
            outcome = judge(answer, due.tries, kept.failing_since, now, self._chance())
            await delivery_store.finish(connection, kept, made, outcome, now)


async def run(database: Database, bell: Bell, *, to_private: bool) -> None:
    """Deliver until cancelled; `to_private` as in `server.settings`."""
    courier = Courier(database, Outgoing(private=to_private))
    try:
        await courier.rounds.run(bell)
    finally:
        await courier.stop()
