"""A wrong profile is refused whole, with every problem, its exact key and a useful reason."""

from typing import Any

import pytest

from domain.profile import ProfileError
from domain.profile_parse import parse_profile
from tests.domain.places import load, put, refused

LEVELS = "district, town, community, grid"
SEVERITIES = "MINOR, HARD, MAJOR, KEY_PROBLEM, DIVIDED"


@pytest.fixture
def weibin() -> dict[str, Any]:
    return load("weibin")


def test_all_problems_are_found_at_once(weibin: dict[str, Any]):
    weibin["slug"] = "Wei Bin"
    weibin["colour"] = "red"
    weibin["rules"][3]["severities"][0] = "MAJER"
    weibin["roles"][0]["kind"] = "grid_chief"
    del weibin["categories"][2]["name"]
    reasons = dict(refused(weibin))
    assert list(reasons) == [
        "slug", "roles[0].kind", "categories[2].name", "rules[3].severities[0]", "colour",
    ]  # fmt: skip
    assert reasons["rules[3].severities[0]"] == (
        f"unknown value 'MAJER'; did you mean 'MAJOR'?; allowed: {SEVERITIES}"
    )
    assert reasons["slug"] == (
        "must be 2 to 32 lower-case letters, digits and underscores, not 'Wei Bin'"
    )
    assert "did you mean 'GRID_CHIEF'?" in reasons["roles[0].kind"]
    assert reasons["categories[2].name"] == "is missing; must be a text"
    assert reasons["colour"].startswith("unknown key")


def test_problems_print_as_file_key_reason(weibin: dict[str, Any]):
    weibin["number_prefix"] = "toolong"
    with pytest.raises(ProfileError) as caught:
        parse_profile(weibin, "weibin.toml")
    assert str(caught.value) == (
        "weibin.toml: number_prefix: must be 2 to 4 upper-case letters, not 'toolong'"
    )


def test_an_unknown_key_is_an_error_and_the_nearest_is_named(weibin: dict[str, Any]):
    weibin["rules"][0]["after_hour"] = 3
    ((key, reason),) = refused(weibin)
    assert key == "rules[0].after_hour"
    assert reason.startswith("unknown key; did you mean 'after_hours'?; allowed: code, levels")


@pytest.mark.parametrize(
    ("path", "value", "key", "reason"),
    [
        ("name", "", "name", "must not be empty"),
        ("name", 7, "name", "must be a text, not 7"),
        ("division", "610302", "division", "must be 12 digits, not '610302'"),
        ("working_hours_only", "no", "working_hours_only", "must be true or false, not 'no'"),
        ("levels", [], "levels", "must have at least 1"),
        ("levels", "grid", "levels", "must be a list of tables, not 'grid'"),
        ("rules.0", "up", "rules[0]", "must be a table, not 'up'"),
        (
            "rules.0.after_hours",
            0,
            "rules[0].after_hours",
            "must be a whole number, 1 or more, not 0",
        ),
        (
            "rules.0.after_hours",
            True,
            "rules[0].after_hours",
            "must be a whole number, 1 or more, not True",
        ),
        ("rules.0.severities", [], "rules[0].severities", "must name at least 1"),
        ("roles.1.duties", [3], "roles[1].duties[0]", "must be a text, not 3"),
        (
            "categories.0.hours",
            5,
            "categories[0].hours",
            "give either hours or deadline, not both",
        ),
        (
            "cadences.0.quota",
            -1,
            "cadences[0].quota",
            "must be a whole number, 1 or more, not -1",
        ),
    ],
)
def test_a_value_of_the_wrong_form(
    weibin: dict[str, Any], path: str, value: object, key: str, reason: str
):
    put(weibin, path, value)
    assert (key, reason) in refused(weibin)


@pytest.mark.parametrize(
    ("path", "value", "key", "reason"),
    [
        (
            "time_zone",
            "Asia/Shangai",
            "time_zone",
            "no time zone 'Asia/Shangai'; did you mean 'Asia/Shanghai'?",
        ),
        ("handling_tree", "PARTY", "handling_tree", "no level is in the tree PARTY"),
        ("levels.1.code", "grid", "levels[3].code", "'grid' is already levels[1].code"),
        (
            "roles.3.level",
            "comunity",
            "roles[3].level",
            f"no level 'comunity'; did you mean 'community'?; allowed: {LEVELS}",
        ),
        (
            "rules.0.levels",
            ["grids"],
            "rules[0].levels[0]",
            f"no level 'grids'; did you mean 'grid'?; allowed: {LEVELS}",
        ),
        (
            "rules.0.to_level",
            "province",
            "rules[0].to_level",
            f"no level 'province'; allowed: {LEVELS}",
        ),
        (
            "rules.0.to_level",
            "grid",
            "rules[0].to_level",
            "'grid' is not above 'grid'; above it: district, town, community",
        ),
        (
            "rules.0.route",
            "DOWN",
            "rules[0].route",
            "a rule cannot send DOWN; allowed: UP, JOINT, DELIBERATION, MEETING",
        ),
        (
            "cadences.0.roles",
            ["mayor"],
            "cadences[0].roles[0]",
            "no role 'mayor'; allowed: "
            "district_chief, town_chief, community_secretary, community_chief, street_chief, "
            "shop_chief, grid_chief, building_chief, grid_worker, party_group_leader, "
            "property_manager",
        ),
        ("weights.0.percent", 60, "weights", "the percentages must sum to 100, not 110"),
    ],
)
def test_parts_that_contradict_one_another(
    weibin: dict[str, Any], path: str, value: object, key: str, reason: str
):
    put(weibin, path, value)
    assert (key, reason) in refused(weibin)


def test_a_rule_that_sends_up_says_where_to(weibin: dict[str, Any]):
    del weibin["rules"][0]["to_level"]
    assert refused(weibin) == [
        ("rules[0].to_level", "is missing; a rule that sends UP must say to which level")
    ]


def test_a_rule_stays_in_its_tree():
    nanling = load("nanling")
    put(nanling, "rules.0.to_level", "branch")
    assert refused(nanling) == [
        ("rules[0].to_level", "'branch' is in tree PARTY, 'stairwell' in GRID")
    ]


def test_every_severity_finds_a_way_out_of_every_level(weibin: dict[str, Any]):
    put(weibin, "rules.0.severities", ["MINOR"])
    assert refused(weibin) == [
        ("rules", "none for level 'grid' and severity DIVIDED; a matter there could never leave")
    ]


def test_a_rule_for_some_categories_leaves_a_gap(weibin: dict[str, Any]):
    put(weibin, "rules.0.categories", ["yard"])
    reason = "none for level 'grid' and severity MINOR, DIVIDED; a matter there could never leave"
    assert refused(weibin) == [("rules", reason)]


def test_two_rules_for_the_same_matter(weibin: dict[str, Any]):
    put(weibin, "rules.1.severities", ["HARD", "MAJOR", "KEY_PROBLEM", "DIVIDED"])
    assert refused(weibin) == [
        ("rules[1]", "repeats rules[0] for a DIVIDED matter at level 'grid'")
    ]


def test_selection_keeps_its_order():
    bailong = load("bailong")
    bailong["selection"].reverse()
    assert refused(bailong) == [
        ("selection[1].stage", "VETTED cannot come after SELECTED"),
        ("selection[2].stage", "NOMINATED cannot come after VETTED"),
    ]


def test_a_tree_is_listed_in_one_piece():
    nanling = load("nanling")
    nanling["levels"].insert(1, nanling["levels"].pop())
    assert refused(nanling)[0] == (
        "levels[2].tree",
        "the levels of tree GRID must stand together, top to leaf",
    )


def test_categories_may_come_from_the_data_only_where_the_file_says_so():
    boston = load("boston")
    assert parse_profile(boston, "boston.toml").categories == ()
    del boston["categories_from_data"]
    assert refused(boston) == [("categories", "is missing; must be a list of tables")]
