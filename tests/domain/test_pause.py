"""Both clocks stand still in the statuses that the profile names, and nowhere else."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, strategies as st

from domain.escalation import ahead_of
from domain.profile import MAY_PAUSE
from domain.terms import Route, TicketStatus, TicketVerb
from domain.ticket import Target, allowed_verbs, decide
from domain.ticket_facts import NEVER
from tests.domain.places import EIGHT, load, profile_of, refused
from tests.domain.test_escalation import WHOLE, profile, rule
from tests.domain.ticket_samples import DUE, HERE, HOP_DUE, NOW, UP, command, done, ticket

S, V = TicketStatus, TicketVerb
TALKS = (S.DELIBERATING,)
DAY = timedelta(days=1)


def test_a_pause_begins_with_the_command_that_leads_to_it():
    said = command(V.DELIBERATE, pauses=TALKS)
    assert done(decide(ticket(), said, NOW)).state.paused_at == NOW
    assert done(decide(ticket(), command(V.DELIBERATE), NOW)).state.paused_at is None
    assert done(decide(ticket(), command(V.TABLE, pauses=TALKS), NOW)).state.paused_at is None


def test_both_clocks_go_on_where_they_stood():
    talking = ticket(S.DELIBERATING, paused_at=NOW)
    after = done(decide(talking, command(V.RESUME, pauses=TALKS), NOW + 3 * DAY)).state
    assert after.due_at == DUE + 3 * DAY
    assert after.hop_due_at == HOP_DUE + 3 * DAY
    assert after.hop_started_at == talking.hop_started_at + 3 * DAY
    assert after.paused_at is None


def test_a_hop_out_of_a_pause_starts_its_own_clock_and_the_case_clock_still_moves_on():
    talking = ticket(S.DELIBERATING, paused_at=NOW)
    fresh = NOW + 5 * DAY
    up = command(V.ESCALATE, pauses=TALKS, hop_due_at=fresh)
    after = done(decide(talking, up, NOW + 3 * DAY)).state
    assert (after.hop_started_at, after.hop_due_at) == (NOW + 3 * DAY, fresh)
    assert (after.due_at, after.paused_at) == (DUE + 3 * DAY, None)


def test_from_one_pause_into_another():
    both = (S.TABLED, S.DELIBERATING)
    tabled = ticket(S.TABLED, paused_at=NOW)
    talks = command(V.DELIBERATE, pauses=both, to=None)
    after = done(decide(tabled, talks, NOW + DAY)).state
    assert (after.due_at, after.paused_at) == (DUE + DAY, NOW + DAY)
    again = done(decide(after, command(V.RESUME, pauses=both), NOW + 3 * DAY)).state
    assert (again.due_at, again.paused_at) == (DUE + 3 * DAY, None)
    assert again.hop_started_at == tabled.hop_started_at + 3 * DAY


def test_an_extension_sets_the_case_clock_even_where_it_stands_still_afterwards():
    longer = command(V.EXTEND, pauses=(S.EXTENDED,))
    after = done(decide(ticket(), longer, NOW)).state
    assert (after.due_at, after.paused_at) == (longer.due_at, NOW)
    back = done(decide(after, command(V.RESUME, pauses=(S.EXTENDED,)), NOW + DAY)).state
    assert back.due_at == DUE + 4 * DAY


def test_a_ticket_without_a_case_clock_gets_none():
    talking = ticket(S.DELIBERATING, paused_at=NOW, due_at=NEVER)
    assert done(decide(talking, command(V.RESUME), NOW + 3 * DAY)).state.due_at == NEVER


def test_nothing_lies_ahead_while_the_clock_stands_still():
    place = profile(rule("talk", route=Route.DELIBERATION, to_level=None))
    talking = ticket(S.DELIBERATING)
    assert ahead_of(place, talking, WHOLE[1:]) is not None
    assert ahead_of(replace(place, pauses=TALKS), talking, WHOLE[1:]) is None
    assert ahead_of(replace(place, pauses=(S.TABLED,)), talking, WHOLE[1:]) is not None


@given(
    st.lists(st.tuples(st.sampled_from(V), st.integers(1, 50)), max_size=40),
    st.sets(st.sampled_from(MAY_PAUSE)),
)
def test_the_case_clock_moves_on_by_the_time_paused_and_by_nothing_else(tried, pauses):
    """Whatever is done in whatever order, extensions apart."""
    state, now, stood = ticket(), NOW, timedelta()
    for verb, hours in tried:
        now += timedelta(hours=hours)
        stood += timedelta(hours=hours if state.status in pauses else 0)
        if verb is not V.EXTEND and verb in allowed_verbs(state):
            to = UP if state.handler_unit_id == HERE else Target(HERE, "grid")
            said = command(verb, to=to, pauses=tuple(pauses))
            state = done(decide(state, said, now)).state
        assert (state.paused_at is not None) == (state.status in pauses)
        not_yet = now - state.paused_at if state.paused_at else timedelta()
        assert state.due_at == DUE + stood - not_yet


def test_only_where_residents_talk_it_through_in_weibin():
    named = {name: profile_of(name).pauses for name in EIGHT}
    assert {name: pauses for name, pauses in named.items() if pauses} == {"weibin": TALKS}


@pytest.mark.parametrize("status", [each for each in S if each not in MAY_PAUSE])
def test_no_clock_stands_still_where_a_unit_simply_does_nothing(status):
    ((key, reason),) = refused(load("weibin") | {"pauses": ["TABLED", status]})
    assert key == "pauses[1]"
    assert reason == (
        f"the clocks cannot stand still in {status}; allowed: TABLED, DELIBERATING, JOINT, EXTENDED"
    )


def test_pauses_that_are_no_statuses_are_refused():
    ((key, reason),) = refused(load("weibin") | {"pauses": ["TALKING"]})
    assert key == "pauses[0]"
    assert reason.startswith("unknown value 'TALKING'")
    ((key, reason),) = refused(load("weibin") | {"pauses": "TABLED"})
    assert (key, reason) == ("pauses", "must be a list of texts, not 'TABLED'")


def test_a_place_that_counts_working_days_cannot_pause():
    ((key, reason),) = refused(load("weibin") | {"working_hours_only": True})
    assert (key, reason) == ("pauses", "clocks that count working days cannot stand still")


def test_a_hop_that_began_with_a_pause_is_given_its_time_when_it_ends():
    talking = ticket(S.DELIBERATING, paused_at=NOW, hop_started_at=NOW, hop_due_at=None)
    back = command(V.RESUME, pauses=TALKS, hop_due_at=NOW + 8 * DAY)
    after = done(decide(talking, back, NOW + 3 * DAY)).state
    assert (after.hop_started_at, after.hop_due_at) == (NOW + 3 * DAY, NOW + 8 * DAY)
