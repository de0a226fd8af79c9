"""A client that leaves: what is done for it is given up."""

import asyncio
from collections.abc import Generator
from contextlib import contextmanager

from starlette.types import Receive

from server import errors
from server.failed import refused
from server.visit import visit

AFTER = 0.1
"""Seconds from which on it is looked whether the client is still there: most are answered before."""


class _Watch:
    """Cancels the task at work when its client leaves."""

    def __init__(self, receive: Receive) -> None:
        self.gone = False
        self._receive = receive
        self._at_work = asyncio.current_task()
        self._watching: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._later = self._loop.call_later(AFTER, self._begin)

    def end(self) -> None:
        """Stop looking."""
        self._later.cancel()
        if self._watching is not None:
            self._watching.cancel()

    def _begin(self) -> None:
        self._watching = self._loop.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.gone = True
        if self._at_work is not None:
            self._at_work.cancel()


@contextmanager
def leaving() -> Generator[None]:
    """Give up what is done in the block when the client of this HTTP request leaves."""
    receive = visit().receive
    if receive is None:
        yield
        return
    watch = _Watch(receive)
    try:
        yield
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if watch.gone and task is not None and task.uncancel() == 0:
            raise refused(errors.LEFT) from error
        raise
    finally:
        watch.end()
