"""A TOML file's tables become a Profile, or are refused with every problem found."""

import re

from domain.profile import (
    DEADLINE_HOURS,
    Cadence,
    Category,
    Deadline,
    Duty,
    Every,
    Level,
    Profile,
    ProfileError,
    Role,
    Rule,
    SelectionStage,
    SelectionStep,
    Weight,
)
from domain.profile_check import check_profile
from domain.profile_read import Notes, Table
from domain.terms import LevelKind, RoleKind, Route, Severity, TicketStatus, TreeKind

SLUG = re.compile(r"[a-z][a-z0-9_]{1,31}")
PREFIX = re.compile(r"[A-Z]{2,4}")
DIVISION = re.compile(r"\d{12}")


def parse_profile(data: dict[str, object], file: str) -> Profile:
    """`tomllib.load(...)` -> Profile; raises ProfileError with all problems of the file."""
    notes = Notes(file)
    profile = _profile(Table(data, "", notes))
    # a broken part would only make the cross checks repeat themselves
    if not notes.problems:
        check_profile(profile, notes)
    if notes.problems:
        raise ProfileError(tuple(notes.problems))
    return profile


def _profile(top: Table) -> Profile:
    from_data = top.flag("categories_from_data", default=False)
    profile = Profile(
        slug=top.matching("slug", SLUG, "2 to 32 lower-case letters, digits and underscores"),
        name=top.text("name"),
        division=_division(top),
        time_zone=top.text("time_zone"),
        number_prefix=top.matching("number_prefix", PREFIX, "2 to 4 upper-case letters"),
        source=top.text("source"),
        working_hours_only=top.flag("working_hours_only"),
        handling_tree=top.choice("handling_tree", TreeKind),
        levels=_levels(top.tables("levels", least=1)),
        roles=tuple(map(_role, top.tables("roles", least=1))),
        categories=tuple(map(_category, top.tables("categories", least=0 if from_data else 1))),
        rules=tuple(map(_rule, top.tables("rules", least=1))),
        cadences=tuple(map(_cadence, top.tables("cadences"))),
        selection=tuple(map(_step, top.tables("selection"))),
        weights=tuple(map(_weight, top.tables("weights"))),
        categories_from_data=from_data,
        pauses=top.choices("pauses", TicketStatus, least=0),
    )
    top.done("demo")
    return profile


def _division(top: Table) -> str | None:
    return top.matching("division", DIVISION, "12 digits") if top.has("division") else None


def _source(table: Table) -> str:
    return table.text("source", default="")


def _levels(tables: list[Table]) -> tuple[Level, ...]:
    """The depth of a level is its place among those of its tree."""
    depths = dict.fromkeys(TreeKind, 0)
    levels: list[Level] = []
    for table in tables:
        tree = table.choice("tree", TreeKind)
        depths[tree] += 1
        kind = table.choice("kind", LevelKind)
        name, source = table.text("name"), _source(table)
        levels.append(Level(table.code(), name, kind, tree, depths[tree], source))
        table.done()
    return tuple(levels)


def _role(table: Table) -> Role:
    role = Role(
        code=table.code(),
        title=table.text("title"),
        kind=table.choice("kind", RoleKind),
        level=table.text("level"),
        duties=table.texts("duties"),
        cover=table.flag("cover", default=False),
        source=_source(table),
    )
    table.done()
    return role


def _category(table: Table) -> Category:
    severity = table.choice("severity", Severity)
    hours, source = _hours(table), _source(table)
    category = Category(table.code(), table.text("name"), severity, hours, source)
    table.done("hours", "deadline")
    return category


def _hours(table: Table) -> int:
    """Either `hours`, or `deadline`, one of the named defaults of DOMAIN §9."""
    if table.has("hours") and table.has("deadline"):
        table.notes.add(table.at("hours"), "give either hours or deadline, not both")
    if table.has("hours"):
        return table.whole("hours", least=1)
    return DEADLINE_HOURS[table.choice("deadline", Deadline)]


def _rule(table: Table) -> Rule:
    rule = Rule(
        code=table.code(),
        levels=table.texts("levels", least=1),
        severities=table.choices("severities", Severity),
        categories=table.texts("categories"),
        route=table.choice("route", Route),
        to_level=table.maybe_text("to_level"),
        after_hours=table.whole("after_hours", least=1),
        text=table.text("text"),
        source=table.text("source"),
    )
    table.done()
    return rule


def _cadence(table: Table) -> Cadence:
    cadence = Cadence(
        code=table.code(),
        name=table.text("name"),
        every=table.choice("every", Every),
        what=table.choice("what", Duty),
        roles=table.texts("roles"),
        quota=table.maybe_whole("quota", least=1),
        unit=table.text("unit"),
        source=table.text("source"),
    )
    table.done()
    return cadence


def _step(table: Table) -> SelectionStep:
    stage = table.choice("stage", SelectionStage)
    step = SelectionStep(stage, table.text("name"), table.text("by"), _source(table))
    table.done()
    return step


def _weight(table: Table) -> Weight:
    percent = table.whole("percent", least=1)
    weight = Weight(table.code(), table.text("name"), percent, _source(table))
    table.done()
    return weight
