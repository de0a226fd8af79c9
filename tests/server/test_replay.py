"""`linli replay`: a place's past months under its own profile and under a changed one."""

import os
import re
import subprocess
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from db import replay_store
from db.embedded import Embedded
from db.load.place import load_place
from domain.replay import replay
from server.places import read_place
from tests.conftest import Scratch, make_scratch
from tests.server.process import LINLI, OUTSIDE, ROOT

NOW = datetime(2025, 6, 30, 4, tzinfo=UTC)
START = datetime(2024, 6, 1, tzinfo=UTC)
JUNE = ("--since", "2025-06-01", "--until", "2025-06-30")
BAILONG = ROOT / "localities" / "bailong.toml"


@pytest_asyncio.fixture(scope="module")
async def lived(server: Embedded, template: str) -> AsyncIterator[Scratch]:
    """A database in which 白龙 and 渭滨 have had their year."""
    scratch = await make_scratch(server, template)
    connection = await asyncpg.connect(scratch.owner_dsn)
    for slug in ("bailong", "weibin"):
        profile, demo = read_place(ROOT / "localities" / f"{slug}.toml")
        await load_place(connection, profile, demo, NOW, lambda _rows: None)
    await connection.close()
    yield scratch


@pytest.fixture
def halved(tmp_path: Path) -> Path:
    """白龙's profile with half the hours for every level."""
    return changed(tmp_path, lambda text: re.sub(r"after_hours = (\d+)", half, text))


def half(found: re.Match[str]) -> str:
    return f"after_hours = {max(1, int(found[1]) // 2)}"


def changed(folder: Path, by: Callable[[str], str]) -> Path:
    file = folder / "changed.toml"
    file.write_text(by(BAILONG.read_text("utf-8")), "utf-8")
    return file


def linli(lived: Scratch, *words: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
    env = {**kept, "PYTHONPATH": str(ROOT), "MIGRATE_DATABASE_URL": lived.owner_dsn}
    return subprocess.run(
        [*LINLI, "replay", *words],
        cwd=ROOT,
        env=env,
        text=True,
        capture_output=True,
        timeout=60,
        check=False,
    )


def told(lived: Scratch, *words: str) -> list[str]:
    done = linli(lived, *words)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def refusal(lived: Scratch, *words: str) -> str:
    done = linli(lived, *words)
    assert (done.returncode, done.stdout) == (1, "")
    return done.stderr.rstrip("\n")


def figures(lines: list[str]) -> dict[str, tuple[int, int]]:
    """The rows of two numbers by their names."""
    found = (re.fullmatch(r" *(\S.*?) +(\d+) +(\d+)", line) for line in lines)
    return {row[1]: (int(row[2]), int(row[3])) for row in found if row}


async def test_under_its_own_profile_nothing_differs(lived: Scratch) -> None:
    lines = told(lived, "bailong", "--profile", str(BAILONG), *JUNE)
    assert lines[0] == (
        "bailong: tickets opened, and followed, from 2025-06-01 00:00 to 2025-07-01 00:00"
    )
    rows = figures(lines)
    assert all(one == other for one, other in rows.values())
    assert rows["tickets"][0] > 30
    assert rows["hops"][0] == sum(rows[route][0] for route in rows if route.isupper()) > 30
    assert lines[-1] == "tickets whose chain differs: 0"


async def test_half_the_hours_make_the_clock_act_sooner_and_oftener(
    lived: Scratch, halved: Path
) -> None:
    lines = told(lived, "bailong", "--profile", str(halved), *JUNE)
    rows = figures(lines)
    assert rows["tickets"][0] == rows["tickets"][1]
    for row in ("UP", "overdue, by the clock", "acts not allowed"):
        assert rows[row][0] < rows[row][1]
    at = next(n for n, line in enumerate(lines) if line.startswith("tickets whose chain differs"))
    number = int(lines[at].rsplit(": ")[1])
    listed, more = lines[at + 1 : at + 21], lines[at + 21 :]
    assert number > 20
    assert more == [f"  and {number - 20} more"]
    hop = r"(none|[A-Z]+ to \S+ 2025-0[67]-\d\d \d\d:\d\d \(\w[\w ]*\))"
    assert all(re.fullmatch(rf"  BL-\d+-\d+ hop \d+: {hop} \| {hop}", each) for each in listed)
    assert told(lived, "bailong", "--profile", str(halved), *JUNE) == lines


async def test_each_ticket_starts_under_the_revision_it_was_opened_under(
    lived: Scratch, halved: Path, server: Embedded
) -> None:
    """A profile that is in force by now does not reach back."""
    copy = await make_scratch(server, urlsplit(lived.owner_dsn).path[1:])
    connection = await asyncpg.connect(copy.owner_dsn)
    profile, demo = read_place(halved)
    await load_place(connection, profile, demo, NOW, lambda _rows: None)
    await connection.close()
    before = figures(told(lived, "bailong", "--profile", str(halved), *JUNE))
    assert figures(told(copy, "bailong", "--profile", str(halved), *JUNE)) == before


@pytest.mark.parametrize("slug", ["bailong", "weibin"])
async def test_a_lived_year_is_replayed_as_it_was(lived: Scratch, slug: str) -> None:
    """Hop by hop; only the stories of the articles, told without a clock, outlast their rules."""
    connection = await asyncpg.connect(lived.owner_dsn)
    own = await replay_store.revisions(connection, slug)
    units = await replay_store.units(connection, slug)
    pasts = await replay_store.pasts(connection, slug, START, NOW)
    recorded: dict[object, list[tuple[object, ...]]] = {}
    for row in await connection.fetch(HOPS, slug):
        recorded.setdefault(row["ticket_id"], []).append(tuple(row)[1:])
    await connection.close()
    courses = {past.id: replay(own[past.revision], past, units.ways, NOW) for past in pasts}
    hops = {
        key: [(h.sequence, h.route, h.to_unit, h.rule, h.at, h.due_at) for h in course.hops]
        for key, course in courses.items()
    }
    apart = [key for key in hops if hops[key] != recorded.get(key, [])]
    assert len(courses) > 300
    assert len(apart) == 1
    assert [key for key, course in courses.items() if course.skipped] == apart


HOPS = """
SELECT ticket_id, sequence, route, to_unit_id, rule, at, due_at FROM escalation_hop
WHERE locality_id = $1 ORDER BY ticket_id, sequence
"""


async def test_without_days_it_takes_the_last_thirty(lived: Scratch) -> None:
    lines = told(lived, "bailong", "--profile", str(BAILONG))
    days = re.findall(r"\d{4}-\d\d-\d\d", lines[0])
    first, last = (datetime.fromisoformat(day) for day in days)
    assert (last - first).days == 30
    assert figures(lines)["tickets"] == (0, 0)
    assert "earliest hop" in lines[-3]


async def test_a_profile_of_another_place_is_refused(lived: Scratch) -> None:
    assert refusal(lived, "weibin", "--profile", str(BAILONG)) == (
        f"{BAILONG} is the profile of 'bailong', not of 'weibin'."
    )


async def test_a_place_that_does_not_exist_is_refused(lived: Scratch, tmp_path: Path) -> None:
    other = changed(tmp_path, lambda text: text.replace('slug = "bailong"', 'slug = "nowhere"'))
    said = refusal(lived, "nowhere", "--profile", str(other))
    assert said == "There is no place 'nowhere'."


async def test_a_profile_without_a_level_that_units_have_is_refused(
    lived: Scratch, tmp_path: Path
) -> None:
    """`building` called `block` throughout, and no demo: a good profile, but not of this place."""

    def renamed(text: str) -> str:
        return text.partition("\n[demo]")[0].replace('"building"', '"block"')

    said = refusal(lived, "bailong", "--profile", str(changed(tmp_path, renamed)))
    assert (
        said == f"{tmp_path}/changed.toml lacks levels that the place uses: 'building' (249 units)."
    )


async def test_what_is_no_good_profile_is_refused_with_its_problems(
    lived: Scratch, tmp_path: Path
) -> None:
    bad = changed(tmp_path, lambda text: text.replace("after_hours = ", "after_hours = -", 1))
    assert "after_hours: must be a whole number" in refusal(lived, "bailong", "--profile", str(bad))


@pytest.mark.parametrize(
    "days",
    [("--since", "2025-06-30", "--until", "2025-06-01"), ("--since", "2999-01-01")],
)
async def test_days_that_leave_nothing_between_them_are_refused(
    lived: Scratch, days: tuple[str, ...]
) -> None:
    said = refusal(lived, "bailong", "--profile", str(BAILONG), *days)
    assert said == "The first day must lie before the last one, and not in the future."
