"""What runs beside the requests: the clock, the deliveries and the forgetting, each kept going."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from db.listen import Bell
from db.pool import Database
from jobs import anchors, clock, retention, statistics, webhooks
from jobs.anchors import Anchoring

log = logging.getLogger("linli")

CONNECTIONS = 4
"""Database connections a worker needs: its jobs take turns."""

STATEMENT_SECONDS = 10
"""How long a statement of a job may run: nobody waits for its answer."""

REST = 5.0
"""Seconds before a job that broke is begun again."""


async def keep_working(
    dsn: str, bell: Bell, *, to_private: bool, anchoring: Anchoring | None = None
) -> None:
    """Do a worker's work until cancelled, on connections of its own: requests never wait for it.

    `to_private` says where webhooks may go, as in `server.settings`; `anchoring` where anchors go.
    """
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(bell.run())
        tasks.create_task(_kept_going("worker", lambda: _work(dsn, bell, to_private, anchoring)))


async def _work(dsn: str, bell: Bell, to_private: bool, anchoring: Anchoring | None) -> None:
    database = await Database.connect(dsn, CONNECTIONS, STATEMENT_SECONDS)
    try:
        await work(database, bell, to_private=to_private, anchoring=anchoring)
    finally:
        await database.close()


async def work(
    database: Database, bell: Bell, *, to_private: bool, anchoring: Anchoring | None = None
) -> None:
    """Run all jobs until cancelled."""
    async with asyncio.TaskGroup() as jobs:
        jobs.create_task(_kept_going("clock", partial(clock.run, database, bell)))
        deliver = partial(webhooks.run, database, bell, to_private=to_private)
        jobs.create_task(_kept_going("deliveries", deliver))
        jobs.create_task(_kept_going("forgetting", partial(retention.run, database)))
        if anchoring is not None:
            jobs.create_task(_kept_going("anchoring", partial(anchors.run, database, anchoring)))
        jobs.create_task(_kept_going("statistics", partial(statistics.run, database)))


async def _kept_going(name: str, job: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await job()
        except Exception:  # one job's fault must not end the others
            log.exception("the %s broke and will begin again", name)
        await asyncio.sleep(REST)
