"""The Boston 311 requests as the place `boston`: a city, its departments, wards and precincts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from uuid import UUID

from db.load.boston_row import Request, requests
from db.load.cases import TAKEN, Case, known_tickets, time_given, write_cases
from db.load.copy import Owner, add, settle
from db.load.ids import uuid_at
from db.load.people import post_rows, vacant_posts
from db.load.profile import add_categories, level_of, put_profile
from db.load.report import Progress, Report
from db.load.units import Unit, add_units
from domain.demo import PlannedUnit
from domain.ids import TicketId
from domain.profile import DEADLINE_HOURS, Category, Deadline, Level, Profile
from domain.terms import LevelKind, Route, Severity, TicketStatus, TicketVerb
from domain.ticket import Event, Hop

CITY = "city"

ENDS = {
    "duplicate": (TicketVerb.MERGE, TicketStatus.MERGED),
    "invalid": (TicketVerb.REJECT, TicketStatus.REJECTED),
}
"""Outcomes that end a case without an answer; every other outcome is an answer."""

SEVERITIES = ((72, Severity.MINOR), (15 * 24, Severity.HARD))
"""The file has no severity: a matter that may take up to so many hours is so hard, else MAJOR."""


async def load_tickets(
    connection: Owner, file: Path, profile: Profile, progress: Progress
) -> Report:
    """Load the requests that are new, all or none."""
    report = Report()
    found = list(requests(file, report))
    async with connection.transaction():
        now = await connection.fetchval("SELECT now()")
        revision = await put_profile(connection, profile, now)
        plan = _plan(profile, found)
        units = await add_units(connection, profile.slug, plan)
        posts = post_rows(profile.slug, vacant_posts(profile, plan), units, phones=False)
        await add(connection, "post", posts)
        categories = await add_categories(connection, profile.slug, _categories(found))
        city = _City(profile, revision, units, categories)
        known = await known_tickets(connection, profile.slug)
        new = _new(found, known, city, report)
        report.settle(await write_cases(connection, map(city.case, new), progress))
    await settle(connection)
    return report


def _new(
    found: Iterable[Request], known: Mapping[str, UUID], city: "_City", report: Report
) -> Iterator[Request]:
    """The requests that are not there yet."""
    for request in found:
        if request.id not in known:
            yield request
        elif known[request.id] != city.key(request):
            report.refuse(request.line, TAKEN)


def _plan(profile: Profile, found: Sequence[Request]) -> list[PlannedUnit]:
    """The city, the departments that handle, and the wards and precincts where needs arise."""
    top, department, ward, precinct = (
        level_of(profile, kind)
        for kind in (LevelKind.CITY, LevelKind.DEPARTMENT, LevelKind.WARD, LevelKind.PRECINCT)
    )
    departments = sorted({request.department for request in found})
    wards = sorted({int(request.ward) for request in found if request.ward})
    precincts = sorted({(request.precinct, request.ward) for request in found if request.precinct})
    return [
        _unit(top, CITY, None, "Boston", 1),
        *(_unit(department, d, CITY, d, n) for n, d in enumerate(departments, 1)),
        *(_unit(ward, f"ward {w}", CITY, f"Ward {w}", len(departments) + w) for w in wards),
        *(_unit(precinct, p, f"ward {w}", f"Precinct {p}", int(p[2:4])) for p, w in precincts),
    ]


def _unit(level: Level, key: str, parent: str | None, name: str, position: int) -> PlannedUnit:
    return PlannedUnit(key, level.code, level.tree, parent, name, position, None, 0)


def _categories(found: Sequence[Request]) -> Iterator[Category]:
    """A category for each type, with the hours that half of its requests were given."""
    given: dict[str, list[float]] = defaultdict(list)
    names: dict[str, str] = {}
    for request in found:
        code = _code(request.type)
        names.setdefault(code, request.type)
        if request.due_at:
            given[code].append((request.due_at - request.opened_at).total_seconds() / 3600)
    for code, name in sorted(names.items()):
        usual = median(given[code]) if given[code] else DEADLINE_HOURS[Deadline.ORDINARY]
        hours = max(1, round(usual))
        yield Category(code, name, _severity(hours), hours)


def _severity(hours: int) -> Severity:
    return next((severity for most, severity in SEVERITIES if hours <= most), Severity.MAJOR)


def _code(name: str) -> str:
    """`Sidewalk Repair (Make Safe)` is `sidewalk_repair_make_safe`."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


@dataclass(frozen=True, slots=True)
class _City:
    """Turns requests into cases."""

    profile: Profile
    revision: int
    units: Mapping[str, Unit]
    categories: Mapping[str, Category]

    def key(self, request: Request) -> TicketId:
        """The key of a request's ticket."""
        return TicketId(uuid_at(request.opened_at, self.profile.slug, "ticket", request.id))

    def case(self, request: Request) -> Case:
        """One request: reported and sent to its department at once, closed when the file says."""
        handler = self.units[request.department]
        category = self.categories[_code(request.type)]
        where = request.precinct or (f"ward {request.ward}" if request.ward else CITY)
        return Case(
            profile=self.profile,
            revision=self.revision,
            id=self.key(request),
            number=request.id,
            title=request.title,
            body=request.body,
            severity=category.severity,
            appeal=request.appeal,
            channel=request.channel,
            category=category.code,
            unit=self.units[where],
            handler=handler,
            events=_events(request),
            hops=(self._hop(request, handler, category),),
            due_at=request.due_at,
            resolution=request.outcome.replace("_", " ") or None,
            archived=True,
        )

    def _hop(self, request: Request, handler: Unit, category: Category) -> Hop:
        """The way to the department, which has as long as the rules give it."""
        given = time_given(
            self.profile, handler, category.severity, category.code, request.opened_at
        )
        return Hop(
            sequence=1,
            route=Route.DISPATCH,
            from_unit=self.units[CITY].id,
            to_unit=handler.id,
            to_post=None,
            rule=None,
            reason="",
            actor=None,
            at=request.opened_at,
            due_at=given or request.due_at,
        )


def _events(request: Request) -> list[Event]:
    """What the dates tell, and nothing more: nobody recorded when it was signed for or checked."""
    opened, closed = request.opened_at, request.closed_at
    events = [
        Event(TicketVerb.REPORT, None, TicketStatus.REPORTED, opened, None),
        Event(TicketVerb.DISPATCH, TicketStatus.REPORTED, TicketStatus.DISPATCHED, opened, None),
    ]
    if closed is None:
        return events
    note = request.outcome.replace("_", " ")
    if request.outcome in ENDS:
        verb, status = ENDS[request.outcome]
        return [*events, Event(verb, TicketStatus.DISPATCHED, status, closed, None, note)]
    return [
        *events,
        Event(
            TicketVerb.RESOLVE, TicketStatus.DISPATCHED, TicketStatus.RESOLVED, closed, None, note
        ),
        Event(TicketVerb.CLOSE, TicketStatus.RESOLVED, TicketStatus.CLOSED, closed, None),
    ]
