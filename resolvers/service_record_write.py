"""Adding a service record: once, for a unit or in answer to a ticket."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.ids import GlobalId
from compiler.scope import ScopeBinds
from db import run, ticket_store, unit_store
from db.keys import new_key
from db.tables import ServiceRecord
from domain.permission import may_act
from domain.refusal import RefusalCode as Code
from domain.terms import ServiceKind
from domain.ticket_check import TEXT_MAX
from resolvers.caller import Refused, Work


def added(scope: ScopeBinds) -> Scoped:
    """The record that was added."""
    found = select(ServiceRecord).where(col(ServiceRecord.id) == scope.key)
    return Scoped(found, scope.locality)


@dataclass(frozen=True)
class NewRecord:
    """What was done, where, when and for whom."""

    kind: ServiceKind
    unit: GlobalId | None
    ticket: GlobalId | None
    recipient: GlobalId | None
    at: datetime | None
    note: str


async def add(work: Work, new: NewRecord) -> UUID:
    """Record a service in a unit the caller serves in, or for a ticket it may see."""
    if len(new.note) > TEXT_MAX:
        raise Refused(Code.TEXT_TOO_LONG, "note")
    where = await _where(work, new)
    now = await work.now()
    if new.at is not None and new.at > now:
        raise Refused(Code.AT_IN_FUTURE, "at")
    key = new_key(now)
    facts = {
        "locality_id": work.scope.locality,
        "id": key,
        "kind": new.kind,
        "at": new.at or now,
        "note": new.note or None,
        "person_id": work.scope.person,
        "recipient_id": await _recipient(work, new.recipient),
        **where,
    }
    await run.insert(work.connection, "service_record", facts)
    return key


async def _where(work: Work, new: NewRecord) -> dict[str, object]:
    """The place of the service: its ticket's, or the unit named; a ticket's is for its reporter."""
    if new.ticket is not None:
        held = None
        if new.ticket.locality == work.scope.locality:
            held = await ticket_store.lock(work.connection, work.scope, new.ticket.key)
        if held is None:
            raise Refused(Code.NOT_FOUND, "ticket_id")
        if not _serves(work, held.unit_path) and not _serves(work, held.handler_path):
            raise Refused(Code.FORBIDDEN)
        return {
            "ticket_id": held.state.id,
            "unit_id": held.state.unit_id,
            "unit_path": held.unit_path,
            "handler_path": held.handler_path,
            **({} if new.recipient else {"recipient_id": held.reporter_id}),
        }
    return await _in_unit(work, new.unit)


async def _in_unit(work: Work, unit: GlobalId | None) -> dict[str, object]:
    chain = []
    if unit is not None and unit.locality == work.scope.locality:
        chain = await unit_store.way_up(work.connection, work.scope.locality, unit.key)
    if not chain:
        raise Refused(Code.UNIT_UNKNOWN, "unit_id")
    if not _serves(work, chain[0].path):
        raise Refused(Code.FORBIDDEN)
    path = chain[0].path
    return {"unit_id": chain[0].id, "unit_path": path, "handler_path": path}


def _serves(work: Work, path: str) -> bool:
    return may_act(path, work.scope.prefixes)


async def _recipient(work: Work, person: GlobalId | None) -> UUID | None:
    if person is None:
        return None
    known = False
    if person.locality == work.scope.locality:
        known = await work.connection.fetchval(PERSON, work.scope.locality, person.key)
    if not known:
        raise Refused(Code.NOT_FOUND, "recipient_id")
    return person.key


# Row security leaves out people the caller may not see.
PERSON = "SELECT EXISTS (SELECT 1 FROM person WHERE locality_id = $1 AND id = $2)"
