"""The administrative divisions: a file of `code,parent_code,level,name` into the table.

`path` is the significant part of each ancestor's code and of its own, each ended by a slash:
`11/1101/110101/110101001/` for 110101001000. Prefix is ancestry, whatever levels are skipped
and whatever code the parent has.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from db.load.copy import Owner, affected, counted, stream
from db.load.report import Progress, Report
from db.load.source import rows
from domain.terms import DivisionLevel

COLUMNS = ("code", "parent_code", "level", "name")
LEVELS = tuple(DivisionLevel)
SIGNIFICANT = (2, 4, 6, 9, 12)
"""Digits of a code that count, at each level; zeros follow."""
CODE = re.compile(r"[0-9]{12}")


async def load_divisions(connection: Owner, file: Path, progress: Progress) -> Report:
    """Load new and changed divisions, all or none; what the file does not name stays."""
    report = Report()
    async with connection.transaction():
        await connection.execute(STAGE)
        records = counted(_records(file, report), progress)
        await stream(connection, "new_division", ("line", "depth", *COLUMNS, "own"), records)
        await connection.execute("ANALYZE new_division")
        await _refuse(connection, report, DUPLICATES)
        loaded = 0
        for depth in range(len(LEVELS)):
            loaded += affected(await connection.execute(PLACE, depth, LEVELS[:depth]))
            # The next level joins to this one: the planner must know how large it has become.
            await connection.execute("ANALYZE division")
        await _refuse(connection, report, MISPLACED)
        report.settle(loaded)
        await connection.execute("DROP TABLE new_division")
    await connection.execute("ANALYZE division")
    return report


def _records(file: Path, report: Report) -> Iterator[tuple[Any, ...]]:
    """The rows that are right by themselves, with line, depth and significant part."""
    for line, row in rows(file, COLUMNS, report):
        code, parent, name = row["code"], row["parent_code"] or None, row["name"].strip()
        if reason := _wrong(code, parent, row["level"], name):
            report.refuse(line, reason)
            continue
        depth = int(row["level"]) - 1
        yield line, depth, code, parent, LEVELS[depth].value, name, code[: SIGNIFICANT[depth]]


def _wrong(code: str, parent: str | None, level: str, name: str) -> str | None:
    """Why a row cannot be a division, if it cannot."""
    if not CODE.fullmatch(code):
        return "the code is not 12 digits"
    if level not in ("1", "2", "3", "4", "5"):
        return "the level is not 1 to 5"
    if code[SIGNIFICANT[int(level) - 1] :].strip("0"):
        return "the code has more digits than its level"
    if (parent is None) != (level == "1"):
        return "a province has no parent and every other division has one"
    return None if name else "the name is empty"


async def _refuse(connection: Owner, report: Report, found: str) -> None:
    """Take the rows that a statement removes from the staging table as refused."""
    for line, reason in await connection.fetch(found):
        report.refuse(line, reason)


STAGE = """
CREATE TEMPORARY TABLE new_division (
    line integer, depth integer, code text COLLATE "C", parent_code text COLLATE "C",
    level text, name text, own text COLLATE "C"
) ON COMMIT DROP
"""

# The first line of a code stands.
DUPLICATES = """
WITH doubled AS (
    SELECT line, row_number() OVER (PARTITION BY code ORDER BY line) AS nth FROM new_division
)
DELETE FROM new_division USING doubled
WHERE new_division.line = doubled.line AND nth > 1
RETURNING new_division.line, 'the code stands on an earlier line'
"""

# One level at a time, top first, so that parents are there whatever the order of the file.
PLACE = """
INSERT INTO division (code, parent_code, level, name, path)
SELECT new.code, new.parent_code, new.level, new.name, concat(parent.path, new.own, '/')
FROM new_division AS new LEFT JOIN division AS parent ON parent.code = new.parent_code
WHERE new.depth = $1 AND (
    new.parent_code IS NULL
    OR parent.level = ANY ($2::text[])
)
ON CONFLICT (code) DO UPDATE
SET parent_code = excluded.parent_code, level = excluded.level, name = excluded.name,
    path = excluded.path
WHERE (division.parent_code, division.level, division.name, division.path)
    IS DISTINCT FROM (excluded.parent_code, excluded.level, excluded.name, excluded.path)
"""

MISPLACED = """
SELECT new.line, CASE
    WHEN parent.code IS NULL THEN 'the parent is unknown'
    ELSE 'the parent is not of a higher level'
END
FROM new_division AS new
LEFT JOIN division AS parent ON parent.code = new.parent_code
LEFT JOIN division AS placed ON placed.code = new.code
    AND placed.parent_code IS NOT DISTINCT FROM new.parent_code AND placed.level = new.level
WHERE placed.code IS NULL
ORDER BY new.line
"""
