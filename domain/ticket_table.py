"""The state machine of a ticket as one table (DOMAIN §3: the seeds' loops, Beijing, Weifang)."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.terms import Route, TicketStatus, TicketVerb

S, V = TicketStatus, TicketVerb


@dataclass(frozen=True, slots=True)
class Transition:
    """One line of the state machine; `from_status` is None for a new ticket."""

    from_status: TicketStatus | None
    verb: TicketVerb
    to_status: TicketStatus


# Ways of working on it; all may climb, be answered or be explained.
_WORKING = (S.IN_PROGRESS, S.JOINT, S.TABLED, S.DELIBERATING, S.EXTENDED)
# A unit answers for it, signed or not: every route off the level is open, so none waits for a name.
_HELD = (S.ACCEPTED, S.DISPATCHED, *_WORKING)
_ROWS: tuple[tuple[TicketVerb, tuple[TicketStatus | None, ...], TicketStatus], ...] = (
    (V.REPORT, (None,), S.REPORTED),
    (V.ACCEPT, (S.REPORTED,), S.ACCEPTED),
    (V.REJECT, (S.REPORTED,), S.REJECTED),
    (V.MERGE, (S.REPORTED,), S.MERGED),
    (V.WITHDRAW, (S.REPORTED,), S.WITHDRAWN),
    (V.DISPATCH, (S.ACCEPTED, S.REOPENED), S.DISPATCHED),
    (V.DISPUTE, (S.DISPATCHED,), S.DISPUTED),
    (V.RULE, (S.DISPUTED,), S.DISPATCHED),
    (V.SIGN, (S.DISPATCHED,), S.IN_PROGRESS),
    # A report that nobody takes up climbs still unaccepted: the level above may yet decline it.
    (V.ESCALATE, (S.REPORTED,), S.REPORTED),
    (V.ESCALATE, (*_HELD, S.DISPUTED, S.REOPENED), S.DISPATCHED),
    (V.RETURN, (S.IN_PROGRESS,), S.DISPATCHED),
    (V.JOIN, tuple(s for s in _HELD if s is not S.JOINT), S.JOINT),
    (V.TABLE, tuple(s for s in _HELD if s is not S.TABLED), S.TABLED),
    (V.DELIBERATE, tuple(s for s in _HELD if s is not S.DELIBERATING), S.DELIBERATING),
    (V.RESUME, (S.JOINT, S.TABLED, S.DELIBERATING, S.EXTENDED), S.IN_PROGRESS),
    (V.EXTEND, (S.IN_PROGRESS,), S.EXTENDED),
    (V.EXPLAIN, _WORKING, S.EXPLAINED),
    (V.RESOLVE, (S.ACCEPTED, *_WORKING), S.RESOLVED),
    (V.REWORK, (S.RESOLVED,), S.IN_PROGRESS),
    (V.VERIFY, (S.RESOLVED,), S.VERIFIED),
    (V.FOLLOW_UP, (S.VERIFIED, S.EXPLAINED), S.FOLLOWED_UP),
    (V.REOPEN, (S.FOLLOWED_UP,), S.REOPENED),
    (V.CLOSE, (S.FOLLOWED_UP,), S.CLOSED),
)
TRANSITIONS = tuple(Transition(start, verb, to) for verb, starts, to in _ROWS for start in starts)
NEXT = {(t.from_status, t.verb): t.to_status for t in TRANSITIONS}

# The verbs that write a hop, and the route that they take.
ROUTES: Mapping[TicketVerb, Route] = {
    V.DISPATCH: Route.DISPATCH,
    V.RULE: Route.ACROSS,
    V.ESCALATE: Route.UP,
    V.RETURN: Route.DOWN,
    V.JOIN: Route.JOINT,
    V.TABLE: Route.MEETING,
    V.DELIBERATE: Route.DELIBERATION,
}


def allows(status: TicketStatus | None, verb: TicketVerb) -> bool:
    """Whether the table has a line for a verb from a status."""
    return (status, verb) in NEXT
