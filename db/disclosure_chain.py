"""The chains of disclosures as they stand: their heads, and recomputing them whole."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypeAlias

import asyncpg

from db.pool import Database
from db.scope import NOBODY, Scope
from domain.audit import FIRST, SEALED, Anchor, Check
from domain.retention import KEPT, Kept

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

AT_ONCE = 10_000
"""Rows fetched together: a chain of any length is read in the same memory."""


async def heads(connection: Owner, locality: str | None = None) -> list[Anchor]:
    """How far each chain reaches at this moment, or that of one place."""
    found = await connection.fetch(HEADS, locality)
    return [_anchor(row) for row in found]


async def veiled(connection: Owner) -> bool:
    """Whether row security hides chains from this role: to it there seems to be nothing."""
    return await connection.fetchval(VEILED)


async def head(database: Database, locality: str) -> Anchor | None:
    """The same of one place, as the server's role; None before its first disclosure."""
    own = Scope(locality, NOBODY)
    found = await database.read(own, lambda connection: connection.fetchrow(HEADS, locality))
    return None if found is None else _anchor(found)


async def verify(connection: Owner, anchors: Iterable[Anchor] = ()) -> list[Check]:
    """Recompute every chain there is or once was, as of one moment."""
    known = [*anchors]
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        now: datetime = await connection.fetchval("SELECT now()")
        places = {row[0] for row in await connection.fetch(PLACES)} | {a.locality for a in known}
        return [await _verified(connection, place, known, now) for place in sorted(places)]


async def _verified(
    connection: Owner, locality: str, anchors: list[Anchor], now: datetime
) -> Check:
    found = await connection.fetchrow(HEAD, locality) or (0, FIRST, 0, FIRST)
    sequence, digest, removed, removed_digest = found
    own = [anchor for anchor in anchors if anchor.locality == locality]
    check = Check(locality, removed, removed_digest, own, now - KEPT[Kept.DISCLOSURES].span)
    cursor: Any = await connection.cursor(CHAIN, locality)
    while rows := await cursor.fetch(AT_ONCE):
        for row in rows:
            check.read(row[:-1], row[-1])
    check.end(sequence, digest)
    return check


def _anchor(row: asyncpg.Record) -> Anchor:
    return Anchor(row["locality_id"], row["sequence"], row["digest"], row["at"], row["written_at"])


HEADS = """
SELECT h.locality_id, h.sequence, h.digest, now() AS at, d.at AS written_at
FROM disclosure_head h
LEFT JOIN disclosure d ON d.locality_id = h.locality_id AND d.sequence = h.sequence
WHERE $1::text IS NULL OR h.locality_id = $1 ORDER BY h.locality_id
"""
VEILED = "SELECT row_security_active('disclosure') OR row_security_active('disclosure_head')"
HEAD = """
SELECT sequence, digest, removed, removed_digest FROM disclosure_head WHERE locality_id = $1
"""
PLACES = "SELECT locality_id FROM disclosure_head UNION SELECT locality_id FROM disclosure"
CHAIN = f"""
SELECT {", ".join(SEALED)}, digest FROM disclosure WHERE locality_id = $1 ORDER BY sequence
"""  # noqa: S608  # the columns are ours
