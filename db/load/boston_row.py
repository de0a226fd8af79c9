"""One row of the Boston 311 file, put right: local times become moments, dates beat flags."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from db.load.report import Report
from db.load.source import local_time, rows
from domain.terms import AppealType, Channel

COLUMNS = (
    *("id", "opened_at", "due_at", "closed_at", "sla", "status", "outcome", "title"),
    *("department", "type", "queue", "source", "address", "neighborhood", "zip"),
    *("ward", "precinct"),
)
ZONE = ZoneInfo("America/New_York")
PRECINCT = re.compile(r"(\d\d)\d\d[A-Z]?")

CHANNELS = {
    "Constituent Call": Channel.HOTLINE,
    "Employee Generated": Channel.PATROL,
    "Self Service": Channel.APP,
    "Citizens Connect App": Channel.APP,
    "Maximo Integration": Channel.APP,
    "Twitter": Channel.APP,
}


class RowError(Exception):
    """The row cannot be a request; the message says why."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as the loader needs it."""

    line: int
    id: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    outcome: str
    title: str
    body: str
    department: str
    type: str
    channel: Channel
    ward: str
    precinct: str

    @property
    def appeal(self) -> AppealType:
        """What was wanted, as far as the type says."""
        if "Complaint" in self.type:
            return AppealType.COMPLAINT
        return AppealType.SUGGESTION if "Comments" in self.type else AppealType.HELP


def requests(file: Path, report: Report) -> Iterator[Request]:
    """Each request of the file; what is repaired or refused goes to the report."""
    seen: set[str] = set()
    for number, row in rows(file, COLUMNS, report):
        reader = _Reader(number, row)
        try:
            request = reader.request()
        except RowError as error:
            report.refuse(number, str(error))
            continue
        if request.id in seen:
            report.refuse(number, "the id stands on an earlier line")
            continue
        seen.add(request.id)
        for reason in reader.repairs:
            report.repair(number, reason)
        yield request


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one row, noting what it repairs."""

    line: int
    row: dict[str, str]
    repairs: list[str] = field(default_factory=list[str])

    def request(self) -> Request:
        """The row as a request."""
        row, opened = self.row, self._moment("opened_at")
        if opened is None:
            raise RowError("opened_at is empty")
        if missing := [name for name in ("id", "department", "type") if not row[name].strip()]:
            raise RowError(f"{missing[0]} is empty")
        closed = self._closed(opened)
        due = self._due(opened)
        self._check_sla(due, closed)
        ward, precinct = self._place()
        return Request(
            line=self.line,
            id=row["id"].strip().upper(),
            opened_at=opened,
            due_at=due,
            closed_at=closed,
            outcome=row["outcome"],
            title=row["title"].strip() or row["type"].strip(),
            body=self._body(),
            department=row["department"].strip(),
            type=" ".join(row["type"].split()),
            channel=self._channel(),
            ward=ward,
            precinct=precinct,
        )

    def _moment(self, column: str, after: datetime | None = None) -> datetime | None:
        """A local time as a moment in UTC; None where the column is empty."""
        text = self.row[column]
        if not text:
            return None
        try:
            local = local_time(text, ZONE)
        except ValueError as error:
            raise RowError(f"{column} is not a time") from error
        first, second = local.astimezone(UTC), local.replace(fold=1).astimezone(UTC)
        if first == second:
            return first
        self.repairs.append(
            f"{column} is in an hour that the clock repeats or skips; taken as it fits"
        )
        return second if after and first < after else first

    def _closed(self, opened: datetime) -> datetime | None:
        """When it was closed; the date decides, whatever the flag says."""
        closed = self._moment("closed_at", opened)
        status = self.row["status"]
        if status not in ("Open", "Closed"):
            self.repairs.append("the status is neither Open nor Closed; the dates decide")
        elif (closed is None) != (status == "Open"):
            self.repairs.append(f"the status is {status} against closed_at; the date decides")
        if closed and closed < opened:
            raise RowError("closed before it was opened")
        return closed

    def _due(self, opened: datetime) -> datetime | None:
        due = self._moment("due_at", opened)
        if due and due < opened:
            self.repairs.append("due before it was opened; kept without a deadline")
            return None
        return due

    def _check_sla(self, due: datetime | None, closed: datetime | None) -> None:
        """The flag is not kept, because the dates say it; where they differ, that is reported."""
        flag = self.row["sla"]
        if due and not flag:
            self.repairs.append(
                "the sla flag is missing though there is a deadline; the dates decide"
            )
        if due and closed and flag and (flag == "OVERDUE") != (closed > due):
            self.repairs.append(f"the sla flag is {flag} against the dates; the dates decide")

    def _place(self) -> tuple[str, str]:
        """Ward and precinct, as far as known."""
        ward, precinct = self.row["ward"].strip(), self.row["precinct"].strip()
        found = PRECINCT.fullmatch(precinct)
        if precinct and not found:
            self.repairs.append("the precinct is not four digits; only the ward taken")
        if ward and not ward.isdecimal():
            self.repairs.append("the ward is not a number; left open")
            ward = ""
        ward = str(int(ward)) if ward else ""
        if found and ward != str(int(found[1])):
            self.repairs.append("the ward is not the precinct's; the precinct decides")
            ward = str(int(found[1]))
        return ward, precinct if found else ""

    def _channel(self) -> Channel:
        source = self.row["source"]
        if source not in CHANNELS:
            self.repairs.append(f"the source is unknown; taken as {Channel.APP.value}")
        return CHANNELS.get(source, Channel.APP)

    def _body(self) -> str:
        """Where it is, and the queue it stood in."""
        row = self.row
        place = ", ".join(
            part for part in (row["address"], row["neighborhood"], row["zip"]) if part
        )
        return "; ".join(part for part in (place, row["queue"]) if part)
