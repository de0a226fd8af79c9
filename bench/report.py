"""What measurements came to: a line on the screen, and an entry in `bench/results/trust.json`.

docs/trust.md is made of these entries and of the tests (`make trust`).
"""

import fcntl
import json
import os
import platform
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.binaries import find

if TYPE_CHECKING:
    from bench.client import Ledger

RESULTS = Path(__file__).parent / "results" / "trust.json"
LIBRARIES = ("asyncpg", "graphql-core", "starlette", "strawberry-graphql", "uvicorn")


@dataclass(frozen=True)
class Entry:
    """What one run of one command came to for one row of the table of trust."""

    row: int
    part: str
    """Which part of the row, where a command reports several; else empty."""
    figure: str
    ok: bool
    command: str
    at: str
    machine: dict[str, Any]


def record(row: int, figure: str, ok: bool, command: str, part: str = "") -> None:
    """Keep what a measurement came to for a row of docs/trust.md; an earlier run is replaced.

    `figure` is what was reached, in words and numbers that stand alone: "5 K offered for 60 s: 91 %
    of K served, 503 within 31 ms". `ok` is whether the row's promise was met by it. `command` is
    what anybody types to measure it again: "python -m bench.flood". A command that reports several
    things for one row names each `part`.
    """
    at = datetime.now(UTC).isoformat(timespec="seconds")
    made = Entry(row, part, figure, ok, command, at, machine())
    with _kept() as entries:
        same = (row, command, part)
        entries[:] = [e for e in entries if (e["row"], e["command"], e["part"]) != same]
        entries.append(asdict(made))


def results() -> list[Entry]:
    """All that was recorded, by row."""
    return [Entry(**each) for each in _read()]


def machine() -> dict[str, Any]:
    """What it was measured on, and how busy that was with other things."""
    postgres = subprocess.run(
        [find().path("postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    return {
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "load": [round(each, 1) for each in os.getloadavg()],
        "python": platform.python_version(),
        "postgresql": postgres.split()[-1],
        **{name: version(name) for name in LIBRARIES},
    }


def _read() -> list[dict[str, Any]]:
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else []


@contextmanager
def _kept() -> Generator[list[dict[str, Any]]]:
    """The entries, to be changed by one process at a time and written back in order."""
    RESULTS.parent.mkdir(exist_ok=True)
    lock = os.open(RESULTS.parent, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        entries = _read()
        yield entries
        entries.sort(key=lambda each: (each["row"], each["command"], each["part"]))
        draft = RESULTS.with_suffix(".new")
        draft.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n")
        draft.replace(RESULTS)
    finally:
        os.close(lock)


@dataclass(frozen=True)
class Row:
    """One row of the table of faults, done for real."""

    number: int
    did: str
    found: str
    ledger: "Ledger"
    sound: bool

    def text(self) -> str:
        """One line."""
        mark = "holds " if self.sound else "BROKEN"
        return f"{self.number} {mark} {self.figure()}"

    def figure(self) -> str:
        """What was done and what came of it."""
        waited = (
            f"; longest until answered {self.ledger.longest:.1f} s" if self.ledger.longest else ""
        )
        told = f"; answers that were none: {self.ledger.seen()}{waited}"
        return f"{self.did}: {self.found}{told}"
