"""The demo of each place: the articles' figures exactly, the same every time, stories that run."""

import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from domain.demo import RESIDENT, PlannedPost, PlannedUnit, Story
from domain.demo_parse import parse_demo
from domain.demo_plan import (
    find_units,
    lineage,
    plan_people,
    plan_posts,
    plan_units,
    spread,
    strides,
)
from domain.ids import PersonId, TicketId, UnitId
from domain.profile import Profile
from domain.terms import RoleKind, TicketStatus, TicketVerb
from domain.ticket import Command, Decision, Report, Target, TicketState, decide, report
from tests.domain.places import SIX, load, names, place, profile_of

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def levels(name: str) -> Counter[str]:
    return Counter(unit.level for unit in place(name).units)


def roles(name: str) -> Counter[str]:
    return Counter(post.role for post in place(name).posts)


def below(name: str, ancestor: str) -> set[str]:
    """Keys of the units of a subtree, its top included."""
    lines = lineage(place(name).units)
    return {key for key, line in lines.items() if ancestor in line}


def named(name: str, reference: str) -> PlannedUnit:
    (unit,) = find_units(place(name).units, reference)
    return unit


# --- the articles' figures ---


def test_hejiang_people():
    """楼栋长428人、党小组长96人、网格员90人、“双报到”党员1946人 (article 000)."""
    found = roles("hejiang")
    assert (found["building_chief"], found["party_group_leader"]) == (428, 96)
    assert (found["grid_worker"], found["dual_member"]) == (90, 1946)
    counted = ("building_chief", "party_group_leader", "grid_worker", "dual_member")
    people = [p.holder for p in place("hejiang").posts if p.role in counted]
    assert None not in people
    assert len(set(people)) == 428 + 96 + 90 + 1946
    assert named("hejiang", "荔城社区").division == "510522001009"


def test_weibin_grids():
    """1个区级网格、8个镇街网格、68个社区网格、365个基础网格; 姜谭路西 24 grids, 50名网格员 (001)."""
    assert levels("weibin") == {"district": 1, "town": 8, "community": 68, "grid": 365}
    here = below("weibin", "姜谭路西社区")
    assert sum(unit.key in here and unit.level == "grid" for unit in place("weibin").units) == 24
    workers = [p for p in place("weibin").posts if p.role == "grid_worker" and p.unit in here]
    assert len(workers) == 50
    assert roles("weibin")["party_group_leader"] == 600
    assert named("weibin", "姜谭街道/姜谭路西社区").division == "610302004008"
    assert named("weibin", "清姜街道/长岭社区").division == "610302003009"


def test_xinmao_households_and_cover():
    """住户3351户, 59人组成的海棠先锋队, 2名“全科社工”实行AB角, 6支志愿服务队伍 (001)."""
    xinmao = place("xinmao")
    stairwells = [unit for unit in xinmao.units if unit.level == "stairwell"]
    assert sum(unit.households for unit in xinmao.units) == 3351
    assert {unit.households for unit in stairwells} == {27, 28}
    assert (roles("xinmao")["begonia_member"], roles("xinmao")["team_leader"]) == (59, 6)
    one, two = (post for post in xinmao.posts if post.kind is RoleKind.GENERALIST_WORKER)
    assert (one.cover, two.cover) == (two.holder, one.holder)
    assert one.holder != two.holder


def test_nanling_three_chiefs():
    """43名网格长、390名楼栋长、1414名单元长; 436名党员担任楼栋长、单元长 (article 002)."""
    found = roles("nanling")
    assert (found["grid_chief"], found["building_chief"], found["unit_chief"]) == (43, 390, 1414)
    chiefs = [p for p in place("nanling").posts if p.role in ("building_chief", "unit_chief")]
    assert all(post.holder is not None for post in chiefs)
    assert sum(post.party_member for post in chiefs) == 436
    assert levels("nanling")["branch"] == levels("nanling")["grid"]
    assert levels("nanling")["group"] == levels("nanling")["building"]


def test_nanling_grid_chiefs_head_the_branches():
    posts = place("nanling").posts
    chiefs = [post.holder for post in posts if post.role == "grid_chief"]
    assert [post.holder for post in posts if post.role == "branch_secretary"] == chiefs


def test_bailong_people():
    """划分网格26个, 楼栋长249名, 党员150名, 570余名下沉网格, 巡逻队19名 (article 003)."""
    bailong = place("bailong")
    assert (levels("bailong")["grid"], levels("bailong")["building"]) == (26, 249)
    found = roles("bailong")
    assert (found["building_chief"], found["branch_secretary"]) == (249, 5)
    assert found["grid_worker"] + found["sent_down"] == 570
    patrol = [post.unit for post in bailong.posts if post.role == "patroller"]
    assert len(patrol) == 19
    assert set(patrol) == {named("bailong", f"商贸城{n}网格").key for n in (1, 2, 3, 4)}
    here = below("bailong", "白龙社区")
    holders = {p.holder for p in bailong.posts if p.unit in here and p.party_member}
    residents = {p.index for p in bailong.people if p.home in here and p.party_member}
    assert len(holders | residents) == 150


def test_huazhou_groups():
    """每个社区划分4至6个网格党小组; 两长N员 (article 004)."""
    huazhou = place("huazhou")
    parents = Counter(unit.parent for unit in huazhou.units if unit.level == "group")
    assert sorted(parents.values()) == [4, 6]
    kinds = {post.kind for post in huazhou.posts}
    assert {
        RoleKind.VOLUNTEER_PATROLLER, RoleKind.NEEDS_OBSERVER, RoleKind.POLICY_COMMUNICATOR,
        RoleKind.MEDIATOR, RoleKind.PROPERTY_LIAISON, RoleKind.CIVILITY_ADVOCATE,
    } <= kinds  # fmt: skip


# --- the plan ---


@pytest.mark.parametrize("name", SIX)
def test_a_plan_is_the_same_every_time(name: str):
    profile = profile_of(name)
    demo = parse_demo(load(name), profile, f"{name}.toml")
    assert demo is not None
    units = plan_units(demo, profile)
    posts = plan_posts(demo, profile, units)
    people = plan_people(demo, profile, units, posts, names())
    assert (profile, demo, units, posts, people) == place(name)


@pytest.mark.parametrize("name", SIX)
def test_units_form_trees(name: str):
    units = place(name).units
    by_key = {unit.key: unit for unit in units}
    assert len(by_key) == len(units) == len({unit.name for unit in units})
    siblings: dict[tuple[str, str | None], list[int]] = {}
    for unit in units:
        level = place(name).profile.level(unit.level)
        siblings.setdefault((unit.level, unit.parent), []).append(unit.position)
        if unit.parent is None:
            assert level.depth == 1
        else:
            above = by_key[unit.parent]
            assert place(name).profile.level(above.level).depth == level.depth - 1
            assert above.tree is unit.tree is level.tree
    assert all(found == list(range(1, len(found) + 1)) for found in siblings.values())


@pytest.mark.parametrize("name", SIX)
def test_posts_and_people_fit(name: str):
    _, _, units, posts, people = place(name)
    keys = {unit.key for unit in units}
    assert len({post.key for post in posts}) == len(posts)
    assert {post.unit for post in posts} <= keys
    assert [person.index for person in people] == list(range(len(people)))
    assert len({person.name for person in people}) == len(people)
    holders = {post.holder for post in posts} - {None}
    assert holders == {person.index for person in people if person.home is None}
    assert {person.home for person in people if person.home} <= keys
    for post in posts:
        assert post.cover is None or post.cover in holders - {post.holder}
        assert not post.party_member or post.holder is not None


@pytest.mark.parametrize("name", SIX)
def test_the_first_post_of_a_unit_answers_for_it(name: str):
    profile = place(name).profile
    first = {level.code: next(r.code for r in profile.roles if r.level == level.code)
             for level in profile.levels}  # fmt: skip
    answering = {post.unit: post.role for post in place(name).posts if post.position == 1}
    for unit in place(name).units:
        assert answering[unit.key] == first[unit.level]


def test_spreading_gives_the_first_ones_more():
    assert spread(50, 24) == [3, 3, *[2] * 22]
    assert spread(2, 3) == [1, 1, 0]
    assert strides(2, 10) == {2, 7}
    assert strides(10, 10) == set(range(10))
    assert all(len(strides(count, 43)) == count for count in range(1, 44))


# --- the history and the stories ---


def test_the_ten_stories_are_told_in_their_places():
    told = {(name, story.number) for name in SIX for story in place(name).demo.stories}
    assert told == {
        ("huazhou", 1), ("huazhou", 2), ("huazhou", 3), ("huazhou", 4), ("weibin", 5),
        ("nanling", 6), ("bailong", 7), ("hejiang", 8), ("hejiang", 9), ("xinmao", 10),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "code"), [(n, story.code) for n in SIX for story in place(n).demo.stories]
)
def test_a_story_can_happen(name: str, code: str):
    story = next(each for each in place(name).demo.stories if each.code == code)
    state = replay(story, place(name).profile, place(name).units)
    assert state.status is TicketStatus.CLOSED
    assert not [step for step in story.steps if step.by != RESIDENT and not held(name, step)]


@pytest.mark.parametrize("name", SIX)
def test_titles_and_notes_are_templates_of_a_unit_only(name: str):
    history = place(name).demo.history
    texts = [t for matter in history.matters for t in matter.titles]
    texts += [note for kind in history.kinds for note in kind.notes]
    assert all("{" not in text.replace("{unit}", "") for text in texts)
    assert {m.category for m in history.matters} <= {c.code for c in place(name).profile.categories}


def test_the_households_of_a_workers_week():
    """每周走访不少于10户 (article 001)."""
    (story,) = place("xinmao").demo.stories
    assert sum(step.service == "VISIT" for step in story.steps) == 10
    assert story.steps[-1].at - story.steps[0].at < timedelta(days=7)


def held(name: str, step: object) -> list[PlannedPost]:
    """The filled posts that may be meant by a step."""
    by, unit = getattr(step, "by", ""), getattr(step, "unit", "")
    key = named(name, unit).key
    return [p for p in place(name).posts if (p.role, p.unit) == (by, key) and p.holder is not None]


def replay(story: Story, profile: Profile, units: Sequence[PlannedUnit]) -> TicketState:
    """Run a story's verbs through the state machine, checking that UP goes up and DOWN down."""
    ids = {unit.key: UnitId(uuid.UUID(int=i)) for i, unit in enumerate(units, start=1)}
    lines = lineage(units)
    actor = PersonId(uuid.UUID(int=1))

    def target(reference: str) -> Target:
        (unit,) = find_units(units, reference)
        return Target(ids[unit.key], unit.level)

    where = target(story.report.unit)
    told = story.report
    opened = Report(
        id=TicketId(uuid.UUID(int=2)), actor=actor, title=told.title, text=told.body,
        severity=told.severity, category=told.category, to=where, due_at=NOW + timedelta(days=90),
    )  # fmt: skip
    decision = report(opened, NOW)
    assert isinstance(decision, Decision), decision
    state = decision.state
    for step in (each for each in story.steps if each.verb not in (None, TicketVerb.REPORT)):
        assert step.verb
        targets = [target(reference) for reference in step.to]
        to = targets[0] if targets and step.verb is not TicketVerb.JOIN else None
        joined = tuple(targets) if step.verb is TicketVerb.JOIN else ()
        command = Command(
            verb=step.verb, actor=actor, reason=step.note, to=to, joined=joined, verdict=step.verdict
        )  # fmt: skip
        decision = decide(state, command, NOW + step.at)
        assert isinstance(decision, Decision), (story.code, step, decision)
        if to and step.verb in (TicketVerb.ESCALATE, TicketVerb.RETURN):
            here, there = (lines[key] for u in (state.handler_unit_id, to.unit_id)
                           for key, found in ids.items() if found == u)  # fmt: skip
            upper, lower = (there, here) if step.verb is TicketVerb.ESCALATE else (here, there)
            assert len(upper) < len(lower)
            assert lower[: len(upper)] == upper
        state = decision.state
    assert profile.category(told.category)
    return state
