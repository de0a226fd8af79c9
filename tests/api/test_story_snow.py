"""华州, story 2 (article 004): 一场大雪一夜间让华州大地银装素裹.

「各网格党小组长，请迅速发动党员群众上路除雪」「书记，马路道沿上的雪我们人手不够，没法弄。」「我们已经联系
共驻共建单位了，他们的人马上就到，放心。」
"""

from tests.api.acting import refused, verbs
from tests.api.scene import Scene, hours, name, notes, report
from tests.api.served import Site

SECRETARY = "huazhou/大街社区/branch_secretary"
OFFICER = "huazhou/大街社区/police_officer"
LEADER = "huazhou/咸林中学网格党小组/group_leader"
OBSERVER = "huazhou/咸林中学网格党小组/needs_observer"
RESIDENT = "huazhou/咸林中学网格党小组1号楼中心户/resident"
ELSEWHERE = "huazhou/红岭社区第1网格党小组/group_leader"
PARTNER = "huazhou/区委组织部/partner_contact"
VOLUNTEER = "huazhou/区委组织部/member_volunteer"
OTHER_PARTNER = "huazhou/区科协/partner_contact"

GROUPS = (
    "育红路网格党小组",
    "咸林中学网格党小组",
    *(f"大街社区第{n}网格党小组" for n in (3, 4, 5, 6)),
)
LEADERS = [f"huazhou/{group}" for group in GROUPS]
CALL = "各网格党小组长，请迅速发动党员群众上路除雪，确保居民出行安全。"
SHORT = "书记，马路道沿上的雪我们人手不够，没法弄。"
SURE = "我们已经联系共驻共建单位了，他们的人马上就到，放心。"


async def ids(site: Site, *units: str) -> list[str]:
    """The global ids of units of 华州."""
    return [await site.unit("huazhou", unit) for unit in units]


async def test_one_call_goes_to_every_group_at_once(shop: Site) -> None:
    snow = await alarm(shop)
    await every_group_is_called(snow)
    await snow.passes(hours=5)
    await snow.does("Resolve", SECRETARY, resolution="每个小区都有党员群众加入，主要道路积雪已清除")
    await snow.does("Verify", OFFICER, note="沿路巡查，通行正常")
    await snow.passes(days=1)
    await snow.does("FollowUp", SECRETARY, verdict="SATISFIED", note="居民出行安全")
    await snow.does("Close", SECRETARY)
    seen = await snow.seen(LEADER)
    assert (seen["status"], seen["verdict"]) == ("CLOSED", "SATISFIED")
    # The groups were done with it when the snow was cleared, the community when it was filed.
    lead, *groups = seen["escalationChain"]
    assert lead["leftAt"] == seen["closedAt"]
    assert {hop["leftAt"] for hop in groups} == {seen["resolvedAt"]}
    assert notes(seen, "CLEANING") == ["党员群众上路除雪"] * 6


async def alarm(site: Site) -> Scene:
    """一条来自社区党支部书记简短的信息: it goes to all six groups, none of which saw it before."""
    snow = await report(
        site,
        SECRETARY,
        "大街社区",
        title="大雪影响居民出行",
        body="厚厚的积雪为居民出行增添了困难。",
        category="snow",
        severity="MAJOR",
        channel="GROUP_CHAT",
    )
    await snow.does("Accept", SECRETARY, note="立即组织除雪")
    assert [await snow.seen(leader) for leader in LEADERS] == [None] * 6
    # Nobody is called by saying nothing: the secretary has to say why.
    called = await ids(site, *GROUPS)
    assert await snow.refused("Join", SECRETARY, unitIds=called, reason=" ") == (
        "REASON_REQUIRED",
        "请说明理由",
    )
    await snow.does("Join", SECRETARY, unitIds=called, reason=CALL)
    return snow


async def every_group_is_called(snow: Scene) -> None:
    """在短暂的动员下，每个小区都有党员群众不断加入除雪队伍."""
    seen = await snow.seen(LEADER)
    assert seen["status"] == "JOINT"
    lead, *groups = seen["escalationChain"]
    assert lead["toUnit"]["name"] == seen["handler"]["name"] == "大街社区"
    assert [hop["toUnit"]["name"] for hop in groups] == [*GROUPS]
    assert {(hop["route"], hop["reason"], hop["actor"]["name"]) for hop in (lead, *groups)} == {
        ("JOINT", CALL, await name(snow.site, SECRETARY))
    }
    # Also where the leader's post is vacant somebody answers: nothing waits for a name.
    chain = await snow.chain(SECRETARY)
    assert all(holder for *_, holder in chain)
    assert chain[2] == ("JOINT", None, GROUPS[1], "网格党小组长", await name(snow.site, LEADER))
    for leader in LEADERS:
        assert (await snow.seen(leader))["allowedVerbs"] == []
        await snow.serves("CLEANING", leader, "党员群众上路除雪")
    for stranger in (ELSEWHERE, RESIDENT, PARTNER, None):
        assert await snow.seen(stranger) is None


async def short_of_hands(site: Site) -> Scene:
    """The kerb, as the group of the road takes it to the branch."""
    kerb = await report(
        site,
        LEADER,
        "咸林中学网格党小组",
        title="马路道沿积雪人手不够",
        body=SHORT,
        category="snow",
        channel="GROUP_CHAT",
    )
    await kerb.does("Accept", LEADER, note="先保证人行道畅通")
    await kerb.does("Escalate", LEADER, reason=SHORT)
    await kerb.does("Sign", SECRETARY, note="放心")
    return kerb


async def test_a_partner_unit_is_called_where_hands_are_few(shop: Site) -> None:
    kerb = await short_of_hands(shop)
    await help_comes(kerb)
    await kerb.passes(hours=3)
    await kerb.does("Resolve", SECRETARY, resolution="道沿积雪被迅速清除干净")
    await kerb.does("Verify", OFFICER, note="道沿已清，群众出行安全得到保障")
    await kerb.serves("FOLLOW_UP", OBSERVER, "沿街走访，居民出行无碍")
    assert await kerb.buttons(OBSERVER) == ["FOLLOW_UP"]
    await kerb.does("FollowUp", OBSERVER, verdict="SATISFIED", note="沿街居民满意")
    await kerb.does("Close", SECRETARY)
    seen = await kerb.seen(PARTNER)
    assert (seen["status"], seen["verdict"]) == ("CLOSED", "SATISFIED")
    assert verbs(seen)[:5] == ["REPORT", "ACCEPT", "ESCALATE", "SIGN", "JOIN"]
    assert len(seen["serviceRecords"]["nodes"]) == 2
    assert (
        hours(seen["createdAt"], seen["closedAt"]) < hours(seen["createdAt"], seen["dueAt"]) == 12
    )


async def help_comes(kerb: Scene) -> None:
    """我们已经联系共驻共建单位了，他们的人马上就到: only those called see it, and what to do."""
    assert await kerb.seen(PARTNER) is None
    hop = (await kerb.seen(LEADER))["hopCount"]
    called = await ids(kerb.site, "区委组织部", GROUPS[0])
    await kerb.does("Join", SECRETARY, unitIds=called, reason=SURE, hop=hop)

    secretary, partner = await name(kerb.site, SECRETARY), await name(kerb.site, PARTNER)
    near_by = await name(kerb.site, LEADERS[0])
    assert await kerb.chain(PARTNER) == [
        ("UP", "group_hard", "大街社区", "社区党支部书记", secretary),
        ("JOINT", None, "大街社区", "社区党支部书记", secretary),
        ("JOINT", None, "区委组织部", "共驻共建单位联系人", partner),
        ("JOINT", None, GROUPS[0], "网格党小组长", near_by),
    ]
    assert await kerb.buttons(PARTNER) == await kerb.buttons(LEADER) == []
    answer = await kerb.refused("Resolve", PARTNER, resolution="已清除")
    assert answer == ("FORBIDDEN", "您的岗位无权办理，请联系负责的单位")
    for stranger in (OTHER_PARTNER, RESIDENT, ELSEWHERE):
        assert await kerb.seen(stranger) is None
    await kerb.serves("CLEANING", VOLUNTEER, "在职党员志愿者服务队到达包联路段，积雪迅速清除干净")
    other = {"kind": "CLEANING", "ticketId": kerb.ticket}
    assert (await refused(kerb.site, "serviceRecordAdd", OTHER_PARTNER, **other))[0] == "NOT_FOUND"
