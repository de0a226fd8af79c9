"""Workers that do not do as they should: given up, or killed."""

import asyncio
import sys
from pathlib import Path

import pytest

from server import workers
from server.settings import Settings
from server.workers import Workers
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
