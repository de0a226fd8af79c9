"""华州, story 3 (article 004): 家长对孩子下晚自习的安全有些担忧.

「网格党小组长将这个情况反映给了社区党支部，通过商议，决定由社区民警带队，社区党支部党员和学校附近小区的
“义务巡逻员”参与，每晚9点至10点在学校周边进行巡逻」
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.api.acting import done, refused, verbs
from tests.api.scene import Scene, hours, name, not_while, notes, person, report
from tests.api.served import Site

PARENT = "huazhou/咸林中学网格党小组1号楼中心户/resident"
NEIGHBOUR = "huazhou/咸林中学网格党小组2号楼中心户/resident"
HUB_HEAD = "huazhou/咸林中学网格党小组1号楼中心户/hub_head"
OBSERVER = "huazhou/咸林中学网格党小组/needs_observer"
LEADER = "huazhou/咸林中学网格党小组/group_leader"
PATROLLER = "huazhou/咸林中学网格党小组/patroller"
NEAR_BY = "huazhou/育红路网格党小组/patroller"
NEAR_LEADER = "huazhou/育红路网格党小组/group_leader"
SECRETARY = "huazhou/大街社区/branch_secretary"
OFFICER = "huazhou/大街社区/police_officer"

HUB, GROUP, BRANCH = "咸林中学网格党小组1号楼中心户", "咸林中学网格党小组", "大街社区"
NIGHTS, ROUND = 7, "晚9点至10点在咸林中学周边巡逻，秩序正常"
WORRY = {
    "title": "担心孩子下晚自习的安全",
    "body": "咸林中学的学生家长对孩子下晚自习的安全有些担忧，希望有人巡逻。",
    "category": "public_safety",
    "appealType": "SUGGESTION",
    "channel": "VISIT",
}


def nine_in_the_evening(days_ago: int) -> str:
    """When a round began, so many evenings ago."""
    day = datetime.now(ZoneInfo("Asia/Shanghai")) - timedelta(days=days_ago)
    return day.replace(hour=21, minute=0, second=0, microsecond=0).isoformat()


async def test_the_parents_worry_becomes_a_nightly_patrol(shop: Site) -> None:
    await talked_of(shop)
    worry = await taken_to_the_branch(shop)
    await shows_its_way_and_both_clocks(worry)
    await patrolled(worry)
    await answered(worry)
    seen = await worry.seen(PARENT)
    assert (seen["status"], seen["verdict"]) == ("CLOSED", "SATISFIED")
    assert verbs(seen)[-4:] == ["RESOLVE", "VERIFY", "FOLLOW_UP", "CLOSE"]
    assert notes(seen, "FOLLOW_UP") == ["回访学生家长"]
    await every_round_is_there(worry)


async def talked_of(site: Site) -> None:
    """在与居民的交谈中."""
    home = {"unitId": await site.unit("huazhou", HUB), "recipientId": await person(site, PARENT)}
    learnt = {"visit": {"needs": "希望孩子下晚自习路上有人照看"}, "duty": "monthly_visit"}
    chat = {"kind": "VISIT", "note": "在小区跟居民拉家常", **home, **learnt}
    await done(site, "serviceRecordAdd", OBSERVER, **chat)


async def taken_to_the_branch(site: Site) -> Scene:
    """网格党小组长将这个情况反映给了社区党支部，通过商议，决定……"""
    worry = await report(site, PARENT, HUB, **WORRY)
    assert await worry.buttons(PARENT) == ["WITHDRAW"]
    for stranger in (NEIGHBOUR, NEAR_BY, None):
        assert await worry.seen(stranger) is None
    await worry.does("Accept", HUB_HEAD, note="已有几位家长说起")
    await worry.does("Escalate", HUB_HEAD, reason="楼里解决不了，请党小组长反馈")
    await worry.does("Sign", LEADER)
    assert await worry.buttons(HUB_HEAD) == await worry.buttons(PARENT) == []
    await worry.does("Escalate", LEADER, reason="需要社区民警参与，反映给社区党支部")
    await worry.does("Sign", SECRETARY, note="党支部商议")
    called = [await site.unit("huazhou", unit) for unit in (GROUP, "育红路网格党小组")]
    decided = "由社区民警带队，党员和附近小区的义务巡逻员参与，每晚9点至10点巡逻"
    await worry.does("Join", SECRETARY, unitIds=called, reason=decided)
    return worry


async def shows_its_way_and_both_clocks(worry: Scene) -> None:
    """The parent reads where it went, who answers there, and until when; the neighbour nothing."""
    leader, near_by = await name(worry.site, LEADER), await name(worry.site, NEAR_LEADER)
    secretary = await name(worry.site, SECRETARY)
    assert await worry.chain(PARENT) == [
        ("UP", "hub_hard", GROUP, "网格党小组长", leader),
        ("UP", "group_hard", BRANCH, "社区党支部书记", secretary),
        ("JOINT", None, BRANCH, "社区党支部书记", secretary),
        ("JOINT", None, GROUP, "网格党小组长", leader),
        ("JOINT", None, "育红路网格党小组", "网格党小组长", near_by),
    ]
    seen = await worry.seen(PARENT)
    assert [hours(h["at"], h["dueAt"]) for h in seen["escalationChain"][:2]] == [12, 48]
    assert hours(seen["createdAt"], seen["dueAt"]) == seen["category"]["hours"] == 7 * 24
    assert await worry.seen(NEIGHBOUR) is None


async def patrolled(worry: Scene) -> None:
    """每晚9点至10点在学校周边进行巡逻."""
    await worry.passes(days=NIGHTS + 1)
    for night in range(NIGHTS, 0, -1):
        at = nine_in_the_evening(night)
        await worry.serves("PATROL", OFFICER, "社区民警带队出发", at=at)
        await worry.serves("PATROL", PATROLLER, ROUND, at=at, duty="evening_patrol")
    await worry.serves("PATROL", NEAR_BY, ROUND, at=nine_in_the_evening(1), duty="evening_patrol")
    # The evening round is the volunteers' duty, not the parents' nor the officer's.
    told = {"kind": "PATROL", "ticketId": worry.ticket, "duty": "evening_patrol"}
    for who, code in ((OFFICER, "CADENCE_UNKNOWN"), (PARENT, "FORBIDDEN")):
        assert (await refused(worry.site, "serviceRecordAdd", who, **told))[0] == code


async def answered(worry: Scene) -> None:
    """大大提升了家长和学生的安全感."""
    await worry.does("Resolve", SECRETARY, resolution="夜间巡逻已连续七晚，今后每晚继续")
    answer = await worry.refused("FollowUp", PARENT, verdict="SATISFIED")
    assert answer == not_while("办结")
    await worry.does("Verify", OFFICER, note="巡逻情况、责任人、时间记录齐全")
    await worry.serves("FOLLOW_UP", OBSERVER, "回访学生家长")
    assert await worry.buttons(PARENT) == ["FOLLOW_UP"]
    await worry.does("FollowUp", PARENT, verdict="SATISFIED", note="家长和学生的安全感大大提升")
    await worry.does("Close", SECRETARY, note="结案，巡逻继续")


async def every_round_is_there(worry: Scene) -> None:
    """巡逻情况、责任人、时间: recorded once, and read by the parent."""
    query = """query($id: ID!) { ticket(id: $id) { serviceRecords(
        first: 100, filter: { kind: { in: [PATROL] } }
    ) { totalCount nodes { at duty person { name } } } } }"""
    page = (await worry.site.ask(query, PARENT, id=worry.ticket))["ticket"]["serviceRecords"]
    assert page["totalCount"] == 2 * NIGHTS + 1
    rounds = [each for each in page["nodes"] if each["duty"] == "evening_patrol"]
    assert len(rounds) == NIGHTS + 1
    assert {each["at"][11:16] for each in rounds} == {"13:00"}  # 21:00 in 华州
    walked = {await name(worry.site, PATROLLER), await name(worry.site, NEAR_BY)}
    assert {each["person"]["name"] for each in rounds} == walked
