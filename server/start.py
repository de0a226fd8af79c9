"""From settings to a running server: database, schema, first data, HTTP."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

from db.embedded import Embedded, EmbeddedError, running
from db.listen import Bell
from db.migrate import migrate
from db.pool import Database
from jobs.worker import keep_working
from server.app import make_app
from server.example import examples
from server.http import Server
from server.places import load_places
from server.settings import Settings
from server.storage import open_store
from server.tokens import signing_key


@asynccontextmanager
async def owner_dsn(settings: Settings) -> AsyncGenerator[str | None]:
    """The DSN of the role that owns the database; an embedded one is started unless it runs."""
    if settings.database_url is not None or settings.migrate_url is not None:
        yield settings.migrate_url
    elif (other := running(settings.data)) is not None:
        yield other.owner_dsn
    else:
        async with Embedded(settings.data) as embedded:
            await migrate(embedded.owner_dsn)
            yield embedded.owner_dsn


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
        yield embedded.app_dsn


@asynccontextmanager
async def working_dsn(settings: Settings) -> AsyncGenerator[str]:
    """The DSN for a worker alone, beside a server: it prepares nothing."""
    if settings.database_url is not None:
        yield settings.database_url
    elif (other := running(settings.data)) is not None:
        yield other.app_dsn
    else:
        raise EmbeddedError(f"No server runs on {settings.data}; start one, or set DATABASE_URL.")


async def prepare(dsn: str) -> None:
    """Migrate, and load the places that are new."""
    await migrate(dsn)
    await load_places(dsn)


async def serve(settings: Settings, host: str, port: int) -> None:
    """Serve until SIGINT or SIGTERM; requests in flight finish first."""
    stop_on_sigterm(asyncio.current_task())
    key = signing_key(settings.secret, settings.data)
    store = open_store(settings.store, settings.data)
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
            )
            # uvicorn raises the signal again when it is done; there is still a database to stop.
            stop_on_sigterm(None)
            for each in (signal.SIGTERM, signal.SIGINT):
                signal.signal(each, signal.SIG_IGN)
            # Whatever ends one of these with an error ends them all: none may be missed silently.
            async with asyncio.TaskGroup() as tasks:
                beside = tasks.create_task(keep_working(dsn, bell, to_private=private))
                await Server(app, host, port).serve()
                beside.cancel()
        finally:
            await database.close()


async def work_alone(settings: Settings) -> None:
    """Do a worker's work until SIGINT or SIGTERM."""
    stop_on_sigterm(asyncio.current_task())
    async with working_dsn(settings) as dsn:
        await keep_working(dsn, Bell(dsn), to_private=settings.webhooks_to_private)


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
