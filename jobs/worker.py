"""What runs beside the requests: the clock and the deliveries, each kept going."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from db.listen import Bell
from db.pool import Database
from jobs import webhooks
from jobs.clock import Clock

log = logging.getLogger("linli")

CONNECTIONS = 4
"""Database connections a worker needs: its jobs take turns."""

REST = 5.0
"""Seconds before a job that broke is begun again."""


async def work(database: Database, bell: Bell) -> None:
    """Run all jobs until cancelled."""
    async with asyncio.TaskGroup() as jobs:
        jobs.create_task(_kept_going("clock", Clock(database, bell).run))
        jobs.create_task(_kept_going("deliveries", lambda: webhooks.run(database, bell)))


async def _kept_going(name: str, job: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await job()
        except Exception:  # one job's fault must not end the others
            log.exception("the %s broke and will begin again", name)
        await asyncio.sleep(REST)
