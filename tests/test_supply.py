"""What is installed: pinned with its hashes, from wherever one's index is, and not too old."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from bench.licences import licences

ROOT = Path(__file__).parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(
    r"^([a-z0-9-]+)==([^ ;]+)(?: ;[^\\]*)? \\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", re.M
)

SAFE = {"graphql-core": "3.3.1", "starlette": "1.6", "strawberry-graphql": "0.327.2"}
"""Before these: a leak of memory, no bound on bodies, limits got round by WebSocket."""


def locked(name: str) -> dict[str, Version]:
    return {found[1]: Version(found[2]) for found in PIN.finditer((ROOT / name).read_text())}


def asked() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [each for extra in project["optional-dependencies"].values() for each in extra]
    return [Requirement(each) for each in (*project["dependencies"], *extras)]


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_locked_is_pinned_with_its_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "".join(found[0] for found in PIN.finditer(text)) == text
    assert "://" not in text
    assert not re.search(r"^--?(?!hash)[a-z]", text, re.M)


def test_the_server_is_developed_with_what_it_runs_on() -> None:
    runtime, development = map(locked, LOCKS)
    assert runtime.items() <= development.items()


def test_each_dependency_has_a_floor_that_its_lock_is_above() -> None:
    known = locked("requirements-dev.lock")
    for each in asked():
        assert [spec.operator for spec in each.specifier] == [">="], each
        assert known[each.name] in each.specifier, each


def test_no_floor_is_below_what_is_safe() -> None:
    floors = {each.name: next(iter(each.specifier)).version for each in asked()}
    for name, least in SAFE.items():
        assert Version(floors[name]) >= Version(least), name


COPYLEFT = re.compile(r"\bA?GPL|General Public", re.I)


def test_nothing_that_is_served_with_binds_its_user_to_a_copyleft() -> None:
    found = licences(ROOT / "requirements.lock")
    assert len(found) > 40
    assert "not said" not in found.values()
    assert not {name: said for name, said in found.items() if COPYLEFT.search(said)}
