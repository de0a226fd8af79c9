"""合江, story 9 (article 000): 不能够及时解决的问题，在月工作例会上进行分析、研判、解决.

「能及时解决的问题及时解决……切实做到事事有回音、件件有着落」「聚焦……留守学生接送难」
"""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio

from db.unit_store import whole_place
from jobs.clock import fire
from tests.api.acting import done, verbs
from tests.api.scene import Scene, hours, name, notes, report
from tests.api.served import Site
from tests.api.telling import changes, now_of

PARENT = "hejiang/荔城社区第2小区第1楼栋党小组/resident"
NEIGHBOUR = "hejiang/荔城社区第2小区第2楼栋党小组/resident"
BUILDING = "hejiang/荔城社区第2小区第1楼栋党小组/building_chief"
GROUP = "hejiang/荔城社区第2小区第1楼栋党小组/party_group_leader"
MEMBER = "hejiang/荔城社区第2小区第1楼栋党小组/dual_member"
GRID = "hejiang/荔城社区第2小区/grid_worker"
ESTATE = "hejiang/荔城社区第2小区/estate_secretary"
SECRETARY = "hejiang/荔城社区/community_secretary"
NEXT_COMMUNITY = "hejiang/符阳街道2号社区/community_secretary"

NEED = {
    "title": "留守学生放学接送难",
    "body": "楼里几户家长外出务工，孩子放学要过两条马路，希望有人接送。",
    "category": "school_run",
    "concern": "HARDSHIP",
    "channel": "RESIDENT_BOOK",
}
RESOLVED = "由“双报到”党员和“老朋友来帮忙”轮流接送"
CALLED = {"title": "荔城社区月工作例会", "duty": "monthly_meeting"}
MEETING = """query($id: ID!) { meeting(id: $id) {
  title duty heldAt agenda { ticket { id } resolution }
} }"""


@pytest_asyncio.fixture
async def quiet(own: Site) -> AsyncIterator[Site]:
    """A place in which nothing is due but what the story brings."""
    await own.owner.execute("UPDATE ticket SET next_due_at = NULL")
    yield own
    assert await own.astray() == []


async def later(need: Scene, days: float) -> Any:
    """So many days later, when the clock has moved what was due; the newest hop."""
    await need.passes(days=days)
    place = await whole_place(need.site.database, "hejiang")
    assert await fire(need.site.database, place) == 1
    assert await fire(need.site.database, place) == 0
    return (await need.seen(PARENT))["escalationChain"][-1]


async def called(site: Site) -> str:
    """The month's work meeting of 荔城社区, called for next week; its id."""
    given = {
        "unitId": await site.unit("hejiang", "荔城社区"),
        **CALLED,
        "at": (datetime.now(UTC) + timedelta(days=7)).isoformat(),
    }
    return (await done(site, "meetingCall", SECRETARY, **given))["id"]


async def climbed(site: Site) -> Scene:
    """The need, which its building and its estate could not meet in time."""
    need = await report(site, PARENT, "荔城社区第2小区第1楼栋党小组", **NEED)
    for stranger in (NEIGHBOUR, NEXT_COMMUNITY, None):
        assert await need.seen(stranger) is None
    assert await need.buttons(PARENT) == ["WITHDRAW"]
    await need.does("Accept", BUILDING, note="情况属实，先请邻居帮忙两天")
    assert await need.buttons(GROUP)
    up = await later(need, days=1)
    assert (up["rule"], up["actor"], up["reason"]) == ("building_minor", None, None)
    assert up["toPost"]["holder"]["name"] == await name(site, ESTATE)
    assert await need.buttons(BUILDING) == await need.buttons(GROUP) == []
    await need.does("Sign", ESTATE)
    await need.serves("VISIT", GRID, "入户了解，多户学生需要接送", duty="weekly_visit")
    assert (await later(need, days=3))["rule"] == "estate_up"
    await need.does("Sign", SECRETARY)
    return need


async def test_the_clock_puts_it_before_the_monthly_meeting_and_the_answer_comes_home(
    quiet: Site,
) -> None:
    need, meeting = await climbed(quiet), await called(quiet)
    await the_clock_tables_it(need, meeting)
    offline = await now_of(quiet, PARENT)
    await resolved(need, meeting)
    await brought_home(need, offline)
    seen = await need.seen(PARENT)
    assert (seen["status"], seen["verdict"]) == ("CLOSED", "SATISFIED")
    estate, secretary = await name(quiet, ESTATE), await name(quiet, SECRETARY)
    assert await need.chain(PARENT) == [
        ("UP", "building_minor", "荔城社区第2小区", "小区党支部书记", estate),
        ("UP", "estate_up", "荔城社区", "社区党委书记", secretary),
        ("MEETING", "monthly_meeting", "荔城社区", "社区党委书记", secretary),
    ]
    (answer,) = (r for r in seen["serviceRecords"]["nodes"] if r["kind"] == "FOLLOW_UP")
    assert answer["recipient"]["name"] == seen["reporter"]["name"] == await name(quiet, PARENT)
    assert notes(seen, "ESCORT") == ["首次集中接送放学学生"]
    assert await need.seen(NEIGHBOUR) is None


async def the_clock_tables_it(need: Scene, meeting: str) -> None:
    """不能够及时解决的问题，在月工作例会上……: by the place's rule, with nobody's doing."""
    seen = await need.seen(PARENT)
    assert (seen["nextHop"]["route"], seen["nextHop"]["rule"]) == ("MEETING", "monthly_meeting")
    assert (seen["nextHop"]["toUnit"]["name"], seen["agenda"]) == ("荔城社区", [])
    assert hours(seen["createdAt"], seen["dueAt"]) == seen["category"]["hours"] == 7 * 24

    hop = await later(need, days=3)
    assert (hop["route"], hop["rule"], hop["actor"]) == ("MEETING", "monthly_meeting", None)
    seen = await need.seen(PARENT)
    assert (seen["status"], verbs(seen)[-1]) == ("TABLED", "TABLE")
    assert seen["events"]["nodes"][-1]["actor"] is None
    assert seen["agenda"] == [{"resolution": None, "meeting": CALLED}]
    # Everybody knows of the meeting; what stands on its agenda only those whose matter it is.
    for who, agenda in ((SECRETARY, [need.ticket]), (PARENT, [need.ticket]), (NEIGHBOUR, [])):
        read = (await need.site.ask(MEETING, who, id=meeting))["meeting"]
        assert [each["ticket"]["id"] for each in read["agenda"]] == agenda


async def resolved(need: Scene, meeting: str) -> None:
    """……进行分析、研判、解决: what was resolved stands with the meeting and in the history."""
    minutes = "分析、研判留守学生接送难"
    await done(need.site, "meetingHold", SECRETARY, meetingId=meeting, minutes=minutes)
    assert await need.refused("Resume", SECRETARY) == (
        "RESOLUTION_REQUIRED",
        "请写明如何解决、议定了什么",
    )
    await need.does("Resume", SECRETARY, resolution=RESOLVED)
    seen = await need.seen(PARENT)
    assert seen["agenda"] == [{"resolution": RESOLVED, "meeting": CALLED}]
    assert (seen["status"], seen["events"]["nodes"][-1]["note"]) == ("IN_PROGRESS", RESOLVED)


async def brought_home(need: Scene, offline: str) -> None:
    """事事有回音、件件有着落: carried out, told at the door, and to a phone that was offline."""
    await need.serves("ESCORT", MEMBER, "首次集中接送放学学生")
    await need.does("Resolve", SECRETARY, resolution="接送排班已运行一周，" + RESOLVED)
    await need.does("Verify", SECRETARY, note="逐日核对排班，无缺岗")
    await need.serves("FOLLOW_UP", BUILDING, "把例会的答复带回给家长")
    told = (await changes(need.site, PARENT, offline))["nodes"]
    mine = [each["verb"] for each in told if each["nodeId"] == need.ticket]
    assert mine == ["RESUME", "RESOLVE", "VERIFY"]
    await need.does("FollowUp", PARENT, verdict="SATISFIED", note="孩子有人接，放心了")
    await need.does("Close", SECRETARY, note="事事有回音，件件有着落")
