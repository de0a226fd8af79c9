"""Who pays: each caller's bucket, and how fast it is restored."""

import asyncio
from collections import OrderedDict
from contextlib import suppress
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from compiler.cost import objects_in
from compiler.limits import OBJECTS_A_POINT
from db.scope import Scope
from server import errors
from server.bucket import DEAREST, Buckets, Standing, maximum
from server.failed import refused
from server.gate import ANYONE
from server.limits import Limits
from server.tokens import Identity
from server.visit import visit

REMEMBERED = 10_000
CHARACTERS_A_POINT = 100
"""Of a document that is refused: reading a long one takes as long as many answers do."""

CONSUMER = "DATA_CONSUMER"
"""The office that data consumers hold."""


class Purse(NamedTuple):
    """What one caller pays from."""

    principal: bytes
    lane: str
    """By which the gate tells callers apart."""
    rate: int
    buckets: Buckets

    async def pay(self, points: int) -> Standing | None:
        """Pay in advance; Failed if there is not enough, None if nothing is limited."""
        if not self.rate:
            return None
        standing = await self.buckets.charge(self.principal, points, self.rate)
        if not standing.granted:
            told = standing.told(points, points) | {"actual": 0}
            raise refused(errors.RATE_LIMITED, standing.wait(points), cost=told)
        return standing

    def back(self, points: int) -> None:
        """Have back what was not needed."""
        if self.rate and points > 0:
            self.buckets.give_back(self.principal, points, self.rate)

    async def settle(self, points: int, stopping: asyncio.Event) -> None:
        """Pay for what was given already, as soon as there is enough; or until we are stopped."""
        points = min(points, maximum(self.rate))
        while self.rate and not stopping.is_set():
            standing = await self.buckets.charge(self.principal, points, self.rate)
            if standing.granted:
                return
            with suppress(TimeoutError):
                async with asyncio.timeout(standing.wait(points)):
                    await stopping.wait()

    async def fine(self, points: int) -> None:
        """Take points for what was refused, if they are there."""
        if self.rate:
            await self.buckets.charge(self.principal, points, self.rate)


def points_in(body: bytes, unseen: int) -> int:
    """The points of what an answer holds, and of what it cost beside."""
    return max(1, -(-(objects_in(body) + unseen) // OBJECTS_A_POINT))


def price_of(document: str) -> int:
    """The points of reading a document that is then refused."""
    return min(DEAREST, 1 + len(document) // CHARACTERS_A_POINT)


class Purses:
    """Knows everybody's purse; nobody is kept in clear."""

    def __init__(self, limits: Limits, key: bytes) -> None:
        self._limits = limits
        self._key = key[:64]
        self._consumers: OrderedDict[bytes, None] = OrderedDict()
        self._digest = lru_cache(REMEMBERED)(self._digested)
        self._person = lru_cache(REMEMBERED)(self._of_person)

    def of(self, identity: Identity | None) -> Purse:
        """The purse of a person, or of the address that the public calls from."""
        found, rates, buckets = visit(), self._limits.rates, self._limits.buckets
        if identity is None:
            return Purse(self._digest(found.address), ANYONE, rates.anonymous, buckets)
        principal = self._person(identity.locality, identity.person)
        found.who = principal.hex()
        rate = rates.consumer if principal in self._consumers else rates.person
        return Purse(principal, found.who, rate, buckets)

    def learn(self, purse: Purse, scope: Scope) -> None:
        """Remember who is a data consumer: known once their scope is read, and paid by next time."""
        if CONSUMER in scope.offices:
            self._consumers[purse.principal] = None
            if len(self._consumers) > REMEMBERED:
                self._consumers.popitem(last=False)
        elif purse.principal in self._consumers:
            del self._consumers[purse.principal]

    def _of_person(self, locality: str, person: UUID) -> bytes:
        return self._digested(f"{locality}/{person}")

    def _digested(self, text: str) -> bytes:
        return blake2b(text.encode(), key=self._key, digest_size=12).digest()
