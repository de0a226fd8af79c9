"""A year in a place, made up: what its `[demo.history]` says, the same every time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar
from zlib import crc32

from db.load.cases import Row
from db.load.cast import Cast
from db.load.ids import uuid_at
from db.load.play import Play, open_play
from db.load.units import Unit
from domain.demo import DemoHistory, Matter, StoryReport
from domain.terms import CLOSED_STATUSES, TicketStatus, TicketVerb, Verdict

S, V = TicketStatus, TicketVerb
T = TypeVar("T")

CHOICES: Mapping[TicketStatus, tuple[Mapping[TicketVerb, int], float]] = {
    S.REPORTED: ({V.ACCEPT: 95, V.REJECT: 3, V.WITHDRAW: 2}, 2),
    S.ACCEPTED: ({V.DISPATCH: 55, V.RESOLVE: 45}, 3),
    S.DISPATCHED: ({V.SIGN: 1}, 1.5),
    S.IN_PROGRESS: ({V.RESOLVE: 68, V.ESCALATE: 26, V.EXTEND: 4, V.EXPLAIN: 2}, 8),
    S.JOINT: ({V.RESUME: 50, V.RESOLVE: 50}, 40),
    S.TABLED: ({V.RESUME: 95, V.EXPLAIN: 5}, 60),
    S.DELIBERATING: ({V.RESUME: 95, V.EXPLAIN: 5}, 30),
    S.EXTENDED: ({V.RESUME: 20, V.RESOLVE: 80}, 40),
    S.RESOLVED: ({V.VERIFY: 94, V.REWORK: 6}, 20),
    S.VERIFIED: ({V.FOLLOW_UP: 1}, 40),
    S.EXPLAINED: ({V.FOLLOW_UP: 1}, 40),
    S.FOLLOWED_UP: ({V.CLOSE: 1}, 20),
    S.REOPENED: ({V.DISPATCH: 1}, 4),
}
"""What usually follows each status, by weight, and within how many hours on average."""

VERDICTS = {
    Verdict.SATISFIED: 75,
    Verdict.PARTLY_SATISFIED: 15,
    Verdict.DISSATISFIED: 5,
    Verdict.NOT_REACHED: 5,
}

NOTES = {
    V.ACCEPT: "情况属实，予以受理",
    V.REJECT: "不属于社区受理范围，已告知相关部门电话",
    V.WITHDRAW: "已自行解决",
    V.DISPATCH: "请到现场办理",
    V.SIGN: "已签收",
    V.ESCALATE: "本级无力解决",
    V.EXTEND: "等待配件，延期办理",
    V.EXPLAIN: "受现有条件所限，已当面说明",
    V.RESUME: "已有结论，按商定意见办理",
    V.RESOLVE: "已办结",
    V.REWORK: "现场核查未达要求，请返工",
    V.VERIFY: "现场核查属实",
    V.FOLLOW_UP: "已回访",
    V.REOPEN: "居民不满意，重新办理",
    V.CLOSE: "结案",
}

RECENT, RECENT_SHARE = timedelta(days=5), 0.12
"""A busy last week, so that about a tenth of the tickets is still open."""

SERVED_SHARE = 0.4
"""Tickets with services on the way."""


@dataclass(frozen=True, slots=True)
class History:
    """Makes the history of one place."""

    cast: Cast
    history: DemoHistory
    now: datetime
    chance: Random

    def plays(self) -> Iterator[Play]:
        """The tickets, each as far as it has come."""
        for number in range(self.history.tickets):
            yield self._live(self._opened(number))

    def visits(self, count: int) -> Iterator[Row]:
        """So many services that belong to no ticket."""
        for number in range(max(0, count)):
            unit, at = self.chance.choice(self.cast.leaves), self._moment()
            yield self._visit(number, unit, at)

    def _moment(self) -> datetime:
        """Some moment of the last months, before the busy last days."""
        months = timedelta(days=30 * self.history.months)
        return self.now - RECENT - (months - RECENT) * self.chance.random()

    def _opened(self, number: int) -> Play:
        """A ticket just reported."""
        chance, cast = self.chance, self.cast
        matter = _weighted(chance, {matter: matter.weight for matter in self.history.matters})
        unit = chance.choice(cast.leaves)
        at = self._moment()
        if chance.random() < RECENT_SHARE:
            at = self.now - RECENT * chance.random()
        reporter = cast.resident(unit, chance) or cast.worker(unit)
        told = self._told(matter, unit)
        return open_play(cast, f"history-{number}", told, unit, reporter, at, "")

    def _told(self, matter: Matter, unit: Unit) -> StoryReport:
        return StoryReport(
            title=self.chance.choice(matter.titles).format(unit=unit.name),
            body="",
            category=matter.category,
            severity=self.cast.profile.category(matter.category).severity,
            appeal=matter.appeal,
            concern=matter.concern,
            channel=self.chance.choice(matter.channels),
            unit=unit.name,
        )

    def _live(self, play: Play) -> Play:
        """Act and let the clock act in turn, until it is closed or today has come."""
        at = play.events[0].at
        while play.state.status not in CLOSED_STATUSES:
            verbs, hours = CHOICES[play.state.status]
            at += timedelta(hours=self.chance.expovariate(1 / hours))
            ahead = play.ahead()
            if ahead and ahead.due_at <= min(at, self.now):
                play.clock(ahead)
                at = play.events[-1].at
            elif at > self.now:
                break
            else:
                self._act(play, _weighted(self.chance, verbs), at)
        self._serve(play)
        return play

    def _act(self, play: Play, verb: TicketVerb, at: datetime) -> None:
        """One thing that whoever answers for the ticket does."""
        actor = play.cast.worker(play.handler)
        if verb is V.ESCALATE:
            self._climb(play, at)
        elif verb is V.DISPATCH:
            play.do(verb, at, actor, NOTES[verb], to=play.handler)
        elif verb is V.FOLLOW_UP:
            play.do(verb, at, actor, NOTES[verb], verdict=_weighted(self.chance, VERDICTS))
        elif verb is V.CLOSE and self._contested(play):
            play.do(V.REOPEN, at, actor, NOTES[V.REOPEN])
        else:
            by = play.reporter if verb is V.WITHDRAW else actor
            play.do(verb, at, by, NOTES[verb])

    def _contested(self, play: Play) -> bool:
        """Whether the resident objects for the first time."""
        reopened = any(event.verb is V.REOPEN for event in play.events)
        return play.state.verdict is Verdict.DISSATISFIED and not reopened

    def _climb(self, play: Play, at: datetime) -> None:
        """Leave the level by the place's own rule; where there is none, it is solved here."""
        ahead, actor = play.ahead(), play.cast.worker(play.handler)
        if ahead is None:
            play.do(V.RESOLVE, at, actor, NOTES[V.RESOLVE])
            return
        play.do(ahead.verb, at, actor, ahead.rule.text, to=play.cast.by_id[ahead.to_unit])

    def _serve(self, play: Play) -> None:
        """Some tickets see services on the way."""
        if self.chance.random() >= SERVED_SHARE:
            return
        start, end = play.events[0].at, play.events[-1].at
        unit = play.cast.by_id[play.state.unit_id]
        for _ in range(self.chance.randint(1, 3)):
            service = _weighted(self.chance, {kind: kind.weight for kind in self.history.kinds})
            at = start + (end - start) * self.chance.random()
            note = self.chance.choice(service.notes).format(unit=unit.name)
            play.serve(service.kind, at, play.cast.worker(unit), note, play.reporter)

    def _visit(self, number: int, unit: Unit, at: datetime) -> Row:
        """A service in a unit, for somebody who lives there."""
        service = _weighted(self.chance, {kind: kind.weight for kind in self.history.kinds})
        slug = self.cast.profile.slug
        return {
            "locality_id": slug,
            "id": uuid_at(at, slug, "service", f"visit-{number}"),
            "kind": service.kind,
            "at": at,
            "note": self.chance.choice(service.notes).format(unit=unit.name),
            "ticket_id": None,
            "unit_id": unit.id,
            "unit_path": unit.path,
            "handler_path": unit.path,
            "person_id": self.cast.worker(unit),
            "recipient_id": self.cast.resident(unit, self.chance),
        }


def make_history(cast: Cast, history: DemoHistory, now: datetime) -> History:
    """The history of a place; its chances follow from its name."""
    seed = crc32(cast.profile.slug.encode())
    return History(cast, history, now, Random(seed))  # noqa: S311  # made up, no secret


def _weighted(chance: Random, weights: Mapping[T, int]) -> T:
    """One of the keys, by weight."""
    return chance.choices(list(weights), list(weights.values()))[0]
