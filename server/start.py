"""From settings to a running server: database, schema, first data, HTTP."""

import asyncio
import gc
import signal
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from db.embedded import Embedded
from db.listen import Bell
from db.migrate import migrate
from db.pool import Database
from jobs.anchors import Anchoring
from jobs.worker import keep_working
from schema.api import API
from server.app import make_app
from server.dsn import working_dsn
from server.example import examples
from server.http import Server
from server.issuers import read_issuers
from server.limits import limits_of
from server.log import set_up
from server.places import load_places
from server.rules import rules_of
from server.settings import Settings
from server.storage import open_store
from server.tokens import mark_demo, signing_key

GARBAGE = 50_000, 20, 100
"""How much is made before Python looks for rings of garbage: one event may wake thousands."""


@asynccontextmanager
async def served_dsn(settings: Settings) -> AsyncGenerator[str]:
    """The DSN to serve from, its database prepared if we are told who owns it."""
    if settings.database_url is not None:
        if settings.migrate_url is not None:
            await prepare(settings.migrate_url)
        yield settings.database_url
        return
    async with Embedded(settings.data) as embedded:
        await prepare(embedded.owner_dsn)
        watching = asyncio.create_task(embedded.keep_up())
        try:
            yield embedded.app_dsn
        finally:
            watching.cancel()
            await asyncio.wait([watching])


async def prepare(dsn: str) -> None:
    """Migrate, and load the places that are new."""
    await migrate(dsn)
    await load_places(dsn)


async def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; requests in flight finish first."""
    stop_on_sigterm(asyncio.current_task())
    set_up(settings.log, settings.log_level)
    key, issuers = signing_key(settings.secret, settings.data), read_issuers(settings.issuers)
    mark_demo(settings.data, on=settings.demo)
    store = open_store(settings.store, settings.data)
    rules = rules_of(settings, API)
    async with served_dsn(settings) as dsn:
        database = await Database.connect(dsn, settings.pool_size)
        try:
            shown = await examples(database)
            bell = Bell(dsn)
            private = settings.webhooks_to_private
            app = make_app(
                database,
                key,
                shown,
                store,
                settings.public_url,
                bell,
                webhooks_to_private=private,
                rules=rules,
                limits=limits_of(settings, database),
                issuers=issuers,
                demo=settings.demo,
            )
            # uvicorn raises the signal again when it is done; there is still a database to stop.
            stop_on_sigterm(None)
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, signal.SIG_IGN)
            # Whatever ends one of these with an error ends them all: none may be missed silently.
            async with asyncio.TaskGroup() as tasks:
                anchoring = _anchoring(settings)
                work = keep_working(dsn, bell, to_private=private, anchoring=anchoring)
                beside = tasks.create_task(work)
                # What is there by now stays: looking through it for garbage stops all else.
                gc.collect()
                gc.freeze()
                gc.set_threshold(*GARBAGE)
                await Server(app, host, port).serve()
                beside.cancel()
        finally:
            await database.close()


async def work_alone(settings: Settings) -> None:
    """Do a worker's work until SIGINT or SIGTERM."""
    stop_on_sigterm(asyncio.current_task())
    set_up(settings.log, settings.log_level)
    async with working_dsn(settings) as dsn:
        private, anchoring = settings.webhooks_to_private, _anchoring(settings)
        await keep_working(dsn, Bell(dsn), to_private=private, anchoring=anchoring)


def _anchoring(settings: Settings) -> Anchoring | None:
    file = settings.anchor_file
    return None if file is None else Anchoring(file, settings.signing)


def stop_on_sigterm(task: "asyncio.Task[None] | None") -> None:
    """Until there is something to serve, SIGTERM cancels the start; what was started is stopped."""
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows
        loop.remove_signal_handler(signal.SIGTERM)
        if task is not None:
            loop.add_signal_handler(signal.SIGTERM, task.cancel)


def run(job: Coroutine[Any, Any, None]) -> None:
    """Serve, or work, in a loop of its own."""
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(job)
    except asyncio.CancelledError:
        raise SystemExit(128 + signal.SIGTERM) from None


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """uvloop's loop where there is one; there is none on Windows."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
