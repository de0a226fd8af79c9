"""Forgetting: once a day what is kept beyond its time is deleted, and whoever asked is forgotten."""

import asyncio
import logging
from datetime import timedelta

from db import erasure_store, retention_store, unit_store
from db.failures import TRANSIENT
from db.pool import Database
from domain.retention import Kept

DAY = timedelta(days=1).total_seconds()
AGAIN = 60.0
"""Seconds until the next try, when the database was not there."""

log = logging.getLogger("linli")


async def run(database: Database) -> None:
    """Forget at once and then daily, until cancelled; to do it twice does no harm."""
    while True:
        wait = DAY
        try:
            await forget(database)
        except TRANSIENT as error:
            log.warning("retention waits for the database: %s", type(error).__name__)
            wait = AGAIN
        await asyncio.sleep(wait)


async def forget(database: Database) -> int:
    """Delete what is too old and whoever asked for it, place by place, a few rows at a time; how
    many rows and people there were."""
    gone = 0
    for locality in await unit_store.localities(database):
        scope = await unit_store.whole_place(database, locality)
        while some := await erasure_store.erase_some(database, scope):
            gone += some
        for kept in Kept:
            while some := await retention_store.forget_some(database, scope, kept):
                gone += some
    return gone
