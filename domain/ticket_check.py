"""When a command on a ticket is refused, and with which code; the first reason found is given."""

from collections.abc import Callable
from datetime import datetime

from domain.refusal import Refusal, RefusalCode
from domain.terms import TicketStatus, TicketVerb, Verdict
from domain.ticket_facts import Command, Report, Target, TicketState
from domain.ticket_table import allows

S, V, R = TicketStatus, TicketVerb, RefusalCode
TITLE_MAX, TEXT_MAX = 200, 4000

NEED_TARGET = (V.DISPATCH, V.ESCALATE, V.RETURN)
NEED_REASON = (
    V.REJECT,
    V.DISPUTE,
    V.RULE,
    V.EXTEND,
    V.EXPLAIN,
    V.RESOLVE,
    V.REWORK,
    V.REOPEN,
)
# A step off the level is explained in words or, when the clock acts, by the rule that fired.
NEED_REASON_OR_RULE = (V.ESCALATE, V.RETURN, V.JOIN, V.TABLE, V.DELIBERATE)


BOUND = (V.DISPUTE, V.RETURN)
"""What a unit that was named by a ruling may not do."""


def refuse_report(new: Report, unit: Target, now: datetime) -> Refusal | None:
    """Why a report cannot be taken."""
    if unit.closed:
        return Refusal(R.UNIT_CLOSED, "to")
    if not new.title.strip():
        return Refusal(R.TITLE_REQUIRED, "title")
    if len(new.title) > TITLE_MAX:
        return Refusal(R.TEXT_TOO_LONG, "title", TITLE_MAX)
    if len(new.text) > TEXT_MAX:
        return Refusal(R.TEXT_TOO_LONG, "text", TEXT_MAX)
    return Refusal(R.DUE_IN_PAST, "due_at") if new.due_at <= now else None


def refuse(state: TicketState, command: Command, now: datetime) -> Refusal | None:
    """Why a command cannot be carried out."""
    for check in _CHECKS:
        if refusal := check(state, command, now):
            return refusal
    return None


def bound_by_ruling(state: TicketState, verb: TicketVerb) -> bool:
    """A unit named by a ruling can neither dispute it nor hand the ticket down."""
    return not state.returnable and verb in BOUND


def _stale(state: TicketState, command: Command, _: datetime) -> Refusal | None:
    """A timer, or a client, that speaks of an earlier hop."""
    if command.expected_hop in (None, state.hop_sequence):
        return None
    return Refusal(R.VERSION_CONFLICT)


def _status(state: TicketState, command: Command, _: datetime) -> Refusal | None:
    """The table, and what a ruling took out of it."""
    if not allows(state.status, command.verb):
        return Refusal(R.NOT_ALLOWED_FROM_STATUS, status=state.status)
    return Refusal(R.NOT_RETURNABLE) if bound_by_ruling(state, command.verb) else None


def _reason(state: TicketState, command: Command, _: datetime) -> Refusal | None:
    """A refusal, a delay, a step off the level or a contested end says why; a solution says how."""
    if len(command.reason) > TEXT_MAX:
        return Refusal(R.TEXT_TOO_LONG, "reason", TEXT_MAX)
    if command.reason.strip() or not _needs_reason(state, command):
        return None
    settles = command.verb in (V.RESOLVE, V.RESUME)
    return Refusal(R.RESOLUTION_REQUIRED if settles else R.REASON_REQUIRED, "reason")


def _needs_reason(state: TicketState, command: Command) -> bool:
    """Whether the command must be explained in words."""
    verb = command.verb
    if verb is V.RESUME:
        # What the meeting resolved is the way out of it (DOMAIN §3: resolution attached).
        return state.status in (S.TABLED, S.DELIBERATING)
    if verb is V.CLOSE:
        # The resident objects and it is filed all the same (DOMAIN §7: closed but contested).
        return state.verdict is Verdict.DISSATISFIED
    return verb in NEED_REASON or (verb in NEED_REASON_OR_RULE and command.rule is None)


def _target(state: TicketState, command: Command, _: datetime) -> Refusal | None:
    """The units named exist, are open, and are not the one that has it already."""
    verb, to = command.verb, command.to
    if to is None and verb in NEED_TARGET:
        return Refusal(R.NO_HIGHER_LEVEL if verb is V.ESCALATE else R.UNIT_REQUIRED, "to")
    if any(unit.closed for unit in (to, *command.joined) if unit):
        return Refusal(R.UNIT_CLOSED, "to")
    if to and verb in (V.ESCALATE, V.RETURN) and to.unit_id == state.handler_unit_id:
        return Refusal(R.SAME_UNIT, "to")
    return None


def _due(state: TicketState, command: Command, now: datetime) -> Refusal | None:
    """An extension sets a deadline that is still ahead and later than the one it replaces."""
    if command.verb is not V.EXTEND:
        return None
    if command.due_at is None:
        return Refusal(R.DUE_REQUIRED, "due_at")
    if command.due_at <= now:
        return Refusal(R.DUE_IN_PAST, "due_at")
    return Refusal(R.DUE_NOT_LATER, "due_at") if command.due_at <= state.due_at else None


def _verdict(state: TicketState, command: Command, _: datetime) -> Refusal | None:
    """Where the resident is asked, the answer is recorded."""
    if command.verdict is None and command.verb is V.FOLLOW_UP:
        return Refusal(R.VERDICT_REQUIRED, "verdict")
    return None


def _merge(state: TicketState, command: Command, _: datetime) -> Refusal | None:
    """A ticket is merged into another one."""
    if command.verb is V.MERGE and command.into in (None, state.id):
        return Refusal(R.TARGET_REQUIRED, "into")
    return None


_CHECKS: tuple[Callable[[TicketState, Command, datetime], Refusal | None], ...] = (
    _stale,
    _status,
    _reason,
    _target,
    _due,
    _verdict,
    _merge,
)
