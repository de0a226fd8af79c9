"""The ticket's state machine written out by hand, and sample tickets and commands."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.ids import PersonId, TicketId, UnitId
from domain.terms import Severity, TicketStatus, TicketVerb, Verdict
from domain.ticket import Command, Decision, Refusal, RefusalCode, Report, Target, TicketState

# status: VERB>RESULT ... Every pair that is not here must be refused.
MATRIX = """
REPORTED:     ACCEPT>ACCEPTED REJECT>REJECTED MERGE>MERGED WITHDRAW>WITHDRAWN ESCALATE>REPORTED
ACCEPTED:     DISPATCH>DISPATCHED ESCALATE>DISPATCHED JOIN>JOINT TABLE>TABLED
              DELIBERATE>DELIBERATING RESOLVE>RESOLVED
REJECTED:
MERGED:
WITHDRAWN:
DISPATCHED:   DISPUTE>DISPUTED SIGN>IN_PROGRESS ESCALATE>DISPATCHED JOIN>JOINT TABLE>TABLED
              DELIBERATE>DELIBERATING
DISPUTED:     RULE>DISPATCHED ESCALATE>DISPATCHED
IN_PROGRESS:  ESCALATE>DISPATCHED RETURN>DISPATCHED JOIN>JOINT TABLE>TABLED
              DELIBERATE>DELIBERATING EXTEND>EXTENDED EXPLAIN>EXPLAINED RESOLVE>RESOLVED
JOINT:        ESCALATE>DISPATCHED TABLE>TABLED DELIBERATE>DELIBERATING RESUME>IN_PROGRESS
              EXPLAIN>EXPLAINED RESOLVE>RESOLVED
TABLED:       ESCALATE>DISPATCHED JOIN>JOINT DELIBERATE>DELIBERATING RESUME>IN_PROGRESS
              EXPLAIN>EXPLAINED RESOLVE>RESOLVED
DELIBERATING: ESCALATE>DISPATCHED JOIN>JOINT TABLE>TABLED RESUME>IN_PROGRESS
              EXPLAIN>EXPLAINED RESOLVE>RESOLVED
EXTENDED:     ESCALATE>DISPATCHED JOIN>JOINT TABLE>TABLED DELIBERATE>DELIBERATING
              RESUME>IN_PROGRESS EXPLAIN>EXPLAINED RESOLVE>RESOLVED
EXPLAINED:    FOLLOW_UP>FOLLOWED_UP
RESOLVED:     REWORK>IN_PROGRESS VERIFY>VERIFIED
VERIFIED:     FOLLOW_UP>FOLLOWED_UP
FOLLOWED_UP:  REOPEN>REOPENED CLOSE>CLOSED
REOPENED:     DISPATCH>DISPATCHED ESCALATE>DISPATCHED
CLOSED:
"""
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DUE = NOW + timedelta(days=7)
HOP_DUE = NOW + timedelta(days=1)
ACTOR = PersonId(uuid.UUID(int=1))
HERE, ABOVE, HELPER = (UnitId(uuid.UUID(int=n)) for n in (10, 11, 12))
UP = Target(ABOVE, "community")


def parse_matrix() -> dict[tuple[str, str], str]:
    """(status, verb) -> result."""
    cells: dict[tuple[str, str], str] = {}
    status = ""
    for word in MATRIX.split():
        if word.endswith(":"):
            status = word[:-1]
            continue
        verb, result = word.split(">")
        cells[status, verb] = result
    return cells


CELLS = parse_matrix()


def ticket(status: TicketStatus = TicketStatus.IN_PROGRESS, **changes: object) -> TicketState:
    """A ticket held by the grid, three hops into its life."""
    state = TicketState(
        id=TicketId(uuid.UUID(int=100)),
        status=status,
        severity=Severity.HARD,
        category="drain",
        unit_id=HERE,
        handler_unit_id=HERE,
        level_code="grid",
        created_at=NOW - timedelta(days=2),
        due_at=DUE,
        hop_started_at=NOW - timedelta(hours=5),
        hop_due_at=HOP_DUE,
        hop_sequence=3,
    )
    return replace(state, **changes)


def command(verb: TicketVerb, **changes: object) -> Command:
    """A command that lacks nothing that its verb may need."""
    full = Command(
        verb,
        ACTOR,
        reason="下水道塌陷，网格办不了",
        to=UP,
        hop_due_at=NOW + timedelta(days=2),
        due_at=DUE + timedelta(days=3),
        verdict=Verdict.SATISFIED,
        into=TicketId(uuid.UUID(int=101)),
    )
    return replace(full, **changes)


def done(answer: Decision | Refusal) -> Decision:
    assert isinstance(answer, Decision), answer
    return answer


def refused(answer: Decision | Refusal) -> RefusalCode:
    assert isinstance(answer, Refusal), answer
    return answer.code


NEW = Report(
    TicketId(uuid.UUID(int=100)), ACTOR, "育红路下水道堵塞", "雨后积水", Severity.MINOR, "drain",
    Target(HERE, "grid"), DUE, HOP_DUE,
)  # fmt: skip
