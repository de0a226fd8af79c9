"""What runs beside the requests: the clock, the deliveries and the forgetting, each kept going."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial

from db.listen import Bell
from db.pool import Database
from jobs import clock, retention, webhooks

log = logging.getLogger("linli")

CONNECTIONS = 4
"""Database connections a worker needs: its jobs take turns."""

REST = 5.0
"""Seconds before a job that broke is begun again."""


async def keep_working(dsn: str, bell: Bell, *, to_private: bool) -> None:
    """Do a worker's work until cancelled, on connections of its own: requests never wait for it.

    `to_private` says where webhooks may go, as in `server.settings`.
    """
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(bell.run())
        tasks.create_task(_kept_going("worker", lambda: _work(dsn, bell, to_private)))


async def _work(dsn: str, bell: Bell, to_private: bool) -> None:
    database = await Database.connect(dsn, CONNECTIONS)
    try:
        await work(database, bell, to_private=to_private)
    finally:
        await database.close()


async def work(database: Database, bell: Bell, *, to_private: bool) -> None:
    """Run all jobs until cancelled."""
    async with asyncio.TaskGroup() as jobs:
        jobs.create_task(_kept_going("clock", partial(clock.run, database, bell)))
        deliver = partial(webhooks.run, database, bell, to_private=to_private)
        jobs.create_task(_kept_going("deliveries", deliver))
        jobs.create_task(_kept_going("forgetting", partial(retention.run, database)))


async def _kept_going(name: str, job: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await job()
        except Exception:  # one job's fault must not end the others
            log.exception("the %s broke and will begin again", name)
        await asyncio.sleep(REST)
