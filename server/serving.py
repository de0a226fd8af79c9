"""One process that answers requests, on sockets that listen already."""

import asyncio
import gc
import signal
import socket
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

from joserfc.jwk import OctKey
from obstore.store import ObjectStore
from starlette.applications import Starlette

from db.listen import Bell
from db.pool import Database
from schema.api import API
from server.app import make_app
from server.dsn import reaching
from server.example import examples
from server.http import Server
from server.issuers import Issuer, read_issuers
from server.limits import limits_of
from server.loop import stop_on_sigterm
from server.rules import Rules, rules_of
from server.settings import Settings
from server.storage import open_store
from server.tokens import signing_key

GARBAGE = 50_000, 5, 20
"""How much is made before Python looks for rings of garbage: one event may wake thousands. What stayed
is looked through after every fifth time, a quarter of a million things at most: nobody waits long.
Requests and connections leave no rings, so that all of this is seldom."""

Beside = Callable[[Bell], Coroutine[Any, Any, None]]
"""What runs for ever beside the requests; it keeps the bell listening."""


@dataclass(frozen=True)
class Parts:
    """What the settings name, apart from the database."""

    settings: Settings
    key: OctKey
    issuers: tuple[Issuer, ...]
    store: ObjectStore
    rules: Rules

    @classmethod
    def of(cls, settings: Settings) -> "Parts":
        """Read and open it all; an error of the settings, the issuers or the manifest says why not."""
        key, issuers = signing_key(settings.secret, settings.data), read_issuers(settings.issuers)
        store = open_store(settings.store, settings.data)
        return cls(settings, key, issuers, store, rules_of(settings, API))

    async def app(self, database: Database, bell: Bell) -> Starlette:
        """The application of these settings."""
        settings = self.settings
        return make_app(
            database,
            self.key,
            await examples(database),
            self.store,
            settings.public_url,
            bell,
            webhooks_to_private=settings.webhooks_to_private,
            rules=self.rules,
            limits=limits_of(settings, database),
            issuers=self.issuers,
            demo=settings.demo,
        )


async def answer(
    parts: Parts, dsn: str, listeners: Sequence[socket.socket], beside: Beside
) -> None:
    """Answer requests until SIGINT or SIGTERM; those in flight are answered first."""
    with reaching():
        database = await Database.connect(dsn, parts.settings.pool_size)
    try:
        bell = Bell(dsn)
        server = Server(await parts.app(database, bell))
        # What is there by now stays: looking through it for garbage stops all else.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE)
        # uvicorn raises the signal again when it is done; there is still a database to stop.
        stop_on_sigterm(None)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, signal.SIG_IGN)
        # Whatever ends one of these with an error ends them all: none may be missed silently.
        async with asyncio.TaskGroup() as tasks:
            working = tasks.create_task(beside(bell))
            await server.serve([*listeners])
            working.cancel()
    finally:
        await database.close()
