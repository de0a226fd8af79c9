"""The chain that would follow if nobody acted: what the clock would do, laid out ahead of time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from domain.escalation import UnitStep, ahead_of, clock_command, onward
from domain.ids import UnitId
from domain.profile import Profile
from domain.terms import Route
from domain.ticket import Decision, TicketState, decide

MOST_STEPS = 100
"""Far more than any tree is high: a forecast ends even if a chain should ever run in a circle."""


@dataclass(frozen=True, slots=True)
class Step:
    """One hop that the clock would make, and when the one after it would be due."""

    route: Route
    rule: str | None
    from_unit: UnitId
    to_unit: UnitId
    to_level: str
    at: datetime
    due_at: datetime | None


def forecast(
    profile: Profile, state: TicketState, chain: Sequence[UnitStep], until: datetime, now: datetime
) -> tuple[Step, ...]:
    """The hops of a ticket held by `chain[0]` until an instant; one that is overdue is made now."""
    return tuple(map(_step, unattended(profile, state, chain, until, now)))


def unattended(
    profile: Profile, state: TicketState, chain: Sequence[UnitStep], until: datetime, now: datetime
) -> Iterator[Decision]:
    """What the clock decides, hop after hop, until an instant."""
    return islice(_decisions(profile, state, chain, until, now), MOST_STEPS)


def _decisions(
    profile: Profile, state: TicketState, chain: Sequence[UnitStep], until: datetime, now: datetime
) -> Iterator[Decision]:
    """`now` moves on with each hop; which post would answer makes no difference to the chain."""
    while ahead := ahead_of(profile, state, chain):
        now = max(ahead.due_at, now)
        if now > until:
            return
        decision = decide(state, clock_command(profile, state, ahead, chain, None, now), now)
        if not isinstance(decision, Decision):
            return
        yield decision
        state = decision.state
        chain = onward(chain, ahead.to_unit)


def _step(decision: Decision) -> Step:
    """The one hop of a decision of the clock."""
    (hop,) = decision.hops
    level = decision.state.level_code
    return Step(hop.route, hop.rule, hop.from_unit, hop.to_unit, level, hop.at, hop.due_at)
