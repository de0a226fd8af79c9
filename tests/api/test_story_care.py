"""华州, story 4 (article 004): 老年人希望能不出小区解决简单的看病问题.

「党支部……联系了共驻共建单位区委组织部、区科协，在区中医医院的支持下，社区建立了康复理疗室，由党员医生组成
志愿服务队，每天定时到社区为居民提供医疗服务。“刚说了没几天，社区就把医务室建起来了，给你们点赞。”」
"""

from tests.api.scene import Scene, hours, name, not_while, notes, report
from tests.api.served import Site

ELDER = "huazhou/红岭社区第1网格党小组1号楼中心户/resident"
NEIGHBOUR = "huazhou/红岭社区第1网格党小组2号楼中心户/resident"
HUB_HEAD = "huazhou/红岭社区第1网格党小组1号楼中心户/hub_head"
LEADER = "huazhou/红岭社区第1网格党小组/group_leader"
SECRETARY = "huazhou/红岭社区/branch_secretary"
OTHER_BRANCH = "huazhou/大街社区/branch_secretary"
HOSPITAL = "huazhou/区中医医院/partner_contact"
DOCTOR = "huazhou/区中医医院/volunteer_doctor"

HUB, GROUP, BRANCH = "红岭社区第1网格党小组1号楼中心户", "红岭社区第1网格党小组", "红岭社区"
PARTNERS = ("区委组织部", "区科协", "区中医医院")
THANKS = "刚说了没几天，社区就把医务室建起来了，给你们点赞。"
WISH = {
    "title": "希望不出小区看小病",
    "body": "年纪大了，希望能不出小区解决简单的看病问题。",
    "category": "health",
    "appealType": "SUGGESTION",
    "channel": "VISIT",
}


async def test_the_compound_gets_its_care_room(shop: Site) -> None:
    wish = await taken_to_the_branch(shop)
    await partners_are_called(wish)
    await shows_its_way_to_those_concerned(wish)
    await served(wish)
    await thanked(wish)
    seen = await wish.seen(ELDER)
    assert (seen["status"], seen["verdict"]) == ("CLOSED", "SATISFIED")
    (verdict,) = (e for e in seen["events"]["nodes"] if e["verb"] == "FOLLOW_UP")
    assert (verdict["note"], verdict["actor"]["name"]) == (THANKS, await name(shop, ELDER))
    assert len(notes(seen, "CLINIC")) == 3
    doctors = [r for r in seen["serviceRecords"]["nodes"] if r["kind"] == "CLINIC"]
    assert {r["person"]["name"] for r in doctors} == {await name(shop, DOCTOR)}
    assert {r["recipient"]["name"] for r in doctors} == {await name(shop, ELDER)}
    assert 9 * 24 <= hours(seen["createdAt"], seen["closedAt"]) < 10 * 24


async def taken_to_the_branch(site: Site) -> Scene:
    """党支部了解到这个需求."""
    wish = await report(site, ELDER, HUB, **WISH)
    await wish.does("Accept", HUB_HEAD, note="记入“需求清单”")
    await wish.does("Escalate", HUB_HEAD, reason="许多老年人都有此需求，报党小组长")
    await wish.does("Sign", LEADER)
    await wish.does("Escalate", LEADER, reason="需要场地与医生，反馈社区党支部")
    assert {"SIGN", "JOIN"} <= set(await wish.buttons(SECRETARY))
    await wish.does("Sign", SECRETARY)
    ahead = (await wish.seen(ELDER))["nextHop"]
    assert (ahead["route"], ahead["rule"]) == ("JOINT", "branch_joint")
    for stranger in (NEIGHBOUR, OTHER_BRANCH, HOSPITAL, DOCTOR, None):
        assert await wish.seen(stranger) is None
    return wish


async def partners_are_called(wish: Scene) -> None:
    """联系了共驻共建单位: from now on they see it too."""
    called = [await wish.site.unit("huazhou", unit) for unit in PARTNERS]
    why = "联系共驻共建单位，由区中医医院支持建康复理疗室"
    await wish.does("Join", SECRETARY, unitIds=called, reason=why)
    contacts = [await name(wish.site, f"huazhou/{unit}") for unit in PARTNERS]
    leader, secretary = await name(wish.site, LEADER), await name(wish.site, SECRETARY)
    way = [
        ("UP", "hub_hard", GROUP, "网格党小组长", leader),
        ("UP", "group_hard", BRANCH, "社区党支部书记", secretary),
        ("JOINT", None, BRANCH, "社区党支部书记", secretary),
        *[
            ("JOINT", None, unit, "共驻共建单位联系人", contact)
            for unit, contact in zip(PARTNERS, contacts, strict=True)
        ],
    ]
    assert await wish.chain(DOCTOR) == await wish.chain(ELDER) == way


async def shows_its_way_to_those_concerned(wish: Scene) -> None:
    """The elder sees all of it; the partners what is needed, not whose need it is."""
    seen = await wish.seen(HOSPITAL)
    assert (seen["allowedVerbs"], seen["reporter"]) == ([], None)
    assert (await wish.seen(SECRETARY))["reporter"]["name"] == await name(wish.site, ELDER)
    assert await wish.seen(NEIGHBOUR) is None
    seen = await wish.seen(ELDER)
    assert hours(seen["createdAt"], seen["dueAt"]) == seen["category"]["hours"] == 15 * 24
    assert hours(seen["escalationChain"][1]["at"], seen["escalationChain"][1]["dueAt"]) == 48


async def served(wish: Scene) -> None:
    """由党员医生组成志愿服务队，每天定时到社区为居民提供医疗服务."""
    await wish.passes(days=6)
    await wish.serves("ACTIVITY", HOSPITAL, "康复理疗室在社区开诊，区中医医院支持")
    for _ in range(3):
        await wish.passes(days=1)
        await wish.serves("CLINIC", DOCTOR, "党员医生定时到康复理疗室，为居民做针灸理疗")
    await wish.serves("CARE", HUB_HEAD, "陪老人做针灸理疗")
    answer = await wish.refused("Resolve", DOCTOR, resolution="已开诊")
    assert answer == ("FORBIDDEN", "您的岗位无权办理，请联系负责的单位")


async def thanked(wish: Scene) -> None:
    """给你们点赞."""
    await wish.does("Resolve", SECRETARY, resolution="康复理疗室建成，党员医生每天定时服务")
    await wish.does("Verify", SECRETARY, note="到场查看，已开诊")
    assert await wish.refused("Close", SECRETARY) == not_while("核查")
    await wish.does("FollowUp", ELDER, verdict="SATISFIED", note=THANKS)
    await wish.does("Close", SECRETARY)
