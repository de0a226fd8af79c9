"""`[demo]` of a locality file becomes a Demo, or is refused with every problem found."""

import re
from datetime import timedelta

from domain.demo import (
    RESIDENT,
    Demo,
    DemoHistory,
    DemoPosts,
    DemoResidents,
    DemoUnits,
    Matter,
    Names,
    Service,
    Story,
    StoryReport,
    StoryStep,
)
from domain.demo_check import check_demo
from domain.profile import Profile, ProfileError
from domain.profile_read import Notes, Table
from domain.terms import (
    AppealType,
    Channel,
    ConcernClass,
    ServiceKind,
    Severity,
    TicketVerb,
    Verdict,
)

DIVISION = re.compile(r"(\d{12})?")
OFFSET = re.compile(r"([+-])(\d+)([mhd])")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_demo(data: dict[str, object], profile: Profile, file: str) -> Demo | None:
    """The `[demo]` of a whole file, None where it has none; raises ProfileError."""
    if "demo" not in data:
        return None
    notes = Notes(file)
    table = Table(data, "", notes).table("demo")
    demo = Demo(
        units=tuple(map(_units, table.tables("units", least=1))),
        posts=tuple(map(_posts, table.tables("posts", least=1))),
        residents=tuple(map(_residents, table.tables("residents"))),
        history=_history(table.table("history")),
        stories=tuple(map(_story, table.tables("stories"))),
    )
    table.done()
    if not notes.problems:
        check_demo(demo, profile, notes)
    if notes.problems:
        raise ProfileError(tuple(notes.problems))
    return demo


def parse_names(data: dict[str, object], file: str) -> Names:
    """`localities/names.toml` -> Names; raises ProfileError."""
    notes = Notes(file)
    table = Table(data, "", notes)
    names = Names(table.texts("surnames", least=1), table.texts("given", least=1))
    table.done()
    if notes.problems:
        raise ProfileError(tuple(notes.problems))
    return names


def _units(table: Table) -> DemoUnits:
    names = table.texts("names")
    units = DemoUnits(
        level=table.text("level"),
        names=names,
        template=table.text("template", default="" if names else None),
        total=table.maybe_whole("total", least=0),
        each=table.maybe_whole("each", least=0),
        under=table.texts("under"),
        beside=table.texts("beside"),
        divisions=table.texts("divisions"),
        households=table.whole("households", least=0, default=0),
    )
    _not_both(table)
    _check_forms(table, units)
    table.done()
    return units


def _check_forms(table: Table, units: DemoUnits) -> None:
    try:
        units.template.format(parent="", n=1, i=1)
    except (KeyError, IndexError, ValueError):
        reason = f"may hold only {{parent}}, {{n}} and {{i}}, not {units.template!r}"
        table.notes.add(table.at("template"), reason)
    for i, code in enumerate(units.divisions):
        if not DIVISION.fullmatch(code):
            table.notes.add(f"{table.at('divisions')}[{i}]", f"must be 12 digits, not {code!r}")


def _posts(table: Table) -> DemoPosts:
    posts = DemoPosts(
        role=table.text("role"),
        total=table.maybe_whole("total", least=0),
        each=table.maybe_whole("each", least=0),
        within=table.texts("within"),
        beside=table.texts("beside"),
        vacant=table.whole("vacant", least=0, default=0),
        covered=table.whole("covered", least=0, default=0),
        party_members=table.maybe_whole("party_members", least=0),
        shared_with=table.maybe_text("shared_with"),
    )
    _not_both(table)
    table.done()
    return posts


def _not_both(table: Table) -> None:
    if table.has("total") and table.has("each"):
        table.notes.add(table.at("each"), "give either total or each, not both")


def _residents(table: Table) -> DemoResidents:
    residents = DemoResidents(
        level=table.text("level"),
        total=table.whole("total", least=1),
        party_members=table.whole("party_members", least=0, default=0),
    )
    table.done()
    return residents


def _history(table: Table) -> DemoHistory:
    history = DemoHistory(
        tickets=table.whole("tickets", least=0),
        services=table.whole("services", least=0),
        months=table.whole("months", least=1),
        matters=tuple(map(_matter, table.tables("matters", least=1))),
        kinds=tuple(map(_kind, table.tables("kinds", least=1))),
    )
    table.done()
    return history


def _matter(table: Table) -> Matter:
    matter = Matter(
        category=table.text("category"),
        weight=table.whole("weight", least=1),
        appeal=table.choice("appeal", AppealType),
        channels=table.choices("channels", Channel),
        concern=table.choice("concern", ConcernClass) if table.has("concern") else None,
        titles=table.texts("titles", least=1),
    )
    table.done("concern")
    return matter


def _kind(table: Table) -> Service:
    weight = table.whole("weight", least=1)
    service = Service(table.choice("kind", ServiceKind), weight, table.texts("notes", least=1))
    table.done()
    return service


def _story(table: Table) -> Story:
    report = _report(table.table("report"))
    story = Story(
        code=table.code(),
        number=table.whole("number", least=1),
        title=table.text("title"),
        start=_offset(table, "start"),
        source=table.text("source"),
        report=report,
        steps=tuple(_step(step, report) for step in table.tables("steps", least=1)),
    )
    table.done()
    return story


def _report(table: Table) -> StoryReport:
    report = StoryReport(
        title=table.text("title"),
        body=table.text("body"),
        category=table.text("category"),
        severity=table.choice("severity", Severity),
        appeal=table.choice("appeal", AppealType),
        concern=table.choice("concern", ConcernClass) if table.has("concern") else None,
        channel=table.choice("channel", Channel),
        unit=table.text("unit"),
    )
    table.done("concern")
    return report


def _step(table: Table, report: StoryReport) -> StoryStep:
    """A resident acts at home, where the matter lies, unless another unit is given."""
    by = table.text("by")
    step = StoryStep(
        at=_offset(table, "at"),
        verb=table.choice("verb", TicketVerb) if table.has("verb") else None,
        service=table.choice("service", ServiceKind) if table.has("service") else None,
        by=by,
        unit=table.text("unit", default=report.unit if by == RESIDENT else None),
        to=table.texts("to"),
        verdict=table.choice("verdict", Verdict) if table.has("verdict") else None,
        note=table.text("note"),
    )
    if (step.verb is None) == (step.service is None):
        table.notes.add(table.key, "give exactly one of verb and service")
    table.done("verb", "service", "verdict")
    return step


def _offset(table: Table, key: str) -> timedelta:
    """`-40d`, `+2h`, `+30m`: a time from the start, or of the start from today."""
    match = OFFSET.fullmatch(table.matching(key, OFFSET, "like -40d, +2h or +30m"))
    if not match:
        return timedelta()
    sign, amount, unit = match.groups()
    return timedelta(**{UNITS[unit]: int(sign + amount)})
