"""Reading a CSV file, packed or plain, a row at a time with its line number."""

import csv
import gzip
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol, TextIO, cast
from zoneinfo import ZoneInfo

from db.load.report import Report

GZIP = b"\x1f\x8b"

NOT_TEXT = re.compile("[\0\ud800-\udfff]")
"""What PostgreSQL does not take for text: NUL, and bytes that were not UTF-8."""


LONGEST = 500
"""Letters in a field: more would not fit an index, and no real field comes near."""

YEARS = range(1970, 2200)
"""What a key can carry (db.load.ids); a clerk's slip lies outside."""


class _Reader(Protocol):
    """What `csv.reader` returns."""

    @property
    def line_num(self) -> int: ...
    def __next__(self) -> list[str]: ...


class SourceError(Exception):
    """The file as a whole is not what the loader reads."""


def rows(
    file: Path, columns: Sequence[str], report: Report
) -> Iterator[tuple[int, dict[str, str]]]:
    """Each row with its line number; counts every row, refuses those that are no row."""
    with _open(file) as stream:
        reader = csv.reader(stream)
        header = next(reader, list[str]())
        if missing := [name for name in columns if name not in header]:
            raise SourceError(f"{file}: no column {', '.join(missing)} in its first line")
        for number, values in _numbered(reader):
            report.read += 1
            if reason := _malformed(values, header):
                report.refuse(number, reason)
            else:
                yield number, dict(zip(header, cast("list[str]", values), strict=True))


def local_time(text: str, zone: ZoneInfo) -> datetime:
    """A local time without zone as the moment it is there; ValueError if it is none."""
    local = datetime.fromisoformat(text)
    if local.tzinfo or local.year not in YEARS:
        raise ValueError("no local time, or not of our age")
    return local.replace(tzinfo=zone)


def _open(file: Path) -> TextIO:
    """The file as text; bytes that are not UTF-8 survive as surrogates, to be refused by row."""
    with file.open("rb") as start:
        packed = start.read(2) == GZIP
    if packed:
        return gzip.open(file, "rt", encoding="utf-8-sig", errors="surrogateescape", newline="")
    return file.open(encoding="utf-8-sig", errors="surrogateescape", newline="")


def _numbered(reader: _Reader) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Each record with the number of its first line; an error stands for the record it broke."""
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, error


def _malformed(values: list[str] | csv.Error, header: list[str]) -> str | None:
    """Why a record is no row of this file, if it is not."""
    if isinstance(values, csv.Error):
        return f"not CSV: {values}"
    if len(values) != len(header):
        return f"{len(values)} fields instead of {len(header)}"
    if max(map(len, values)) > LONGEST:
        return f"a field is longer than {LONGEST} letters"
    if NOT_TEXT.search("".join(values)):
        return "not UTF-8 text"
    return None
