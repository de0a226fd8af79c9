"""What a profile would have made of past tickets: people act as they did, the clock acts anew.

(profile, past, ways up, until) -> Course; two courses of one past -> Difference | None
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import zip_longest
from zoneinfo import ZoneInfo

from domain.deadline import add_hours
from domain.escalation import UnitStep, time_given
from domain.forecast import unattended
from domain.ids import PersonId, TicketId, UnitId
from domain.permission import WHO, Tie
from domain.profile import Profile
from domain.terms import Route, Severity, TicketVerb, Verdict
from domain.ticket import (
    Command,
    Decision,
    Hop,
    Refusal,
    Report,
    Target,
    TicketState,
    decide,
    report,
)

Ways = Mapping[UnitId, Sequence[UnitStep]]
"""Each unit of a place with all above it, nearest first."""

SAID = "recorded"
"""Stands for the reason given at the time, which nobody has to give again."""


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did to a ticket, and which unit answered for it then."""

    verb: TicketVerb
    at: datetime
    actor: PersonId | None
    handler: UnitId
    to: UnitId | None = None
    joined: tuple[UnitId, ...] = ()
    due_at: datetime | None = None
    verdict: Verdict | None = None
    into: TicketId | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """A ticket as it was reported, and everything that people did to it afterwards, in order."""

    id: TicketId
    number: str
    opened_at: datetime
    unit: UnitId
    reporter: PersonId | None
    severity: Severity
    category: str
    hours: int  # of the case, where the profile does not know the category
    revision: int
    acts: tuple[Act, ...] = ()


@dataclass(slots=True)
class Course:
    """How a ticket fares under a profile."""

    state: TicketState
    hops: list[Hop] = field(default_factory=list[Hop])
    skipped: int = 0
    """Recorded acts that it no longer allows."""

    @property
    def overdue(self) -> int:
        """Stays that went on until the clock ended them."""
        return sum(hop.rule is not None for hop in self.hops)


@dataclass(frozen=True, slots=True)
class Difference:
    """The first hop in which two courses of a ticket differ; None where one has ended before."""

    number: str
    sequence: int
    before: Hop | None
    after: Hop | None

    @property
    def at(self) -> datetime:
        """When they part."""
        return min(hop.at for hop in (self.before, self.after) if hop)


@dataclass(frozen=True, slots=True)
class Totals:
    """What all courses under one profile come to."""

    hops: Mapping[Route, int]
    overdue: int
    skipped: int
    earliest: datetime | None
    latest: datetime | None


def replay(profile: Profile, past: Past, ways: Ways, until: datetime) -> Course:
    """The course of a ticket from its report until an instant."""
    course = Course(_opened(profile, past, ways).state)
    now = past.opened_at
    for act in past.acts:
        if act.at > until:
            break
        _let_run(profile, course, ways, act.at, now)
        now = act.at
        _repeat(profile, course, past, act, ways)
    _let_run(profile, course, ways, until, now)
    return course


def difference(past: Past, before: Course, after: Course) -> Difference | None:
    """Where two courses part: another route, another unit or another time."""
    pairs = zip_longest(before.hops, after.hops)
    for sequence, (one, other) in enumerate(pairs, 1):
        if _gist(one) != _gist(other):
            return Difference(past.number, sequence, one, other)
    return None


def totals(courses: Iterable[Course]) -> Totals:
    """The sums over courses, with their first and their last hop."""
    every = [*courses]
    hops = [hop for course in every for hop in course.hops]
    moments = [hop.at for hop in hops]
    return Totals(
        Counter(hop.route for hop in hops),
        sum(course.overdue for course in every),
        sum(course.skipped for course in every),
        min(moments, default=None),
        max(moments, default=None),
    )


def _gist(hop: Hop | None) -> tuple[Route, UnitId, datetime] | None:
    return (hop.route, hop.to_unit, hop.at) if hop else None


def _opened(profile: Profile, past: Past, ways: Ways) -> Decision:
    """The report, with the clocks that the profile sets."""
    way = ways[past.unit]
    known = (each.hours for each in profile.categories if each.code == past.category)
    hours = next(known, past.hours)
    zone = ZoneInfo(profile.time_zone)
    opened = report(
        Report(
            id=past.id,
            actor=past.reporter,
            title=past.number,
            text="",
            severity=past.severity,
            category=past.category,
            to=Target(past.unit, way[0].level_code),
            due_at=add_hours(past.opened_at, hours, profile.working_hours_only, zone),
        ),
        past.opened_at,
    )
    if isinstance(opened, Refusal):
        raise ValueError(f"ticket {past.number} cannot be reported: {opened.code}")
    return opened


def _let_run(profile: Profile, course: Course, ways: Ways, until: datetime, now: datetime) -> None:
    """Let the clock act while nobody else does."""
    way = ways[course.state.handler_unit_id]
    for decision in unattended(profile, course.state, way, until, now):
        _take(course, decision)


def _repeat(profile: Profile, course: Course, past: Past, act: Act, ways: Ways) -> None:
    """Do what somebody did, if who did it still may and the ticket still allows it."""
    decision = None
    if _may(course, past, act, ways):
        decision = decide(course.state, _command(profile, course, act, ways), act.at)
    if isinstance(decision, Decision):
        _take(course, decision)
    else:
        course.skipped += 1


def _may(course: Course, past: Past, act: Act, ways: Ways) -> bool:
    """Whether the ticket still lies with the unit that answered for it then, or below it."""
    handler = course.state.handler_unit_id
    if Tie.REPORTER in WHO[act.verb] and act.actor == past.reporter:
        return True
    within = any(step.unit_id == act.handler for step in ways[handler])
    if act.verb is TicketVerb.RETURN and act.to is not None:
        return within and any(step.unit_id == handler for step in ways[act.to][1:])
    return within


def _command(profile: Profile, course: Course, act: Act, ways: Ways) -> Command:
    """The act as a command of today; how long the next unit has is worked out anew."""
    to, joined = (tuple(_targets(ways, units)) for units in ((act.to,), act.joined))
    way = ways[act.to or course.state.handler_unit_id]
    return Command(
        verb=act.verb,
        actor=act.actor,
        reason=SAID,
        to=next(iter(to), None),
        joined=joined,
        hop_due_at=time_given(profile, course.state, act.verb, way, act.at),
        due_at=act.due_at,
        verdict=act.verdict,
        into=act.into,
        pauses=profile.pauses,
    )


def _targets(ways: Ways, units: Iterable[UnitId | None]) -> Iterable[Target]:
    return (Target(unit, ways[unit][0].level_code) for unit in units if unit is not None)


def _take(course: Course, decision: Decision) -> None:
    course.state = decision.state
    course.hops += decision.hops
