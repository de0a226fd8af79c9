"""A subscription, compiled: what is read whenever something may have changed."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from compiler.feed import BATCH, Place, read_place
from compiler.scope import Beside
from compiler.statement import Statement

LONG = 15_000
"""Bytes of an answer that is not remembered."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one read found: events as bodies, and the state of what they are about."""

    events: Sequence[bytes]
    state: Mapping[str, Any]
    more: bool
    """Whether there may be more to read at once."""


@dataclass(frozen=True, slots=True)
class Taken:
    """An answer taken apart: where its readers stand after it, and what it tells them."""

    batch: Batch
    since: str
    place: Place
    sent: Mapping[UUID, int]


def take_apart(body: bytes) -> Taken:
    """What an answer of `feed_events` says."""
    state = orjson.loads(body)
    events = state.pop("events")
    more = len(events) == BATCH
    here: str = state.pop("cursor")
    since = events[-1]["cursor"] if more else here
    bodies = tuple(orjson.dumps({"data": each["data"]}) for each in events)
    sent = {UUID(each["id"]): each["tx"] for each in events}
    return Taken(Batch(bodies, state, more), since, read_place(since), sent)


# One event has the same answer for hundreds.
_remembered = lru_cache(64)(take_apart)


@dataclass
class Live:
    """Where one subscription stands: all up to `since` was sent, and beyond it what is in `sent`.

    What is beyond are the changes whose transactions are younger than one that still runs.
    """

    statement: Statement
    variables: Mapping[str, Any]
    since: str | None
    sent: dict[UUID, int] = field(default_factory=dict[UUID, int])
    _asked: str = field(init=False)
    _here: tuple[str, int, UUID] | str | None = field(init=False)

    def __post_init__(self) -> None:
        self._asked = repr(self.variables)
        self._here = self.since

    @property
    def alike(self) -> Hashable:
        """Equal for those that read the same next, under one scope."""
        if self.statement.disclosures:
            return id(self)  # each answer is written down
        return id(self.statement), self._asked, self._here, frozenset(self.sent)

    def values(self, scope: Any) -> list[Any]:
        """The parameters of the next read under that scope."""
        beside = Beside(scope, since=self.since, sent=list(self.sent))
        return self.statement.values(dict(self.variables), beside)

    def take(self, body: bytes) -> Batch:
        """What a read answered; the place moves on behind it."""
        body = self.statement.checked(body)
        kept = len(body) <= LONG and not self.statement.disclosures
        taken = _remembered(body) if kept else take_apart(body)
        self.since, place = taken.since, taken.place
        self._here = place.epoch, place.tx, place.id  # the same at whatever time it was read
        self.sent = {id: tx for id, tx in {**self.sent, **taken.sent}.items() if tx >= place.tx}
        return taken.batch
