"""The places of `localities/`, read once for the tests."""

import copy
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from domain.demo import Demo, Names, PlannedPerson, PlannedPost, PlannedUnit
from domain.demo_parse import parse_demo, parse_names
from domain.demo_plan import plan_people, plan_posts, plan_units
from domain.profile import Problem, Profile, ProfileError
from domain.profile_parse import parse_profile

FOLDER = Path(__file__).parents[2] / "localities"
SIX = ("hejiang", "weibin", "xinmao", "nanling", "bailong", "huazhou")
EIGHT = (*SIX, "boston", "incidents")


class Place(NamedTuple):
    """One place, parsed and planned."""

    profile: Profile
    demo: Demo
    units: list[PlannedUnit]
    posts: list[PlannedPost]
    people: list[PlannedPerson]


@cache
def _text(name: str) -> str:
    return (FOLDER / f"{name}.toml").read_text(encoding="utf-8")


def load(name: str) -> dict[str, Any]:
    """A fresh copy of a file's tables, to be spoilt at will."""
    return copy.deepcopy(tomllib.loads(_text(name)))


def names() -> Names:
    return parse_names(load("names"), "names.toml")


def profile_of(name: str) -> Profile:
    return parse_profile(load(name), f"{name}.toml")


@cache
def place(name: str) -> Place:
    profile = profile_of(name)
    demo = parse_demo(load(name), profile, f"{name}.toml")
    assert demo is not None
    units = plan_units(demo, profile)
    posts = plan_posts(demo, profile, units)
    return Place(profile, demo, units, posts, plan_people(demo, profile, units, posts, names()))


def refused(data: dict[str, Any], demo_of: Profile | None = None) -> list[tuple[str, str]]:
    """Key and reason of each problem for which a file called `x.toml` is refused."""
    with pytest.raises(ProfileError) as caught:
        if demo_of:
            parse_demo(data, demo_of, "x.toml")
        else:
            parse_profile(data, "x.toml")
    assert {problem.file for problem in caught.value.problems} == {"x.toml"}
    assert str(caught.value).splitlines() == [str(each) for each in caught.value.problems]
    return [_pair(problem) for problem in caught.value.problems]


def _pair(problem: Problem) -> tuple[str, str]:
    return problem.key, problem.reason


def put(data: Any, path: str, value: object) -> None:
    """Set a value deep in the tables: `rules.0.levels`."""
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in way:
        data = data[key]
    data[last] = value
