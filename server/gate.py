"""The gate: how many operations are at work at a time, and how few wait for a place.

What would wait too long is turned away at once: an answer that nobody waits for any more is work
done for nothing, and a queue that only grows answers nobody in time.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

WAITING = 128
"""Operations that wait at most."""

PATIENCE = 1.0
"""Seconds that one waits at most."""

SMOOTHING = 0.05
"""How much the latest operation counts for how long one takes."""

RETRY = 1
"""Seconds after which to try again: by then nobody waits any more who does now."""

ANYONE = "anyone"
DEAR = "dear"
DEAR_COST = 100
"""Points from which an operation is a dear one."""


class TurnedAway(Exception):
    """There is no place, and none is likely to be free in time."""


@dataclass(eq=False, slots=True)
class _Waiter:
    lanes: Sequence[str]
    called: "asyncio.Future[bool]"
    """Whether it may work, or has waited long enough."""


class Place:
    """A place at work, while the block lasts."""

    __slots__ = ("_began", "_gate", "_lanes")

    def __init__(self, gate: "Gate", lanes: Sequence[str]) -> None:
        self._gate = gate
        self._lanes = lanes

    async def __aenter__(self) -> None:
        await self._gate.begin(self._lanes)
        self._began = monotonic()

    async def __aexit__(self, *_: object) -> None:
        self._gate.end(self._lanes, monotonic() - self._began)


class Gate:
    """Lets operations to work, each in its lanes: no lane has more than half of all places.

    A lane is one caller, all who did not say who they are, or all that ask for much: so none of
    these can keep the others waiting.
    """

    def __init__(self, places: int, waiting: int = WAITING, patience: float = PATIENCE) -> None:
        self._places = places
        self._waiting = waiting
        self._patience = patience
        self._most = max(1, places // 2)
        self._working: dict[str, int] = {}
        self._at_work = 0
        self._queue: deque[_Waiter] = deque()
        self._queued: dict[str, int] = {}
        self._takes = 0.0
        """Seconds that an operation takes, lately."""
        self.turned_away = 0
        """Unread, since somebody last looked."""
        self._inside = [0, 0]
        """Requests read and not yet answered: of anyone, and of those who say who they are."""

    def enter(self, named: bool) -> None:
        """A request has been read whole."""
        self._inside[named] += 1

    def leave(self, named: bool) -> None:
        """It has been answered."""
        self._inside[named] -= 1

    def shut(self, named: bool) -> bool:
        """Whether a request that comes now is turned away unread."""
        most = self._places + self._waiting
        anyone = self._inside[False]
        return anyone + self._inside[True] >= most or (not named and anyone * 2 >= most)

    def place(self, *lanes: str) -> "Place":
        """A place for as long as the block lasts; TurnedAway if there is none in time."""
        return Place(self, lanes)

    async def begin(self, lanes: Sequence[str]) -> None:
        """Have a place; TurnedAway if there is none in time."""
        if self._free(lanes):  # of those who wait, none could work now
            self._take(lanes)
        else:
            await self._wait(lanes)

    def end(self, lanes: Sequence[str], took: float) -> None:
        """Give up a place after so many seconds."""
        self._takes += SMOOTHING * (took - self._takes)
        self._release(lanes)

    def _free(self, lanes: Sequence[str]) -> bool:
        if self._at_work >= self._places:
            return False
        return all(self._working.get(lane, 0) < self._most for lane in lanes)

    def _take(self, lanes: Sequence[str]) -> None:
        self._at_work += 1
        _more(self._working, lanes)

    def _release(self, lanes: Sequence[str]) -> None:
        self._at_work -= 1
        _less(self._working, lanes)
        for _ in lanes:  # in each of them there is room for one
            self._call()

    def _call(self) -> None:
        """Call the first of those who wait that may work now."""
        if self._at_work >= self._places:
            return
        for waiter in self._queue:
            # One that left in this very moment leaves the queue by itself.
            if not waiter.called.done() and self._free(waiter.lanes):
                self._forget(waiter)
                self._take(waiter.lanes)
                waiter.called.set_result(True)
                return

    async def _wait(self, lanes: Sequence[str]) -> None:
        if self._hopeless(lanes):
            raise TurnedAway
        loop = asyncio.get_running_loop()
        waiter = _Waiter(lanes, loop.create_future())
        self._queue.append(waiter)
        _more(self._queued, lanes)
        late = loop.call_later(self._patience, self._give_up, waiter)
        try:
            called = await waiter.called
        except asyncio.CancelledError:
            if waiter in self._queue:
                self._forget(waiter)
            elif not waiter.called.cancelled() and waiter.called.result():
                self._release(lanes)
            raise
        finally:
            late.cancel()
        if not called:
            raise TurnedAway

    def _give_up(self, waiter: _Waiter) -> None:
        """Its time is over."""
        if not waiter.called.done():
            self._forget(waiter)
            waiter.called.set_result(False)

    def _forget(self, waiter: _Waiter) -> None:
        self._queue.remove(waiter)
        _less(self._queued, waiter.lanes)

    def _hopeless(self, lanes: Sequence[str]) -> bool:
        """Whether the queue is full, or so long that waiting in it would be in vain."""
        most = max(1, self._waiting // 2)
        full = any(self._queued.get(lane, 0) >= most for lane in lanes)
        if full or len(self._queue) >= self._waiting:
            return True
        return len(self._queue) * self._takes > self._patience * self._places


def _more(counts: dict[str, int], lanes: Sequence[str]) -> None:
    """Count one more in each lane."""
    for lane in lanes:
        counts[lane] = counts.get(lane, 0) + 1


def _less(counts: dict[str, int], lanes: Sequence[str]) -> None:
    """Count one less in each lane; what is empty is forgotten."""
    for lane in lanes:
        counts[lane] -= 1
        if not counts[lane]:
            del counts[lane]
