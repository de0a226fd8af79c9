"""The ticket: a pure decision for every command (DOMAIN §3).

(state, command, now) -> Decision(state, event, hops) | Refusal
"""

from dataclasses import replace
from datetime import datetime

from domain.refusal import Refusal, RefusalCode
from domain.terms import Route, TicketStatus, TicketVerb
from domain.ticket_check import bound_by_ruling, refuse, refuse_report
from domain.ticket_facts import (
    NEVER,
    Command,
    Decision,
    Event,
    Hop,
    Report,
    Target,
    TicketState,
)
from domain.ticket_table import NEXT, ROUTES, TRANSITIONS, Transition, allows

__all__ = (
    "TRANSITIONS",
    "Command",
    "Decision",
    "Event",
    "Hop",
    "Refusal",
    "RefusalCode",
    "Report",
    "Target",
    "TicketState",
    "Transition",
    "allowed_verbs",
    "decide",
    "report",
)

S, V = TicketStatus, TicketVerb


def allowed_verbs(state: TicketState) -> tuple[TicketVerb, ...]:
    """The verbs that the state allows, in the vocabulary's order."""
    return tuple(v for v in V if allows(state.status, v) and not bound_by_ruling(state, v))


def report(new: Report, now: datetime) -> Decision | Refusal:
    """Open a ticket with the unit it was reported to; both clocks start."""
    unit = new.to
    if unit is None:
        return Refusal(RefusalCode.UNIT_REQUIRED, "to")
    if refusal := refuse_report(new, unit, now):
        return refusal
    state = TicketState(
        id=new.id,
        status=S.REPORTED,
        severity=new.severity,
        category=new.category,
        unit_id=unit.unit_id,
        handler_unit_id=unit.unit_id,
        level_code=unit.level_code,
        created_at=now,
        due_at=new.due_at,
        hop_started_at=now,
        hop_due_at=new.hop_due_at,
    )
    return Decision(state, Event(V.REPORT, None, S.REPORTED, now, new.actor, new.text))


def decide(state: TicketState, command: Command, now: datetime) -> Decision | Refusal:
    """Carry out a command, or say why not; the same input always gives the same answer."""
    if refusal := refuse(state, command, now):
        return refusal
    event = Event(
        command.verb,
        state.status,
        NEXT[state.status, command.verb],
        now,
        command.actor,
        note=command.reason,
        verdict=command.verdict if command.verb is V.FOLLOW_UP else None,
        due_at=command.due_at if command.verb is V.EXTEND else None,
        merged_into=command.into if command.verb is V.MERGE else None,
    )
    state = _resumed(state, command, now)
    hops = _hops(state, command, now)
    return Decision(_settled(_moved(state, command, hops, now), command, event), event, hops)


def _stays(state: TicketState, command: Command) -> bool:
    """Whether somebody leaves it with the unit that has it, and changes only how it is worked on.

    That wins the unit no time; where the place's own rules do so, the clock acts, they may give it.
    """
    at_hand = command.to is None or command.to.unit_id == state.handler_unit_id
    return at_hand and command.actor is not None and command.verb in (V.JOIN, V.TABLE, V.DELIBERATE)


def _hops(state: TicketState, command: Command, now: datetime) -> tuple[Hop, ...]:
    """The hop to the handler, and one to each unit called to help it."""
    if command.verb not in ROUTES:
        return ()
    here = Target(state.handler_unit_id, state.level_code)
    joined = command.joined if command.verb is V.JOIN else ()
    due_at = state.hop_due_at if _stays(state, command) else command.hop_due_at
    return tuple(
        Hop(
            state.hop_sequence + n,
            _route(state, command),
            state.handler_unit_id,
            unit.unit_id,
            unit.post_id,
            command.rule,
            command.reason,
            command.actor,
            now,
            due_at,
        )
        for n, unit in enumerate((command.to or here, *joined), 1)
    )


def _route(state: TicketState, command: Command) -> Route:
    """The route of the command's hop; a ruling that confirms the handler moves nothing."""
    if command.verb is V.RULE and (not command.to or command.to.unit_id == state.handler_unit_id):
        return Route.DISPATCH
    return ROUTES[command.verb]


def _resumed(state: TicketState, command: Command, now: datetime) -> TicketState:
    """The state with both clocks running again: the time they stood still is not counted."""
    if state.paused_at is None:
        return state
    stood = now - state.paused_at
    return replace(
        state,
        due_at=state.due_at if state.due_at == NEVER else state.due_at + stood,
        hop_started_at=state.hop_started_at + stood,
        # A hop that began with the pause is given its time only now.
        hop_due_at=state.hop_due_at + stood if state.hop_due_at else command.hop_due_at,
        paused_at=None,
    )


def _moved(
    state: TicketState, command: Command, hops: tuple[Hop, ...], now: datetime
) -> TicketState:
    """The state with its handler and hop clock as the hops, or work begun again, leave them."""
    if hops:
        to = command.to or Target(state.handler_unit_id, state.level_code)
        # A ruling binds the unit it names; a unit that had no part in it may send the ticket down.
        free = state.returnable or to.unit_id != state.handler_unit_id
        fresh = not _stays(state, command)
        state = replace(
            state,
            handler_unit_id=to.unit_id,
            level_code=to.level_code,
            hop_sequence=hops[-1].sequence,
            returnable=free and command.verb is not V.RULE,
        )
    else:
        fresh = command.verb in (V.REOPEN, V.REWORK)
    return replace(state, hop_started_at=now, hop_due_at=command.hop_due_at) if fresh else state


def _settled(state: TicketState, command: Command, event: Event) -> TicketState:
    """The state as the event leaves it: status, any new case deadline or verdict, or a pause."""
    return replace(
        state,
        status=event.to_status,
        due_at=event.due_at or state.due_at,
        verdict=event.verdict or state.verdict,
        paused_at=event.at if event.to_status in command.pauses else None,
    )
