"""Divisions: dirt is refused by line, a rerun changes nothing, a broken load leaves nothing."""

import asyncio
import gzip
from pathlib import Path

import pytest

from db.load.divisions import load_divisions
from db.load.report import Line, Report
from db.load.source import SourceError
from tests.conftest import SHARED

REAL = SHARED / "data" / "divisions.csv.gz"
CLEAN = """code,parent_code,level,name
440000000000,,1,广东省
441900000000,440000000000,2,东莞市
441900003000,441900000000,4,东城街道
441900003001,441900003000,5,岗贝社区
"""


def quiet(_: int) -> None:
    """Nobody watches."""


async def load(owner, tmp_path: Path, text: str) -> Report:
    file = tmp_path / "divisions.csv"
    file.write_text(text, encoding="utf-8")
    return await load_divisions(owner, file, quiet)


async def rows(owner) -> list[tuple[str, ...]]:
    found = await owner.fetch("SELECT code, parent_code, level, name, path FROM division")
    return sorted(map(tuple, found))


async def test_a_path_is_the_line_of_ancestors_even_where_a_level_is_skipped(owner, tmp_path):
    report = await load(owner, tmp_path, CLEAN)
    assert (report.read, report.loaded, report.refused) == (4, 4, [])
    paths = {code: path for code, _, _, _, path in await rows(owner)}
    assert paths == {
        "440000000000": "44/",
        "441900000000": "44/4419/",
        "441900003000": "44/4419/441900003/",
        "441900003001": "44/4419/441900003/441900003001/",
    }


async def test_the_order_of_the_file_does_not_matter(owner, tmp_path):
    head, *lines = CLEAN.splitlines()
    report = await load(owner, tmp_path, "\n".join([head, *reversed(lines)]))
    assert (report.loaded, report.refused) == (4, [])


async def test_a_packed_file_is_read_like_a_plain_one(owner, tmp_path):
    file = tmp_path / "d.csv.gz"
    file.write_bytes(gzip.compress(CLEAN.encode()))
    assert (await load_divisions(owner, file, quiet)).loaded == 4


DIRT = {
    "44190000400,441900000000,4,短": "the code is not 12 digits",
    "44190000400a,441900000000,4,字母": "the code is not 12 digits",
    "441900004000,441900000000,6,六级": "the level is not 1 to 5",
    "441900004000,441900000000,x,无级": "the level is not 1 to 5",
    "441900004001,441900000000,4,多位": "the code has more digits than its level",
    "441900004000,,4,无上级": "a province has no parent and every other division has one",
    "450000000000,440000000000,1,有上级": "a province has no parent and every other division has one",
    "441900004000,441900000000,4, ": "the name is empty",
    "441900004000,449900000000,4,上级不明": "the parent is unknown",
    "441900003000,441900000000,4,重复": "the code stands on an earlier line",
    "441900000000,441900003000,2,倒挂": "the code stands on an earlier line",
    "442000000000,441900000000,2,同级": "the parent is not of a higher level",
    "441900004000,441900000000,4": "3 fields instead of 4",
    "": "0 fields instead of 4",
    "441900004000,441900000000,4,a\0b": "not UTF-8 text",
    f"441900004000,441900000000,4,{'长' * 501}": "a field is longer than 500 letters",
}


@pytest.mark.parametrize("line", DIRT, ids=range(len(DIRT)))
async def test_a_bad_row_is_refused_by_line_and_the_rest_loaded(owner, tmp_path, line: str):
    report = await load(owner, tmp_path, f"{CLEAN}{line}\n")
    assert report.refused == [Line(6, DIRT[line])]
    assert (report.read, report.loaded, report.unchanged) == (5, 4, 0)
    assert len(await rows(owner)) == 4


async def test_bytes_that_are_not_utf8_are_refused(owner, tmp_path):
    file = tmp_path / "d.csv"
    file.write_bytes(CLEAN.encode() + "441900004000,441900000000,4,东城\n".encode("gbk"))
    report = await load_divisions(owner, file, quiet)
    assert report.refused == [Line(6, "not UTF-8 text")]


async def test_below_a_refused_division_nothing_hangs(owner, tmp_path):
    text = CLEAN + "46,,1,海南\n460100000000,460000000000,2,海口\n460101000000,460100000000,3,区\n"
    report = await load(owner, tmp_path, text)
    assert [line.number for line in report.refused] == [6, 7, 8]


async def test_another_file_is_refused_whole(owner, tmp_path):
    with pytest.raises(SourceError, match="no column parent_code, level"):
        await load(owner, tmp_path, "code,name\n")


async def test_a_rerun_changes_nothing_and_a_renamed_division_is_renamed(owner, tmp_path):
    await load(owner, tmp_path, CLEAN)
    before = await rows(owner)
    again = await load(owner, tmp_path, CLEAN)
    assert (again.read, again.loaded, again.unchanged) == (4, 0, 4)
    assert await rows(owner) == before
    renamed = await load(owner, tmp_path, CLEAN.replace("岗贝", "东泰"))
    assert (renamed.loaded, renamed.unchanged) == (1, 3)


async def test_the_report_counts_each_reason(owner, tmp_path):
    text = CLEAN + "1,,1,甲\n2,,1,乙\n441900004000,449900000000,4,丙\n"
    assert (await load(owner, tmp_path, text)).text() == (
        "7 read: 4 loaded, 0 unchanged, 3 refused, 0 repaired\n"
        "  refused 2: the code is not 12 digits (lines 6, 7)\n"
        "  refused 1: the parent is unknown (line 8)"
    )


@pytest.mark.skipif(not REAL.exists(), reason=f"no {REAL}")
async def test_the_real_file_broken_midway_and_run_again(owner):
    reached = asyncio.Event()

    def watch(done: int) -> None:
        if done >= 300_000:
            reached.set()

    broken = asyncio.create_task(load_divisions(owner, REAL, watch))
    await reached.wait()
    broken.cancel()
    with pytest.raises(asyncio.CancelledError):
        await broken
    assert await owner.fetchval("SELECT count(*) FROM division") == 0
    report = await load_divisions(owner, REAL, quiet)
    assert (report.read, report.loaded, report.refused) == (663_128, 663_128, [])
    # 77 townships hang directly under a city.
    skipped = """
        SELECT count(*) FROM division JOIN division AS parent ON parent.code = division.parent_code
        WHERE division.level = 'TOWNSHIP' AND parent.level = 'PREFECTURE'
    """
    assert await owner.fetchval(skipped) == 77
    line = "44/4419/%"
    below = await owner.fetchval("SELECT count(*) FROM division WHERE path LIKE $1", line)
    assert below == await owner.fetchval(BELOW, "441900000000")
    again = await load_divisions(owner, REAL, quiet)
    assert (again.loaded, again.unchanged) == (0, 663_128)


BELOW = """
WITH RECURSIVE below AS (
    SELECT code FROM division WHERE code = $1
    UNION ALL SELECT division.code FROM division JOIN below ON parent_code = below.code
) SELECT count(*) FROM below
"""
