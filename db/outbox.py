"""The outbox: what changed is written with the change, and the waiting are woken when it commits.

Readers follow it by `(tx, id)`. Transactions may commit in another order than they began, so a
reader that must miss nothing takes only rows below `OLDEST`, the oldest transaction still running.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from db.keys import new_key
from db.pool import Connection
from domain.terms import ChangedNoun

CHANNEL = "linli_change"
OLDEST = "pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
"""All below it are there for good."""

NEWEST = "pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
"""No transaction has this number yet, nor a higher one."""

EPOCH = """(
SELECT left(md5(system_identifier || '.' || timeline_id), 8)
FROM pg_control_system(), pg_control_checkpoint()
)"""
"""Differs between databases, and before and after one is restored or another takes its place: a
cursor is kept by its reader, and may be ahead of what there is now."""

NUMBERING = "(SELECT system_identifier::text FROM pg_control_system())"
"""Whose numbers the transactions bear. They run on when a database goes back in time or another
takes its place; a place in the outbox kept in the same database goes along and stays right."""

KEPT_DAYS = 30
"""How long a cursor holds. What removes old changes leaves them a day longer than that."""


@dataclass(frozen=True, slots=True)
class Said:
    """One change: of what, by which verb, and the labels by which readers may see it."""

    noun: ChangedNoun
    key: UUID
    verb: str
    at: datetime
    unit_path: str
    handler_path: str
    was_handler_path: str
    joint_scopes: list[str] | None = None
    reporter_id: UUID | None = None
    """The ticket's reporter, or the record's recipient."""
    person_id: UUID | None = None
    """Who gave the service."""
    id: UUID = field(init=False)

    def __post_init__(self) -> None:
        """Give the change a key of its moment."""
        object.__setattr__(self, "id", new_key(self.at))

    def call(self, locality: str) -> str:
        """What the waiting are told: ids and places only."""
        paths = f"{self.unit_path} {self.handler_path} {self.was_handler_path}"
        return f"{locality} {self.noun} {self.key} {self.id} {paths}"


async def tell(connection: Connection, locality: str, changes: Sequence[Said]) -> None:
    """Write changes to the outbox; the waiting hear of them when the transaction commits."""
    await connection.executemany(TELL, [_row(locality, each) for each in changes])


def _row(locality: str, said: Said) -> tuple[object, ...]:
    return (
        locality,
        said.id,
        said.noun,
        said.key,
        said.verb,
        said.at,
        said.unit_path,
        said.handler_path,
        said.was_handler_path,
        said.joint_scopes,
        said.reporter_id,
        said.person_id,
        said.call(locality),
    )


TELL = f"""
INSERT INTO change (locality_id, id, noun, key, verb, at, unit_path, handler_path,
    was_handler_path, joint_scopes, reporter_id, person_id)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM pg_notify('{CHANNEL}', $13)
"""  # noqa: S608  # the channel is ours
