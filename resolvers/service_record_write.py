"""Adding a service record, once, for a unit or in answer to a ticket; and correcting one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.ids import GlobalId
from compiler.scope import ScopeBinds
from db import service_record_store, ticket_lock
from db.keys import new_key
from db.tables import ServiceRecord
from domain.cadence import RECORDED
from domain.permission import may_act, serves_for
from domain.person import ERASED_NAME
from domain.refusal import RefusalCode as Code
from domain.service_record import Said, Visit, refuse_correction, refuse_record
from domain.terms import ServiceKind
from resolvers import duty
from resolvers.caller import Refused, Work, minted, refuse
from resolvers.places import unit_named


def written(scope: ScopeBinds) -> Scoped:
    """The record that was added or corrected."""
    found = select(ServiceRecord).where(col(ServiceRecord.id) == scope.key)
    return Scoped(found, scope.locality)


@dataclass(frozen=True)
class NewRecord:
    """What was done, where, when and for whom, and the duty it fulfils."""

    id: GlobalId | None
    kind: ServiceKind
    unit: GlobalId | None
    ticket: GlobalId | None
    recipient: GlobalId | None
    at: datetime | None
    note: str
    duty: str | None
    visit: Visit | None


async def add(work: Work, new: NewRecord) -> UUID:
    """Record a service in a unit the caller serves in, or for a ticket it may see."""
    where = await _where(work, new)
    await duty.owed(work, new.duty, RECORDED)
    recipient = await _recipient(work, new.recipient)
    # Of a ticket's reporter nothing is learnt that is not of the matter, unless it is a visit.
    if recipient is None and new.kind is ServiceKind.VISIT:
        # The handler of another grid may not see the reporter: the server looks in its place.
        async with work.everywhere():
            await _remembered(work, where["recipient_id"])
    now = await work.now()
    said = Said(new.kind, new.at or now, new.note)
    refuse(refuse_record(said, new.visit, now))
    key = minted(work, new.id) or new_key(now)
    facts = {
        "locality_id": work.scope.locality,
        "id": key,
        "kind": said.kind,
        "at": said.at,
        "note": said.note or None,
        "cadence_code": new.duty,
        "person_id": work.scope.person,
        **where,
        "recipient_id": recipient or where["recipient_id"],
    }
    if not await service_record_store.create(work.connection, facts, new.visit, now):
        raise Refused(Code.ID_TAKEN, "id")
    return key


async def _where(work: Work, new: NewRecord) -> dict[str, object]:
    """The place of the service: its ticket's, or the unit named; a ticket's is for its reporter."""
    if new.ticket is None:
        return await _in_unit(work, new.unit)
    held = None
    if new.ticket.locality == work.scope.locality:
        held = await ticket_lock.lock(work.connection, work.scope, new.ticket.key)
    if held is None:
        raise Refused(Code.NOT_FOUND, "ticket_id")
    paths = held.unit_path, held.handler_path
    if not serves_for(*paths, held.joint_scopes or (), work.scope.prefixes):
        raise Refused(Code.FORBIDDEN)
    return {
        "ticket_id": held.state.id,
        "unit_id": held.state.unit_id,
        "unit_path": held.unit_path,
        "handler_path": held.handler_path,
        "joint_scopes": held.joint_scopes,
        "recipient_id": held.reporter_id,
    }


async def _in_unit(work: Work, unit: GlobalId | None) -> dict[str, object]:
    if unit is None:
        raise Refused(Code.UNIT_REQUIRED, "unit_id")
    found, *_ = await unit_named(work, unit)
    path = found.path
    if not may_act(path, work.scope.prefixes):
        raise Refused(Code.FORBIDDEN)
    return {
        "unit_id": found.id,
        "unit_path": path,
        "handler_path": path,
        "joint_scopes": None,
        "recipient_id": None,
    }


async def _recipient(work: Work, person: GlobalId | None) -> UUID | None:
    if person is None:
        return None
    known = person.locality == work.scope.locality
    if not known or await _remembered(work, person.key) is None:
        raise Refused(Code.NOT_FOUND, "recipient_id")
    return person.key


async def _remembered(work: Work, person: object) -> str | None:
    """The name of somebody of whom more may be kept; refused if they were forgotten, None if the
    caller sees no such person."""
    name = await work.connection.fetchval(PERSON, work.scope.locality, person)
    if name == ERASED_NAME:
        raise Refused(Code.FORGOTTEN, "recipient_id")
    return name


# Row security leaves out people the caller may not see. The lock is one that forgetting somebody waits
# for, or is waited for by: what is written before goes with the rest, and nothing is written after.
NAME = "SELECT name FROM person WHERE locality_id = $1 AND id = $2"
PERSON = f"{NAME} FOR KEY SHARE"


@dataclass(frozen=True)
class Correction:
    """What a record should say instead, and why; None leaves a part as it is."""

    record: GlobalId
    kind: ServiceKind | None
    at: datetime | None
    note: str | None
    reason: str


async def correct(work: Work, asked: Correction) -> UUID:
    """Correct a record: for whoever gave the service, and those who serve there or above."""
    kept = None
    if asked.record.locality == work.scope.locality:
        kept = await service_record_store.lock(work.connection, work.scope, asked.record.key)
    if kept is None:
        raise Refused(Code.NOT_FOUND, "record_id")
    gave = kept.labels["person_id"] == work.scope.person
    if not gave and not may_act(kept.labels["unit_path"], work.scope.prefixes):
        raise Refused(Code.FORBIDDEN)
    # Forgetting waits for the record's lock: to ask for the person's as well would lock each other out.
    async with work.everywhere():
        name = await work.connection.fetchval(
            NAME, work.scope.locality, kept.labels["recipient_id"]
        )
    if name == ERASED_NAME:
        raise Refused(Code.FORGOTTEN, "record_id")
    now, was = await work.now(), kept.said
    note = was.note if asked.note is None else asked.note
    said = Said(asked.kind or was.kind, asked.at or was.at, note)
    refuse(refuse_correction(was, said, asked.reason, learnt=kept.learnt, now=now))
    await service_record_store.correct(
        work.connection, kept, said, asked.reason, work.scope.person, now
    )
    return kept.key
