"""`make trust`: docs/trust.md, from the tests marked `trust` and from what the benches recorded.

`python -m bench.trust` runs those tests first; with `--as-kept` it only writes the page anew.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.price_table import PRICES, table
from bench.report import Entry, results
from bench.trust_plugin import TESTS
from bench.trust_rows import PARTS, Promise

PAGE = Path(__file__).parents[1] / "docs" / "trust.md"
NOT_SHOWN = "**not shown**"

OPENING = """\
# What may be attacked or break, and what is true then

This page is made by `make trust` from the tests that carry `@pytest.mark.trust(ROW)` and from what
the commands named here recorded (`bench/results/`). A figure is what was reached in the last run on
the machine named below, on a real PostgreSQL on loopback; a row that nothing shows says so.
K is the number of requests a second beyond which waiting grows.
"""
HEAD = "| # | may be attacked or break | must be true | reached | shown by |\n|--:|---|---|---|---|"


@dataclass(frozen=True)
class Shown:
    """Everything that speaks for a row, or against it."""

    tests: list[dict[str, Any]]
    entries: list[Entry]

    def reached(self) -> str:
        """The figures, and whether they suffice; what does not hold is said first."""
        broken = [f"**does not hold**: `{t['test']}` fails" for t in self.tests if t["failed"]]
        broken += [f"**does not hold**: {e.figure}" for e in self.entries if not e.ok]
        good = [e.figure for e in self.entries if e.ok]
        good += [figure for t in self.tests for figure in t["figures"] if not t["failed"]]
        if not good and any(t["passed"] and not t["failed"] for t in self.tests):
            good = ["holds"]
        return "<br>".join(map(_cell, [*broken, *dict.fromkeys(good)])) or NOT_SHOWN

    def by(self) -> str:
        """Commands and tests."""
        commands = dict.fromkeys(f"`{each.command}`" for each in self.entries)
        return "<br>".join([*commands, *(f"`{t['test']}`" for t in self.tests)])


def tested() -> list[dict[str, Any]]:
    """What the marked tests came to when each was run last."""
    return json.loads(TESTS.read_text()) if TESTS.exists() else []


def shown() -> dict[int, Shown]:
    """What speaks for each row."""
    tests = [each for each in tested() if each["passed"] or each["failed"]]
    entries = results()
    return {
        row.number: Shown(
            [each for each in tests if row.number in each["rows"]],
            [each for each in entries if each.row == row.number],
        )
        for part in PARTS.values()
        for row in part
    }


def page() -> str:
    """The whole page."""
    found = shown()
    parts = [
        f"## {title}\n\n{HEAD}\n" + "\n".join(_line(row, found[row.number]) for row in rows)
        for title, rows in PARTS.items()
    ]
    return "\n\n".join([OPENING.strip(), *parts, _price(), _machines()]) + "\n"


def _line(row: Promise, found: Shown) -> str:
    cells = (row.number, _cell(row.threat), _cell(row.promise), found.reached(), found.by())
    return f"| {' | '.join(map(str, cells))} |"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _price() -> str:
    kept = json.loads(PRICES.read_text()) if PRICES.exists() else None
    return f"## What the walls and limits cost\n\n{table(kept) if kept else NOT_SHOWN}"


def _machines() -> str:
    """When and on what each command was run last."""
    last = {(each.command, each.at, _words(each.machine)): None for each in results()}
    lines = [f"- `{command}`: {at}, on {machine}" for command, at, machine in last]
    if ran := sorted(each["at"] for each in tested()):
        lines.insert(0, f"- the tests: {ran[0]} to {ran[-1]}")
    return "## When, and on what\n\n" + "\n".join(lines)


def _words(machine: dict[str, Any]) -> str:
    load = "/".join(map(str, machine["load"]))
    versions = {k: v for k, v in machine.items() if k not in ("cores", "system", "load")}
    said = ", ".join(f"{name} {value}" for name, value in versions.items())
    return f"{machine['cores']} cores ({machine['system']}), load {load}; {said}"


def run_tests(words: list[str]) -> int:
    """The marked tests, their outcomes kept."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "trust", "-p", "bench.trust_plugin"]
    return subprocess.run([*command, *words], check=False).returncode


def main() -> int:
    """Run the tests unless told not to, then write the page; 1 if something does not hold."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--as-kept", action="store_true", help="run no test")
    given, words = asked.parse_known_args()
    failed = 0 if given.as_kept else run_tests(words)
    PAGE.write_text(page())
    told = [each.reached() for each in shown().values()]
    missing, broken = told.count(NOT_SHOWN), sum("does not hold" in each for each in told)
    print(f"{PAGE}: {len(told)} rows, {missing} not shown, {broken} that do not hold")
    return 1 if failed or broken else 0


if __name__ == "__main__":
    sys.exit(main())
