"""What a demo must be to its profile: known codes, counts that fit, stories that can happen."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from domain.demo import RESIDENT, Demo, DemoPosts, DemoUnits, PlannedUnit, Story, StoryStep
from domain.demo_plan import find_units, plan_units, post_places
from domain.profile import Profile
from domain.profile_read import Notes, nearest
from domain.terms import TicketVerb

ONE_TARGET = (TicketVerb.DISPATCH, TicketVerb.RULE, TicketVerb.ESCALATE, TicketVerb.RETURN)


def check_demo(demo: Demo, profile: Profile, notes: Notes) -> None:
    """Note every contradiction between a demo and its profile."""
    levels = [each.code for each in profile.levels]
    for i, entry in enumerate(demo.units):
        notes.known(f"demo.units[{i}].level", "level", entry.level, levels)
    for i, entry in enumerate(demo.posts):
        _check_posts_entry(demo, profile, notes, i, entry)
    for i, entry in enumerate(demo.residents):
        notes.known(f"demo.residents[{i}].level", "level", entry.level, levels)
    categories = [each.code for each in profile.categories]
    for i, matter in enumerate(demo.history.matters):
        key = f"demo.history.matters[{i}].category"
        notes.known(key, "category", matter.category, categories)
    # with an unknown code no plan can be made
    if not notes.problems:
        _check_plan(demo, profile, notes)


def _check_posts_entry(
    demo: Demo, profile: Profile, notes: Notes, i: int, entry: DemoPosts
) -> None:
    key = f"demo.posts[{i}]"
    roles = [each.code for each in profile.roles]
    known = notes.known(f"{key}.role", "role", entry.role, roles)
    if known and entry.covered and not profile.role(entry.role).cover:
        reason = f"role {entry.role!r} has no stand-ins; give it cover = true or leave this out"
        notes.add(f"{key}.covered", reason)
    if entry.shared_with is not None:
        earlier = [each.role for each in demo.posts[:i]]
        notes.known(f"{key}.shared_with", "earlier role", entry.shared_with, earlier)


def _check_plan(demo: Demo, profile: Profile, notes: Notes) -> None:
    units = plan_units(demo, profile)
    names = [unit.name for unit in units]
    for i, entry in enumerate(demo.units):
        _check_units_entry(profile, notes, f"demo.units[{i}]", entry, units)
    for i, entry in enumerate(demo.posts):
        for field, wanted in (("within", entry.within), ("beside", entry.beside)):
            for j, name in enumerate(wanted):
                _known_unit(notes, f"demo.posts[{i}].{field}[{j}]", name, names)
    for level in profile.levels:
        if not any(unit.level == level.code for unit in units):
            notes.add("demo.units", f"no unit of level {level.code!r}")
    if notes.problems:
        return
    _check_counts(demo, profile, notes, units)
    for i, story in enumerate(demo.stories):
        _check_story(profile, notes, f"demo.stories[{i}]", story, units)


def _known_unit(notes: Notes, key: str, name: str, names: Sequence[str]) -> None:
    """A unit's name exists; of hundreds only the nearest is worth showing."""
    if name not in names:
        notes.add(key, f"no unit {name!r}{nearest(name, names)}")


def _check_units_entry(
    profile: Profile, notes: Notes, key: str, entry: DemoUnits, units: Sequence[PlannedUnit]
) -> None:
    level = profile.level(entry.level)
    above = [each.code for each in profile.tree(level.tree) if each.depth == level.depth - 1]
    parents = [unit.name for unit in units if unit.level in above]
    for field, wanted in (("under", entry.under), ("beside", entry.beside)):
        for j, name in enumerate(wanted):
            _known_unit(notes, f"{key}.{field}[{j}]", name, parents)
    here = [unit.name for unit in units if unit.level == entry.level]
    for j, name in enumerate(entry.names):
        if name not in here:
            notes.add(f"{key}.names[{j}]", f"{name!r} is one name more than there are units")
    nameless = [name for name in here if not name]
    if nameless and not entry.template:
        notes.add(f"{key}.template", f"is missing; {len(nameless)} units would have no name")


def _check_counts(demo: Demo, profile: Profile, notes: Notes, units: Sequence[PlannedUnit]) -> None:
    """No more vacancies, stand-ins or party members than the entry has posts."""
    for i, entry in enumerate(demo.posts):
        posts = len(post_places(entry, profile, units))
        limits = {
            "vacant": (entry.vacant, posts),
            "covered": (entry.covered, posts),
            "party_members": (entry.party_members or 0, posts - entry.vacant),
        }
        for field, (count, most) in limits.items():
            if count > most:
                notes.add(f"demo.posts[{i}].{field}", f"must be at most {most}, not {count}")


def _check_story(
    profile: Profile, notes: Notes, key: str, story: Story, units: Sequence[PlannedUnit]
) -> None:
    report = story.report
    categories = [each.code for each in profile.categories]
    notes.known(f"{key}.report.category", "category", report.category, categories)
    _unit(notes, f"{key}.report.unit", report.unit, units)
    verbs = [step.verb for step in story.steps if step.verb]
    if verbs[:1] != [TicketVerb.REPORT] or TicketVerb.REPORT in verbs[1:]:
        notes.add(f"{key}.steps", "the first verb, and no other, must be REPORT")
    for i, (before, after) in enumerate(pairwise(story.steps), start=1):
        if after.at < before.at:
            notes.add(f"{key}.steps[{i}].at", "must not be earlier than the step before")
    if story.start + story.steps[-1].at > timedelta():
        notes.add(f"{key}.start", "the last step would lie in the future")
    for i, step in enumerate(story.steps):
        _check_step(profile, notes, f"{key}.steps[{i}]", step, units)


def _check_step(
    profile: Profile, notes: Notes, key: str, step: StoryStep, units: Sequence[PlannedUnit]
) -> None:
    unit = _unit(notes, f"{key}.unit", step.unit, units)
    for i, reference in enumerate(step.to):
        _unit(notes, f"{key}.to[{i}]", reference, units)
    if step.verb and step.verb in ONE_TARGET and len(step.to) != 1:
        notes.add(f"{key}.to", f"{step.verb.value} needs exactly one unit to send to")
    if step.verb is TicketVerb.FOLLOW_UP and step.verdict is None:
        notes.add(f"{key}.verdict", "is missing; FOLLOW_UP records what the resident said")
    known = [RESIDENT, *(each.code for each in profile.roles)]
    if notes.known(f"{key}.by", "role", step.by, known) and step.by != RESIDENT and unit:
        level = profile.role(step.by).level
        if unit.level != level:
            reason = f"role {step.by!r} sits at level {level!r}, {step.unit!r} is {unit.level!r}"
            notes.add(f"{key}.unit", reason)


def _unit(
    notes: Notes, key: str, reference: str, units: Sequence[PlannedUnit]
) -> PlannedUnit | None:
    """The one unit that a reference means; noted when there is none or more than one."""
    found = find_units(units, reference)
    if len(found) == 1:
        return found[0]
    near = nearest(reference, [unit.name for unit in units])
    notes.add(key, f"{len(found)} units are called {reference!r}{near if not found else ''}")
    return None
