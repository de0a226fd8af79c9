"""Service records as verbs write them: made once, corrected under lock, each told to the outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

from db import outbox, run
from db.policies import render
from db.pool import Connection
from db.scope import Scope
from db.service_record import ServiceRecord
from db.viewer import Placeholders
from db.visibility import SEEN
from domain.service_record import Said, Visit
from domain.terms import ChangedNoun, ServiceKind

Row = dict[str, Any]
Labels: TypeAlias = "Row | asyncpg.Record"

LABELS = ("unit_path", "handler_path", "joint_scopes", "person_id", "recipient_id")
"""What the rows of a record repeat of it, and what its readers are known by."""


async def create(connection: Connection, facts: Row, visit: Visit | None, now: datetime) -> bool:
    """Write a new record and what its visit learnt; false if its key is taken."""
    if not await run.insert(connection, "service_record", facts, "ON CONFLICT DO NOTHING"):
        return False
    if visit is not None and not visit.empty():
        names = ("locality_id", "unit_path", "person_id", "recipient_id")
        learnt = {name: getattr(visit, name) or None for name in Visit.__slots__}
        private = {name: facts[name] for name in names} | learnt
        await run.insert(connection, "visit_private", private | {"service_record_id": facts["id"]})
    await tell(connection, "ADD", facts["locality_id"], [facts], now)
    return True


@dataclass(frozen=True)
class Kept:
    """A record under lock."""

    locality: str
    key: UUID
    said: Said
    labels: Row
    corrections: int
    learnt: bool
    """Whether it keeps what a visit learnt."""


async def lock(connection: Connection, scope: Scope, key: UUID) -> Kept | None:
    """Lock a record the caller may see; None if there is none such for the caller."""
    found = await connection.fetchrow(LOCK, scope.locality, key, list(scope.prefixes), scope.person)
    if found is None:
        return None
    return Kept(
        scope.locality,
        key,
        Said(ServiceKind(found["kind"]), found["at"], found["note"] or ""),
        {name: found[name] for name in LABELS},
        found["corrections"],
        found["learnt"],
    )


async def correct(
    connection: Connection, kept: Kept, said: Said, reason: str, actor: UUID, now: datetime
) -> None:
    """Have a record say something else; what it said before is kept."""
    sequence = kept.corrections + 1
    event = {
        "locality_id": kept.locality,
        "service_record_id": kept.key,
        "sequence": sequence,
        "at": now,
        "actor_id": actor,
        "reason": reason,
        "kind": kept.said.kind,
        "served_at": kept.said.at,
        "note": kept.said.note or None,
    }
    await run.insert(connection, "service_record_event", {**event, **kept.labels})
    facts = {"kind": said.kind, "at": said.at, "note": said.note or None, "corrections": sequence}
    key = {"locality_id": kept.locality, "id": kept.key}
    await run.update(connection, "service_record", facts, key)
    await tell(connection, "CORRECT", kept.locality, [{**kept.labels, "id": kept.key}], now)


async def tell(
    connection: Connection, verb: str, locality: str, records: Sequence[Labels], now: datetime
) -> None:
    """Tell those who see the records, given with `id` and LABELS, that they changed."""
    changes = [
        outbox.Said(
            noun=ChangedNoun.SERVICE_RECORD,
            key=each["id"],
            verb=verb,
            at=now,
            unit_path=each["unit_path"],
            handler_path=each["handler_path"],
            was_handler_path=each["handler_path"],
            joint_scopes=each["joint_scopes"],
            reporter_id=each["recipient_id"],
            person_id=each["person_id"],
        )
        for each in records
    ]
    await outbox.tell(connection, locality, changes)


MINE = render(SEEN[ServiceRecord](Placeholders("$1", "$3", "$4")))
# A second caller waits here until the first one is done.
LOCK = f"""
SELECT service_record.*, EXISTS (
    SELECT 1 FROM visit_private v
    WHERE v.locality_id = $1 AND v.service_record_id = service_record.id
) AS learnt
FROM service_record WHERE service_record.locality_id = $1 AND service_record.id = $2 AND ({MINE})
FOR UPDATE OF service_record
"""  # noqa: S608  # the condition is db.visibility's, not a caller's
