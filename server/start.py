"""From settings to a running server: database, schema, first data, HTTP."""

import asyncio
import signal
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from db.embedded import Embedded
from db.listen import Bell
from jobs.anchors import Anchoring
from jobs.worker import CONNECTIONS, keep_working
from server.dsn import reach, working_dsn
from server.listen import listen, repeated
from server.log import set_up
from server.loop import stop_on_sigterm
from server.places import load_places
from server.settings import Settings
from server.tokens import mark_demo, signing_key
from server.workers import Workers

CONNECTIONS_BESIDE = 20
"""Of the embedded database: for the worker's jobs, bells, commands and whoever repairs it."""


@asynccontextmanager
async def served_dsn(settings: Settings) -> AsyncGenerator[str]:
    """The DSN to serve from, its database prepared if we are told who owns it."""
    if settings.database_url is not None:
        if settings.migrate_url is not None:
            await prepare(await reach(settings.migrate_url))
        yield await reach(settings.database_url)
        return
    async with Embedded(settings.data, _room(settings)) as embedded:
        await prepare(embedded.owner_dsn)
        watching = asyncio.create_task(embedded.keep_up())
        try:
            yield embedded.app_dsn
        finally:
            watching.cancel()
            await asyncio.wait([watching])


def _room(settings: Settings) -> dict[str, str]:
    """How the embedded database has enough connections for all workers."""
    wanted = settings.workers * (settings.pool_size + 1) + CONNECTIONS + CONNECTIONS_BESIDE
    return {"max_connections": str(max(100, wanted))}


async def prepare(dsn: str) -> None:
    """Migrate, and load the places that are new."""
    # Takes long, and is not wanted where somebody else migrates.
    from db.migrate import migrate  # noqa: PLC0415

    await migrate(dsn)
    await load_places(dsn)


async def serve(settings: Settings, listeners: Sequence[socket.socket]) -> None:
    """Serve until SIGINT or SIGTERM; requests in flight finish first."""
    stop_on_sigterm(asyncio.current_task())
    set_up(settings.log, settings.log_level)
    mark_demo(settings.data, on=settings.demo)
    await (_serve_alone if settings.workers == 1 else _have_served)(settings, listeners)


async def _serve_alone(settings: Settings, listeners: Sequence[socket.socket]) -> None:
    """Do everything in this process."""
    # A parent of workers, and a worker's work alone, need none of the schema in their memory.
    from server.serving import Parts, answer  # noqa: PLC0415

    parts = Parts.of(settings)
    async with served_dsn(settings) as dsn:
        listen(listeners)
        await answer(parts, dsn, repeated(listeners), partial(_work, settings, dsn))


async def _have_served(settings: Settings, listeners: Sequence[socket.socket]) -> None:
    """Have workers answer, and do all else here, once for all of them."""
    signing_key(settings.secret, settings.data)
    async with served_dsn(settings) as dsn:
        listen(listeners)
        workers = Workers(settings, dsn, listeners)
        for each in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(each, workers.stop)
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(_work(settings, dsn, Bell(dsn)))
            keeping = tasks.create_task(workers.run())
            await workers.told.wait()
            working.cancel()
            await keeping
    if workers.broken is not None:
        raise workers.broken


async def work_alone(settings: Settings) -> None:
    """Do a worker's work until SIGINT or SIGTERM."""
    stop_on_sigterm(asyncio.current_task())
    set_up(settings.log, settings.log_level)
    async with working_dsn(settings) as dsn:
        await _work(settings, dsn, Bell(dsn))


async def _work(settings: Settings, dsn: str, bell: Bell) -> None:
    file = settings.anchor_file
    anchoring = None if file is None else Anchoring(file, settings.signing)
    private = settings.webhooks_to_private
    await keep_working(dsn, bell, to_private=private, anchoring=anchoring)
