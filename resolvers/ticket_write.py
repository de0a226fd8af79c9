"""Verbs on tickets: lock within the caller's sight, decide, save (DESIGN §3)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.ids import GlobalId
from compiler.scope import ScopeBinds
from db import ticket_lock, ticket_store, unit_store
from db.paths import WIDTH
from db.tables import Ticket
from db.ticket_change import Change
from db.ticket_lock import Held
from domain.escalation import ahead_of, time_given
from domain.ids import PersonId, TicketId
from domain.permission import Tie, may, may_act, ties
from domain.profile import Profile
from domain.refusal import Refusal, RefusalCode as Code
from domain.terms import CLOSED_STATUSES, TicketVerb as V, Verdict
from domain.ticket import Command, decide
from resolvers.caller import Refused, Work
from resolvers.ticket_goal import Goal, find_goal


def changed(scope: ScopeBinds) -> Scoped:
    """The ticket that a verb made or changed."""
    return Scoped(select(Ticket).where(col(Ticket.id) == scope.key), scope.locality)


@dataclass(frozen=True)
class Act:
    """One verb on one ticket, as the client asks for it."""

    verb: V
    ticket: GlobalId
    words: str = ""
    said_in: str = "reason"
    """What the input calls the words."""
    to: GlobalId | None = None
    joined: tuple[GlobalId, ...] = ()
    meeting: GlobalId | None = None
    due_at: datetime | None = None
    verdict: Verdict | None = None
    into: GlobalId | None = None
    hop: int | None = None


async def act(work: Work, asked: Act) -> UUID:
    """Carry out a verb, or refuse it."""
    held, into = await _lock(work, asked)
    if not may(asked.verb, _ties(work, held)):
        raise Refused(Code.FORBIDDEN)
    if into is not None:
        _check_into(work, into)
    if asked.verb is V.ESCALATE and not asked.words.strip():
        # The clock may point to its rule; a person says why.
        raise Refused(Code.REASON_REQUIRED, "reason")
    locality, state = work.scope.locality, held.state
    profile = await unit_store.profile(work.connection, locality, held.profile_revision)
    known = await unit_store.units(work.connection, locality, [held.handler_path])
    chain = unit_store.upwards(known, held.handler_path)
    goal = await find_goal(
        work, asked, profile, chain, ahead_of(profile, state, unit_store.steps(chain))
    )
    command = _command(work, asked, held, profile, goal)
    decision = decide(state, command, held.now)
    if isinstance(decision, Refusal):
        field = _field(asked, decision.field)
        raise Refused(decision.code, field, decision.limit, decision.status)
    ahead = ahead_of(profile, decision.state, unit_store.steps(goal.chain))
    change = Change(held, decision, goal.path, ahead, goal.joined_paths())
    await work.reach(held.unit_path, *([goal.path] if goal.to else ()))
    await ticket_store.save(work.connection, locality, [change])
    meeting = _meeting(asked, locality)
    if not await ticket_store.meet(work.connection, change, meeting):
        raise Refused(Code.NOT_FOUND, "meeting_id")
    if into is not None or change.answers():
        async with work.everywhere():
            await _carry(work, change, into)
    return state.id


async def _carry(work: Work, change: Change, into: Held | None) -> None:
    """Let reports be carried on where they were merged, and have the answer that is given there."""
    if into is not None:
        await ticket_store.fold(work.connection, change.held, into)
    else:
        await ticket_store.answer(work.connection, change)


async def _lock(work: Work, asked: Act) -> tuple[Held, Held | None]:
    """The ticket under lock, and the one it is to be merged into, in the order of their keys."""
    names = {asked.ticket: "ticket_id"}
    if asked.into is not None:
        names.setdefault(asked.into, "into_id")
    held: dict[GlobalId, Held] = {}
    for each in sorted(names, key=lambda name: name.key):
        if each.locality == work.scope.locality:
            found = await ticket_lock.lock(work.connection, work.scope, each.key)
            held |= {each: found} if found is not None else {}
    for each, field in names.items():
        if each not in held:
            raise Refused(Code.NOT_FOUND, field)
    return held[asked.ticket], held[asked.into] if asked.into else None


def _check_into(work: Work, into: Held) -> None:
    """A report is folded into a matter that the caller answers for, and that goes on."""
    if not any(may_act(path, work.scope.prefixes) for path in (into.unit_path, into.handler_path)):
        raise Refused(Code.FORBIDDEN, "into_id")
    if into.state.status in CLOSED_STATUSES:
        raise Refused(Code.TARGET_CLOSED, "into_id")


def _meeting(asked: Act, locality: str) -> UUID | None:
    """The meeting named, of this place."""
    if asked.meeting is None:
        return None
    if asked.meeting.locality != locality:
        raise Refused(Code.NOT_FOUND, "meeting_id")
    return asked.meeting.key


def _ties(work: Work, held: Held) -> frozenset[Tie]:
    return ties(
        held.handler_path,
        work.scope.prefixes,
        top=len(held.handler_path) == WIDTH,
        reporter=held.reporter_id == work.scope.person,
        place=may_act(held.unit_path, work.scope.prefixes),
    )


def _command(work: Work, asked: Act, held: Held, profile: Profile, goal: Goal) -> Command:
    """The domain's command: whom it goes to, which post answers there, and by when."""
    onward = unit_store.steps(goal.chain)
    return Command(
        verb=asked.verb,
        actor=PersonId(work.scope.person),
        reason=asked.words,
        to=goal.to,
        joined=goal.joined,
        rule=goal.rule,
        hop_due_at=time_given(profile, held.state, asked.verb, onward, held.now),
        due_at=asked.due_at,
        verdict=asked.verdict,
        into=TicketId(asked.into.key) if asked.into else None,
        expected_hop=asked.hop,
        pauses=profile.pauses,
    )


def _field(asked: Act, part: str | None) -> str | None:
    """The domain's name of a command's part, as the verb's input calls it."""
    to = "lead_id" if asked.verb is V.JOIN else "unit_id"
    names = {"reason": asked.said_in, "to": to, "into": "into_id"}
    return names.get(part or "", part)
