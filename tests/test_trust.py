"""docs/trust.md has every row, and names nothing that is not there."""

import ast
import re
from pathlib import Path

from bench.trust_rows import PARTS, ROWS

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "trust.md"
NAMED = re.compile(r"`(tests/[\w/.]+\.py)::(\w+)`")
RUN = re.compile(r"`python -m (bench[\w.]*)")


def test_each_row_is_on_the_page_once_and_says_what_shows_it() -> None:
    lines = [line for line in PAGE.read_text().splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(line.split("|")[1]) for line in lines] == sorted(ROWS)
    for line in lines:
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        assert len(cells) == 5, line
        assert all(cells[:4]), line
        assert bool(cells[4]) == ("**not shown**" not in cells[3]), line


def test_the_rows_are_numbered_without_a_gap() -> None:
    assert sum(map(len, PARTS.values())) == len(ROWS)
    assert sorted(ROWS) == list(range(1, 54))


def test_each_test_and_command_that_the_page_names_exists() -> None:
    text = PAGE.read_text()
    named = set(NAMED.findall(text))
    assert named
    for file, name in named:
        tree = ast.parse((ROOT / file).read_text())
        functions = (ast.FunctionDef, ast.AsyncFunctionDef)
        found = {node.name for node in ast.walk(tree) if isinstance(node, functions)}
        assert name in found, f"{file}::{name}"
    for module in RUN.findall(text):
        path = ROOT / Path(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


def test_each_marked_test_is_about_a_row() -> None:
    marks = re.compile(r"mark\.trust\(([\d, ]*)\)")
    for file in (ROOT / "tests").rglob("test_*.py"):
        for found in marks.findall(file.read_text()):
            assert {int(each) for each in found.split(",")} <= set(ROWS), file
