"""Where a verb sends a ticket: the unit, the post that answers there, the units called to help."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from compiler.ids import GlobalId
from db import unit_store
from db.unit_store import Unit
from domain.escalation import NextHop, Responsible
from domain.permission import may_act
from domain.profile import Profile
from domain.refusal import RefusalCode as Code
from domain.terms import Route, TicketVerb as V
from domain.ticket import Target
from domain.ticket_table import ROUTES
from resolvers.caller import Refused, Work
from resolvers.places import unit_named

MOST_CALLED = 20


class Asked(Protocol):
    """The parts of a verb that say where to."""

    @property
    def verb(self) -> V: ...
    @property
    def to(self) -> GlobalId | None: ...
    @property
    def joined(self) -> tuple[GlobalId, ...]: ...


@dataclass(frozen=True)
class Goal:
    """Where the ticket is to be: the unit with all above it, and how it comes there."""

    chain: list[Unit]
    to: Target | None = None
    """None where the ticket stays with the unit that has it."""
    rule: str | None = None
    called: tuple["Goal", ...] = ()
    """Where the units called to help are."""

    @property
    def path(self) -> str:
        """The unit's path."""
        return self.chain[0].path

    @property
    def joined(self) -> tuple[Target, ...]:
        """The units called to help."""
        return tuple(each.to for each in self.called if each.to)

    def joined_paths(self) -> list[str]:
        """Their paths."""
        return [each.path for each in self.called]


async def find_goal(
    work: Work, asked: Asked, profile: Profile, chain: list[Unit], ahead: NextHop | None
) -> Goal:
    """Where the verb sends the ticket; most leave it with the unit that has it."""
    goal = Goal(chain)
    if asked.to is not None:
        field = "lead_id" if asked.verb is V.JOIN else "unit_id"
        named = await _named(work, asked.to, field)
        _check_named(work, asked.verb, named[0], chain)
        if not profile.handles(named[0].level_code):
            raise Refused(Code.NOT_HANDLING, field)
        goal = Goal(named)
    elif asked.verb is V.ESCALATE and len(chain) > 1:
        goal = _by_rule(chain, ahead)
    elif asked.verb is V.ESCALATE or asked.verb not in ROUTES:
        return goal
    called = await _called(work, asked, goal) if asked.verb is V.JOIN else []
    goal, *called = await _answered(work, [goal, *called], chain[0])
    return replace(goal, called=tuple(called))


async def _named(work: Work, unit: GlobalId, field: str) -> list[Unit]:
    found = await unit_named(work, unit, field)
    if found[0].closed:
        raise Refused(Code.UNIT_CLOSED, field)
    return found


def _check_named(work: Work, verb: V, unit: Unit, chain: Sequence[Unit]) -> None:
    """Up goes to a unit above, down to one below; anywhere else only within one's own units."""
    above, here = unit in chain[1:], chain[0].path
    if verb is V.ESCALATE and not above and unit != chain[0]:
        raise Refused(Code.NOT_ABOVE, "unit_id")
    if verb is V.RETURN and not (unit.path.startswith(here)):
        raise Refused(Code.NOT_BELOW, "unit_id")
    if verb in (V.DISPATCH, V.RULE) and not may_act(unit.path, work.scope.prefixes):
        # Up and out of one's own units there are other ways, which ask for a reason.
        raise Refused(Code.FORBIDDEN, "unit_id")
    if verb is V.JOIN and unit not in chain and not may_act(unit.path, work.scope.prefixes):
        raise Refused(Code.FORBIDDEN, "lead_id")


def _by_rule(chain: list[Unit], ahead: NextHop | None) -> Goal:
    """Up to where the place's rule sends it, or else to the unit directly above."""
    if ahead is not None and ahead.route is Route.UP:
        at = next(at for at, unit in enumerate(chain) if unit.id == ahead.to_unit)
        return Goal(chain[at:], rule=ahead.rule.code)
    return Goal(chain[1:])


async def _answered(work: Work, goals: Sequence[Goal], here: Unit) -> list[Goal]:
    """The goals, each with the post that answers for the ticket there."""
    paths = [goal.path for goal in goals]
    seats = await unit_store.seats(work.connection, work.scope.locality, paths)
    return [_answered_by(goal, unit_store.answering(seats, goal.path), here) for goal in goals]


def _answered_by(goal: Goal, answering: Responsible | None, here: Unit) -> Goal:
    unit = goal.chain[0]
    # What a unit has when it is closed it can still work on; nothing more comes to it.
    closed = unit.closed and unit.path != here.path
    post = answering.post_id if answering else None
    return replace(goal, to=Target(unit.id, unit.level_code, post, closed))


async def _called(work: Work, asked: Asked, lead: Goal) -> list[Goal]:
    """The units called to help: of the same place, wherever they are (街道吹哨、部门报到)."""
    if len(asked.joined) > MOST_CALLED:
        raise Refused(Code.TOO_MANY, "unit_ids", MOST_CALLED)
    found = {each: Goal(await _named(work, each, "unit_ids")) for each in asked.joined}
    called = [goal for goal in found.values() if goal.path != lead.path]
    if not called:
        raise Refused(Code.SAME_UNIT if found else Code.UNIT_REQUIRED, "unit_ids")
    return called
