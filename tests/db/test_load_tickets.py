"""Boston 311: dates beat flags, what is repaired or refused is told by line."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.load.report import Line, Report
from db.load.tickets import load_tickets
from tests.conftest import SHARED
from tests.domain.places import profile_of

REAL = SHARED / "data" / "tickets_2011h2.csv.gz"
COLUMNS = (
    "id,opened_at,due_at,closed_at,sla,status,outcome,title,department,reason,type,queue,dept_code,"
    "source,address,neighborhood,zip,council_district,ward,precinct,police_district,pwd_district,"
    "lat,lon"
)
GOOD = {
    "id": "7",
    "opened_at": "2011-07-01 08:00:00",
    "due_at": "2011-07-03 08:00:00",
    "closed_at": "2011-07-02 08:00:00",
    "sla": "ONTIME",
    "status": "Closed",
    "outcome": "resolved",
    "title": "Pothole",
    "department": "Public Works",
    "type": "Pothole Repair",
    "queue": "PWDx",
    "source": "Self Service",
    "address": "1 Main St",
    "ward": "5",
    "precinct": "0502A",
}


def write(tmp_path: Path, *changes: dict[str, str]) -> Path:
    """A file of the good row, each time with some columns changed."""
    lines = [COLUMNS]
    for number, change in enumerate(changes):
        row = GOOD | {"id": str(number)} | change
        lines.append(",".join(row.get(name, "") for name in COLUMNS.split(",")))
    file = tmp_path / "tickets.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


async def load(owner, file: Path) -> Report:
    return await load_tickets(owner, file, profile_of("boston"), lambda _: None)


async def content(owner) -> list[tuple[object, ...]]:
    """Everything that was loaded."""
    tables = ("org_unit", "post", "category", "ticket", "ticket_event", "escalation_hop")
    return [
        tuple(row)
        for table in tables
        for row in await owner.fetch(f"SELECT * FROM {table} ORDER BY {table}::text")
    ]


async def test_ids_are_kept_in_capitals(owner, tmp_path):
    """People are asked for them on the telephone."""
    report = await load(owner, write(tmp_path, {"id": "bcs-7"}, {"id": "BCS-7"}))
    assert report.refused == [Line(3, "the id stands on an earlier line")]
    assert await owner.fetchval("SELECT number FROM ticket") == "BCS-7"


async def test_a_request_becomes_a_ticket_with_one_hop(owner, tmp_path):
    report = await load(owner, write(tmp_path, {}))
    assert (report.read, report.loaded, report.repaired, report.refused) == (1, 1, [], [])
    ticket = await owner.fetchrow("SELECT * FROM ticket")
    assert (ticket["status"], ticket["open"], ticket["number"]) == ("CLOSED", False, "0")
    # Boston is four hours behind in summer.
    assert ticket["created_at"] == datetime(2011, 7, 1, 12, tzinfo=UTC)
    assert ticket["closed_at"] == datetime(2011, 7, 2, 12, tzinfo=UTC)
    assert (ticket["body"], ticket["resolution"]) == ("1 Main St; PWDx", "resolved")
    unit = await owner.fetchrow("SELECT * FROM org_unit WHERE id = $1", ticket["unit_id"])
    assert (unit["name"], unit["tree"], unit["path"]) == ("Precinct 0502A", "PLACE", "000000010000")
    hop = await owner.fetchrow("SELECT * FROM escalation_hop")
    assert (hop["route"], hop["to_unit_id"]) == ("DISPATCH", ticket["handler_unit_id"])
    assert hop["left_at"] == ticket["closed_at"]
    verbs = await owner.fetch("SELECT verb FROM ticket_event ORDER BY sequence")
    assert [verb for (verb,) in verbs] == ["REPORT", "DISPATCH", "RESOLVE", "CLOSE"]


async def test_an_open_request_of_the_past_is_not_carried_on_by_the_clock(owner, tmp_path):
    await load(owner, write(tmp_path, {"closed_at": "", "status": "Open", "outcome": ""}))
    ticket = await owner.fetchrow("SELECT * FROM ticket")
    assert (ticket["status"], ticket["open"]) == ("DISPATCHED", True)
    assert ticket["hop_due_at"] == datetime(2011, 7, 8, 12, tzinfo=UTC)
    assert (ticket["next_route"], ticket["next_due_at"]) == (None, None)


@pytest.mark.parametrize(
    ("change", "unit"),
    [
        ({"precinct": ""}, "Ward 5"),
        ({"precinct": "", "ward": "05"}, "Ward 5"),
        ({"precinct": "", "ward": ""}, "Boston"),
    ],
)
async def test_a_need_arises_where_it_is_known_to(owner, tmp_path, change, unit: str):
    await load(owner, write(tmp_path, change))
    found = "SELECT org_unit.name FROM ticket JOIN org_unit ON org_unit.id = unit_id"
    assert await owner.fetchval(found) == unit


@pytest.mark.parametrize(("outcome", "status"), [("duplicate", "MERGED"), ("invalid", "REJECTED")])
async def test_an_outcome_that_is_no_answer(owner, tmp_path, outcome: str, status: str):
    await load(owner, write(tmp_path, {"outcome": outcome}))
    assert await owner.fetchval("SELECT status FROM ticket") == status
    assert await owner.fetchval("SELECT resolved_at FROM ticket") is None


REPAIRED = [
    ({"status": "Open"}, "the status is Open against closed_at; the date decides", "CLOSED"),
    ({"closed_at": ""}, "the status is Closed against closed_at; the date decides", "DISPATCHED"),
    ({"status": "?"}, "the status is neither Open nor Closed; the dates decide", "CLOSED"),
    ({"sla": "OVERDUE"}, "the sla flag is OVERDUE against the dates; the dates decide", "CLOSED"),
    (
        {"sla": ""},
        "the sla flag is missing though there is a deadline; the dates decide",
        "CLOSED",
    ),
    (
        {"due_at": "2011-07-01 00:00:00", "sla": ""},
        "due before it was opened; kept without a deadline",
        "CLOSED",
    ),
    ({"source": "Pigeon"}, "the source is unknown; taken as APP", "CLOSED"),
    ({"precinct": "12"}, "the precinct is not four digits; only the ward taken", "CLOSED"),
    ({"ward": "6"}, "the ward is not the precinct's; the precinct decides", "CLOSED"),
    ({"ward": "V", "precinct": ""}, "the ward is not a number; left open", "CLOSED"),
]


@pytest.mark.parametrize(("change", "reason", "status"), REPAIRED)
async def test_what_can_be_put_right_is(owner, tmp_path, change, reason: str, status: str):
    report = await load(owner, write(tmp_path, {}, change))
    assert report.repaired == [Line(3, reason)]
    assert (report.loaded, report.refused) == (2, [])
    assert await owner.fetchval("SELECT status FROM ticket WHERE number = '1'") == status


REFUSED = [
    ({"closed_at": "2011-06-30 08:00:00"}, "closed before it was opened"),
    ({"opened_at": ""}, "opened_at is empty"),
    ({"opened_at": "yesterday"}, "opened_at is not a time"),
    ({"opened_at": "0001-01-01 00:00:00"}, "opened_at is not a time"),
    ({"closed_at": "2011-13-01 08:00:00"}, "closed_at is not a time"),
    ({"department": ""}, "department is empty"),
    ({"type": " "}, "type is empty"),
    ({"id": "0"}, "the id stands on an earlier line"),
    ({"title": "x" * 501}, "a field is longer than 500 letters"),
    ({"title": "a,b"}, "25 fields instead of 24"),
]


@pytest.mark.parametrize(("change", "reason"), REFUSED)
async def test_what_cannot_be_is_refused(owner, tmp_path, change, reason: str):
    report = await load(owner, write(tmp_path, {}, change))
    assert report.refused == [Line(3, reason)]
    assert (report.read, report.loaded, report.unchanged) == (2, 1, 0)


async def test_in_the_hour_that_comes_twice_nothing_closes_before_it_opens(owner, tmp_path):
    change = {"opened_at": "2011-11-06 01:50:00", "closed_at": "2011-11-06 01:10:00", "due_at": ""}
    report = await load(owner, write(tmp_path, change))
    assert (len(report.repaired), report.refused) == (2, [])
    took = await owner.fetchval("SELECT closed_at - created_at FROM ticket")
    assert took.total_seconds() == 20 * 60


async def test_a_rerun_changes_nothing_and_a_longer_file_adds(owner, tmp_path):
    await load(owner, write(tmp_path, {}, {"closed_at": "", "status": "Open"}))
    before = await content(owner)
    again = await load(owner, write(tmp_path, {}, {"closed_at": "", "status": "Open"}))
    assert (again.loaded, again.unchanged) == (0, 2)
    assert await content(owner) == before
    new = {"department": "Arts", "ward": "1", "precinct": "0101"}
    longer = await load(owner, write(tmp_path, {}, {}, new))
    assert (longer.loaded, longer.unchanged) == (1, 2)
    assert await owner.fetchval("SELECT count(DISTINCT path) FROM org_unit") == 7


async def test_a_known_number_of_another_time_is_refused(owner, tmp_path):
    await load(owner, write(tmp_path, {}))
    report = await load(owner, write(tmp_path, {"opened_at": "2011-07-01 09:00:00"}))
    assert report.refused == [Line(2, "the number is another ticket's, opened at another time")]


@pytest.mark.skipif(not REAL.exists(), reason=f"no {REAL}")
async def test_the_real_file_broken_midway_and_run_again(owner):
    reached = asyncio.Event()
    profile = profile_of("boston")
    broken = asyncio.create_task(load_tickets(owner, REAL, profile, lambda _: reached.set()))
    await reached.wait()
    broken.cancel()
    with pytest.raises(asyncio.CancelledError):
        await broken
    assert await owner.fetchval("SELECT count(*) FROM ticket") == 0
    report = await load(owner, REAL)
    assert (report.read, report.loaded, report.refused) == (58_251, 58_251, [])
    assert len(report.repaired) == 176
    assert await owner.fetchval("SELECT count(*) FROM ticket WHERE open") == 3_681
    before = await owner.fetchval(COUNTS)
    again = await load(owner, REAL)
    assert (again.loaded, again.unchanged) == (0, 58_251)
    assert await owner.fetchval(COUNTS) == before


COUNTS = """
SELECT ARRAY[(SELECT count(*) FROM org_unit), (SELECT count(*) FROM ticket),
    (SELECT count(*) FROM ticket_event), (SELECT count(*) FROM escalation_hop)]
"""
