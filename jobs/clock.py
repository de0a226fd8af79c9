"""The clock: a hop that is due is itself the timer, so that each fires once, whatever dies.

A due ticket is claimed under lock, moved and armed anew in one transaction. Several workers share
the work: what one has claimed the others pass over. They are woken by the bell and by the next due
time; nothing is polled.
"""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from db import ticket_lock, ticket_store, unit_store
from db.listen import Bell
from db.pool import Connection, Database
from db.scope import Scope
from db.ticket_change import Change
from db.ticket_lock import Held
from db.unit_store import Unit
from domain.escalation import NextHop, ahead_of, clock_command, onward
from domain.profile import Profile
from domain.refusal import Refusal
from domain.ticket import decide
from jobs.rounds import GATHER, Rounds

log = logging.getLogger("linli")

BATCH = 50
"""Tickets moved in one transaction: enough to share its cost, few enough to be soon done."""

LONGEST_WAIT = 60.0
"""Seconds until all places are looked at again: one may be new."""

AGAIN = timedelta(hours=1)
"""When a ticket is looked at again whose move the rules refuse: a fault of ours, told in the log."""


async def fire(database: Database, place: Scope) -> int:
    """Move tickets of a place whose time has come, at most BATCH; how many there were."""
    async with database.transaction(place, write=True) as connection:
        held = await ticket_lock.lock_due(connection, place, BATCH)
        if held:
            await _move(connection, place.locality, held)
        return len(held)


async def _move(connection: Connection, locality: str, held: Sequence[Held]) -> None:
    """Carry out what the clock decides for tickets under lock."""
    known = await unit_store.units(connection, locality, {each.handler_path for each in held})
    plans = [await _plan(connection, each, known) for each in held]
    goals = {plan.goal(plan.due).path for plan in plans if plan.due}
    seats = await unit_store.seats(connection, locality, goals)
    changes: list[Change] = []
    for plan in plans:
        if plan.due and (change := plan.change(plan.due, seats)):
            changes.append(change)
        else:
            await ticket_store.rearm(connection, plan.held, plan.later())
    if changes:
        await ticket_store.save(connection, locality, changes)
    for each in changes:
        await ticket_store.meet(connection, each)


class _Plan:
    """What is to become of one ticket."""

    def __init__(self, held: Held, profile: Profile, chain: list[Unit]) -> None:
        self.held = held
        self._profile = profile
        self._chain = chain
        self._ahead = ahead_of(profile, held.state, unit_store.steps(chain))

    @property
    def due(self) -> NextHop | None:
        """The hop whose time has come; None for a timer that says so too early: it is stale."""
        ahead = self._ahead
        return ahead if ahead and ahead.due_at <= self.held.now else None

    def goal(self, ahead: NextHop) -> Unit:
        """The unit it goes to."""
        return next(unit for unit in self._chain if unit.id == ahead.to_unit)

    def change(self, ahead: NextHop, seats: unit_store.Seats) -> Change | None:
        """The move, decided; None if the rules refuse it."""
        held, goal = self.held, self.goal(ahead)
        steps = unit_store.steps(self._chain)
        answering = unit_store.answering(seats, goal.path)
        post = answering.post_id if answering else None
        command = clock_command(self._profile, held.state, ahead, steps, post, held.now)
        decision = decide(held.state, command, held.now)
        if isinstance(decision, Refusal):
            log.error("the clock is refused %s on %s: %s", ahead.verb, held.state.id, decision.code)
            return None
        after = ahead_of(self._profile, decision.state, onward(steps, goal.id))
        return Change(held, decision, goal.path, after)

    def later(self) -> NextHop | None:
        """What the timer is to say where nothing is moved now."""
        return replace(self.due, due_at=self.held.now + AGAIN) if self.due else self._ahead


async def _plan(connection: Connection, held: Held, known: dict[str, Unit]) -> _Plan:
    profile = await unit_store.profile(connection, held.locality, held.profile_revision)
    return _Plan(held, profile, unit_store.upwards(known, held.handler_path))


async def run(database: Database, bell: Bell) -> None:
    """Fire what is due in all places, for ever."""
    places = partial(unit_store.localities, database)
    await Rounds("clock", places, partial(tend, database), LONGEST_WAIT).run(bell)


async def tend(database: Database, slug: str) -> float:
    """Fire all that is due in a place; the seconds until more may be."""
    place = await unit_store.whole_place(database, slug)
    while await fire(database, place):
        pass
    async with database.transaction(place) as connection:
        wait = await ticket_lock.until_due(connection, slug)
    # What is due and was not fired is in another worker's hands: a moment, then look again.
    return LONGEST_WAIT if wait is None else max(wait, GATHER)
