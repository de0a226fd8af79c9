"""A pytest plugin: what the tests marked `trust` came to, kept for docs/trust.md.

pytest -m trust -p bench.trust_plugin
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "bench" / "results" / "tests.json"


class Kept:
    """Outcomes by test, its parameters taken together."""

    def __init__(self) -> None:
        self._tests: dict[str, dict[str, Any]] = {}

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Any:
        """Note how each part of a marked test ended."""
        report: pytest.TestReport = (yield).get_result()
        rows = sorted({row for mark in item.iter_markers("trust") for row in mark.args})
        if rows and (report.when == "call" or report.outcome != "passed"):
            self._note(item.nodeid.partition("[")[0], rows, report)

    def _note(self, test: str, rows: list[int], report: pytest.TestReport) -> None:
        empty = {"rows": rows, "passed": 0, "failed": 0, "skipped": 0, "figures": []}
        entry = self._tests.setdefault(test, empty)
        entry[report.outcome] += 1
        entry["figures"] += [str(v) for name, v in report.user_properties if name == "figure"]

    def pytest_sessionfinish(self) -> None:
        """Write them down by their names, beside what earlier runs of other tests came to."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        kept = {name: each for name, each in _earlier().items() if _there(name)}
        kept |= {name: {"at": at, **each} for name, each in self._tests.items()}
        tests = [{"test": name, **each} for name, each in sorted(kept.items())]
        TESTS.parent.mkdir(exist_ok=True)
        TESTS.write_text(json.dumps(tests, indent=1, ensure_ascii=False) + "\n")


def _earlier() -> dict[str, dict[str, Any]]:
    tests = json.loads(TESTS.read_text()) if TESTS.exists() else []
    return {each.pop("test"): each for each in tests}


def _there(test: str) -> bool:
    """Whether a test of an earlier run is still there."""
    file, _, name = test.partition("::")
    path = ROOT / file
    return path.exists() and f"def {name.rpartition('::')[2]}(" in path.read_text()


def pytest_configure(config: pytest.Config) -> None:
    """Take part."""
    config.pluginmanager.register(Kept(), "trust")
