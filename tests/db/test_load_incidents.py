"""The incident log: reassignments become hops, states become statuses, dirt is told by line."""

import asyncio
from pathlib import Path

import pytest

from db.load.incidents import load_incidents
from db.load.report import Line, Report
from tests.conftest import SHARED
from tests.domain.places import profile_of

REAL = SHARED / "data" / "incident_events.csv.gz"
COLUMNS = (
    "number,seq,state,active,reassignment_count,reopen_count,sys_mod_count,made_sla,caller_id,"
    "opened_by,opened_at,updated_by,updated_at,contact_type,location,subcategory,symptom,impact,"
    "urgency,priority,assignment_group,assigned_to,closed_code,resolved_by,resolved_at,closed_at"
)
FIRST = {
    "number": "001",
    "state": "New",
    "active": "true",
    "reassignment_count": "0",
    "reopen_count": "0",
    "caller_id": "9",
    "opened_at": "2016-03-01 08:00",
    "updated_by": "1",
    "updated_at": "2016-03-01 09:00",
    "contact_type": "Phone",
    "location": "4",
    "subcategory": "17",
    "symptom": "5",
    "impact": "2",
    "urgency": "2",
    "priority": "2",
    "assignment_group": "56",
    "closed_code": "6",
}


def write(tmp_path: Path, *changes: dict[str, str]) -> Path:
    """A log: each row is the one before with some columns changed, and an hour later."""
    lines, row = [COLUMNS], FIRST
    for hour, change in enumerate(changes, 9):
        row = row | {"updated_at": f"2016-03-01 {hour:02}:00"} | change
        lines.append(",".join(row.get(name, "") for name in COLUMNS.split(",")))
    file = tmp_path / "incidents.csv"
    file.write_text("\n".join(lines) + "\n")
    return file


async def load(owner, file: Path) -> Report:
    return await load_incidents(owner, file, profile_of("incidents"), lambda _: None)


async def story(owner) -> list[str]:
    """The verbs in order, with the statuses they lead to."""
    found = await owner.fetch("SELECT verb, to_status FROM ticket_event ORDER BY sequence")
    return [f"{verb} {status}" for verb, status in found]


async def hops(owner) -> list[str]:
    found = await owner.fetch(
        "SELECT route, name FROM escalation_hop JOIN org_unit ON id = to_unit_id ORDER BY sequence"
    )
    return [f"{route} {name}" for route, name in found]


CLOSED = {"state": "Closed", "active": "false"}


async def test_a_plain_ticket(owner, tmp_path):
    report = await load(
        owner, write(tmp_path, {}, {"state": "Active"}, {"state": "Resolved"}, CLOSED)
    )
    assert (report.read, report.loaded, report.repaired, report.refused) == (4, 4, [], [])
    assert await story(owner) == [
        "REPORT REPORTED", "DISPATCH DISPATCHED", "SIGN IN_PROGRESS", "RESOLVE RESOLVED",
        "CLOSE CLOSED",
    ]  # fmt: skip
    assert await hops(owner) == ["DISPATCH Group 56"]
    ticket = await owner.fetchrow("SELECT * FROM ticket")
    assert (ticket["status"], ticket["severity"], ticket["channel"]) == (
        "CLOSED",
        "MAJOR",
        "HOTLINE",
    )
    reporter = await owner.fetchval("SELECT name FROM person WHERE id = $1", ticket["reporter_id"])
    assert reporter == "Caller 9"


async def test_every_reassignment_is_a_hop_and_no_group_means_the_desk(owner, tmp_path):
    to_7 = {"assignment_group": "7", "reassignment_count": "1"}
    to_desk = {"assignment_group": "", "reassignment_count": "2"}
    to_8 = {"assignment_group": "8", "reassignment_count": "3", "state": "Active"}
    await load(owner, write(tmp_path, {}, to_7, to_desk, to_8))
    assert await hops(owner) == [
        "DISPATCH Group 56", "ACROSS Group 7", "ACROSS Service desk", "ACROSS Group 8",
    ]  # fmt: skip
    ticket = await owner.fetchrow("SELECT * FROM ticket")
    assert (ticket["status"], ticket["hops"]) == ("IN_PROGRESS", 4)
    assert (ticket["next_route"], ticket["next_rule"]) == (None, None)
    left = await owner.fetch("SELECT left_at, at FROM escalation_hop ORDER BY sequence")
    assert [row["left_at"] for row in left] == [*(row["at"] for row in left[1:]), None]


async def test_waiting_and_reopening(owner, tmp_path):
    again = {"state": "Active", "reopen_count": "1"}
    waits = ({"state": "Awaiting Vendor"}, {"state": "Awaiting User Info"}, {"state": "Active"})
    await load(owner, write(tmp_path, {}, *waits, {"state": "Resolved"}, again))
    assert (await story(owner))[2:] == [
        "EXTEND EXTENDED", "EXTEND EXTENDED", "RESUME IN_PROGRESS", "RESOLVE RESOLVED",
        "REOPEN REOPENED", "SIGN IN_PROGRESS",
    ]  # fmt: skip
    ticket = await owner.fetchrow("SELECT * FROM ticket")
    assert (ticket["resolved_at"], ticket["closed_at"]) == (None, None)


REPAIRED = [
    ({"state": "-100"}, "there is no state -100; the one before stands"),
    ({"active": "false"}, "the active flag is against the state; the state decides"),
    ({"reassignment_count": "1"}, "reassigned to the group that has it; a hop to itself"),
    (
        {"assignment_group": "3"},
        "the group changes without being counted; taken as a hop",
    ),
    (
        {"updated_at": "2016-03-01 08:30"},
        "the time runs backwards; taken as the time of the row before",
    ),
]


@pytest.mark.parametrize(("change", "reason"), REPAIRED)
async def test_what_can_be_put_right_is(owner, tmp_path, change, reason: str):
    report = await load(owner, write(tmp_path, {}, change))
    assert report.repaired == [Line(3, reason)]
    assert (report.loaded, report.refused) == (2, [])
    times = await owner.fetch("SELECT at FROM ticket_event ORDER BY sequence")
    assert times == sorted(times)


async def test_a_change_before_the_opening(owner, tmp_path):
    report = await load(owner, write(tmp_path, {"updated_at": "2016-02-29 09:00"}))
    assert report.repaired == [Line(2, "changed before it was opened; taken as when it was opened")]
    assert await owner.fetchval("SELECT count(DISTINCT at) FROM ticket_event") == 1


REFUSED = [
    ({"updated_at": "soon"}, "a time or a count is not one"),
    ({"updated_at": "0001-01-01 00:00"}, "a time or a count is not one"),
    ({"reassignment_count": "many"}, "a time or a count is not one"),
    ({"number": " "}, "the number is empty"),
    ({"symptom": "x" * 501}, "a field is longer than 500 letters"),
    ({"symptom": "1,2"}, "27 fields instead of 26"),
]


@pytest.mark.parametrize(("change", "reason"), REFUSED)
async def test_what_cannot_be_is_refused(owner, tmp_path, change, reason: str):
    report = await load(owner, write(tmp_path, {}, change))
    assert report.refused == [Line(3, reason)]
    assert (report.read, report.loaded, report.unchanged) == (2, 1, 0)


async def test_rows_of_a_ticket_must_stand_together(owner, tmp_path):
    report = await load(owner, write(tmp_path, {}, {"number": "002"}, {"number": "001"}))
    assert report.refused == [Line(4, "the ticket's rows are not together")]
    assert (report.read, report.loaded) == (3, 2)


async def test_numbers_are_kept_in_capitals(owner, tmp_path):
    await load(owner, write(tmp_path, {"number": "inc07"}, {"number": "INC07"}))
    assert [*await owner.fetchrow("SELECT min(number), count(*) FROM ticket")] == ["INC07", 1]


async def test_a_rerun_changes_nothing(owner, tmp_path):
    file = write(tmp_path, {}, {"state": "Active"}, {"number": "002"})
    await load(owner, file)
    before = await owner.fetch("SELECT * FROM ticket_event ORDER BY id")
    report = await load(owner, file)
    assert (report.read, report.loaded, report.unchanged) == (3, 0, 3)
    assert await owner.fetch("SELECT * FROM ticket_event ORDER BY id") == before


@pytest.mark.skipif(not REAL.exists(), reason=f"no {REAL}")
async def test_the_real_log_broken_midway_and_run_again(owner):
    reached = asyncio.Event()
    profile = profile_of("incidents")
    broken = asyncio.create_task(load_incidents(owner, REAL, profile, lambda _: reached.set()))
    await reached.wait()
    broken.cancel()
    with pytest.raises(asyncio.CancelledError):
        await broken
    assert await owner.fetchval("SELECT count(*) FROM ticket") == 0
    report = await load(owner, REAL)
    assert (report.read, report.loaded, report.refused) == (141_712, 141_712, [])
    assert [line.number for line in report.repaired if "-100" in line.reason] == [
        115_643, 115_644, 124_509, 124_510, 124_511,
    ]  # fmt: skip
    backwards = [line.number for line in report.repaired if "backwards" in line.reason]
    assert backwards == [360, 361]
    assert await owner.fetchval("SELECT count(*) FROM ticket") == 24_918
    # The first hop and 27 reassignments.
    assert await owner.fetchval("SELECT max(hops) FROM ticket") == 28
    again = await load(owner, REAL)
    assert (again.loaded, again.unchanged) == (0, 141_712)
