"""Verbs on tickets: lock within the caller's scope, decide, save (DESIGN §3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.ids import GlobalId
from compiler.scope import ScopeBinds
from db import run, ticket_store, unit_store
from db.keys import new_key, new_number
from db.tables import Ticket
from db.unit_store import Unit
from domain.deadline import add_hours
from domain.escalation import NextHop, next_hop
from domain.ids import PersonId, TicketId
from domain.permission import may_act
from domain.profile import Category, Profile
from domain.refusal import Refusal, RefusalCode as Code
from domain.terms import (
    AppealType,
    Channel,
    ConcernClass,
    Severity,
    TicketStatus,
    TicketVerb,
    Verdict,
)
from domain.ticket import Command, Report, Target, TicketState, decide, report
from resolvers.caller import Refused, Work


def changed(scope: ScopeBinds) -> Scoped:
    """The ticket that a verb made or changed."""
    return Scoped(select(Ticket).where(col(Ticket.id) == scope.key), scope.locality)


@dataclass(frozen=True)
class NewTicket:
    """What a report says."""

    unit: GlobalId
    title: str
    body: str
    category: str
    severity: Severity | None
    appeal_type: AppealType
    concern: ConcernClass | None
    channel: Channel


async def open_ticket(work: Work, new: NewTicket) -> UUID:
    """Make a need known: REPORTED with the unit it arose in, both clocks started."""
    locality = work.scope.locality
    if new.unit.locality != locality:
        raise Refused(Code.UNIT_UNKNOWN, "unit_id")
    chain = await unit_store.way_up(work.connection, locality, new.unit.key)
    prefix, revision = await unit_store.place(work.connection, locality)
    profile = await unit_store.profile(work.connection, locality, revision)
    category = await _category(work, new.category)
    severity = new.severity or category.severity
    now = await work.now()
    key = TicketId(new_key(now))
    ahead = _ahead(profile, chain, TicketStatus.REPORTED, severity, category.code, now)
    decision = report(
        Report(
            id=key,
            actor=PersonId(work.scope.person),
            title=new.title,
            text=new.body,
            severity=severity,
            category=category.code,
            to=_target(chain),
            due_at=_due(profile, category, now),
            hop_due_at=ahead.due_at if ahead else None,
        ),
        now,
    )
    if isinstance(decision, Refusal):
        raise Refused(decision.code, REPORT_FIELDS.get(decision.field or "", decision.field))
    path = chain[0].path
    facts = {
        "locality_id": locality,
        "id": key,
        "title": new.title.strip(),
        "body": new.body,
        "severity": severity,
        "appeal_type": new.appeal_type,
        "concern": new.concern,
        "channel": new.channel,
        "category_code": category.code,
        "profile_revision": revision,
        "unit_id": chain[0].id,
        "unit_path": path,
        "reporter_id": work.scope.person,
        "created_at": now,
        **ticket_store.state_columns(decision, path, ahead),
    }
    await _numbered(work, facts, prefix, now)
    await ticket_store.place_in_subtrees(work.connection, locality, key, path, now)
    labels = {
        "locality_id": locality,
        "ticket_id": key,
        "unit_path": path,
        "handler_path": path,
        "reporter_id": work.scope.person,
    }
    await ticket_store.append(work.connection, labels, decision.events, earlier=0)
    return key


REPORT_FIELDS = {"to": "unit_id", "text": "body", "due_at": "category"}
"""The domain's names of a report's parts, as the input calls them."""


async def _numbered(work: Work, facts: dict[str, Any], prefix: str, now: datetime) -> None:
    """Insert under a number nobody has."""
    free = "ON CONFLICT (locality_id, number) DO NOTHING"
    while not await run.insert(
        work.connection, "ticket", {**facts, "number": new_number(prefix, now)}, free
    ):
        pass


@dataclass(frozen=True)
class Act:
    """One verb on one ticket, as the client asks for it."""

    verb: TicketVerb
    ticket: GlobalId
    reason: str = ""
    to: GlobalId | None = None
    verdict: Verdict | None = None


async def act(work: Work, asked: Act) -> UUID:
    """Carry out a verb, or refuse it."""
    locality = work.scope.locality
    held = None
    if asked.ticket.locality == locality:
        held = await ticket_store.lock(work.connection, work.scope, asked.ticket.key)
    if held is None:
        raise Refused(Code.NOT_FOUND, "ticket_id")
    if not may_act(held.handler_path, work.scope.prefixes):
        raise Refused(Code.FORBIDDEN)
    if asked.verb is TicketVerb.ESCALATE and not asked.reason.strip():
        # The clock may point to its rule; a person says why.
        raise Refused(Code.REASON_REQUIRED, "reason")
    now = await work.now()
    profile = await unit_store.profile(work.connection, locality, held.profile_revision)
    chain = await unit_store.way_up(work.connection, locality, held.state.handler_unit_id)
    goal, rule = await _goal(work, asked, held.state, profile, chain)
    command = await _command(work, asked, held.state, profile, goal, rule, now)
    decision = decide(held.state, command, now)
    if isinstance(decision, Refusal):
        raise Refused(decision.code, act_field(asked.verb, decision.field))
    handler = goal or chain
    state = decision.state
    ahead = _ahead(
        profile, handler, state.status, state.severity, state.category, state.hop_started_at
    )
    path = handler[0].path
    await work.connection.execute(work.scope.reaching(path).settings())
    said = asked.reason or None
    await ticket_store.save(work.connection, locality, held, decision, path, ahead, said)
    return state.id


def act_field(verb: TicketVerb, part: str | None) -> str | None:
    """The domain's name of a command's part, as the verb's input calls it."""
    if part == "reason":
        return {TicketVerb.ESCALATE: "reason", TicketVerb.RESOLVE: "resolution"}.get(verb, "note")
    return "unit_id" if part == "to" else part


async def _goal(
    work: Work, asked: Act, state: TicketState, profile: Profile, chain: Sequence[Unit]
) -> tuple[list[Unit], str | None]:
    """The unit the ticket is to go to with all above it, and the rule that says so."""
    if asked.to is not None:
        found: list[Unit] = []
        if asked.to.locality == work.scope.locality:
            found = await unit_store.way_up(work.connection, work.scope.locality, asked.to.key)
        if not found:
            raise Refused(Code.UNIT_UNKNOWN, "unit_id")
        if asked.verb is TicketVerb.DISPATCH and not may_act(found[0].path, work.scope.prefixes):
            # Up and out of one's own units there are other ways, which ask for a reason.
            raise Refused(Code.FORBIDDEN, "unit_id")
        if asked.verb is TicketVerb.ESCALATE and found[0] not in chain[1:]:
            raise Refused(Code.NO_HIGHER_LEVEL, "unit_id")
        return found, None
    if asked.verb is not TicketVerb.ESCALATE or len(chain) < 2:
        return [], None
    ahead = _ahead(
        profile, chain, state.status, state.severity, state.category, state.hop_started_at
    )
    by_rule = [at for at, unit in enumerate(chain[1:], 1) if ahead and unit.id == ahead.to_unit]
    rule = ahead.rule.code if ahead and by_rule else None
    return list(chain[by_rule[0] if by_rule else 1 :]), rule


async def _command(
    work: Work,
    asked: Act,
    state: TicketState,
    profile: Profile,
    goal: Sequence[Unit],
    rule: str | None,
    now: datetime,
) -> Command:
    """The domain's command: whom it goes to, which post answers there, and by when."""
    to, ahead = None, None
    if goal:
        answering = await unit_store.answering(work.connection, work.scope.locality, goal)
        to = replace(
            _target(goal) or Target(goal[0].id, ""), post_id=answering and answering.post_id
        )
        status = TicketStatus.DISPATCHED
        ahead = _ahead(profile, goal, status, state.severity, state.category, now)
    return Command(
        verb=asked.verb,
        actor=PersonId(work.scope.person),
        reason=asked.reason,
        to=to,
        rule=rule,
        hop_due_at=ahead.due_at if ahead else None,
        verdict=asked.verdict,
    )


def _target(chain: Sequence[Unit]) -> Target | None:
    if not chain:
        return None
    return Target(chain[0].id, chain[0].level_code, closed=chain[0].closed)


def _ahead(
    profile: Profile,
    chain: Sequence[Unit],
    status: TicketStatus,
    severity: Severity,
    category: str,
    since: datetime,
) -> NextHop | None:
    """What happens if nobody acts."""
    return next_hop(
        profile,
        unit_store.steps(chain),
        status=status,
        severity=severity,
        category=category,
        hop_started_at=since,
    )


async def _category(work: Work, code: str) -> Category:
    found = await work.connection.fetchrow(CATEGORY, work.scope.locality, code)
    if found is None:
        raise Refused(Code.CATEGORY_UNKNOWN, "category")
    return Category(found["code"], found["name"], Severity(found["severity"]), found["hours"])


CATEGORY = "SELECT code, name, severity, hours FROM category WHERE locality_id = $1 AND code = $2"


def _due(profile: Profile, category: Category, now: datetime) -> datetime:
    zone = ZoneInfo(profile.time_zone)
    return add_hours(now, category.hours, profile.working_hours_only, zone)
