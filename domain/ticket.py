"""The ticket: a pure decision for every command (DOMAIN §3).

(state, command, now) -> Decision(state, events, hops) | Refusal
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from domain.refusal import Refusal, RefusalCode
from domain.terms import Route, TicketStatus, TicketVerb
from domain.ticket_check import bound_by_ruling, refuse, refuse_report
from domain.ticket_facts import (
    Command,
    Decision,
    Event,
    Hop,
    Report,
    Target,
    TicketState,
)
from domain.ticket_table import NEXT, ROUTES, SEQUENCES, TRANSITIONS, Transition, steps

__all__ = (
    "SEQUENCES",
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
    return tuple(v for v in V if steps(state.status, v) and not bound_by_ruling(state, v))


def report(new: Report, now: datetime) -> Decision | Refusal:
    """Open a ticket with the unit it was reported to; both clocks start."""
    unit = new.to
    if unit is None:
        return Refusal(RefusalCode.UNIT_UNKNOWN, "to")
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
    return Decision(state, (Event(V.REPORT, None, S.REPORTED, now, new.actor, new.text),))


def decide(state: TicketState, command: Command, now: datetime) -> Decision | Refusal:
    """Carry out a command, or say why not; the same input always gives the same answer."""
    if refusal := refuse(state, command, now):
        return refusal
    events = tuple(_events(state, command, now))
    hops = _hops(state, command, now)
    return Decision(_settled(_moved(state, command, hops, now), events), events, hops)


def _events(state: TicketState, command: Command, now: datetime) -> Iterator[Event]:
    """The facts of a command, in order, each starting where the last one ended."""
    status = state.status
    for verb in steps(status, command.verb):
        event = _event(verb, status, command, now)
        yield event
        status = event.to_status


def _event(verb: TicketVerb, start: TicketStatus, command: Command, now: datetime) -> Event:
    """One fact; what the command carries goes to the fact it belongs to."""
    return Event(
        verb,
        start,
        NEXT[start, verb],
        now,
        command.actor,
        note=command.reason if verb is command.verb else "",
        verdict=command.verdict if verb is V.FOLLOW_UP else None,
        due_at=command.due_at if verb is V.EXTEND else None,
        merged_into=command.into if verb is V.MERGE else None,
    )


def _hops(state: TicketState, command: Command, now: datetime) -> tuple[Hop, ...]:
    """The hop to the handler, and one to each unit called to help it."""
    if command.verb not in ROUTES:
        return ()
    here = Target(state.handler_unit_id, state.level_code)
    joined = command.joined if command.verb is V.JOIN else ()
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
            command.hop_due_at,
        )
        for n, unit in enumerate((command.to or here, *joined), 1)
    )


def _route(state: TicketState, command: Command) -> Route:
    """The route of the command's hop; a ruling that confirms the handler moves nothing."""
    if command.verb is V.RULE and (not command.to or command.to.unit_id == state.handler_unit_id):
        return Route.DISPATCH
    return ROUTES[command.verb]


def _moved(
    state: TicketState, command: Command, hops: tuple[Hop, ...], now: datetime
) -> TicketState:
    """The state with its handler and hop clock as the hops, or a reopening, leave them."""
    if hops:
        to = command.to or Target(state.handler_unit_id, state.level_code)
        # A ruling binds the unit it names; a unit that had no part in it may send the ticket down.
        free = state.returnable or to.unit_id != state.handler_unit_id
        state = replace(
            state,
            handler_unit_id=to.unit_id,
            level_code=to.level_code,
            hop_sequence=hops[-1].sequence,
            returnable=free and command.verb is not V.RULE,
        )
    if hops or command.verb is V.REOPEN:
        return replace(state, hop_started_at=now, hop_due_at=command.hop_due_at)
    return state


def _settled(state: TicketState, events: Sequence[Event]) -> TicketState:
    """The state as the events leave it: status, and any new case deadline or verdict."""
    due_at = next((e.due_at for e in events if e.due_at), state.due_at)
    verdict = next((e.verdict for e in events if e.verdict), state.verdict)
    return replace(state, status=events[-1].to_status, due_at=due_at, verdict=verdict)
