"""What is remembered between requests: bounded in number and in weight."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Generic, TypeVar

from compiler.statement import Statement

V = TypeVar("V")

HEAVIEST_STATEMENTS = 10_000_000
"""Characters of SQL kept."""


class Recent(Generic[V]):
    """A memory bounded in entries and in their weight: the least recently used goes first."""

    def __init__(self, most: int, heaviest: int, weigh: Callable[[V], int]) -> None:
        self._most = most
        self._heaviest = heaviest
        self._weigh = weigh
        self._weight = 0
        self._entries: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> V | None:
        """The entry, now the most recently used."""
        with self._lock:
            found = self._entries.get(key)
            if found is not None:
                self._entries.move_to_end(key)
            return found

    def put(self, key: Hashable, value: V) -> V:
        """Remember an entry, forgetting the oldest beyond the bounds."""
        with self._lock:
            if key in self._entries:
                self._weight -= self._weigh(self._entries.pop(key))
            self._entries[key] = value
            self._weight += self._weigh(value)
            while len(self._entries) > self._most or self._weight > self._heaviest:
                self._weight -= self._weigh(self._entries.popitem(last=False)[1])
        return value


class Statements:
    """Compiled statements, each compiled when it is needed first."""

    def __init__(self, most: int) -> None:
        self._known: Recent[Statement] = Recent(most, HEAVIEST_STATEMENTS, lambda it: len(it.sql))
        # One at a time: compiling holds Python for itself, but not the event loop.
        self._compiler = ThreadPoolExecutor(1, "compiler")

    def get(self, key: Hashable, compiled: Callable[[], Statement]) -> Statement:
        """The statement of that key, compiled here and now if it is not known."""
        return self._known.get(key) or self._known.put(key, compiled())

    def known(self, key: Hashable) -> bool:
        """Whether the statement of that key is there."""
        return self._known.get(key) is not None

    async def soon(self, key: Hashable, compiled: Callable[[], Statement]) -> Statement:
        """The statement of that key, compiled beside the event loop if it is not known."""
        if (found := self._known.get(key)) is not None:
            return found
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._compiler, self.get, key, compiled)
