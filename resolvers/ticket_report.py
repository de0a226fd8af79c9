"""Opening a ticket: a need is made known (DESIGN §3)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from compiler.ids import GlobalId
from db import ticket_store, unit_store
from db.keys import new_key, new_number
from db.ticket_change import state_columns
from db.unit_store import Unit
from domain.deadline import add_hours
from domain.escalation import NextHop, next_hop
from domain.ids import PersonId, TicketId
from domain.permission import may_act
from domain.profile import Category, Profile
from domain.refusal import Refusal, RefusalCode as Code
from domain.terms import AppealType, Channel, ConcernClass, Severity, TicketStatus
from domain.ticket import Decision, Report, Target, report
from resolvers.caller import Refused, Work, minted
from resolvers.places import unit_named


@dataclass(frozen=True)
class NewTicket:
    """What a report says."""

    id: GlobalId | None
    unit: GlobalId
    title: str
    body: str
    category: str
    severity: Severity | None
    appeal_type: AppealType
    concern: ConcernClass | None
    channel: Channel


@dataclass(frozen=True)
class Opening:
    """What a report is judged by: the place's rules, the units, the moment."""

    profile: Profile
    prefix: str
    revision: int
    chain: list[Unit]
    category: Category
    severity: Severity
    key: TicketId
    now: datetime

    def ahead(self) -> NextHop | None:
        """Where the ticket goes if nobody takes it up."""
        return next_hop(
            self.profile,
            unit_store.steps(self.chain),
            status=TicketStatus.REPORTED,
            severity=self.severity,
            category=self.category.code,
            hop_started_at=self.now,
        )

    def due_at(self) -> datetime:
        """When the whole case should be finished."""
        zone = ZoneInfo(self.profile.time_zone)
        return add_hours(self.now, self.category.hours, self.profile.working_hours_only, zone)


async def open_ticket(work: Work, new: NewTicket) -> UUID:
    """Make a need known: REPORTED with the unit it arose in, both clocks started."""
    opening = await _opening(work, new)
    unit, ahead = opening.chain[0], opening.ahead()
    decision = report(
        Report(
            id=opening.key,
            actor=PersonId(work.scope.person),
            title=new.title,
            text=new.body,
            severity=opening.severity,
            category=opening.category.code,
            to=Target(unit.id, unit.level_code, closed=unit.closed),
            due_at=opening.due_at(),
            hop_due_at=ahead.due_at if ahead else None,
        ),
        opening.now,
    )
    if isinstance(decision, Refusal):
        part = REPORT_FIELDS.get(decision.field or "", decision.field)
        raise Refused(decision.code, part, decision.limit)
    await work.reach(unit.path)
    await _write(work, opening, _facts(work, new, opening, decision, ahead), decision)
    return opening.key


REPORT_FIELDS = {"to": "unit_id", "text": "body", "due_at": "category"}
"""The domain's names of a report's parts, as the input calls them."""


async def _opening(work: Work, new: NewTicket) -> Opening:
    """Everything a report is judged by, or why it cannot be."""
    locality = work.scope.locality
    chain = await unit_named(work, new.unit)
    if new.severity and not may_act(chain[0].path, work.scope.prefixes):
        # How hard a matter is decides who gets it: that is for the people who serve there.
        raise Refused(Code.FORBIDDEN, "severity")
    prefix, revision = await unit_store.place(work.connection, locality)
    profile = await unit_store.profile(work.connection, locality, revision)
    if not profile.handles(chain[0].level_code):
        raise Refused(Code.NOT_HANDLING, "unit_id")
    category = await _category(work, new.category)
    severity = new.severity or category.severity
    now = await work.now()
    key = TicketId(minted(work, new.id) or new_key(now))
    return Opening(profile, prefix, revision, chain, category, severity, key, now)


def _facts(
    work: Work, new: NewTicket, opening: Opening, decision: Decision, ahead: NextHop | None
) -> dict[str, Any]:
    """The new ticket's columns, its number apart."""
    unit = opening.chain[0]
    return {
        "locality_id": work.scope.locality,
        "id": opening.key,
        "title": new.title.strip(),
        "body": new.body,
        "severity": opening.severity,
        "appeal_type": new.appeal_type,
        "concern": new.concern,
        "channel": new.channel,
        "category_code": opening.category.code,
        "profile_revision": opening.revision,
        "unit_id": unit.id,
        "unit_path": unit.path,
        "reporter_id": work.scope.person,
        "created_at": opening.now,
        **state_columns(decision, unit.path, ahead),
    }


async def _write(work: Work, opening: Opening, facts: dict[str, Any], decision: Decision) -> None:
    """Write it under a number nobody has; a key of the client's own may be taken."""
    for _ in range(TRIES):
        numbered = {**facts, "number": new_number(opening.prefix, opening.now)}
        if await ticket_store.create(work.connection, numbered, decision):
            return
    # No number is taken so often: it is the key. One's own ticket and one that is hidden are
    # answered alike. That there is one tells whoever asks nothing: its 74 bits at random are known
    # to nobody who was not shown it, and to ask is to report a ticket where there is none.
    raise Refused(Code.ID_TAKEN, "id")


TRIES = 5


async def _category(work: Work, code: str) -> Category:
    found = await work.connection.fetchrow(CATEGORY, work.scope.locality, code)
    if found is None:
        raise Refused(Code.CATEGORY_UNKNOWN, "category")
    return Category(found["code"], found["name"], Severity(found["severity"]), found["hours"])


CATEGORY = "SELECT code, name, severity, hours FROM category WHERE locality_id = $1 AND code = $2"
