"""The incident log as the place `incidents`: assignment groups under one desk.

Amaral, Fantinato, Peres (2018), doi:10.24432/C57S4H, CC BY 4.0.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from db.load.cases import TAKEN, Case, known_tickets, write_cases
from db.load.copy import Owner, add, settle
from db.load.ids import uuid_at
from db.load.incident_row import Entry, tickets
from db.load.incident_story import Story
from db.load.people import person_id, post_rows, vacant_posts
from db.load.profile import add_categories, put_profile
from db.load.report import Progress, Report
from db.load.units import Unit, add_units
from domain.demo import PlannedUnit
from domain.ids import TicketId
from domain.profile import DEADLINE_HOURS, Category, Deadline, Profile
from domain.terms import AppealType, Channel, Severity

DESK = "desk"

CHANNELS = {"Phone": Channel.HOTLINE, "IVR": Channel.HOTLINE, "Direct opening": Channel.WALK_IN}
"""How the log says a need came in; everything else came through an application."""

SEVERITIES = {
    "1": Severity.KEY_PROBLEM,
    "2": Severity.MAJOR,
    "3": Severity.HARD,
    "4": Severity.MINOR,
}


async def load_incidents(
    connection: Owner, file: Path, profile: Profile, progress: Progress
) -> Report:
    """Load the tickets of the log that are new, all or none; rows are rows of the log."""
    slug, zone = profile.slug, ZoneInfo(profile.time_zone)
    # Read twice, so that the log need not fit into memory.
    names = _survey(tickets(file, zone, Report()))
    report = Report()
    async with connection.transaction():
        now = await connection.fetchval("SELECT now()")
        revision = await put_profile(connection, profile, now)
        plan = _plan(profile, names)
        units = await add_units(connection, slug, plan)
        posts = post_rows(slug, vacant_posts(profile, plan), units, phones=False)
        await add(connection, "post", posts)
        await add(connection, "person", _people(slug, names, units[DESK]))
        await add_categories(connection, slug, _categories(names))
        known = await known_tickets(connection, slug)
        desk = _Desk(profile, revision, units, known, report)
        await write_cases(connection, desk.cases(tickets(file, zone, report)), progress)
        report.settle(desk.new_rows)
    await settle(connection)
    return report


@dataclass(frozen=True, slots=True)
class _Names:
    """Everything that the log names by a number."""

    groups: set[str] = field(default_factory=set[str])
    callers: set[str] = field(default_factory=set[str])
    agents: set[str] = field(default_factory=set[str])
    subcategories: set[str] = field(default_factory=set[str])


def _survey(found: Iterable[Sequence[Entry]]) -> _Names:
    """What units, people and categories the log needs."""
    names = _Names()
    for entries in found:
        names.groups.update(entry.group for entry in entries if entry.group)
        names.agents.update(entry.by for entry in entries if entry.by)
        names.callers.add(entries[0].row["caller_id"])
        names.subcategories.add(entries[-1].row["subcategory"])
    return names


def _plan(profile: Profile, names: _Names) -> list[PlannedUnit]:
    """The desk, and below it every group that the log names."""
    top, below = profile.tree(profile.handling_tree)[:2]
    groups = sorted(names.groups, key=_as_number)
    return [
        PlannedUnit(DESK, top.code, top.tree, None, "Service desk", 1, None, 0),
        *(
            PlannedUnit(_group(g), below.code, below.tree, DESK, f"Group {g}", n, None, 0)
            for n, g in enumerate(groups, 1)
        ),
    ]


def _as_number(text: str) -> tuple[int, str]:
    return (int(text) if text.isdecimal() else 0, text)


def _group(number: str) -> str:
    """The key of a group's unit; a ticket without a group lies with the desk."""
    return f"group {number}" if number else DESK


def _people(slug: str, names: _Names, desk: Unit) -> Iterable[dict[str, Any]]:
    """Callers and agents, whom the log knows by number only."""
    callers = (f"Caller {n}" for n in sorted(names.callers, key=_as_number) if n)
    agents = (f"Agent {n}" for n in sorted(names.agents, key=_as_number))
    for name in chain(callers, agents):
        yield {
            "locality_id": slug,
            "id": person_id(slug, name),
            "name": name,
            "unit_id": desk.id,
            "unit_path": desk.path,
            "published": False,
        }


def _categories(names: _Names) -> Iterable[Category]:
    """A category for each subcategory number; the log gives no deadlines."""
    hours = DEADLINE_HOURS[Deadline.ORDINARY]
    for number in sorted(names.subcategories, key=_as_number):
        name = f"Subcategory {number}" if number else "No subcategory"
        yield Category(_category(number), name, Severity.HARD, hours)


def _category(number: str) -> str:
    return f"subcategory_{number or 'none'}"


def _ticket_id(slug: str, entries: Sequence[Entry]) -> TicketId:
    return TicketId(uuid_at(entries[0].opened_at, slug, "ticket", entries[0].number))


@dataclass(slots=True)
class _Desk:
    """Turns the entries of a ticket into a case, and counts those of new tickets."""

    profile: Profile
    revision: int
    units: Mapping[str, Unit]
    known: Mapping[str, UUID]
    report: Report
    new_rows: int = 0

    def cases(self, found: Iterable[Sequence[Entry]]) -> Iterator[Case]:
        """The tickets that are not there yet."""
        for entries in found:
            key = self.known.get(entries[0].number)
            if key is None:
                self.new_rows += len(entries)
                yield self.case(entries)
            elif key != _ticket_id(self.profile.slug, entries):
                for entry in entries:
                    self.report.refuse(entry.line, TAKEN)

    def case(self, entries: Sequence[Entry]) -> Case:
        """One ticket: what it is about is as the log last says, the rest is its story."""
        slug, last = self.profile.slug, entries[-1].row
        severity = SEVERITIES.get(last["priority"], Severity.HARD)
        category = _category(last["subcategory"])
        reporter = person_id(slug, f"Caller {last['caller_id']}") if last["caller_id"] else None
        story = Story(self.profile, severity, category, reporter, self.units[DESK])
        for entry in entries:
            agent = person_id(slug, f"Agent {entry.by}") if entry.by else None
            story.tell(entry, self.units[_group(entry.group)], agent)
        return Case(
            profile=self.profile,
            revision=self.revision,
            id=_ticket_id(slug, entries),
            number=entries[0].number,
            title=f"Subcategory {last['subcategory'] or '?'}, symptom {last['symptom'] or '?'}",
            body=f"Location {last['location']}, impact {last['impact']}, urgency {last['urgency']}",
            severity=severity,
            appeal=AppealType.HELP,
            channel=CHANNELS.get(last["contact_type"], Channel.APP),
            category=category,
            unit=self.units[DESK],
            handler=story.unit,
            events=story.events,
            hops=story.hops,
            due_at=None,
            reporter=reporter,
            resolution=f"Closed with code {last['closed_code']}" if last["closed_code"] else None,
            archived=True,
        )
