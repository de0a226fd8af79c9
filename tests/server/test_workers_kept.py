"""Workers that do not do as they should: given up, or killed."""

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

from server import workers
from server.settings import Settings
from server.workers import MOST_DEATHS, SOON, Workers
from tests.server.process import START, STOP

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers inherit sockets")


def made_of(monkeypatch: pytest.MonkeyPatch, program: str) -> Workers:
    """Two workers that are another program."""
    monkeypatch.setenv("LINLI_WORKERS", "2")
    monkeypatch.setattr(workers, "COMMAND", (sys.executable, "-c", program))
    monkeypatch.setattr(workers, "FIRST_WAIT", 0)
    return Workers(Settings.read(), "", [])


async def test_workers_that_die_at_once_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_of(monkeypatch, "raise SystemExit(7)")
    await made.run()
    assert "ended 5 times within 10 seconds of its start" in str(made.broken)


@pytest.mark.parametrize(
    ("worked", "kept"), [(SOON, True), (SOON - 1, False)], ids=["long enough", "too shortly"]
)
async def test_once_one_has_worked_others_are_begun_however_often(
    monkeypatch: pytest.MonkeyPatch, worked: int, kept: bool
) -> None:
    """The first works for so long; the second, whatever is the matter with it, dies at once."""
    made, begun, now = made_of(monkeypatch, ""), Counter[int](), [0]

    async def live(_workers: Workers, number: int) -> int:
        begun[number] += 1
        if begun[1] == 1 == number:
            now[0] += worked
        if begun[2] > 4 * MOST_DEATHS:
            made.stop()
        return 7

    monkeypatch.setattr(workers, "monotonic", lambda: now[0])
    monkeypatch.setattr(Workers, "_live", live)
    await made.run()
    assert (made.broken is None) == kept
    assert (begun[2] > 4 * MOST_DEATHS) == kept


STUBBORN = """
import signal, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
open(sys.argv[1], "a").write("x")
signal.pause()
"""


@pytest.mark.parametrize("again", [True, False], ids=["told twice", "after a while"])
async def test_one_that_does_not_end_is_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, again: bool
) -> None:
    made = made_of(monkeypatch, STUBBORN)
    (word := tmp_path / "begun").touch()
    command = (*workers.COMMAND, str(word))
    monkeypatch.setattr(workers, "COMMAND", command)
    monkeypatch.setattr(workers, "LONGEST_END", START if again else 0.01)
    running = asyncio.create_task(made.run())
    while word.read_text() != "xx":
        await asyncio.sleep(0.02)
    made.stop()
    if again:
        made.stop()
    async with asyncio.timeout(STOP):
        await running
    assert made.broken is None


def test_points_are_counted_together_where_there_are_several(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (Settings.read().workers, Settings.read().buckets) == (1, "memory")
    assert Settings.read(workers=2).buckets == "database"
    monkeypatch.setenv("LINLI_WORKERS", "3")
    assert (Settings.read().workers, Settings.read().buckets) == (3, "database")
    monkeypatch.setenv("LINLI_BUCKETS", "memory")
    assert Settings.read().buckets == "memory"
