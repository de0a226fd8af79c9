"""The stories of the articles, as written: found by title, read whole by whoever heads the place."""

import tomllib
from importlib.resources import files
from typing import Any

import pytest

from domain.terms import TicketVerb
from domain.ticket_table import ROUTES
from tests.api.acting import TICKET, verbs
from tests.api.served import Site

PLACES = ("huazhou", "weibin", "nanling", "bailong", "hejiang", "xinmao")


def stories() -> list[Any]:
    found: list[Any] = []
    for slug in PLACES:
        text = (files("localities") / f"{slug}.toml").read_text("utf-8")
        for story in tomllib.loads(text)["demo"]["stories"]:
            found.append(pytest.param(slug, story, id=f"{story['number']}-{story['code']}"))
    return found


def test_all_ten_are_there() -> None:
    assert {story.values[1]["number"] for story in stories()} == set(range(1, 11))


SEARCH = """
query($category: [String!], $after: String) {
  tickets(filter: { category: { in: $category } }, first: 100, after: $after) {
    nodes { id title } pageInfo { hasNextPage endCursor }
  }
}
"""


async def found(site: Site, story: Any, by: str) -> str:
    """The ticket of a story, looked up as a client does: among those of its category, by title."""
    after, ids = None, list[str]()
    while True:
        given = {"category": [story["report"]["category"]], "after": after}
        page = (await site.ask(SEARCH, by, **given))["tickets"]
        ids += [t["id"] for t in page["nodes"] if t["title"] == story["report"]["title"]]
        if not page["pageInfo"]["hasNextPage"]:
            (only,) = ids
            return only
        after = page["pageInfo"]["endCursor"]


async def told(site: Site, story: Any, by: str) -> Any:
    """The ticket of a story with all there is to read."""
    query = f"query($id: ID!) {{ ticket(id: $id) {{ {TICKET} }} }}"
    return (await site.ask(query, by, id=await found(site, story, by)))["ticket"]


async def head(site: Site, slug: str, story: Any) -> str:
    """Somebody above the story: whoever heads the top unit of its tree."""
    sql = """
        SELECT t.name FROM org_unit u JOIN org_unit t ON t.locality_id = u.locality_id
            AND t.path = left(u.path, 4) JOIN level l ON l.locality_id = u.locality_id
            AND l.code = u.level_code
        WHERE u.locality_id = $1 AND u.id = (SELECT unit_id FROM ticket WHERE title = $2)
    """
    return f"{slug}/{await site.owner.fetchval(sql, slug, story['report']['title'])}"


@pytest.mark.parametrize(("slug", "story"), stories())
async def test_a_story_reads_as_written(demo: Site, slug: str, story: Any) -> None:
    ticket = await told(demo, story, await head(demo, slug, story))
    report, steps = story["report"], story["steps"]
    assert (ticket["title"], ticket["body"]) == (report["title"], report["body"])
    assert ticket["severity"] == report["severity"]
    assert ticket["channel"] == report["channel"]
    assert ticket["category"]["code"] == report["category"]
    assert ticket["orgUnit"]["name"] == report["unit"]
    done = [(step["verb"], step["note"]) for step in steps if "verb" in step]
    events = ticket["events"]["nodes"]
    assert [(event["verb"], event["note"]) for event in events] == done
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    moved = [
        (ROUTES[TicketVerb(step["verb"])].value, step["note"])
        for step in steps
        if "verb" in step and TicketVerb(step["verb"]) in ROUTES
        for _ in range(len(step.get("to", [])) + 1 if step["verb"] == "JOIN" else 1)
    ]
    assert [(hop["route"], hop["reason"]) for hop in ticket["escalationChain"]] == moved
    served = [(step["service"], step["note"]) for step in steps if "service" in step]
    records = reversed(ticket["serviceRecords"]["nodes"])
    assert sorted((r["kind"], r["note"]) for r in records) == sorted(served)
    (verdict,) = (step["verdict"] for step in steps if "verdict" in step)
    assert (ticket["status"], ticket["open"], ticket["verdict"]) == ("CLOSED", False, verdict)
    assert ticket["closedAt"] == events[-1]["at"]
    assert ticket["nextHop"] is None
    assert all(hop["leftAt"] for hop in ticket["escalationChain"][-1:])


@pytest.mark.parametrize(("slug", "story"), stories())
async def test_a_story_s_services_are_in_order(demo: Site, slug: str, story: Any) -> None:
    """Newest first, and at the hours that the story gives them."""
    query = """
    query($id: ID!) { ticket(id: $id) {
      createdAt serviceRecords(first: 100) { nodes { note at person { name } } }
    } }
    """
    by = await head(demo, slug, story)
    ticket = (await demo.ask(query, by, id=await found(demo, story, by)))["ticket"]
    records = ticket["serviceRecords"]["nodes"]
    assert [r["at"] for r in records] == sorted((r["at"] for r in records), reverse=True)
    assert all(record["person"]["name"] for record in records)
    notes = [step["note"] for step in story["steps"] if "service" in step]
    written = {step["note"]: step["at"] for step in story["steps"] if "service" in step}
    by_time = [record["note"] for record in reversed(records)]
    assert [written[note] for note in by_time] == [written[note] for note in notes]


async def test_the_wall_climbs_from_the_community_to_the_street(demo: Site) -> None:
    """渭滨, story 5: 社区党委立即上报姜谭街道办."""
    (story,) = (s.values[1] for s in stories() if s.values[1]["code"] == "unsafe_wall")
    ticket = await told(demo, story, "weibin")
    ups = [hop for hop in ticket["escalationChain"] if hop["route"] == "UP"]
    ways = [(hop["fromUnit"]["name"], hop["toUnit"]["name"]) for hop in ups]
    assert ways == [("宝氮二区网格", "姜谭路西社区"), ("姜谭路西社区", "姜谭街道")]
    secretary = (await demo.person("weibin/姜谭路西社区")).name
    assert ups[1]["actor"]["name"] == secretary
    assert ups[1]["toPost"]["title"] == "镇街网格长"
    assert ticket["resolution"] == "围墙已重建"
    assert ticket["handler"]["name"] == "姜谭街道"
    repair, follow_up = reversed(ticket["serviceRecords"]["nodes"])
    assert (repair["kind"], follow_up["kind"]) == ("REPAIR", "FOLLOW_UP")
    assert verbs(ticket)[-4:] == ["RESOLVE", "VERIFY", "FOLLOW_UP", "CLOSE"]


async def test_the_micro_project_goes_up_and_comes_back_down(demo: Site) -> None:
    """白龙, story 7: four approvals on the way up; carried out by the community."""
    (story,) = (s.values[1] for s in stories() if s.values[1]["code"] == "leaking_drain")
    ticket = await told(demo, story, "bailong")
    way = [(hop["route"], hop["toUnit"]["name"]) for hop in ticket["escalationChain"]]
    assert way == [
        ("UP", "磷肥厂网格"),
        ("UP", "白龙社区"),
        ("UP", "播南街道"),
        ("DOWN", "白龙社区"),
    ]
    assert "账目公布" in ticket["resolution"]


async def test_the_meeting_returns_the_matter_with_its_answer(demo: Site) -> None:
    """合江, story 9: tabled, resolved at the monthly meeting, and the answer brought home."""
    (story,) = (s.values[1] for s in stories() if s.values[1]["code"] == "monthly_meeting")
    ticket = await told(demo, story, "hejiang")
    done = verbs(ticket)
    assert done[done.index("TABLE") :][:2] == ["TABLE", "RESUME"]
    assert ticket["escalationChain"][-1]["route"] == "MEETING"
    newest = ticket["serviceRecords"]["nodes"][0]
    assert (newest["kind"], newest["note"]) == ("FOLLOW_UP", "把例会的答复带回给家长")
    assert newest["recipient"]["name"] == ticket["reporter"]["name"]


async def test_the_worker_s_week_is_ten_households(demo: Site) -> None:
    """鑫茂, story 10: each visit is a record of its own, counted once."""
    query = """
    query($id: ID!) { ticket(id: $id) {
      serviceRecords(first: 100, filter: { kind: { in: [VISIT] } }) { totalCount nodes { person { name } } }
    } }
    """
    id_ = await demo.ticket("1号楼1单元楼道堆放纸箱")
    visits = (await demo.ask(query, "xinmao", id=id_))["ticket"]["serviceRecords"]
    assert visits["totalCount"] == 10
    assert len({visit["person"]["name"] for visit in visits["nodes"]}) == 1
