"""南岭, story 6 (article 002): 一件件急事、难事在华阳社区“睦邻里·云中心”提出并解决.

「不知道什么原因，我发现派出所楼下水管线塌陷，请尽快解决。」「吉大家属区‘毁绿种地’行为有上升趋势，必须马上
处理！」「每月举行一次例会，每季度举行一次通报会，由居民决定落实成效好坏」
"""

from datetime import UTC, datetime

from tests.api.acting import done, refused, verbs
from tests.api.scene import Scene, hours, name, not_while, notes, report
from tests.api.served import Site

HUB = "nanling/华阳社区/hub_officer"
PIPE_CHIEF = "nanling/派出所网格/grid_chief"
FIRST = "nanling/派出所网格1号楼/resident"
SECOND = "nanling/派出所网格2号楼/resident"
GREEN_CHIEF = "nanling/吉大家属区网格/grid_chief"
GARDENER = "nanling/吉大家属区网格1号楼/resident"
OTHER_HUB = "nanling/恒安社区/hub_officer"

PIPE = {
    "title": "派出所楼下水管线塌陷",
    "body": "不知道什么原因，我发现派出所楼下水管线塌陷，请尽快解决。",
    "category": "pipe",
    "channel": "WALK_IN",
}
AGAIN = {**PIPE, "title": "派出所楼下路面塌了"}
GREEN = {
    "title": "吉大家属区“毁绿种地”",
    "body": "“毁绿种地”行为有上升趋势，必须马上处理！",
    "category": "greenery",
    "appealType": "TIP_OFF",
    "channel": "WALK_IN",
}


async def report_back(site: Site) -> str:
    """The quarterly report-back of 华阳, held today; its id."""
    called = {
        "unitId": await site.unit("nanling", "华阳社区"),
        "title": "“睦邻里·云中心”季度通报会",
        "at": datetime.now(UTC).isoformat(),
        "duty": "report_back",
    }
    # Whoever owes the place a report-back calls it; a grid chief cannot call the community.
    assert (await refused(site, "meetingCall", PIPE_CHIEF, **called))[0] == "FORBIDDEN"
    meeting = (await done(site, "meetingCall", HUB, **called))["id"]
    minutes = "通报居民意见的落实和回复，由居民决定落实成效好坏"
    await done(site, "meetingHold", HUB, meetingId=meeting, minutes=minutes)
    return meeting


async def test_two_report_the_pipe_and_one_ticket_carries_it(shop: Site) -> None:
    pipe = await report(shop, FIRST, "派出所网格", **PIPE)
    await reported_again(pipe)
    await repaired(pipe)
    await pipe.passes(days=60)
    await report_back(shop)
    assert await pipe.buttons(FIRST) == ["FOLLOW_UP"]
    await pipe.does("FollowUp", FIRST, verdict="SATISFIED", note="通报会评议：满意")
    await pipe.does("Close", HUB)
    seen = await pipe.seen(FIRST)
    assert (seen["status"], seen["verdict"]) == ("CLOSED", "SATISFIED")
    assert notes(seen, "REPAIR") == ["配合施工，修复塌陷管线"]


async def reported_again(pipe: Scene) -> None:
    """Another resident tells of the same hole."""
    again = await report(pipe.site, SECOND, "派出所网格", **AGAIN)
    for stranger in (SECOND, GREEN_CHIEF, OTHER_HUB, None):
        assert await pipe.seen(stranger) is None
    assert "MERGE" in await again.buttons(HUB)
    answer = await again.refused("Merge", HUB, intoId=again.ticket)
    assert answer == ("TARGET_REQUIRED", "请指定接续办理的另一件工单")
    await again.does("Merge", HUB, intoId=pipe.ticket, note="同一处塌陷，并入前一件办理")
    merged = await again.seen(SECOND)
    assert (merged["status"], merged["open"], merged["allowedVerbs"]) == ("MERGED", False, [])
    assert merged["events"]["nodes"][-1]["note"] == "同一处塌陷，并入前一件办理"
    # What carries it on is another resident's: she is told so, and sees no more of it.
    assert merged["mergedInto"] is None
    assert (await again.seen(HUB))["mergedInto"] == {"id": pipe.ticket}


async def repaired(pipe: Scene) -> None:
    """云中心 takes it up, the grid cannot, the community does."""
    await pipe.does("Accept", HUB, note="云中心受理，提醒绕行")
    await pipe.does("Escalate", PIPE_CHIEF, reason="涉及地下管线，网格无法处理")
    assert await pipe.buttons(PIPE_CHIEF) == []
    await pipe.does("Sign", HUB, note="联系管线单位")
    seen = await pipe.seen(FIRST)
    assert await pipe.chain(FIRST) == [
        ("UP", "grid_up", "华阳社区", "睦邻里·云中心值班员", await name(pipe.site, HUB))
    ]
    assert hours(seen["createdAt"], seen["dueAt"]) == seen["category"]["hours"] == 24
    assert seen["nextHop"]["rule"] == "monthly_meeting"
    await pipe.passes(hours=10)
    await pipe.serves("REPAIR", PIPE_CHIEF, "配合施工，修复塌陷管线")
    await pipe.does("Resolve", HUB, resolution="管线修复，路面复原")
    await pipe.does("Verify", HUB, note="现场核查，路面平整")
    assert await pipe.refused("Close", HUB) == not_while("核查")


async def cleared(site: Site) -> Scene:
    """毁绿种地, dealt with by the grid and checked by the hub."""
    green = await report(site, GARDENER, "吉大家属区网格", **GREEN)
    await green.does("Accept", HUB, note="云中心受理")
    grid = await site.unit("nanling", "吉大家属区网格")
    await green.does("Dispatch", HUB, unitId=grid, note="请网格长先劝导")
    await green.does("Sign", GREEN_CHIEF)
    await green.passes(days=5)
    await green.serves("TALK", GREEN_CHIEF, "逐户宣传爱绿护绿")
    await green.does("Resolve", GREEN_CHIEF, resolution="菜地已清，补种草籽")
    await green.does("Verify", HUB, note="核查属实")
    return green


async def test_residents_judge_and_what_is_not_good_is_done_again(shop: Site) -> None:
    green = await cleared(shop)
    await green.passes(days=50)
    await judged(green)
    await done_again(green)
    seen = await green.seen(GARDENER)
    assert (seen["status"], seen["verdict"]) == ("CLOSED", "SATISFIED")
    assert verbs(seen)[5:] == [
        *("VERIFY", "FOLLOW_UP", "REOPEN", "DISPATCH", "SIGN"),
        *("RESOLVE", "VERIFY", "FOLLOW_UP", "CLOSE"),
    ]
    sent = [("DISPATCH", None, "吉大家属区网格", "网格长", await name(shop, GREEN_CHIEF))]
    assert await green.chain(GARDENER) == sent * 2
    await both_verdicts_are_kept(green)


async def judged(green: Scene) -> None:
    """每季度举行一次通报会，由居民决定落实成效好坏."""
    meeting = await report_back(green.site)
    query = "query($id: ID!) { meeting(id: $id) { duty heldAt minutes agenda { ticket { id } } } }"
    for resident in (FIRST, SECOND, GARDENER):
        # Everybody knows of it; on its agenda stands nothing that is not theirs to see.
        held = (await green.site.ask(query, resident, id=meeting))["meeting"]
        assert held["heldAt"]
        assert (held["duty"], held["agenda"]) == ("report_back", [])

    for stranger in (FIRST, PIPE_CHIEF, OTHER_HUB):
        assert await green.seen(stranger) is None
    await green.does("FollowUp", GARDENER, verdict="DISSATISFIED", note="楼后又有人种上了")
    # A contested end is not filed in silence; the resident may have it done again.
    assert await green.refused("Close", HUB) == ("REASON_REQUIRED", "请说明理由")
    assert await green.buttons(GARDENER) == ["REOPEN"]
    await green.does("Reopen", GARDENER, reason="楼后两处菜地还在")
    seen = await green.seen(GARDENER)
    assert (seen["status"], seen["open"], seen["resolution"]) == ("REOPENED", True, None)
    assert seen["nextHop"]["rule"] == "grid_up"


async def done_again(green: Scene) -> None:
    """重办: the same grid, and the resident is asked once more."""
    grid = await green.site.unit("nanling", "吉大家属区网格")
    await green.does("Dispatch", HUB, unitId=grid, note="重办，两处一并清理")
    assert await green.buttons(GARDENER) == []
    await green.does("Sign", GREEN_CHIEF)
    await green.does("Resolve", GREEN_CHIEF, resolution="楼后两处也已清理补种")
    await green.does("Verify", HUB)
    await green.does("FollowUp", GARDENER, verdict="SATISFIED", note="这回清干净了")
    await green.does("Close", HUB, note="结案，列入巡查")


async def both_verdicts_are_kept(green: Scene) -> None:
    """The second one does not undo the first."""
    asked = "query($id: ID!) { ticket(id: $id) { events(first: 50) { nodes { verdict } } } }"
    events = (await green.site.ask(asked, GARDENER, id=green.ticket))["ticket"]["events"]["nodes"]
    given = [event["verdict"] for event in events if event["verdict"]]
    assert given == ["DISSATISFIED", "SATISFIED"]
