"""Cases: a ticket with all that happened to it, from the domain's facts to rows."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from db.load.copy import Owner, add
from db.load.ids import uuid_at
from db.load.report import Progress
from db.load.units import Unit
from domain.escalation import NextHop, next_hop
from domain.ids import PersonId, TicketId
from domain.profile import Profile
from domain.terms import (
    CLOSED_STATUSES,
    AppealType,
    Channel,
    ConcernClass,
    Route,
    Severity,
    TicketStatus,
    TicketVerb,
    Verdict,
)
from domain.ticket import Event, Hop, TicketState

BATCH = 5_000
"""Cases written at a time: what a loader holds in memory."""

TAKEN = "the number is another ticket's, opened at another time"
"""Why a case is refused whose number is known and whose key is not."""

KNOWN = "SELECT number, id FROM ticket WHERE locality_id = $1"

AGAIN = (TicketVerb.REWORK, TicketVerb.REOPEN)
"""What undoes an answer."""

Row = dict[str, Any]


def time_given(
    profile: Profile, unit: Unit, severity: Severity, category: str, at: datetime
) -> datetime | None:
    """Until when a unit may keep a matter that it gets now, by the rules of the place."""
    status = TicketStatus.DISPATCHED
    ahead = next_hop(
        profile,
        unit.chain(),
        status=status,
        severity=severity,
        category=category,
        hop_started_at=at,
    )
    return ahead.due_at if ahead else None


@dataclass(frozen=True, slots=True)
class Case:
    """One ticket, its events in order, its hops in order, and the services it led to."""

    profile: Profile
    revision: int
    id: TicketId
    number: str
    title: str
    body: str
    severity: Severity
    appeal: AppealType
    channel: Channel
    category: str
    unit: Unit
    handler: Unit
    events: Sequence[Event]
    hops: Sequence[Hop]
    due_at: datetime | None
    concern: ConcernClass | None = None
    reporter: PersonId | None = None
    resolution: str | None = None
    verdict: Verdict | None = None
    returnable: bool = True
    services: Sequence[Row] = field(default=())
    archived: bool = False
    """A past that the clock must not carry on: nothing lies ahead of it by itself."""
    state: TicketState | None = None
    """How the rules left it, where they played it: a pause shows in its clocks only."""

    @property
    def status(self) -> TicketStatus:
        """Where it stands: what its last event says."""
        return self.events[-1].to_status

    def hop_started_at(self) -> datetime:
        """When the handler's clock started: with the newest hop, or a reopening after it."""
        if self.state:
            return self.state.hop_started_at
        reopened = [event.at for event in self.events if event.verb is TicketVerb.REOPEN]
        return max([self.events[0].at, *(hop.at for hop in self.hops[-1:]), *reopened[-1:]])

    def next(self) -> NextHop | None:
        """Where it goes if nobody acts."""
        if self.archived:
            return None
        return next_hop(
            self.profile,
            self.handler.chain(),
            status=self.status,
            severity=self.severity,
            category=self.category,
            hop_started_at=self.hop_started_at(),
        )


async def write_cases(connection: Owner, cases: Iterable[Case], progress: Progress) -> int:
    """Add the cases that are new, a few thousand at a time; says how many tickets there were."""
    iterator, added, done = iter(cases), 0, 0
    while batch := list(islice(iterator, BATCH)):
        added += await add(connection, "ticket", map(_ticket, batch))
        await add(connection, "ticket_event", _all(_events, batch))
        await add(connection, "escalation_hop", _all(_hops, batch))
        await add(connection, "service_record", (row for case in batch for row in case.services))
        done += len(batch)
        progress(done)
    return added


async def known_tickets(connection: Owner, slug: str) -> dict[str, UUID]:
    """The keys of the place's tickets by their numbers: what is there already stays as it is."""
    found = await connection.fetch(KNOWN, slug)
    return {row["number"]: row["id"] for row in found}


def _all(rows: Any, cases: Iterable[Case]) -> Iterator[Row]:
    return (row for case in cases for row in rows(case))


def _ticket(case: Case) -> Row:
    """The ticket's row, as its events leave it."""
    ahead = case.next()
    return {
        "locality_id": case.profile.slug,
        "id": case.id,
        "number": case.number,
        "title": case.title,
        "body": case.body,
        "status": case.status,
        "severity": case.severity,
        "appeal_type": case.appeal,
        "concern": case.concern,
        "channel": case.channel,
        "category_code": case.category,
        "profile_revision": case.revision,
        "unit_id": case.unit.id,
        "unit_path": case.unit.path,
        "handler_unit_id": case.handler.id,
        "handler_path": case.handler.path,
        "reporter_id": case.reporter,
        "created_at": case.events[0].at,
        "due_at": case.due_at,
        "resolution": case.resolution,
        "resolved_at": _stands(case, TicketVerb.RESOLVE),
        "verified_at": _stands(case, TicketVerb.VERIFY),
        "verdict": case.verdict,
        "closed_at": _closed_at(case),
        "returnable": case.returnable,
        "hops": case.hops[-1].sequence if case.hops else 0,
        "hop_started_at": case.hop_started_at(),
        "hop_due_at": _hop_due_at(case),
        "paused_at": case.state.paused_at if case.state else None,
        "next_route": ahead.route if ahead else None,
        "next_rule": ahead.rule.code if ahead else None,
        "next_unit_id": ahead.to_unit if ahead else None,
        "next_due_at": ahead.due_at if ahead else None,
    }


def _hop_due_at(case: Case) -> datetime | None:
    """Until when the handler has it."""
    if case.state:
        return case.state.hop_due_at
    ahead = case.next()
    return case.hops[-1].due_at if case.hops else ahead and ahead.due_at


def _stands(case: Case, verb: TicketVerb) -> datetime | None:
    """When the verb was last done, unless it was undone since."""
    for event in reversed(case.events):
        if event.verb in AGAIN:
            return None
        if event.verb is verb:
            return event.at
    return None


def _closed_at(case: Case) -> datetime | None:
    return case.events[-1].at if case.status in CLOSED_STATUSES else None


def _shared(case: Case) -> Row:
    """The columns that every row of the case repeats, for visibility."""
    return {
        "locality_id": case.profile.slug,
        "ticket_id": case.id,
        "unit_path": case.unit.path,
        "handler_path": case.handler.path,
        "reporter_id": case.reporter,
    }


def _events(case: Case) -> Iterator[Row]:
    for sequence, event in enumerate(case.events, 1):
        yield _shared(case) | {
            "id": _event_id(case, event.at, sequence),
            "sequence": sequence,
            "verb": event.verb,
            "from_status": event.from_status,
            "to_status": event.to_status,
            "at": event.at,
            "actor_id": event.actor,
            "note": event.note or None,
            "verdict": event.verdict,
            "due_at": event.due_at,
        }


def _event_id(case: Case, at: datetime, sequence: int) -> UUID:
    return uuid_at(at, case.profile.slug, "event", case.id.hex, str(sequence))


def _hops(case: Case) -> Iterator[Row]:
    for n, hop in enumerate(case.hops, 1):
        yield _shared(case) | {
            "sequence": hop.sequence,
            "route": hop.route,
            "from_unit_id": hop.from_unit,
            "to_unit_id": hop.to_unit,
            "to_post_id": hop.to_post,
            "actor_id": hop.actor,
            "rule": hop.rule,
            "reason": hop.reason or None,
            "at": hop.at,
            "due_at": hop.due_at,
            "left_at": _left_at(case, hop, case.hops[n:]),
        }


def _left_at(case: Case, hop: Hop, later: Sequence[Hop]) -> datetime | None:
    """When the next hop began, or the case was closed; units called together stay together."""
    together = hop.route is Route.JOINT
    ends = (h.at for h in later if not (together and h.route is Route.JOINT and h.at == hop.at))
    return next(ends, _closed_at(case))
