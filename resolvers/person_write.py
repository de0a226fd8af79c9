"""What people do about what is kept of them: correct it, ask for its deletion."""

from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.scope import ScopeBinds
from db import person_store
from db.tables import Erasure, Person
from domain.person import erasure_due, refuse_correction
from domain.refusal import RefusalCode as Code
from resolvers.caller import Refused, Work, refuse


def corrected(scope: ScopeBinds) -> Scoped:
    """The person whose data were corrected."""
    return Scoped(select(Person).where(col(Person.id) == scope.key), scope.locality)


def requested(scope: ScopeBinds) -> Scoped:
    """The request that was made."""
    return Scoped(select(Erasure).where(col(Erasure.person_id) == scope.key), scope.locality)


async def correct(work: Work, said: Mapping[str, str]) -> UUID:
    """Have something else kept of oneself."""
    kept = await person_store.lock_own(work.connection, work.scope)
    trimmed = {name: text.strip() for name, text in said.items()}
    anew = {name: text for name, text in trimmed.items() if text != kept.said[name]}
    if not anew:
        raise Refused(Code.NOTHING_CHANGED)
    refuse(refuse_correction(anew, serves=kept.serves))
    await person_store.correct(work.connection, work.scope, kept, anew)
    return work.scope.person


async def request_erasure(work: Work) -> UUID:
    """Ask that what is kept of oneself be deleted."""
    now = await work.now()
    zone = await person_store.time_zone(work.connection, work.scope.locality)
    due = erasure_due(now, ZoneInfo(zone))
    if not await person_store.request_erasure(work.connection, work.scope, now, due):
        raise Refused(Code.ALREADY_REQUESTED)
    return work.scope.person
