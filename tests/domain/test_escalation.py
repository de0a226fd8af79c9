"""Which rule fires, where the ticket goes, and who answers there."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from domain.escalation import (
    NextHop,
    PostSeat,
    UnitStep,
    matching_rule,
    next_hop,
    responsible_post,
)
from domain.ids import PersonId, PostId, UnitId
from domain.profile import Level, Profile, Rule
from domain.terms import Capacity, LevelKind, Route, Severity, TicketStatus, TicketVerb, TreeKind

NOW = datetime(2026, 3, 6, 10, 0, tzinfo=UTC)  # a Friday
LEVELS = ("street", "community", "grid", "building")


def rule(code: str, **changes: object) -> Rule:
    base = Rule(
        code=code,
        levels=("grid",),
        severities=(Severity.HARD,),
        categories=(),
        route=Route.UP,
        to_level="community",
        after_hours=48,
        text="难事不出网格",
        source="003",
    )
    return replace(base, **changes)


def profile(*rules: Rule, working_hours_only: bool = False) -> Profile:
    return Profile(
        slug="test",
        name="测试",
        division=None,
        time_zone="Asia/Shanghai",
        number_prefix="T",
        source="003",
        working_hours_only=working_hours_only,
        handling_tree=TreeKind.GRID,
        levels=tuple(
            Level(code, code, LevelKind.GRID, TreeKind.GRID, depth)
            for depth, code in enumerate(LEVELS, 1)
        ),
        roles=(),
        categories=(),
        rules=rules,
    )


def unit(level: str) -> UnitId:
    return UnitId(uuid.uuid5(uuid.NAMESPACE_OID, level))


def chain(*levels: str) -> tuple[UnitStep, ...]:
    """From the handler upward."""
    return tuple(UnitStep(unit(level), level) for level in levels)


WHOLE = chain("building", "grid", "community", "street")


def ahead(
    place: Profile, steps: tuple[UnitStep, ...], status: TicketStatus = TicketStatus.IN_PROGRESS
) -> NextHop | None:
    return next_hop(
        place, steps, status=status, severity=Severity.HARD, category="drain", hop_started_at=NOW
    )


def reached(place: Profile, steps: tuple[UnitStep, ...], **more: TicketStatus) -> tuple[str, str]:
    hop = ahead(place, steps, **more)
    assert hop is not None
    assert hop.to_unit == unit(hop.to_level)
    return hop.route.value, hop.to_level


def test_a_rule_that_names_the_category_wins_wherever_it_stands():
    general, special = rule("general"), rule("special", categories=("drain",))
    for rules in ((general, special), (special, general)):
        assert matching_rule(rules, "grid", Severity.HARD, "drain") is special
        assert matching_rule(rules, "grid", Severity.HARD, "noise") is general


def test_then_the_order_of_the_file_decides():
    first, second = rule("first"), rule("second")
    assert matching_rule((first, second), "grid", Severity.HARD, "drain") is first


@pytest.mark.parametrize(
    ("level", "severity", "category"),
    [
        ("building", Severity.HARD, "drain"),
        ("grid", Severity.MINOR, "drain"),
        ("grid", Severity.HARD, "noise"),
    ],
)
def test_a_rule_for_another_matter_does_not_fire(level, severity, category):
    rules = (rule("drain", categories=("drain",)),)
    assert matching_rule(rules, level, severity, category) is None


def test_it_climbs_to_the_level_that_the_rule_names():
    assert reached(profile(rule("up")), WHOLE[1:]) == ("UP", "community")
    over = rule("over", levels=("building",), to_level="street")
    assert reached(profile(over), WHOLE) == ("UP", "street")


def test_where_that_level_is_missing_the_next_above_it_gets_it():
    assert reached(profile(rule("up")), chain("grid", "street")) == ("UP", "street")
    lowest = rule("up", levels=("building",), to_level="grid")
    assert reached(profile(lowest), chain("building", "community", "street")) == ("UP", "community")


def test_where_nothing_is_above_it_the_topmost_unit_has_the_last_word():
    to_street = rule("up", levels=("building",), to_level="street")
    assert reached(profile(to_street), chain("building", "grid", "community")) == (
        "UP",
        "community",
    )


def test_a_meeting_that_no_unit_above_can_hold_is_held_here():
    to_street = rule("table", levels=("community",), route=Route.MEETING, to_level="street")
    assert reached(profile(to_street), chain("community")) == ("MEETING", "community")


def test_without_a_level_it_goes_to_the_parent():
    assert reached(profile(rule("up", to_level=None)), WHOLE[1:]) == ("UP", "community")


@pytest.mark.parametrize("route", [Route.MEETING, Route.DELIBERATION, Route.JOINT])
def test_a_meeting_stays_with_the_unit_or_goes_to_the_level_named(route):
    stays = rule("stay", route=route, to_level=None)
    assert reached(profile(stays), WHOLE[1:]) == (route, "grid")
    assert reached(profile(replace(stays, to_level="grid")), WHOLE[1:]) == (route, "grid")
    assert reached(profile(replace(stays, to_level="street")), WHOLE[1:]) == (route, "street")


def test_a_meeting_that_never_met_sends_it_up():
    tabled = rule("table", route=Route.MEETING, to_level=None)
    assert reached(profile(tabled), WHOLE[1:], status=TicketStatus.TABLED) == ("UP", "community")


def test_a_report_that_nobody_took_up_goes_to_the_parent_not_to_a_meeting():
    tabled = rule("table", route=Route.MEETING, to_level="street")
    assert reached(profile(tabled), WHOLE[1:], status=TicketStatus.REPORTED) == ("UP", "community")


def test_at_the_top_a_meeting_may_be_called_but_there_is_no_way_up():
    top = chain("street")
    tabled = rule("table", levels=("street",), route=Route.MEETING, to_level=None)
    assert reached(profile(tabled), top) == ("MEETING", "street")
    assert ahead(profile(tabled), top, TicketStatus.TABLED) is None
    assert ahead(profile(rule("up", levels=("street",))), top) is None
    assert ahead(profile(), top) is None
    assert ahead(profile(rule("up")), ()) is None


WAITING = (
    "REPORTED ACCEPTED DISPATCHED DISPUTED IN_PROGRESS JOINT TABLED DELIBERATING EXTENDED REOPENED"
)


@pytest.mark.parametrize("status", TicketStatus)
def test_only_what_still_expects_work_climbs(status):
    hop = ahead(profile(rule("up")), WHOLE[1:], status)
    assert (hop is not None) == (status in WAITING.split())


def test_due_by_the_hop_s_start_and_the_place_s_calendar():
    plain = ahead(profile(rule("up")), WHOLE[1:])
    working = ahead(profile(rule("up"), working_hours_only=True), WHOLE[1:])
    assert plain is not None
    assert working is not None
    assert plain.due_at == NOW + timedelta(days=2)
    assert working.due_at == NOW + timedelta(days=4)


@pytest.mark.parametrize(
    ("route", "verb"),
    [("UP", "ESCALATE"), ("MEETING", "TABLE"), ("DELIBERATION", "DELIBERATE"), ("JOINT", "JOIN")],
)
def test_the_clock_knows_the_verb_of_each_route(route, verb):
    hop = ahead(profile(rule("x", route=Route(route))), WHOLE[1:])
    assert hop is not None
    assert hop.verb is TicketVerb(verb)


HELD = st.sampled_from([TicketStatus(s) for s in WAITING.split()])
ROUTES = st.sampled_from([Route.UP, Route.JOINT, Route.DELIBERATION, Route.MEETING])


@given(st.lists(st.sampled_from(LEVELS), unique=True, min_size=2), HELD, ROUTES, st.data())
def test_below_the_top_a_rule_always_leads_somewhere_and_never_down(levels, status, route, data):
    """Whatever levels a branch lacks: nothing is stuck (DOMAIN §3)."""
    upward = sorted(levels, key=LEVELS.index, reverse=True)
    to_level = data.draw(st.sampled_from([None, *LEVELS[: LEVELS.index(upward[0])]]))
    place = profile(rule("any", levels=(upward[0],), route=route, to_level=to_level))
    hop = ahead(place, chain(*upward), status)
    assert hop is not None
    assert hop.to_level in (upward if hop.route is not Route.UP else upward[1:])


A, B, C = (PersonId(uuid.UUID(int=n)) for n in (1, 2, 3))
POST, PARENT_POST = (PostId(uuid.UUID(int=n)) for n in (21, 22))


@pytest.mark.parametrize(
    ("own", "above", "answers"),
    [
        ((A, B), (C, None), (POST, A, Capacity.HOLDER)),
        ((None, B), (C, None), (POST, B, Capacity.COVER)),
        ((None, None), (C, None), (PARENT_POST, C, Capacity.HOLDER)),
        ((None, None), (None, C), (PARENT_POST, C, Capacity.COVER)),
        ((None, None), (None, None), (POST, None, None)),
    ],
)
def test_a_vacant_post_falls_to_its_cover_then_to_the_parent(own, above, answers):
    seats = (
        PostSeat(unit("grid"), POST, *own),
        PostSeat(unit("community"), PARENT_POST, *above),
    )
    found = responsible_post(seats)
    assert found is not None
    assert (found.post_id, found.person, found.capacity) == answers


def test_without_any_post_nobody_answers():
    assert responsible_post(()) is None
