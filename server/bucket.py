"""Buckets of points: what each caller may ask for, and how fast it is restored.

A bucket is kept as what was used of it and not restored yet: who used nothing for a while has none.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import NamedTuple, Protocol

from db import bucket
from db.pool import Database

SECONDS = 20
"""A full bucket holds what is restored in so long."""

DEAREST = 1_000
"""Points of the dearest operation there is: however slowly it is restored, a bucket holds these."""

MOST = 50_000
"""Buckets remembered in a process; beyond these, the ones longest unused are taken for full."""

SWEEP_SECONDS = 60


@dataclass(frozen=True)
class Rates:
    """Points restored each second, by who calls; 0 stands for no limit."""

    anonymous: int = 0
    person: int = 0
    consumer: int = 0


class Standing(NamedTuple):
    """A bucket after a charge."""

    used: float
    granted: bool
    rate: int

    @property
    def maximum(self) -> int:
        return maximum(self.rate)

    @property
    def available(self) -> int:
        return max(0, int(self.maximum - self.used))

    def wait(self, points: int) -> int:
        """Whole seconds until so many points are there."""
        return max(1, ceil((self.used + points - self.maximum) / self.rate))

    def told(self, requested: int, actual: int) -> dict[str, int]:
        """What a client is told of the cost of an operation."""
        return {
            "requested": requested,
            "actual": actual,
            "available": min(self.maximum, self.available + requested - actual),
            "maximum": self.maximum,
            "restoreRate": self.rate,
        }


def maximum(rate: int) -> int:
    """The points in a full bucket."""
    return max(rate * SECONDS, DEAREST)


ASKING = 4
"""Charges that are made at the same time: whoever floods a bucket must not have all connections."""


class Buckets(Protocol):
    """Everybody's buckets."""

    async def charge(self, principal: bytes, points: int, rate: int) -> Standing:
        """Take points, if they are there."""
        ...

    def give_back(self, principal: bytes, points: int, rate: int) -> None:
        """Put back points that were not needed after all."""
        ...


class InMemory:
    """Buckets of one process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._now = clock
        self._used: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        """What each has used and when that was, the longest unused first."""

    async def charge(self, principal: bytes, points: int, rate: int) -> Standing:
        """Take points, if they are there."""
        now = self._now()
        used, at = self._used.get(principal, (0.0, now))
        used = max(0.0, used - (now - at) * rate)
        granted = used + points <= maximum(rate)
        if granted:
            used += points
        self._used[principal] = used, now
        self._used.move_to_end(principal)
        if len(self._used) > MOST:
            self._used.popitem(last=False)
        return Standing(used, granted, rate)

    def give_back(self, principal: bytes, points: int, rate: int) -> None:
        """Put back points that were not needed after all."""
        found = self._used.get(principal)
        if found is not None:
            used, at = found
            self._used[principal] = max(0.0, used - points), at


class InDatabase:
    """Buckets that all processes on one database share.

    What is given back waits for the next charge of the same caller: a charge is one statement, and
    an operation needs no second one.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._now = clock
        self._owed: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        """What each is to have back, and since when."""
        self._asking = asyncio.Semaphore(ASKING)
        self._swept = clock()

    async def charge(self, principal: bytes, points: int, rate: int) -> Standing:
        """Take points, if they are there."""
        await self._sweep()
        # To its end, though nobody waits for it any more: else what was owed is paid twice or never.
        return await asyncio.shield(self._charge(principal, points, rate))

    async def _charge(self, principal: bytes, points: int, rate: int) -> Standing:
        async with self._asking:
            owed = self._left(principal, rate)
            self._owed.pop(principal, None)
            try:
                used, granted = await bucket.charge(
                    self._database, principal, points - owed, rate, maximum(rate)
                )
            except BaseException:
                self.give_back(principal, owed, rate)
                raise
        if not granted:
            self.give_back(principal, owed, rate)
            used -= owed
        return Standing(used, granted, rate)

    def _left(self, principal: bytes, rate: int) -> float:
        """What somebody is still to have back."""
        owed, since = self._owed.get(principal, (0.0, 0.0))
        # It has been restored meanwhile like all else: else it is had twice by those whom other
        # processes answered in between.
        return max(0.0, owed - (self._now() - since) * rate)

    def give_back(self, principal: bytes, points: float, rate: int) -> None:
        """Put back points that were not needed after all."""
        self._owed[principal] = self._left(principal, rate) + points, self._now()
        if len(self._owed) > MOST:
            self._owed.popitem(last=False)

    async def _sweep(self) -> None:
        now = self._now()
        if now - self._swept > SWEEP_SECONDS:
            self._swept = now
            await bucket.forget(self._database, SWEEP_SECONDS)
