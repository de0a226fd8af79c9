"""Attaching a photograph to a ticket: announced first, kept when its bytes have come."""

from dataclasses import dataclass
from uuid import UUID

from compiler.ids import GlobalId
from db import attachment_store, ticket_lock
from db.attachment_store import Kept
from db.keys import new_key
from db.ticket_lock import Held
from domain.attachment import AWAITED, MOST, NAME_MAX, may_attach
from domain.refusal import RefusalCode as Code
from domain.terms import CLOSED_STATUSES, PhotoPhase
from resolvers.caller import Refused, Work


@dataclass(frozen=True)
class NewPhotograph:
    """What is announced: of which ticket, when it was taken, what it is called."""

    ticket: GlobalId
    phase: PhotoPhase
    name: str


async def announce(work: Work, new: NewPhotograph) -> UUID:
    """Await a photograph of a ticket that the caller is involved in."""
    if len(new.name) > NAME_MAX:
        raise Refused(Code.TEXT_TOO_LONG, "name", NAME_MAX)
    known = new.ticket.locality == work.scope.locality
    held = await _hold(work, new.ticket.key) if known else None
    if held is None:
        raise Refused(Code.NOT_FOUND, "ticket_id")
    since = held.now - AWAITED
    if await attachment_store.count(work.connection, held, since) >= MOST:
        raise Refused(Code.ATTACHMENTS_FULL, "ticket_id", MOST)
    key = new_key(held.now)
    facts = {
        "id": key,
        "phase": new.phase,
        "name": new.name.strip(),
        "requested_at": held.now,
        "uploader_id": work.scope.person,
    }
    await attachment_store.announce(work.connection, held, facts)
    return key


async def keep(work: Work, ticket: UUID, photograph: UUID, kept: Kept) -> bool:
    """Say that a photograph's bytes are kept; false if others were before them."""
    held = await _hold(work, ticket)
    if held is None:
        raise Refused(Code.NOT_FOUND)
    first = await attachment_store.keep(work.connection, held, photograph, kept)
    # A repeated request is awaited anew, when others may have taken its place.
    if first and await attachment_store.count(work.connection, held, held.now) > MOST:
        raise Refused(Code.ATTACHMENTS_FULL, limit=MOST)
    return first


async def _hold(work: Work, ticket: UUID) -> Held | None:
    """The ticket under lock, still open and the caller involved in it; None if it is not seen."""
    held = await ticket_lock.lock(work.connection, work.scope, ticket)
    if held is None:
        return None
    if not may_attach(
        held.unit_path,
        held.handler_path,
        held.joint_scopes or (),
        work.scope.prefixes,
        reporter=held.reporter_id == work.scope.person,
    ):
        raise Refused(Code.FORBIDDEN)
    if held.state.status in CLOSED_STATUSES:
        raise Refused(Code.NOT_ALLOWED_FROM_STATUS, "ticket_id", status=held.state.status)
    return held
