"""What all tests of a run have logged, looked through for what no log may hold."""

import logging
import re
from typing import Any

import pytest

from server.log import JsonFormatter, TextFormatter

CANARY = re.compile(r"canary-|~[a-z_]+\.\d+\.[a-z_]+~", re.IGNORECASE)
"""What tests send, and what the matrix writes into rows, to see where it comes out."""

OURS = ("linli", "uvicorn", "asyncio")
"""Loggers of the server; the others are of the tests' own clients."""


class Canaries(logging.Handler):
    """Keeps each line, as the server would write it, that holds what it may not."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines = 0
        self.found: list[str] = []
        self._forms = JsonFormatter(), TextFormatter()

    def emit(self, record: logging.LogRecord) -> None:
        """Look at one record."""
        if record.name.partition(".")[0] in OURS:
            self.lines += 1
            said = [form.format(record) for form in self._forms]
            self.found += [each for each in said if CANARY.search(each) or "\n" in each]


class Plugin:
    """Fails a run, once it is over, in whose log there was a canary."""

    def __init__(self) -> None:
        self._canaries = Canaries()

    def pytest_sessionstart(self) -> None:
        """Begin to listen."""
        logging.root.addHandler(self._canaries)
        logging.getLogger("linli").setLevel(logging.INFO)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Judge the run."""
        logging.root.removeHandler(self._canaries)
        if self._canaries.found and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was found."""
        found = self._canaries.found
        if found:
            terminalreporter.section("values in the log", red=True)
            for line in found[:10]:
                terminalreporter.line(line)
        terminalreporter.line(f"{self._canaries.lines} lines logged, {len(found)} with a value")
