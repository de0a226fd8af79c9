"""A subscription, compiled: what is read whenever something may have changed."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from compiler.feed import BATCH, read_place
from compiler.scope import Beside
from compiler.statement import Statement


@dataclass(frozen=True)
class Batch:
    """What one read found: events as data, and the state of what they are about."""

    events: list[dict[str, Any]]
    state: dict[str, Any]
    more: bool
    """Whether there may be more to read at once."""


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
    _here: tuple[Any, ...] | str | None = field(init=False)

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
        state = orjson.loads(self.statement.checked(body))
        events = state.pop("events")
        more = len(events) == BATCH
        here: str = state.pop("cursor")
        self.since = here = events[-1]["cursor"] if more else here
        self.sent |= {UUID(each["id"]): each["tx"] for each in events}
        place = read_place(here)
        self._here = place.epoch, place.tx, place.id  # the same at whatever time it was read
        self.sent = {id: tx for id, tx in self.sent.items() if tx >= place.tx}
        return Batch([each["data"] for each in events], state, more)
