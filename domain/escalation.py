"""Where a ticket goes if nobody acts: the rule that fires, the unit and the post it reaches.

The rules are the place's own (小事不出楼栋、难事不出网格、大事不出社区, article 003; the others in their
profiles); that nothing waits for want of a signature or an assignee is DOMAIN §3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import dropwhile
from zoneinfo import ZoneInfo

from domain.deadline import add_hours
from domain.ids import PersonId, PostId, UnitId
from domain.profile import RULE_ROUTES, Profile, Rule
from domain.terms import Capacity, Route, Severity, TicketStatus, TicketVerb
from domain.ticket_facts import Command, Target, TicketState
from domain.ticket_table import NEXT, ROUTES, allows

VERBS: Mapping[Route, TicketVerb] = {route: verb for verb, route in ROUTES.items()}
STAYS = (Route.MEETING, Route.DELIBERATION, Route.JOINT)
"""Routes that may leave the ticket with its unit and only change how it works on it."""


@dataclass(frozen=True, slots=True)
class UnitStep:
    """One unit on the way up."""

    unit_id: UnitId
    level_code: str


@dataclass(frozen=True, slots=True)
class NextHop:
    """What will happen at `due_at` if nobody acts before."""

    route: Route
    rule: Rule
    to_unit: UnitId
    to_level: str
    due_at: datetime

    @property
    def verb(self) -> TicketVerb:
        """The verb by which the clock takes this route."""
        return VERBS[self.route]


@dataclass(frozen=True, slots=True)
class PostSeat:
    """A post of a unit, and who fills it today."""

    unit_id: UnitId
    post_id: PostId
    holder: PersonId | None = None
    cover: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Responsible:
    """The post that answers, and the person in it; nobody, if all posts up to the top are vacant."""

    unit_id: UnitId
    post_id: PostId
    person: PersonId | None
    capacity: Capacity | None


def matching_rule(
    rules: Sequence[Rule], level_code: str, severity: Severity, category: str
) -> Rule | None:
    """The rule for a matter at a level: one that names its category first, then file order."""
    fits = [r for r in rules if level_code in r.levels and severity in r.severities]
    special = (r for r in fits if category in r.categories)
    general = (r for r in fits if not r.categories)
    return next(special, None) or next(general, None)


def next_hop(
    profile: Profile,
    chain: Sequence[UnitStep],
    *,
    status: TicketStatus,
    severity: Severity,
    category: str,
    hop_started_at: datetime,
) -> NextHop | None:
    """The next hop of a ticket held by `chain[0]`.

    None if it waits for nobody's work, if its clock stands still, or if it cannot climb.
    """
    if not chain or status in profile.pauses or not allows(status, TicketVerb.ESCALATE):
        return None
    rule = matching_rule(profile.rules, chain[0].level_code, severity, category)
    if rule is None:
        return None
    route = _open_route(rule, status)
    to = _destination(profile, rule, route, chain)
    if to is None:
        return None
    zone = ZoneInfo(profile.time_zone)
    due_at = add_hours(hop_started_at, rule.after_hours, profile.working_hours_only, zone)
    return NextHop(route, rule, to.unit_id, to.level_code, due_at)


def ahead_of(profile: Profile, state: TicketState, chain: Sequence[UnitStep]) -> NextHop | None:
    """The next hop of a ticket as it stands."""
    return next_hop(
        profile,
        chain,
        status=state.status,
        severity=state.severity,
        category=state.category,
        hop_started_at=state.hop_started_at,
    )


def time_given(
    profile: Profile,
    state: TicketState,
    verb: TicketVerb,
    chain: Sequence[UnitStep],
    now: datetime,
) -> datetime | None:
    """Until when `chain[0]` may keep a ticket that the verb, if allowed, gives it now.

    None if it may keep it without end.
    """
    status = NEXT.get((state.status, verb), state.status)
    ahead = ahead_of(profile, replace(state, status=status, hop_started_at=now), chain)
    return ahead.due_at if ahead else None


def onward(chain: Sequence[UnitStep], unit: UnitId) -> list[UnitStep]:
    """The part of a way up that begins at a unit."""
    return [*dropwhile(lambda step: step.unit_id != unit, chain)]


def clock_command(
    profile: Profile,
    state: TicketState,
    ahead: NextHop,
    chain: Sequence[UnitStep],
    post: PostId | None,
    now: datetime,
) -> Command:
    """What the clock says when the hop ahead is due; `post` answers for the unit it goes to."""
    return Command(
        verb=ahead.verb,
        actor=None,
        to=Target(ahead.to_unit, ahead.to_level, post),
        rule=ahead.rule.code,
        hop_due_at=time_given(profile, state, ahead.verb, onward(chain, ahead.to_unit), now),
        expected_hop=state.hop_sequence,
        pauses=profile.pauses,
    )


def responsible_post(seats: Sequence[PostSeat]) -> Responsible | None:
    """The post that answers, nearest first: its holder, its cover (AB角), then the parent's post."""
    for seat in seats:
        if seat.holder:
            return Responsible(seat.unit_id, seat.post_id, seat.holder, Capacity.HOLDER)
        if seat.cover:
            return Responsible(seat.unit_id, seat.post_id, seat.cover, Capacity.COVER)
    # All vacant: it still lies with the nearest post, for whoever is appointed next.
    return Responsible(seats[0].unit_id, seats[0].post_id, None, None) if seats else None


def _open_route(rule: Rule, status: TicketStatus) -> Route:
    """The rule's route or, where the status bars it (a meeting that never met), up."""
    is_open = rule.route in RULE_ROUTES and allows(status, VERBS[rule.route])
    return rule.route if is_open else Route.UP


def _destination(
    profile: Profile, rule: Rule, route: Route, chain: Sequence[UnitStep]
) -> UnitStep | None:
    """The rule's level on the way up or, if no unit has it, the next above it, or else the top."""
    above = chain[1:]
    reach = chain if route in STAYS else above
    if route is not rule.route or rule.to_level is None:
        return next(iter(reach), None)
    if route in STAYS and chain[0].level_code == rule.to_level:
        return chain[0]
    depth = profile.level(rule.to_level).depth
    exact = (step for step in above if step.level_code == rule.to_level)
    higher = (step for step in above if profile.level(step.level_code).depth < depth)
    # A place may lack the level that the rule names: the topmost unit then has the last word.
    return next(exact, None) or next(higher, None) or next(reversed(reach), None)
