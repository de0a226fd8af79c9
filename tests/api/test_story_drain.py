"""华州, story 1 (article 004): 育红路小区下水又堵了.

「一条民情观察员发送在社区网格工作群中的信息引起了所有人的关注，社区网格长在与党支部商议后，立即联系了
清掏公司，当天下午即开始施工，在随后的走访中，居民……交口称赞」
"""

from tests.api.acting import verbs
from tests.api.scene import Scene, hours, name, not_while, notes, person, report
from tests.api.served import Site

OBSERVER = "huazhou/育红路网格党小组/needs_observer"
LEADER = "huazhou/育红路网格党小组/group_leader"
HUB_HEAD = "huazhou/育红路网格党小组1号楼中心户/hub_head"
RESIDENT = "huazhou/育红路网格党小组1号楼中心户/resident"
SECRETARY = "huazhou/大街社区/branch_secretary"
OFFICER = "huazhou/大街社区/police_officer"
NEXT_GROUP = "huazhou/咸林中学网格党小组/group_leader"

HUB, GROUP, BRANCH = "育红路网格党小组1号楼中心户", "育红路网格党小组", "大街社区"
DRAIN = {
    "title": "育红路小区下水又堵了",
    "body": "这两天雨水多，育红路小区下水又堵了，居民出行困难。",
    "category": "drainage",
    "channel": "GROUP_CHAT",
}


async def test_the_drain_is_cleared_the_same_afternoon(shop: Site) -> None:
    drain = await taken_to_the_branch(shop)
    await shows_its_way_and_both_clocks(drain)
    await cleared(drain)
    await revisited(drain)
    seen = await drain.seen(OBSERVER)
    assert (seen["status"], seen["open"], seen["verdict"]) == ("CLOSED", False, "SATISFIED")
    assert verbs(seen) == [
        *("REPORT", "ESCALATE", "ACCEPT", "ESCALATE", "SIGN"),
        *("RESOLVE", "VERIFY", "FOLLOW_UP", "CLOSE"),
    ]
    assert seen["nextHop"] is None
    assert notes(seen, "REPAIR") == ["清掏公司当天下午开始施工，下水已疏通"]
    assert 5 <= hours(seen["createdAt"], seen["resolvedAt"]) < 6
    assert 24 <= hours(seen["resolvedAt"], seen["verifiedAt"]) < 25
    assert await drain.buttons(SECRETARY) == []


async def taken_to_the_branch(site: Site) -> Scene:
    """党员发现问题，党小组长反馈问题，党支部解决问题."""
    drain = await report(site, OBSERVER, HUB, **DRAIN)
    assert "ACCEPT" in await drain.buttons(HUB_HEAD)
    for stranger in (RESIDENT, NEXT_GROUP, None):
        assert await drain.seen(stranger) is None
    await drain.does("Escalate", OBSERVER, reason="雨还在下，楼里自己通不开，请网格长来看")
    assert await drain.buttons(HUB_HEAD) == []
    await drain.does("Accept", LEADER, note="到场查看，情况属实")
    assert await drain.refused("Close", LEADER) == not_while("受理")
    await drain.does("Escalate", LEADER, reason="要请清掏公司，与党支部商议")
    assert await drain.refused("Resolve", LEADER, resolution="已疏通") == (
        "FORBIDDEN",
        "您的岗位无权办理，请联系负责的单位",
    )
    assert {"SIGN", "DISPUTE", "JOIN", "ESCALATE"} <= set(await drain.buttons(SECRETARY))
    await drain.does("Sign", SECRETARY, note="党支部商议后，立即联系清掏公司")
    assert await drain.buttons(LEADER) == []
    return drain


async def shows_its_way_and_both_clocks(drain: Scene) -> None:
    """Whoever reported it reads by which rules it went where, and until when."""
    seen = await drain.seen(OBSERVER)
    assert await drain.chain(OBSERVER) == [
        ("UP", "hub_hard", GROUP, "网格党小组长", await name(drain.site, LEADER)),
        ("UP", "group_hard", BRANCH, "社区党支部书记", await name(drain.site, SECRETARY)),
    ]
    first, second = seen["escalationChain"]
    assert hours(seen["createdAt"], seen["dueAt"]) == seen["category"]["hours"] == 24
    assert hours(first["at"], first["dueAt"]) == 12
    assert (first["leftAt"], second["leftAt"]) == (second["at"], None)
    assert seen["hopDueAt"] == second["dueAt"] == seen["nextHop"]["dueAt"]
    assert seen["nextHop"]["rule"] == "branch_joint"


async def cleared(drain: Scene) -> None:
    """当天下午即开始施工."""
    await drain.passes(hours=5)
    await drain.serves("REPAIR", LEADER, "清掏公司当天下午开始施工，下水已疏通")
    await drain.does("Resolve", SECRETARY, resolution="清掏公司已疏通育红路小区下水")
    await drain.passes(days=1)
    await drain.does("Verify", OFFICER, note="又下了一夜雨，排水通畅")
    assert await drain.refused("Close", SECRETARY) == not_while("核查")


async def revisited(drain: Scene) -> None:
    """在随后的走访中，居民交口称赞."""
    await drain.passes(days=3)
    told, resident = (
        "随后走访，居民对党支部迅速解决问题交口称赞",
        await person(drain.site, RESIDENT),
    )
    await drain.serves("FOLLOW_UP", HUB_HEAD, told, recipientId=resident, duty="monthly_visit")
    assert await drain.buttons(HUB_HEAD) == ["FOLLOW_UP"]
    await drain.does("FollowUp", HUB_HEAD, verdict="SATISFIED", note="居民交口称赞")
    await drain.does("Close", SECRETARY, note="件件有落实，事事有回音")
    # The resident who was visited reads what was said of the visit, and no more than that.
    query = "{ serviceRecords(first: 100) { nodes { note duty ticket { id } } } }"
    visit = {"note": told, "duty": "monthly_visit", "ticket": None}
    assert visit in (await drain.site.ask(query, RESIDENT))["serviceRecords"]["nodes"]
