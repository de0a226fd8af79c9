"""The bell: one listening connection a process, which heals by itself, for all who wait.

A listener hears each change as it commits. After a connection was made anew it hears None: some
may have been missed, and it catches up from the outbox.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from db import jitter
from db.failures import TRANSIENT
from db.outbox import CHANNEL
from domain.terms import ChangedNoun

APPLICATION = "linli bell"
STANDING = "linli_standing"
PATIENCE = 2
"""Seconds that connecting, listening and each sign of life may take, and between two of these."""

SHORTEST_WAIT, LONGEST_WAIT = 0.05, 1.0
"""Seconds before the first and the later attempts to connect anew."""

log = logging.getLogger("linli")


@dataclass(frozen=True, slots=True)
class Heard:
    """One change as told: of what, and the places by which readers find themselves concerned."""

    locality: str
    noun: ChangedNoun
    key: UUID
    change: UUID
    unit_path: str
    handler_path: str
    was_handler_path: str
    key_text: str = field(init=False, compare=False)
    """The key as answers have it: thousands compare it with what they follow."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "key_text", str(self.key))

    @classmethod
    def read(cls, call: str) -> "Heard":
        """Take apart what `db.outbox` told."""
        locality, noun, key, change, *paths = call.split(" ")
        return cls(locality, ChangedNoun(noun), UUID(key), UUID(change), *paths)


@dataclass(frozen=True, slots=True)
class Standing:
    """Somebody who may have lost something: a post, an office, a login, an access token."""

    locality: str
    person: UUID

    @classmethod
    def read(cls, call: str) -> "Standing":
        """Take apart what the tables told (`linli_tell_standing`)."""
        locality, person = call.split(" ")
        return cls(locality, UUID(person))


Listener = Callable[[Heard | None], None]
"""Called in the loop with each change, or None to catch up; it neither blocks nor raises."""

Watcher = Callable[[Standing | None], None]
"""The same, of people: None means anybody."""


class Bell:
    """Tells all listeners of a process what changed, over one connection."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._listeners: dict[object, Listener] = {}
        self._watchers: dict[object, Watcher] = {}

    def hear(self, listener: Listener) -> Callable[[], None]:
        """Have a listener told of everything from now on; returns what stops that."""
        token = object()
        self._listeners[token] = listener

        def stop() -> None:
            self._listeners.pop(token, None)

        return stop

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Have a watcher told of everybody who may have lost something; returns what stops that."""
        token = object()
        self._watchers[token] = watcher

        def stop() -> None:
            self._watchers.pop(token, None)

        return stop

    async def run(self) -> None:
        """Listen for ever, connecting anew whenever the connection is lost."""
        wait = SHORTEST_WAIT
        while True:
            try:
                connection = await self._connect()
                wait = SHORTEST_WAIT
                await self._stay(connection)
            except TRANSIENT as error:
                log.warning("the bell has no connection: %s", type(error).__name__)
            except Exception:  # whatever it is, all who listen depend on the next attempt
                log.exception("the bell broke and will listen again")
            await asyncio.sleep(jitter.between(wait / 2, wait))
            wait = min(wait * 2, LONGEST_WAIT)

    async def _connect(self) -> Any:
        connection = await asyncpg.connect(
            self._dsn,
            timeout=PATIENCE,
            command_timeout=PATIENCE,
            server_settings={"application_name": APPLICATION},
        )
        try:
            async with asyncio.timeout(PATIENCE):
                await connection.add_listener(CHANNEL, self._heard)
                await connection.add_listener(STANDING, self._seen)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def _stay(self, connection: Any) -> None:
        """Tell all to catch up, then stay until the connection is lost or gives no sign of life."""
        lost = asyncio.Event()

        def end(_connection: Any) -> None:
            lost.set()

        connection.add_termination_listener(end)
        try:
            self._tell(None)
            self._warn(None)
            while not await _set_within(lost, PATIENCE):
                await connection.execute("SELECT 1")
        finally:
            connection.terminate()

    def _heard(self, _connection: Any, _pid: int, _channel: str, call: object) -> None:
        self._tell(Heard.read(str(call)))

    def _seen(self, _connection: Any, _pid: int, _channel: str, call: object) -> None:
        self._warn(Standing.read(str(call)))

    def _tell(self, heard: Heard | None) -> None:
        for listener in tuple(self._listeners.values()):
            listener(heard)

    def _warn(self, standing: Standing | None) -> None:
        for watcher in tuple(self._watchers.values()):
            watcher(standing)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    # Not wait_for: in Python 3.11 it loses a cancellation that comes with the result.
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
