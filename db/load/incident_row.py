"""One row of the incident log, and the rows of one ticket brought into order."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from db.load.report import Report
from db.load.source import local_time, rows
from domain.terms import TicketStatus

COLUMNS = (
    *("number", "seq", "state", "active", "reassignment_count", "reopen_count", "caller_id"),
    *("opened_at", "updated_by", "updated_at", "contact_type", "location", "subcategory"),
    *("symptom", "impact", "urgency", "priority", "assignment_group", "closed_code"),
)

STATES = {
    "New": TicketStatus.DISPATCHED,
    "Active": TicketStatus.IN_PROGRESS,
    "Awaiting User Info": TicketStatus.EXTENDED,
    "Awaiting Vendor": TicketStatus.EXTENDED,
    "Awaiting Problem": TicketStatus.EXTENDED,
    "Awaiting Evidence": TicketStatus.EXTENDED,
    "Resolved": TicketStatus.RESOLVED,
    "Closed": TicketStatus.CLOSED,
}
"""The log's states as ours; a new one nobody was given yet is still REPORTED."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the log: the ticket as it stood after somebody changed it."""

    line: int
    number: str
    state: str | None
    """None where the log has no known state."""
    moves: int
    reopened: int
    opened_at: datetime
    at: datetime
    by: str
    group: str
    row: dict[str, str]


def tickets(file: Path, zone: ZoneInfo, report: Report) -> Iterator[list[Entry]]:
    """The entries of one ticket after another, in the order of the log, their times rising."""
    seen: set[str] = set()
    for number, found in groupby(_entries(file, zone, report), key=lambda entry: entry.number):
        entries = list(found)
        if number in seen:
            for entry in entries:
                report.refuse(entry.line, "the ticket's rows are not together")
            continue
        seen.add(number)
        _check_moves(entries, report)
        yield _risen(entries, report)


def _check_moves(entries: list[Entry], report: Report) -> None:
    """Where the count of reassignments and the group disagree, both are taken as a move."""
    for before, entry in pairwise(entries):
        counted, changed = entry.moves > before.moves, entry.group != before.group
        if counted and not changed:
            report.repair(entry.line, "reassigned to the group that has it; a hop to itself")
        if changed and not counted:
            report.repair(entry.line, "the group changes without being counted; taken as a hop")


def _entries(file: Path, zone: ZoneInfo, report: Report) -> Iterator[Entry]:
    for line, row in rows(file, COLUMNS, report):
        try:
            entry = _entry(line, row, zone)
        except ValueError:
            report.refuse(line, "a time or a count is not one")
            continue
        if not entry.number:
            report.refuse(line, "the number is empty")
            continue
        if entry.state is None:
            report.repair(line, f"there is no state {row['state'][:20]}; the one before stands")
        elif (row["active"] == "false") != (entry.state == "Closed"):
            report.repair(line, "the active flag is against the state; the state decides")
        yield entry


def _entry(line: int, row: dict[str, str], zone: ZoneInfo) -> Entry:
    return Entry(
        line=line,
        number=row["number"].strip().upper(),
        state=row["state"] if row["state"] in STATES else None,
        moves=int(row["reassignment_count"]),
        reopened=int(row["reopen_count"]),
        opened_at=local_time(row["opened_at"], zone),
        at=local_time(row["updated_at"], zone),
        by=row["updated_by"],
        group=row["assignment_group"],
        row=row,
    )


def _risen(entries: list[Entry], report: Report) -> list[Entry]:
    """The entries with no time before the opening, nor before the entry above."""
    risen: list[Entry] = []
    latest, why = entries[0].opened_at, "changed before it was opened; taken as when it was opened"
    for entry in entries:
        if entry.at < latest:
            report.repair(entry.line, why)
        at = max(latest, entry.at)
        if at > latest:
            latest, why = at, "the time runs backwards; taken as the time of the row before"
        risen.append(replace(entry, at=at))
    return risen
