"""Disclosures as they are written: chained, in one transaction, before the values go out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from db.failures import TRANSIENT, NotWrittenDownError
from db.keys import new_key
from db.pool import Connection, Database
from db.scope import Scope
from domain.audit import FIRST, SEALED, seal
from domain.disclosure import SPAN, wait_for

Facts = Mapping[str, Any]
"""What a disclosure is about, as the statement that reads the value tells it; keys are texts."""

KEYS = ("post", "subject", "ticket", "record")


class TooManyPeopleError(Exception):
    """Somebody has read of as many people as they may within the hour; so much is left of it."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(wait)
        self.wait = wait


async def write_down(database: Database, scope: Scope, facts: Sequence[Facts]) -> None:
    """Write for good which values are about to be given to the scope's person, or raise.

    Whoever was told nothing may ask again: what cannot be written down is not given out, nor what
    is of more people than one reader may know of within the hour.
    """

    async def add(connection: Connection) -> None:
        (head,) = await connection.fetch(HEAD, scope.locality, FIRST)
        await _check_room(connection, scope, facts, head["at"])
        rows = [*_chained(scope, facts, dict(head))]
        await connection.executemany(ADD, rows)
        # Row by row: the head goes one forward at a time (migration 0005).
        await connection.executemany(ADVANCE, [(row[0], row[1], row[-1]) for row in rows])

    own = Scope(scope.locality, scope.person)
    try:
        await database.write(own, add)
    except (asyncpg.PostgresError, *TRANSIENT) as error:
        raise NotWrittenDownError from error


async def _check_room(
    connection: Connection, scope: Scope, facts: Sequence[Facts], now: datetime
) -> None:
    """Refuse too many people; the head is locked, so that nobody reads beside."""
    asked = {UUID(each["subject"]) for each in facts} - {scope.person}
    rows = await connection.fetch(LATELY, scope.locality, scope.person, now - SPAN)
    wait = wait_for(asked, {row["subject_id"]: row["at"] for row in rows}, now)
    if wait:
        raise TooManyPeopleError(wait)


def _chained(
    scope: Scope, facts: Sequence[Facts], head: Mapping[str, Any]
) -> Iterator[tuple[Any, ...]]:
    at: datetime = head["at"]
    digest, answer = head["digest"], new_key(at)
    told = {tuple(sorted(each.items())): each for each in facts}  # one asked twice is told once
    for sequence, each in enumerate(told.values(), head["sequence"] + 1):
        known = {name: UUID(each[name]) if each.get(name) else None for name in KEYS}
        row = (
            scope.locality,
            sequence,
            at,
            scope.person,
            known["post"],
            known["subject"],
            each["field"],
            each["purpose"],
            known["ticket"],
            known["record"],
            answer,
            each.get("reason"),
        )
        digest = seal(row, digest)
        yield (*row, digest)


# Whoever adds to a place's chain waits here until the one before has committed.
HEAD = """
INSERT INTO disclosure_head AS head (locality_id, sequence, digest, removed_digest)
VALUES ($1, 0, $2, $2)
ON CONFLICT (locality_id) DO UPDATE SET sequence = head.sequence
RETURNING sequence, digest, clock_timestamp() AS at
"""
LATELY = """
SELECT subject_id, max(at) AS at FROM disclosure
WHERE locality_id = $1 AND actor_id = $2 AND at > $3 AND subject_id <> $2 GROUP BY subject_id
"""
ADD = f"""
INSERT INTO disclosure ({", ".join(SEALED)}, digest)
VALUES ({", ".join(f"${at}" for at in range(1, len(SEALED) + 2))})
"""  # noqa: S608  # the columns are ours
ADVANCE = "UPDATE disclosure_head SET sequence = $2, digest = $3 WHERE locality_id = $1"
