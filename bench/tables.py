"""Tables without their keys and indexes for a while: so are very many rows written.

Put back, each key, index and reference is made from all rows at once: PostgreSQL checks them all.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

from db.load.copy import Owner

KEYS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS away,
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
        pg_get_constraintdef(oid)) AS back
FROM pg_constraint
WHERE conrelid = ANY ($1::text[]::regclass[]) AND contype IN ('p', 'u')
    OR contype = 'f' AND (conrelid = ANY ($1::text[]::regclass[])
        OR confrelid = ANY ($1::text[]::regclass[]))
ORDER BY contype <> 'f', conrelid, conname
"""
"""References first: they need the keys."""

INDEXES = """
SELECT format('DROP INDEX %s', indexrelid::regclass) AS away, pg_get_indexdef(indexrelid) AS back
FROM pg_index WHERE indrelid = ANY ($1::text[]::regclass[]) AND NOT EXISTS (
    SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u'))
ORDER BY indexrelid
"""


@asynccontextmanager
async def without_keys(owner: Owner, tables: Sequence[str]) -> AsyncGenerator[None]:
    """Take keys, references and indexes of tables away, and make them anew at the end."""
    found = [*await owner.fetch(KEYS, tables), *await owner.fetch(INDEXES, tables)]
    for each in found:
        await owner.execute(each["away"])
    yield
    for each in reversed(found):
        await owner.execute(each["back"])
