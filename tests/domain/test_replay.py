"""Past tickets under a changed profile: people act as they did, the clock acts anew."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from domain.escalation import UnitStep, clock_command, next_hop
from domain.ids import PersonId, TicketId
from domain.profile import Profile
from domain.replay import Act, Course, Past, difference, replay, totals
from domain.terms import Route, Severity, TicketStatus, TicketVerb, Verdict
from domain.ticket import Command, Hop, Target, TicketState, allowed_verbs, decide
from tests.domain.test_escalation import chain, profile, rule, unit
from tests.domain.test_forecast import places
from tests.domain.ticket_samples import ACTOR, NOW, done

V = TicketVerb
HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=30)
WHOLE = chain("building", "grid", "community", "street")
WAYS = {step.unit_id: WHOLE[n:] for n, step in enumerate(WHOLE)}
RESIDENT = PersonId(uuid.UUID(int=7))
SLOW = profile(
    rule("up", levels=("building",), to_level="grid", after_hours=10),
    rule("on", levels=("grid",), to_level="community", after_hours=20),
)
FAST = replace(SLOW, rules=tuple(replace(each, after_hours=2) for each in SLOW.rules))


def act(verb: TicketVerb, hours: int, level: str = "building", **more: object) -> Act:
    return replace(Act(verb, NOW + hours * HOUR, ACTOR, unit(level)), **more)


def past(*acts: Act) -> Past:
    return Past(
        TicketId(uuid.UUID(int=9)), "T-1", NOW, unit("building"), RESIDENT, Severity.HARD, "drain",
        168, 1, acts,
    )  # fmt: skip


def ran(place: Profile, *acts: Act, until: datetime = LATER) -> Course:
    return replay(place, past(*acts), WAYS, until)


def told(course: Course) -> list[tuple[str, str, int, bool]]:
    """Route, unit, hours since the report, and whether the clock did it."""
    names = {step.unit_id: step.level_code for step in WHOLE}
    return [
        (hop.route.value, names[hop.to_unit], (hop.at - NOW) // HOUR, hop.actor is None)
        for hop in course.hops
    ]


DONE = (act(V.ACCEPT, 3), act(V.RESOLVE, 8))


def test_what_people_did_in_time_the_clock_does_not_do():
    course = ran(SLOW, *DONE)
    assert (course.state.status, course.hops, course.skipped) == (TicketStatus.RESOLVED, [], 0)


def test_between_their_acts_the_clock_acts_anew():
    course = ran(FAST, act(V.ACCEPT, 1), act(V.ESCALATE, 3, "grid", to=unit("community")))
    assert told(course) == [("UP", "grid", 2, True), ("UP", "community", 3, False)]
    assert [hop.due_at for hop in course.hops] == [NOW + 4 * HOUR, None]
    by_hand = ran(SLOW, act(V.ESCALATE, 1, to=unit("grid")))
    assert by_hand.hops[0].due_at == NOW + 21 * HOUR
    assert (course.overdue, course.skipped) == (1, 0)


def test_what_the_changed_course_does_not_allow_is_skipped_and_counted():
    course = ran(FAST, *DONE)
    assert told(course) == [("UP", "grid", 2, True), ("UP", "community", 4, True)]
    assert (course.overdue, course.skipped) == (2, 2)


def test_the_unit_that_had_it_may_act_while_it_lies_below():
    """Who serves above may act below: what the grid once did it could do in the building too."""
    late = ran(SLOW, act(V.ACCEPT, 3, "grid"))
    assert (late.state.status, late.skipped) == (TicketStatus.DISPATCHED, 0)
    assert told(late)[0] == ("UP", "grid", 10, True)


def test_the_reporter_may_act_wherever_it_lies():
    taken_back = ran(FAST, act(V.WITHDRAW, 5, actor=RESIDENT))
    assert (taken_back.state.status, taken_back.skipped) == (TicketStatus.WITHDRAWN, 0)
    assert ran(FAST, act(V.WITHDRAW, 5)).skipped == 1


def test_what_was_not_sent_down_in_this_course_does_not_come_down():
    sent_back = (
        act(V.ACCEPT, 1),
        act(V.ESCALATE, 2, to=unit("grid")),
        act(V.SIGN, 3, "grid"),
        act(V.RETURN, 4, "grid", to=unit("building")),
    )
    down = ran(SLOW, *sent_back, until=NOW + 5 * HOUR)
    assert [hop.route for hop in down.hops] == [Route.UP, Route.DOWN]
    still_below = (
        act(V.ACCEPT, 1),
        act(V.DISPATCH, 2, to=unit("building")),
        act(V.SIGN, 3),
        act(V.RETURN, 4, "community", to=unit("grid")),
    )
    stays = ran(SLOW, *still_below, until=NOW + 5 * HOUR)
    assert (stays.state.handler_unit_id, stays.skipped) == (unit("building"), 1)


def test_what_came_after_the_end_is_left_out():
    for hours in (3, 5):
        course = ran(SLOW, *DONE, until=NOW + hours * HOUR)
        assert (course.state.status, course.skipped) == (TicketStatus.ACCEPTED, 0)
    assert ran(FAST, until=NOW + HOUR).hops == []


def test_the_case_clock_is_the_profile_s_where_it_knows_the_category():
    assert ran(SLOW).state.due_at == NOW + 168 * HOUR


def test_a_pause_of_the_tried_profile_holds_the_clock():
    talk = replace(SLOW, rules=(replace(SLOW.rules[0], route=Route.DELIBERATION, to_level=None),))
    acts = (act(V.ACCEPT, 1), act(V.DELIBERATE, 3), act(V.RESUME, 53))
    paused = ran(replace(talk, pauses=(TicketStatus.DELIBERATING,)), *acts)
    assert told(paused)[:2] == [
        ("DELIBERATION", "building", 3, False),
        ("DELIBERATION", "building", 60, True),
    ]
    assert told(ran(talk, *acts))[1] == ("UP", "grid", 10, True)


# --- what differs ---


def test_the_same_profile_makes_no_difference():
    assert difference(past(*DONE), ran(SLOW, *DONE), ran(SLOW, *DONE)) is None


def test_where_two_courses_part():
    slow, fast = ran(SLOW), ran(FAST)
    found = difference(past(), slow, fast)
    assert found is not None
    assert (found.number, found.sequence) == ("T-1", 1)
    assert (found.before, found.after) == (slow.hops[0], fast.hops[0])
    later = replace(SLOW, rules=(SLOW.rules[0],))
    shorter = difference(past(), slow, ran(later))
    assert shorter is not None
    assert (shorter.sequence, shorter.before, shorter.after) == (2, slow.hops[1], None)


def test_totals_add_up():
    sums = totals([ran(SLOW), ran(FAST, *DONE), ran(SLOW, *DONE)])
    assert sums.hops == {Route.UP: 4}
    assert (sums.overdue, sums.skipped) == (4, 2)
    assert (sums.earliest, sums.latest) == (NOW + 2 * HOUR, NOW + 30 * HOUR)
    nothing = totals([])
    assert (dict(nothing.hops), nothing.earliest, nothing.latest) == ({}, None, None)


# --- what was lived under a profile is what its replay tells ---


def clock_until(
    place: Profile, state: TicketState, at: datetime, now: datetime, hops: list[Hop]
) -> TicketState:
    while True:
        way = WAYS[state.handler_unit_id]
        ahead = next_hop(
            place, way, status=state.status, severity=state.severity, category=state.category,
            hop_started_at=state.hop_started_at,
        )  # fmt: skip
        if ahead is None or ahead.due_at > at:
            return state
        now = max(now, ahead.due_at)
        decision = done(decide(state, clock_command(place, state, ahead, way, None, now), now))
        state = decision.state
        hops += decision.hops


def target(verb: TicketVerb, way: tuple[UnitStep, ...]) -> UnitStep | None:
    """Where a person sends it: up by one, down by one, or back to the same unit."""
    here = WHOLE.index(way[0])
    if verb is V.ESCALATE:
        return way[1] if len(way) > 1 else None
    if verb is V.RETURN:
        return WHOLE[here - 1] if here else None
    return way[0] if verb is V.DISPATCH else None


@given(
    places(),
    st.lists(st.tuples(st.sampled_from(V), st.integers(0, 90)), max_size=25),
    st.integers(0, 500),
)
@pytest.mark.parametrize("helpers", [(), (unit("street"),)])
def test_a_past_is_told_as_it_was_lived(helpers, place, tried, rest):
    state, hops, acts, now = ran(place, until=NOW).state, [], [], NOW
    for verb, hours in tried:
        at = now + hours * HOUR
        state, now = clock_until(place, state, at, now, hops), at
        way = WAYS[state.handler_unit_id]
        to = target(verb, way)
        if verb not in allowed_verbs(state) or (to is None and verb in (V.ESCALATE, V.RETURN)):
            continue
        joined = helpers if verb is V.JOIN else ()
        into = TicketId(uuid.UUID(int=8))
        longer = max(state.due_at, now) + HOUR
        said = Act(
            verb, now, ACTOR, way[0].unit_id, to and to.unit_id, joined, longer,
            Verdict.SATISFIED, into,
        )  # fmt: skip
        if verb is V.WITHDRAW:
            said = replace(said, actor=RESIDENT)
        command = Command(
            verb, said.actor, "因为", to and Target(to.unit_id, to.level_code),
            tuple(Target(each, "street") for each in joined), due_at=longer,
            verdict=Verdict.SATISFIED, into=into, pauses=place.pauses,
        )  # fmt: skip
        decision = done(decide(state, command, now))
        state = decision.state
        hops += decision.hops
        acts.append(said)
    end = now + rest * HOUR
    state = clock_until(place, state, end, now, hops)
    course = ran(place, *acts, until=end)
    assert course.skipped == 0
    assert [(h.route, h.to_unit, h.at, h.rule) for h in course.hops] == [
        (h.route, h.to_unit, h.at, h.rule) for h in hops
    ]
    assert (course.state.status, course.state.due_at) == (state.status, state.due_at)
