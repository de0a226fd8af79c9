"""Playing a ticket through the state machine, so that its rows are what its commands made them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from db.load.cases import Case, Row, time_given
from db.load.cast import Cast
from db.load.ids import uuid_at
from db.load.units import Unit
from domain import escalation
from domain.deadline import add_hours
from domain.demo import StoryReport
from domain.escalation import NextHop, ahead_of, clock_command
from domain.ids import PersonId, TicketId
from domain.terms import ServiceKind, TicketVerb, Verdict
from domain.ticket import (
    Command,
    Decision,
    Event,
    Hop,
    Refusal,
    Report,
    TicketState,
    decide,
    report,
)
from domain.ticket_table import ROUTES

LONGER = timedelta(days=7)
"""By how much an extension puts off the deadline."""


class PlayError(Exception):
    """The rules refuse what was to be played."""


@dataclass(slots=True)
class Play:
    """One ticket being played: what was reported, how it stands, and what happened so far."""

    cast: Cast
    key: str
    told: StoryReport
    reporter: PersonId
    state: TicketState
    events: list[Event] = field(default_factory=list[Event])
    hops: list[Hop] = field(default_factory=list[Hop])
    services: list[Row] = field(default_factory=list[Row])

    @property
    def handler(self) -> Unit:
        """The unit that answers for it now."""
        return self.cast.by_id[self.state.handler_unit_id]

    def ahead(self) -> NextHop | None:
        """What the clock does next if nobody acts."""
        return ahead_of(self.cast.profile, self.state, self.handler.chain())

    def do(
        self,
        verb: TicketVerb,
        at: datetime,
        actor: PersonId,
        reason: str = "",
        to: Unit | None = None,
        joined: tuple[Unit, ...] = (),
        verdict: Verdict | None = None,
    ) -> None:
        """Carry out one command."""
        moves = verb in ROUTES or verb is TicketVerb.REOPEN
        command = Command(
            verb=verb,
            actor=actor,
            reason=reason,
            to=self.cast.target(to) if to else None,
            joined=tuple(map(self.cast.target, joined)),
            hop_due_at=self._time_given(verb, to or self.handler, at) if moves else None,
            due_at=max(self.state.due_at, at) + LONGER if verb is TicketVerb.EXTEND else None,
            verdict=verdict,
            pauses=self.cast.profile.pauses,
        )
        self._take(decide(self.state, command, at))

    def clock(self, ahead: NextHop) -> None:
        """Let the clock act: when it is due, or at once where work resumes after that."""
        at = max(ahead.due_at, self.events[-1].at)
        post = self.cast.target(self.cast.by_id[ahead.to_unit]).post_id
        chain = self.handler.chain()
        command = clock_command(self.cast.profile, self.state, ahead, chain, post, at)
        self._take(decide(self.state, command, at))

    def serve(
        self, kind: ServiceKind, at: datetime, by: PersonId, note: str, recipient: PersonId | None
    ) -> None:
        """Record something done for a resident on the way."""
        profile = self.cast.profile
        key = uuid_at(at, profile.slug, "service", self.key, str(len(self.services)))
        self.services.append(
            {"id": key, "kind": kind, "at": at, "note": note, "person_id": by}
            | {"recipient_id": recipient}
        )

    def _time_given(self, verb: TicketVerb, unit: Unit, at: datetime) -> datetime | None:
        return escalation.time_given(self.cast.profile, self.state, verb, unit.chain(), at)

    def case(self, number: str, revision: int) -> Case:
        """The ticket as rows need it."""
        told, state = self.told, self.state
        unit, handler = self.cast.by_id[state.unit_id], self.handler
        answers = [e.note for e in self.events if e.verb is TicketVerb.RESOLVE]
        return Case(
            profile=self.cast.profile,
            revision=revision,
            id=state.id,
            number=number,
            title=told.title,
            body=told.body,
            severity=state.severity,
            appeal=told.appeal,
            channel=told.channel,
            category=state.category,
            unit=unit,
            handler=handler,
            events=self.events,
            hops=self.hops,
            due_at=state.due_at,
            concern=told.concern,
            reporter=self.reporter,
            resolution=answers[-1] if answers else None,
            verdict=state.verdict,
            returnable=state.returnable,
            state=state,
            services=[_placed(row, self.cast.profile.slug, state.id, unit, handler)
                      for row in self.services],
        )  # fmt: skip

    def _take(self, decision: Decision | Refusal) -> None:
        if isinstance(decision, Refusal):
            raise PlayError(f"{self.cast.profile.slug} {self.key}: {decision}")
        self.state = decision.state
        self.events.append(decision.event)
        self.hops += decision.hops


def open_play(
    cast: Cast, key: str, told: StoryReport, unit: Unit, reporter: PersonId, at: datetime, note: str
) -> Play:
    """Report a need, and so begin a ticket."""
    profile = cast.profile
    hours = profile.category(told.category).hours
    zone = ZoneInfo(profile.time_zone)
    opened = report(
        Report(
            id=TicketId(uuid_at(at, profile.slug, "ticket", key)),
            actor=reporter,
            title=told.title,
            text=note,
            severity=told.severity,
            category=told.category,
            to=cast.target(unit),
            due_at=add_hours(at, hours, profile.working_hours_only, zone),
            hop_due_at=time_given(profile, unit, told.severity, told.category, at),
        ),
        at,
    )
    if isinstance(opened, Refusal):
        raise PlayError(f"{profile.slug} {key}: {opened}")
    return Play(cast, key, told, reporter, opened.state, [opened.event], [*opened.hops])


def _placed(row: Row, slug: str, ticket: TicketId, unit: Unit, handler: Unit) -> Row:
    """A service record with the place and the paths of its ticket."""
    return row | {
        "locality_id": slug,
        "ticket_id": ticket,
        "unit_id": unit.id,
        "unit_path": unit.path,
        "handler_path": handler.path,
    }
