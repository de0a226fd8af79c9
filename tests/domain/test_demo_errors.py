"""A wrong demo is refused whole, with every problem, its exact key and a useful reason."""

from typing import Any

import pytest

from tests.domain.places import load, profile_of, put, refused


@pytest.fixture
def weibin() -> dict[str, Any]:
    return load("weibin")


def test_a_demo_is_refused_with_its_keys(weibin: dict[str, Any]):
    profile = profile_of("weibin")
    put(weibin, "demo.units.0.each", 2)
    put(weibin, "demo.units.0.total", 2)
    put(weibin, "demo.posts.0.role", 5)
    put(weibin, "demo.stories.0.start", "yesterday")
    put(weibin, "demo.stories.0.steps.3.verb", "SIGNED")
    put(weibin, "demo.history.months", 0)
    assert [key for key, _ in refused(weibin, profile)] == [
        "demo.units[0].each",
        "demo.posts[0].role",
        "demo.history.months",
        "demo.stories[0].start",
        "demo.stories[0].steps[3].verb",
    ]


@pytest.mark.parametrize(
    ("path", "value", "key", "reason"),
    [
        ("units.0.divisions", ["61"], "units[0].divisions[0]", "must be 12 digits, not '61'"),
        (
            "units.4.template",
            "{name}",
            "units[4].template",
            "may hold only {parent}, {n} and {i}, not '{name}'",
        ),
        (
            "units.2.under",
            ["姜谭街到"],
            "units[2].under[0]",
            "no unit '姜谭街到'; did you mean '姜谭街道'?",
        ),
        (
            "units.2.total",
            0,
            "units[2].names[0]",
            "'姜谭路西社区' is one name more than there are units",
        ),
        (
            "posts.0.covered",
            1,
            "posts[0].covered",
            "role 'district_chief' has no stand-ins; give it cover = true or leave this out",
        ),
        ("posts.3.vacant", 69, "posts[3].vacant", "must be at most 68, not 69"),
        ("posts.7.party_members", 333, "posts[7].party_members", "must be at most 332, not 333"),
        (
            "posts.8.within",
            ["姜谭路西小区"],
            "posts[8].within[0]",
            "no unit '姜谭路西小区'; did you mean '姜谭路西社区'?",
        ),
        (
            "posts.1.shared_with",
            "grid_chief",
            "posts[1].shared_with",
            "no earlier role 'grid_chief'; did you mean 'district_chief'?; allowed: district_chief",
        ),
        (
            "stories.0.report.unit",
            "宝氮网格",
            "stories[0].report.unit",
            "0 units are called '宝氮网格'",
        ),
        (
            "stories.0.steps.1.unit",
            "姜谭街道",
            "stories[0].steps[1].unit",
            "role 'grid_chief' sits at level 'grid', '姜谭街道' is 'town'",
        ),
        (
            "stories.0.steps.2.to",
            [],
            "stories[0].steps[2].to",
            "ESCALATE needs exactly one unit to send to",
        ),
        (
            "stories.0.steps.1.at",
            "-1h",
            "stories[0].steps[1].at",
            "must not be earlier than the step before",
        ),
        ("stories.0.start", "-1d", "stories[0].start", "the last step would lie in the future"),
        (
            "stories.0.steps.0.verb",
            "ACCEPT",
            "stories[0].steps",
            "the first verb, and no other, must be REPORT",
        ),
        (
            "stories.0.steps.0.service",
            "VISIT",
            "stories[0].steps[0]",
            "give exactly one of verb and service",
        ),
    ],
)
def test_a_demo_that_contradicts_its_profile_or_itself(
    weibin: dict[str, Any], path: str, value: object, key: str, reason: str
):
    put(weibin, f"demo.{path}", value)
    problems = refused(weibin, profile_of("weibin"))
    found = [text for where, text in problems if where == f"demo.{key}"]
    assert len(found) == 1, problems
    assert found[0].startswith(reason)
