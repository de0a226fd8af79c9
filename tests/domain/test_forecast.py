"""What would follow if nobody acted: the same as what the clock then does."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, strategies as st

from domain.escalation import UnitStep, clock_command, next_hop
from domain.forecast import Step, forecast
from domain.profile import MAY_PAUSE, RULE_ROUTES, Profile
from domain.terms import Route, Severity, TicketStatus, TicketVerb
from domain.ticket import Decision, TicketState, decide
from tests.domain.test_escalation import LEVELS, POST, chain, profile, rule, unit
from tests.domain.ticket_samples import NOW, command, done, ticket

S, V = TicketStatus, TicketVerb
EVER = NOW + timedelta(days=3650)
HOUR = timedelta(hours=1)
CLIMB = (
    rule("to_community", after_hours=10),
    rule("to_street", levels=("community",), to_level="street", after_hours=20),
)


def held(
    upward: tuple[UnitStep, ...], status: TicketStatus = S.IN_PROGRESS, since: datetime = NOW
) -> TicketState:
    """A ticket that the first unit of a way up has had for some time."""
    here = upward[0]
    return ticket(
        status,
        handler_unit_id=here.unit_id,
        level_code=here.level_code,
        hop_started_at=since,
    )


def told(steps: tuple[Step, ...]) -> list[tuple[str, str, int]]:
    return [(step.route.value, step.to_level, (step.at - NOW) // HOUR) for step in steps]


UPWARD = chain("grid", "community", "street")


def test_it_climbs_to_the_top_each_hop_when_the_one_before_has_run_out():
    steps = forecast(profile(*CLIMB), held(UPWARD), UPWARD, EVER, NOW)
    assert told(steps) == [("UP", "community", 10), ("UP", "street", 30)]
    first, last = steps
    assert (first.rule, first.from_unit, first.to_unit) == (
        "to_community", unit("grid"), unit("community"),
    )  # fmt: skip
    assert (first.due_at, last.due_at) == (last.at, None)


def test_only_as_far_as_it_is_asked():
    steps = forecast(profile(*CLIMB), held(UPWARD), UPWARD, NOW + 29 * HOUR, NOW)
    assert told(steps) == [("UP", "community", 10)]
    assert len(forecast(profile(*CLIMB), held(UPWARD), UPWARD, NOW + 30 * HOUR, NOW)) == 2


def test_what_is_overdue_is_done_now_and_the_next_unit_has_its_whole_time():
    late = held(UPWARD, since=NOW - 50 * HOUR)
    steps = forecast(profile(*CLIMB), late, UPWARD, EVER, NOW)
    assert told(steps) == [("UP", "community", 0), ("UP", "street", 20)]


def test_a_meeting_that_never_meets_is_left_upward():
    table = rule("table", route=Route.MEETING, to_level=None, after_hours=5)
    steps = forecast(profile(table, CLIMB[1]), held(UPWARD), UPWARD, EVER, NOW)
    assert told(steps) == [("MEETING", "grid", 5), ("UP", "community", 10), ("UP", "street", 30)]


def test_it_ends_where_the_clock_stands_still():
    talk = rule("talk", route=Route.DELIBERATION, to_level=None, after_hours=5)
    place = replace(profile(talk), pauses=(S.DELIBERATING,))
    (only,) = forecast(place, held(UPWARD), UPWARD, EVER, NOW)
    assert (only.route, only.due_at) == (Route.DELIBERATION, None)
    assert forecast(place, held(UPWARD, status=S.DELIBERATING), UPWARD, EVER, NOW) == ()


def test_nothing_follows_what_is_closed_or_already_at_the_top():
    assert forecast(profile(*CLIMB), held(UPWARD, status=S.CLOSED), UPWARD, EVER, NOW) == ()
    top = chain("street")
    assert forecast(profile(*CLIMB), held(top), top, EVER, NOW) == ()


def test_the_clock_s_command_says_all_that_a_hop_needs():
    state, place = held(UPWARD), profile(*CLIMB)
    ahead = hop_of(place, state, UPWARD)
    assert ahead is not None
    said = clock_command(place, state, ahead, UPWARD, POST, NOW + 11 * HOUR)
    assert (said.verb, said.actor, said.rule) == (V.ESCALATE, None, "to_community")
    assert said.to is not None
    assert (said.to.unit_id, said.to.level_code, said.to.post_id) == (
        unit("community"), "community", POST,
    )  # fmt: skip
    assert said.hop_due_at == NOW + 31 * HOUR
    assert said.expected_hop == state.hop_sequence
    (hop,) = done(decide(state, said, NOW + 11 * HOUR)).hops
    assert (hop.to_unit, hop.to_post, hop.due_at) == (unit("community"), POST, NOW + 31 * HOUR)


def test_the_clock_s_command_is_stale_once_somebody_has_moved_the_ticket():
    state, place = held(UPWARD), profile(*CLIMB)
    ahead = hop_of(place, state, UPWARD)
    assert ahead is not None
    late = clock_command(place, state, ahead, UPWARD, None, NOW)
    moved = done(decide(state, command(V.JOIN, to=None), NOW)).state
    assert not isinstance(decide(moved, late, NOW), Decision)


# --- both ways ---


def hop_of(place: Profile, state: TicketState, upward: tuple[UnitStep, ...]):
    return next_hop(
        place,
        upward,
        status=state.status,
        severity=state.severity,
        category=state.category,
        hop_started_at=state.hop_started_at,
    )


def clock_by_clock(
    place: Profile, state: TicketState, upward: tuple[UnitStep, ...], until: datetime, now: datetime
) -> list[tuple[object, ...]]:
    """As a worker does it: wake up when a ticket is due, move it, look again."""
    lived: list[tuple[object, ...]] = []
    by_unit = {step.unit_id: upward[n:] for n, step in enumerate(upward)}
    while (ahead := hop_of(place, state, by_unit[state.handler_unit_id])) is not None:
        now = now if ahead.due_at < now else ahead.due_at
        if now > until:
            break
        way = by_unit[state.handler_unit_id]
        decision = done(decide(state, clock_command(place, state, ahead, way, POST, now), now))
        (hop,) = decision.hops
        state = decision.state
        lived.append(
            (hop.route, hop.rule, hop.from_unit, hop.to_unit, state.level_code, hop.at, hop.due_at)
        )
        following = hop_of(place, state, by_unit[state.handler_unit_id])
        assert hop.due_at == (following.due_at if following else None)
    return lived


@st.composite
def places(draw: st.DrawFn) -> Profile:
    """A profile with a rule of any kind for some of the levels, and any pauses."""
    rules = []
    for depth, level in enumerate(LEVELS):
        if draw(st.integers(0, 5)) == 0:
            continue
        route = draw(st.sampled_from(RULE_ROUTES))
        above = [*LEVELS[:depth], *(() if route is Route.UP and depth else (None,))]
        rules.append(
            rule(
                f"at_{level}",
                levels=(level,),
                severities=(Severity.HARD,),
                route=route,
                to_level=draw(st.sampled_from(above)),
                after_hours=draw(st.integers(1, 200)),
            )
        )
    pauses = draw(st.sets(st.sampled_from(MAY_PAUSE)))
    return replace(profile(*rules, working_hours_only=draw(st.booleans())), pauses=tuple(pauses))


UPWARDS = st.lists(st.sampled_from(LEVELS), unique=True, min_size=1).map(
    lambda levels: chain(*sorted(levels, key=LEVELS.index, reverse=True))
)


@given(places(), UPWARDS, st.sampled_from(S), st.integers(0, 500), st.integers(0, 2000))
def test_a_forecast_is_what_then_happens(place, upward, status, late, horizon):
    state = held(upward, status, since=NOW - late * HOUR)
    until = NOW + horizon * HOUR
    steps = forecast(place, state, upward, until, NOW)
    lived = clock_by_clock(place, state, upward, until, NOW)
    assert [
        (s.route, s.rule, s.from_unit, s.to_unit, s.to_level, s.at, s.due_at) for s in steps
    ] == lived


@given(places(), UPWARDS, st.sampled_from(S))
def test_a_forecast_is_one_chain_that_ends(place, upward, status):
    """At most one way of working with others and one step up at each level: it cannot circle."""
    steps = forecast(place, held(upward, status=status), upward, EVER, NOW)
    assert len(steps) < 2 * len(upward)
    for one, next_one in pairwise(steps):
        assert one.to_unit == next_one.from_unit
        assert one.due_at == next_one.at
    if steps:
        assert steps[-1].due_at is None
