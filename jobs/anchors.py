"""Anchoring: once a day the head of every place's chain of disclosures is added to a file.

The file belongs where whoever keeps the database cannot change it.
"""

import asyncio
import logging
import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from db import disclosure_chain, unit_store
from db.failures import TRANSIENT
from db.pool import Database

DAY = timedelta(days=1).total_seconds()
AGAIN = 60.0
"""Seconds until the next try, when the database or the file was not there."""

log = logging.getLogger("linli")


@dataclass(frozen=True)
class Anchoring:
    """Where anchors are kept, and what they are signed with (None: with nothing)."""

    file: Path
    key: bytes | None = None


async def run(database: Database, where: Anchoring) -> None:
    """Anchor at once and then daily, until cancelled."""
    while True:
        wait = DAY
        try:
            await anchor(database, where)
        except (*TRANSIENT, OSError) as error:
            log.warning("anchoring waits: %s", type(error).__name__)
            wait = AGAIN
        await asyncio.sleep(wait)


async def anchor(database: Database, where: Anchoring) -> int:
    """Add a line for every place that has a chain; how many there were."""
    places = await unit_store.localities(database)
    heads = [await disclosure_chain.head(database, place) for place in places]
    lines = [head.line(where.key) for head in heads if head is not None]
    await asyncio.to_thread(_append, where.file, lines)
    return len(lines)


def _append(file: Path, lines: list[str]) -> None:
    # At the end and in one go: several workers may write to one file.
    opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(opened, "".join(f"{line}\n" for line in lines).encode())
        os.fsync(opened)
    finally:
        os.close(opened)
