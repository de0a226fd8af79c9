"""The ticket's state machine against the matrix, and what each decision leaves behind."""

import uuid
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from domain.ids import UnitId
from domain.terms import CLOSED_STATUSES, Route, TicketStatus, TicketVerb, Verdict
from domain.ticket import (
    TRANSITIONS,
    Decision,
    Refusal,
    RefusalCode,
    Target,
    allowed_verbs,
    decide,
    report,
)
from tests.domain.ticket_samples import (
    ABOVE,
    ACTOR,
    CELLS,
    DUE,
    HELPER,
    HERE,
    HOP_DUE,
    MATRIX,
    NEW,
    NOW,
    UP,
    command,
    done,
    refused,
    ticket,
)

PAIRS = [(s, v) for s in TicketStatus for v in TicketVerb]


def test_the_matrix_names_every_status():
    rows = {line.split(":")[0] for line in MATRIX.splitlines() if ":" in line}
    assert rows == set(TicketStatus)


@pytest.mark.parametrize(("status", "verb"), PAIRS)
def test_matrix(status, verb):
    answer = decide(ticket(status), command(verb), NOW)
    if (status, verb) not in CELLS:
        assert answer == Refusal(RefusalCode.NOT_ALLOWED_FROM_STATUS, status=status)
        return
    decision, result = done(answer), CELLS[status, verb]
    assert decision.state.status == result
    event = decision.event
    assert (event.verb, event.from_status, event.to_status) == (verb, status, result)
    assert (event.actor, event.at) == (ACTOR, NOW)


@pytest.mark.parametrize("status", TicketStatus)
def test_allowed_verbs_are_those_that_are_not_refused(status):
    assert allowed_verbs(ticket(status)) == tuple(v for v in TicketVerb if (status, v) in CELLS)


def test_the_table_says_each_thing_once():
    keys = [(t.from_status, t.verb) for t in TRANSITIONS]
    assert len(keys) == len(set(keys))
    assert {t.verb for t in TRANSITIONS} == set(TicketVerb)


def reachable(start: TicketStatus) -> set[str]:
    """Every status that some sequence of commands leads to."""
    seen, todo = {start.value}, [start.value]
    while todo:
        status = todo.pop()
        ends = {result for (s, _), result in CELLS.items() if s == status}
        todo += ends - seen
        seen |= ends
    return seen


def test_every_status_is_reached_from_a_report():
    assert reachable(TicketStatus.REPORTED) == set(TicketStatus)


@pytest.mark.parametrize("status", TicketStatus)
def test_every_open_status_can_be_closed_and_a_closed_one_has_no_way_out(status):
    if status in CLOSED_STATUSES:
        assert allowed_verbs(ticket(status)) == ()
    else:
        assert TicketStatus.CLOSED in reachable(status)


def test_the_claim_the_check_and_the_verdict_are_facts_of_their_own():
    """DOMAIN §3: from the handler's claim there is no way to the end but through all three."""
    ends = {verb for (_, verb), result in CELLS.items() if result == "CLOSED"}
    assert ends == {"CLOSE"}
    assert [s for (s, verb) in CELLS if verb == "CLOSE"] == ["FOLLOWED_UP"]
    assert [s for (s, verb) in CELLS if verb == "FOLLOW_UP"] == ["EXPLAINED", "VERIFIED"]
    assert [s for (s, verb) in CELLS if verb == "VERIFY"] == ["RESOLVED"]


def test_nothing_waits_for_a_signature_or_an_assignee():
    """DOMAIN §3: whatever still expects work can climb."""
    done_with = {"RESOLVED", "VERIFIED", "EXPLAINED", "FOLLOWED_UP", *CLOSED_STATUSES}
    assert {s for s in TicketStatus if (s, "ESCALATE") not in CELLS} == done_with


@pytest.mark.parametrize(("status", "verb"), PAIRS)
def test_only_an_extension_moves_the_case_clock(status, verb):
    answer = decide(ticket(status), command(verb), NOW)
    if isinstance(answer, Decision):
        extended = verb is TicketVerb.EXTEND
        assert answer.state.due_at == (DUE + timedelta(days=3) if extended else DUE)
        assert answer.event.due_at == (answer.state.due_at if extended else None)


@pytest.mark.parametrize(("status", "verb"), PAIRS)
def test_only_a_hop_or_work_begun_again_moves_the_hop_clock(status, verb):
    before = ticket(status)
    answer = decide(before, command(verb), NOW)
    if isinstance(answer, Decision):
        clock = (answer.state.hop_started_at, answer.state.hop_due_at)
        if answer.hops or verb in (TicketVerb.REOPEN, TicketVerb.REWORK):
            assert clock == (NOW, NOW + timedelta(days=2))
        else:
            assert clock == (before.hop_started_at, before.hop_due_at)


@pytest.mark.parametrize(("status", "verb"), PAIRS)
def test_the_place_of_the_matter_never_changes_and_the_handler_only_by_a_hop(status, verb):
    answer = decide(ticket(status), command(verb), NOW)
    if isinstance(answer, Decision):
        assert answer.state.unit_id == HERE
        assert answer.state.hop_sequence == 3 + len(answer.hops)
        assert answer.state.handler_unit_id == (ABOVE if answer.hops else HERE)
        assert answer.state.level_code == ("community" if answer.hops else "grid")


def test_a_verdict_is_the_follow_up_s_and_stays_with_the_ticket():
    said = command(TicketVerb.FOLLOW_UP, verdict=Verdict.PARTLY_SATISFIED, reason="已回访")
    decision = done(decide(ticket(TicketStatus.VERIFIED), said, NOW))
    assert (decision.event.verdict, decision.event.note) == (Verdict.PARTLY_SATISFIED, "已回访")
    assert decision.state.verdict is Verdict.PARTLY_SATISFIED
    filing = command(TicketVerb.CLOSE, verdict=Verdict.DISSATISFIED)
    filed = done(decide(decision.state, filing, NOW))
    assert (filed.event.verdict, filed.state.verdict) == (None, Verdict.PARTLY_SATISFIED)


def test_only_a_merger_names_the_ticket_that_carries_it_on():
    into = command(TicketVerb.MERGE).into
    for status, verb in CELLS:
        said = command(TicketVerb(verb))
        event = done(decide(ticket(TicketStatus(status)), said, NOW)).event
        assert event.merged_into == (into if verb == "MERGE" else None)


def test_an_escalation_records_who_why_and_both_ends():
    said = command(TicketVerb.ESCALATE, actor=None, reason="", rule="hard-to-grid")
    (hop,) = done(decide(ticket(), said, NOW)).hops
    assert (hop.sequence, hop.route, hop.from_unit, hop.to_unit) == (4, Route.UP, HERE, ABOVE)
    assert (hop.rule, hop.actor, hop.at) == ("hard-to-grid", None, NOW)
    assert hop.due_at == NOW + timedelta(days=2)


def test_a_meeting_or_a_whistle_keeps_the_unit_that_leads():
    for verb in (TicketVerb.TABLE, TicketVerb.DELIBERATE, TicketVerb.JOIN):
        decision = done(decide(ticket(), command(verb, to=None), NOW))
        assert decision.state.handler_unit_id == HERE


def test_units_called_together_are_hops_of_their_own():
    said = command(TicketVerb.JOIN, to=None, joined=(UP, Target(HELPER, "desk")))
    decision = done(decide(ticket(), said, NOW))
    assert [(h.sequence, h.to_unit) for h in decision.hops] == [(4, HERE), (5, ABOVE), (6, HELPER)]
    assert (decision.state.handler_unit_id, decision.state.hop_sequence) == (HERE, 6)


def test_a_ruling_binds_until_another_unit_has_it():
    ruled = done(decide(ticket(TicketStatus.DISPUTED), command(TicketVerb.RULE), NOW))
    assert ruled.hops[0].route is Route.ACROSS
    assert TicketVerb.DISPUTE not in allowed_verbs(ruled.state)
    assert refused(decide(ruled.state, command(TicketVerb.DISPUTE), NOW)) == "NOT_RETURNABLE"
    signed = done(decide(ruled.state, command(TicketVerb.SIGN), NOW)).state
    assert refused(decide(signed, command(TicketVerb.RETURN), NOW)) == "NOT_RETURNABLE"
    tabled = done(decide(signed, command(TicketVerb.TABLE, to=None), NOW)).state
    assert not tabled.returnable
    top = Target(HELPER, "street")
    climbed = done(decide(signed, command(TicketVerb.ESCALATE, to=top), NOW)).state
    assert climbed.returnable


def test_a_ruling_that_confirms_the_handler_moves_nothing_across():
    ruled = done(decide(ticket(TicketStatus.DISPUTED), command(TicketVerb.RULE, to=None), NOW))
    assert (ruled.hops[0].route, ruled.state.handler_unit_id) == (Route.DISPATCH, HERE)
    assert not ruled.state.returnable


def test_what_went_up_can_come_back_down():
    up = done(decide(ticket(), command(TicketVerb.ESCALATE), NOW)).state
    signed = done(decide(up, command(TicketVerb.SIGN), NOW)).state
    down = done(decide(signed, command(TicketVerb.RETURN, to=Target(HERE, "grid")), NOW))
    assert (down.hops[0].route, down.state.handler_unit_id) == (Route.DOWN, HERE)


def test_a_report_starts_both_clocks_with_the_unit_it_reached():
    decision = done(report(NEW, NOW))
    assert (decision.state.status, decision.state.handler_unit_id) == ("REPORTED", HERE)
    assert (decision.state.due_at, decision.state.hop_due_at) == (DUE, HOP_DUE)
    assert (decision.state.created_at, decision.state.hop_sequence) == (NOW, 0)
    event = decision.event
    assert (event.verb, event.from_status, event.to_status) == ("REPORT", None, "REPORTED")
    assert (event.note, decision.hops) == (NEW.text, ())


@given(st.lists(st.sampled_from(TicketVerb), max_size=40))
def test_events_chain_whatever_is_tried(verbs):
    """State is what the events say: each starts where the last one ended."""
    decision = done(report(NEW, NOW))
    state, events = decision.state, [decision.event]
    for verb in verbs:
        before = state
        answer = decide(state, command(verb, to=Target(UnitId(uuid.uuid4()), "grid")), NOW)
        if isinstance(answer, Decision):
            state, events = answer.state, [*events, answer.event]
        else:
            assert state is before
    assert all(a.to_status is b.from_status for a, b in pairwise(events))
    assert events[-1].to_status is state.status


@pytest.mark.parametrize("verb", [TicketVerb.TABLE, TicketVerb.DELIBERATE, TicketVerb.JOIN])
def test_a_unit_wins_no_time_by_working_on_it_in_another_way(verb):
    before = ticket(TicketStatus.IN_PROGRESS)
    answer = decide(before, command(verb, to=None), NOW)
    assert isinstance(answer, Decision)
    clock = (before.hop_started_at, before.hop_due_at)
    assert (answer.state.hop_started_at, answer.state.hop_due_at) == clock
    assert answer.hops[0].due_at == before.hop_due_at
    by_rule = decide(before, command(verb, to=None, actor=None, rule="meeting"), NOW)
    assert isinstance(by_rule, Decision)
    assert by_rule.state.hop_started_at == NOW
