"""Calling a meeting, and saying that it was held."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.ids import GlobalId
from compiler.scope import ScopeBinds
from db import meeting_store, run
from db.keys import new_key
from db.tables import Meeting
from db.unit_store import Unit
from domain.cadence import MET
from domain.meeting import refuse_call, refuse_hold
from domain.permission import may_act
from domain.refusal import RefusalCode as Code
from resolvers import duty
from resolvers.caller import Refused, Work, refuse
from resolvers.places import unit_named


def written(scope: ScopeBinds) -> Scoped:
    """The meeting that was called or held."""
    return Scoped(select(Meeting).where(col(Meeting.id) == scope.key), scope.locality)


@dataclass(frozen=True)
class NewMeeting:
    """Which unit is to meet, when and what for, and the duty that this fulfils."""

    unit: GlobalId
    title: str
    at: datetime
    duty: str | None


async def call(work: Work, new: NewMeeting) -> UUID:
    """Call a meeting of a unit that the caller serves in or above."""
    unit = await _unit(work, new.unit)
    refuse(refuse_call(new.title))
    await duty.owed(work, new.duty, MET)
    now = await work.now()
    key = new_key(now)
    facts = {
        "locality_id": work.scope.locality,
        "id": key,
        "title": new.title.strip(),
        "cadence_code": new.duty,
        "at": new.at,
        "unit_id": unit.id,
        "unit_path": unit.path,
        "caller_id": work.scope.person,
        "created_at": now,
    }
    await run.insert(work.connection, "meeting", facts)
    if new.at >= now:
        await meeting_store.gather(work.connection, work.scope.locality, key, unit.path, now)
    return key


async def _unit(work: Work, named: GlobalId) -> Unit:
    unit, *_ = await unit_named(work, named)
    if not may_act(unit.path, work.scope.prefixes):
        raise Refused(Code.FORBIDDEN)
    if unit.closed:
        raise Refused(Code.UNIT_CLOSED, "unit_id")
    return unit


@dataclass(frozen=True)
class Held:
    """That a meeting took place, when, and what was said."""

    meeting: GlobalId
    at: datetime | None
    minutes: str


async def hold(work: Work, told: Held) -> UUID:
    """Say that a meeting was held: once, by somebody who serves in its unit or above."""
    called = None
    if told.meeting.locality == work.scope.locality:
        called = await meeting_store.lock(work.connection, work.scope.locality, told.meeting.key)
    if called is None:
        raise Refused(Code.NOT_FOUND, "meeting_id")
    if not may_act(called.unit_path, work.scope.prefixes):
        raise Refused(Code.FORBIDDEN)
    now = await work.now()
    at = told.at or now
    refuse(refuse_hold(called.held_at, told.minutes, at, now))
    facts = {"held_at": at, "minutes": told.minutes or None}
    key = {"locality_id": work.scope.locality, "id": told.meeting.key}
    await run.update(work.connection, "meeting", facts, key)
    return told.meeting.key
