"""渭滨, story 5 (article 001): 宝氮二区与秦川花园之间的围墙.

「墙体过高、年久失修，导致多处破损。社区党委立即上报姜谭街道办，组织物业召开会议，协调专业人员对倾斜围墙拆除
重建」「社区办不了的事情镇街部门联合办、群众意见不统一的事情商量办」
"""

from collections.abc import AsyncIterator

import pytest_asyncio

from db.unit_store import whole_place
from jobs.clock import fire
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    GRID,
    NEIGHBOUR,
    RESIDENT,
    SIBLING,
    SIBLING_GRID,
    TOWN,
    WORKER,
    verbs,
)
from tests.api.scene import Scene, hours, name, not_while, notes, report
from tests.api.served import Site

PROPERTY = "weibin/秦川花园网格/property_manager"
STREET = "姜谭街道"
WALL = {
    "title": "宝氮二区与秦川花园之间围墙倾斜",
    "body": "围墙墙体过高、年久失修，导致多处破损，路过的人担心。",
    "category": "structure",
    "channel": "VISIT",
}
DISPUTED = "秦川花园住户要原高重建，宝氮二区住户要降低墙高，意见不统一"
AGREED = "两小区商定：倾斜围墙拆除重建，降低高度"


@pytest_asyncio.fixture
async def quiet(own: Site) -> AsyncIterator[Site]:
    """A place in which nothing is due but what the story brings."""
    await own.owner.execute("UPDATE ticket SET next_due_at = NULL")
    yield own
    assert await own.astray() == []


async def fired(site: Site) -> int:
    """Let the clock move what is due."""
    return await fire(site.database, await whole_place(site.database, "weibin"))


async def at_the_street(site: Site) -> Scene:
    """The wall, taken from the grid to the community and on to the street, all by hand."""
    wall = await report(site, RESIDENT, GRID, **WALL)
    for stranger in (NEIGHBOUR, SIBLING, PROPERTY, None):
        assert await wall.seen(stranger) is None
    await wall.does("Accept", CHIEF, note="现场看过，先拉警戒线")
    await wall.does("Escalate", CHIEF, reason="网格解决不了，及时交社区")
    await wall.does("Sign", COMMUNITY)
    assert await wall.buttons(WORKER) == await wall.buttons(CHIEF) == []
    answer = await wall.refused("Close", COMMUNITY, note="已上报")
    assert answer == not_while("处理中")
    up = await site.unit("weibin", STREET)
    await wall.does("Escalate", COMMUNITY, unitId=up, reason="涉及两个小区，社区党委立即上报")
    assert await wall.buttons(COMMUNITY) == []
    await wall.does("Sign", TOWN)
    return wall


async def called_together(wall: Scene) -> None:
    """街道吹哨: the community and the grids of both property companies report."""
    units = ("姜谭路西社区", GRID, SIBLING_GRID)
    called = [await wall.site.unit("weibin", unit) for unit in units]
    await wall.does("Join", TOWN, unitIds=called, reason="组织物业召开会议")
    town, community = await name(wall.site, TOWN), await name(wall.site, COMMUNITY)
    assert await wall.chain(RESIDENT) == [
        ("UP", "grid_hard", "姜谭路西社区", "社区党委书记", community),
        ("UP", None, STREET, "镇街网格长", town),
        ("JOINT", None, STREET, "镇街网格长", town),
        ("JOINT", None, "姜谭路西社区", "社区党委书记", community),
        ("JOINT", None, GRID, "基础网格长", await name(wall.site, CHIEF)),
        ("JOINT", None, SIBLING_GRID, "基础网格长", await name(wall.site, SIBLING)),
    ]
    seen = await wall.seen(PROPERTY)
    assert (seen["status"], seen["allowedVerbs"], seen["reporter"]) == ("JOINT", [], None)
    assert await wall.seen(NEIGHBOUR) is None


async def test_the_wall_is_rebuilt_by_all_together(shop: Site) -> None:
    wall = await at_the_street(shop)
    await called_together(wall)
    await wall.does("Deliberate", TOWN, reason=DISPUTED)
    await wall.does("Resume", TOWN, resolution=AGREED)
    await rebuilt(wall)
    seen = await wall.seen(RESIDENT)
    assert (seen["status"], seen["verdict"]) == ("CLOSED", "SATISFIED")
    assert (seen["orgUnit"]["name"], seen["handler"]["name"]) == (GRID, STREET)
    assert verbs(seen)[6:] == [
        *("JOIN", "DELIBERATE", "RESUME", "RESOLVE", "VERIFY", "FOLLOW_UP", "CLOSE"),
    ]
    assert notes(seen, "REPAIR") == ["专业人员拆除倾斜围墙并重建"]
    assert notes(seen, "FOLLOW_UP") == ["入户走访两侧住户"]


async def rebuilt(wall: Scene) -> None:
    """协调专业人员对倾斜围墙拆除重建."""
    await wall.passes(days=9)
    await wall.serves("REPAIR", PROPERTY, "专业人员拆除倾斜围墙并重建")
    await wall.does("Resolve", TOWN, resolution="围墙已重建")
    assert await wall.refused("FollowUp", RESIDENT, verdict="SATISFIED") == not_while("办结")
    await wall.does("Verify", DISTRICT, note="现场核查，墙体牢固")
    await wall.serves("FOLLOW_UP", WORKER, "入户走访两侧住户")
    assert await wall.buttons(RESIDENT) == ["FOLLOW_UP"]
    await wall.does("FollowUp", RESIDENT, verdict="SATISFIED", note="路过不再担心")
    await wall.does("Close", TOWN)


async def test_while_residents_talk_it_through_both_clocks_stand_still(quiet: Site) -> None:
    wall = await at_the_street(quiet)
    await called_together(wall)
    await talked_over(wall)
    # For half a year nothing moves it: nobody is late while the residents talk.
    await wall.passes(days=180)
    assert await fired(quiet) == 0
    await both_clocks_go_on(wall, stood=180 * 24)
    await wall.passes(days=6)
    assert await fired(quiet) == 1
    up = ("UP", "town_up", "渭滨区", "区级网格长", await name(quiet, DISTRICT))
    assert (await wall.chain(RESIDENT))[-1] == up


async def talked_over(wall: Scene) -> None:
    """群众意见不统一的事情商量办: nothing is due meanwhile."""
    running = await wall.seen(RESIDENT)
    assert hours(running["createdAt"], running["dueAt"]) == 15 * 24
    await wall.does("Deliberate", TOWN, reason=DISPUTED)
    paused = await wall.seen(RESIDENT)
    hop = paused["escalationChain"][-1]
    assert (hop["route"], hop["reason"]) == ("DELIBERATION", DISPUTED)
    # Talking it through wins the street no time: its clock only stands still.
    assert hop["dueAt"] == running["hopDueAt"]
    assert hop["toPost"]["title"] == "镇街网格长"
    assert (paused["status"], paused["nextHop"]) == ("DELIBERATING", None)
    assert (paused["pausedAt"], paused["dueAt"]) == (hop["at"], running["dueAt"])


async def both_clocks_go_on(wall: Scene, stood: int) -> None:
    """With what was agreed: the case has the time that was talked away, the street what was left of
    its five days."""
    assert await wall.refused("Resume", TOWN) == (
        "RESOLUTION_REQUIRED",
        "请写明如何解决、议定了什么",
    )
    paused = await wall.seen(RESIDENT)
    await wall.does("Resume", TOWN, resolution=AGREED)
    seen = await wall.seen(RESIDENT)
    assert (seen["status"], seen["pausedAt"]) == ("IN_PROGRESS", None)
    assert stood <= hours(paused["dueAt"], seen["dueAt"]) < stood + 1
    ahead, hop = seen["nextHop"], seen["escalationChain"][-1]
    assert ahead["rule"] == "town_up"
    assert ahead["dueAt"] == seen["hopDueAt"] == hop["dueAt"]
    assert 119 <= hours(seen["events"]["nodes"][-1]["at"], ahead["dueAt"]) <= 120
