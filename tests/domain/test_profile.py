"""The profiles of the eight places: they parse, and say what the articles say."""

import csv
import re
from datetime import UTC, datetime
from itertools import product
from uuid import UUID

import pytest

from domain.escalation import STAYS, UnitStep, next_hop
from domain.ids import UnitId
from domain.profile import (
    DEADLINE_HOURS,
    Deadline,
    Duty,
    Every,
    Profile,
    SelectionStage,
)
from domain.profile_parse import parse_profile
from domain.terms import (
    CLOSED_STATUSES,
    LevelKind,
    RoleKind,
    Route,
    Severity,
    TicketStatus,
    TreeKind,
)
from tests.domain.places import EIGHT, FOLDER, SIX, load, profile_of

LEVELS = {
    "hejiang": ["街道党工委", "社区党委", "小区党支部", "楼栋党小组"],
    "weibin": ["区级网格", "镇街网格", "社区网格", "基础网格"],
    "xinmao": ["社区", "网格", "楼栋", "楼道"],
    "nanling": [
        "社区",
        "网格",
        "楼栋",
        "单元",
        "社区党委",
        "网格党支部",
        "楼栋党小组",
        "党员中心户",
    ],
    "bailong": ["街道党工委", "社区党总支部", "网格党小组", "楼栋"],
    "huazhou": ["社区党支部", "网格党小组", "楼栋党员中心户", "共驻共建单位"],
    "boston": ["City of Boston", "Department", "Ward", "Precinct"],
    "incidents": ["Service desk", "Assignment group"],
}


ARTICLES = {
    "hejiang": "000",
    "weibin": "001a",
    "xinmao": "001b",
    "nanling": "002",
    "bailong": "003",
    "huazhou": "004",
}
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BY_A_PERSON = (
    TicketStatus.RESOLVED,
    TicketStatus.VERIFIED,
    TicketStatus.EXPLAINED,
    TicketStatus.FOLLOWED_UP,
)


@pytest.mark.parametrize("name", EIGHT)
def test_a_profile_parses_and_bears_the_name_of_its_file(name: str):
    profile = profile_of(name)
    assert profile.slug == name
    assert [level.name for level in profile.levels] == LEVELS[name]
    assert profile == profile_of(name)


def test_places_differ_in_name_and_number_prefix():
    profiles = [profile_of(name) for name in EIGHT]
    assert len({profile.number_prefix for profile in profiles}) == len(EIGHT)
    assert len({profile.name for profile in profiles}) == len(EIGHT)


@pytest.mark.parametrize("name", EIGHT)
def test_every_part_names_its_source(name: str):
    profile = profile_of(name)
    parts = (
        *profile.levels,
        *profile.roles,
        *profile.categories,
        *profile.rules,
        *profile.cadences,
        *profile.selection,
        *profile.weights,
    )
    assert [part for part in parts if not part.source] == []


@pytest.mark.parametrize("name", SIX)
def test_a_place_of_the_articles_quotes_its_article(name: str):
    """What is not quoted says openly that it is ours."""
    profile = profile_of(name)
    article = profile.source.split()[0]
    quoting = (*profile.levels, *profile.roles, *profile.categories, *profile.rules)
    for part in (*quoting, *profile.cadences, *profile.selection, *profile.weights):
        assert part.source.startswith((f"{article}: ", "ours: ")), part


@pytest.mark.parametrize("name", SIX)
def test_every_rule_of_time_can_be_traced(name: str):
    """To the article of the place by its number, with the words it rests on, or it says: ours."""
    profile = profile_of(name)
    article = ARTICLES[name]
    assert profile.source.startswith(f"{article} ")
    for rule in profile.rules:
        assert re.fullmatch(rf"({article}|ours): .{{4,}}", rule.source), rule


@pytest.mark.parametrize("name", EIGHT)
def test_nothing_is_ever_skipped(name: str):
    """Whatever it is and wherever it stands: it goes on by itself unless there is a reason."""
    profile = profile_of(name)
    levels = profile.tree(profile.handling_tree)
    for level, status, severity in product(levels, TicketStatus, Severity):
        way = [UnitStep(UnitId(UUID(int=d)), levels[d - 1].code) for d in range(level.depth, 0, -1)]
        ahead = next_hop(
            profile, way, status=status, severity=severity, category="", hop_started_at=NOW
        )
        cell = (level.code, status, severity)
        if why := _why_still(profile, status):
            assert ahead is None, (cell, why)
        elif level.depth > 1:
            assert ahead is not None, cell
        else:
            # Above the top there is nothing: at most it is talked over there.
            assert ahead is None or (ahead.to_level == level.code and ahead.route in STAYS), cell


def _why_still(profile: Profile, status: TicketStatus) -> str | None:
    """The reason for which a clock may stand still, if there is one."""
    if status in CLOSED_STATUSES:
        return "closed"
    if status in BY_A_PERSON:
        return "solved or explained: only a person can check it, ask the resident, or file it"
    if status in profile.pauses:
        return "the profile pauses it"
    return None


@pytest.mark.parametrize("name", EIGHT)
def test_a_matter_can_leave_every_level_but_the_top(name: str):
    profile = profile_of(name)
    for level, severity in product(profile.tree(profile.handling_tree)[1:], Severity):
        rules = [r for r in profile.rules if level.code in r.levels and severity in r.severities]
        assert [rule for rule in rules if not rule.categories], (level.code, severity)


def test_depth_is_the_place_in_the_tree():
    nanling = profile_of("nanling")
    assert [level.depth for level in nanling.levels] == [1, 2, 3, 4, 1, 2, 3, 4]
    assert [level.code for level in nanling.tree(TreeKind.PARTY)] == [
        "committee", "branch", "group", "hub",
    ]  # fmt: skip


def test_parts_are_found_by_code():
    weibin = profile_of("weibin")
    assert weibin.level("grid").kind is LevelKind.GRID
    assert weibin.role("shop_chief").kind is RoleKind.SHOP_CHIEF
    assert weibin.category("structure").severity is Severity.HARD
    with pytest.raises(KeyError):
        weibin.level("street")


def test_the_three_routes_of_weibin():
    """小事社区及时办, 社区办不了的镇街部门联合办, 意见不统一的商量办 (article 001)."""
    rules = {rule.code: rule for rule in profile_of("weibin").rules}
    assert rules["grid_minor"].route is Route.UP
    assert (rules["community_joint"].route, rules["community_joint"].to_level) == (
        Route.JOINT,
        "town",
    )
    assert rules["community_council"].route is Route.DELIBERATION


def test_the_monthly_meeting_of_hejiang():
    """不能够及时解决的问题，在月工作例会上进行分析、研判、解决 (article 000)."""
    hejiang = profile_of("hejiang")
    rule = next(each for each in hejiang.rules if each.code == "monthly_meeting")
    assert (rule.levels, rule.route, rule.to_level) == (("community",), Route.MEETING, None)
    meeting = next(each for each in hejiang.cadences if each.what is Duty.MEETING)
    assert meeting.every is Every.MONTH


def test_small_things_stay_in_the_building_in_bailong():
    """小事不出楼栋、难事不出网格、大事不出社区 (article 003): each stays longest at its own level."""
    hours: dict[tuple[str, Severity], int] = {}
    for rule in profile_of("bailong").rules:
        if not rule.categories:
            hours |= dict.fromkeys(product(rule.levels, rule.severities), rule.after_hours)
    assert hours["building", Severity.MINOR] > hours["building", Severity.HARD]
    assert hours["grid", Severity.HARD] > hours["grid", Severity.MAJOR]
    assert hours["community", Severity.MAJOR] > hours["community", Severity.KEY_PROBLEM]


def test_duties_that_the_articles_count():
    quotas = {
        (name, cadence.code): (cadence.every.value, cadence.quota, cadence.unit)
        for name in SIX
        for cadence in profile_of(name).cadences
    }
    assert quotas["hejiang", "daily_contact"][:2] == ("DAY", 1)
    assert quotas["hejiang", "weekly_visit"][:2] == ("WEEK", 1)
    assert quotas["xinmao", "daily_hour"] == ("DAY", 1, "小时")
    assert quotas["xinmao", "weekly_households"] == ("WEEK", 10, "户")
    assert quotas["bailong", "two_days"] == ("WEEK", 2, "天")
    assert quotas["huazhou", "monthly_visit"][:2] == ("MONTH", 1)


def test_weights_and_selection():
    assert [w.percent for w in profile_of("xinmao").weights] == [70, 30]
    assert [step.stage for step in profile_of("hejiang").selection] == list(SelectionStage)
    assert [step.name for step in profile_of("bailong").selection] == ["推荐", "意愿", "评选"]


def test_default_deadlines():
    assert DEADLINE_HOURS == {
        Deadline.DANGER: 2, Deadline.UTILITY: 24, Deadline.ORDINARY: 168, Deadline.COMPLEX: 360,
    }  # fmt: skip
    assert profile_of("weibin").category("heating").hours == 24
    assert profile_of("huazhou").category("snow").hours == 12


def test_a_seventh_place_needs_a_file_only():
    data = load("weibin")
    del data["demo"]
    data |= {"slug": "seventh", "levels": data["levels"][1:], "number_prefix": "SV"}
    data["rules"] = [r for r in data["rules"] if r.get("to_level") != "district"]
    data["roles"] = [r for r in data["roles"] if r["level"] != "district"]
    assert parse_profile(data, "seventh.toml").level("town").depth == 1


def test_divisions_hold_every_code_that_a_place_refers_to_with_its_ancestors():
    with (FOLDER / "divisions.csv").open(encoding="utf-8") as file:
        parents = {row["code"]: row["parent_code"] for row in csv.DictReader(file)}
    assert all(not parent or parent in parents for parent in parents.values())
    for name in SIX:
        data = load(name)
        units = data["demo"]["units"]
        codes = {
            data["division"],
            *(code for entry in units for code in entry.get("divisions", ())),
        }
        assert codes - {""} <= set(parents)
