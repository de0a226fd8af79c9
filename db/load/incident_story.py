"""The story that a ticket's log entries tell: events and hops, one entry after another."""

from dataclasses import dataclass, field

from db.load.cases import time_given
from db.load.incident_row import STATES, Entry
from db.load.units import Unit
from domain.ids import PersonId
from domain.profile import Profile
from domain.terms import Route, Severity, TicketStatus, TicketVerb
from domain.ticket import Event, Hop

VERBS = {
    TicketStatus.IN_PROGRESS: TicketVerb.SIGN,
    TicketStatus.EXTENDED: TicketVerb.EXTEND,
    TicketStatus.RESOLVED: TicketVerb.RESOLVE,
    TicketStatus.CLOSED: TicketVerb.CLOSE,
}
"""The verb that leads to a status, from most statuses."""

BACK = {TicketStatus.EXTENDED: TicketVerb.RESUME, TicketStatus.RESOLVED: TicketVerb.REWORK}
"""The verb that leads back to work, from a status that was not work."""

DONE = (TicketStatus.RESOLVED, TicketStatus.CLOSED)


@dataclass(slots=True)
class Story:
    """What has been told so far."""

    profile: Profile
    severity: Severity
    category: str
    reporter: PersonId | None
    unit: Unit
    last: Entry | None = None
    events: list[Event] = field(default_factory=list[Event])
    hops: list[Hop] = field(default_factory=list[Hop])

    @property
    def status(self) -> TicketStatus | None:
        """Where the ticket stands."""
        return self.events[-1].to_status if self.events else None

    def tell(self, entry: Entry, unit: Unit, agent: PersonId | None) -> None:
        """Add what an entry says beyond the one before."""
        before = self.last
        if before is None:
            opened = entry.opened_at
            self.events.append(
                Event(TicketVerb.REPORT, None, TicketStatus.REPORTED, opened, self.reporter)
            )
        elif entry.reopened > before.reopened:
            self._happen(entry, TicketVerb.REOPEN, TicketStatus.REOPENED, agent)
        if self._moved(entry, unit):
            self._move(entry, unit, agent)
        self._follow(entry, agent)
        self.last = entry

    def _moved(self, entry: Entry, unit: Unit) -> bool:
        """Whether the entry passes the ticket on, be it to a group that the log does not name."""
        counted = self.last is not None and entry.moves > self.last.moves
        return counted or unit.id != self.unit.id

    def _move(self, entry: Entry, unit: Unit, agent: PersonId | None) -> None:
        hop = Hop(
            sequence=len(self.hops) + 1,
            route=Route.ACROSS if self.hops else Route.DISPATCH,
            from_unit=self.unit.id,
            to_unit=unit.id,
            to_post=None,
            rule=None,
            reason="",
            actor=agent,
            at=entry.at,
            due_at=time_given(self.profile, unit, self.severity, self.category, entry.at),
        )
        self.hops.append(hop)
        self.unit = unit
        settled = STATES.get(entry.state or "") in DONE and self.status in DONE
        # A ticket that is finished may still be booked to another group.
        if not settled:
            self._happen(entry, TicketVerb.DISPATCH, TicketStatus.DISPATCHED, agent)

    def _follow(self, entry: Entry, agent: PersonId | None) -> None:
        """Go to the state that the entry names, if the story is not there yet."""
        if entry.state is None:
            return
        to = STATES[entry.state]
        waits_otherwise = to is TicketStatus.EXTENDED and self._waits_for() != entry.state
        if to not in VERBS or (to is self.status and not waits_otherwise):
            return
        working = to is TicketStatus.IN_PROGRESS and self.status is not None
        verb = BACK.get(self.status, VERBS[to]) if working and self.status else VERBS[to]
        note = entry.state if to is TicketStatus.EXTENDED else ""
        self._happen(entry, verb, to, agent, note)

    def _waits_for(self) -> str:
        return self.events[-1].note

    def _happen(
        self,
        entry: Entry,
        verb: TicketVerb,
        to: TicketStatus,
        agent: PersonId | None,
        note: str = "",
    ) -> None:
        self.events.append(Event(verb, self.status, to, entry.at, agent, note))
