"""What a ticket is made of: its state, what may be asked of it, and the facts that follow."""

from dataclasses import dataclass
from datetime import UTC, datetime

from domain.ids import PersonId, PostId, TicketId, UnitId
from domain.terms import Route, Severity, TicketStatus, TicketVerb, Verdict

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The case clock of a ticket that came without one, as some loaded files have them."""


@dataclass(frozen=True, slots=True)
class Target:
    """A unit that a ticket is sent to, as the caller found it."""

    unit_id: UnitId
    level_code: str
    post_id: PostId | None = None
    closed: bool = False


@dataclass(frozen=True, slots=True)
class TicketState:
    """What the events of a ticket add up to, as far as decisions need it."""

    id: TicketId
    status: TicketStatus
    severity: Severity
    category: str
    unit_id: UnitId  # where the matter lies; it answers first (首接负责) and no verb changes it
    handler_unit_id: UnitId
    level_code: str  # the handler's level
    created_at: datetime
    due_at: datetime  # the case clock: only EXTEND and a pause move it
    hop_started_at: datetime
    hop_due_at: datetime | None  # the hop clock: a hop sets it, a reopening starts it afresh
    hop_sequence: int = 0
    returnable: bool = True
    verdict: Verdict | None = None
    paused_at: datetime | None = None  # since when both clocks stand still


@dataclass(frozen=True, slots=True)
class Report:
    """A need made known: what opens a ticket."""

    id: TicketId
    actor: PersonId | None
    title: str
    text: str
    severity: Severity
    category: str
    to: Target | None
    due_at: datetime
    hop_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Command:
    """One verb and what goes with it; `actor` is None when the clock acts."""

    verb: TicketVerb
    actor: PersonId | None
    reason: str = ""
    to: Target | None = None
    joined: tuple[Target, ...] = ()  # JOIN: the units called to help the lead
    rule: str | None = None  # code of the rule that fired
    hop_due_at: datetime | None = None  # how long the next handler has
    due_at: datetime | None = None  # EXTEND
    verdict: Verdict | None = None  # FOLLOW_UP
    into: TicketId | None = None  # MERGE
    expected_hop: int | None = None  # a timer set for an earlier hop is stale
    pauses: tuple[TicketStatus, ...] = ()  # in which, says the profile, both clocks stand still


@dataclass(frozen=True, slots=True)
class Event:
    """One fact of a ticket's history, never changed afterwards."""

    verb: TicketVerb
    from_status: TicketStatus | None
    to_status: TicketStatus
    at: datetime
    actor: PersonId | None
    note: str = ""
    verdict: Verdict | None = None
    due_at: datetime | None = None
    merged_into: TicketId | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of a ticket from unit to unit, or to another way of working in the same one."""

    sequence: int
    route: Route
    from_unit: UnitId
    to_unit: UnitId
    to_post: PostId | None
    rule: str | None
    reason: str
    actor: PersonId | None
    at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a command does: the new state, and the facts to append."""

    state: TicketState
    event: Event
    hops: tuple[Hop, ...] = ()
