"""A client that leaves: what is done for it is given up."""

import asyncio

from starlette.types import Receive

from server import errors
from server.failed import refused
from server.visit import visit

AFTER = 0.1
"""Seconds from which on it is looked whether the client is still there: most are answered before."""


class Leaving:
    """Gives up what is done in the block when the client of this HTTP request leaves."""

    __slots__ = ("_at_work", "_gone", "_later", "_receive", "_watching")

    def __enter__(self) -> None:
        self._receive: Receive | None = visit().receive
        if self._receive is not None:
            self._gone = False
            self._at_work = asyncio.current_task()
            self._watching: asyncio.Task[None] | None = None
            self._later = asyncio.get_running_loop().call_later(AFTER, self._begin, self._receive)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _trace: object
    ) -> None:
        if self._receive is None:
            return
        self._later.cancel()
        if self._watching is not None:
            self._watching.cancel()
        task = self._at_work
        if kind is asyncio.CancelledError and self._gone and task and task.uncancel() == 0:
            raise refused(errors.LEFT) from error

    def _begin(self, receive: Receive) -> None:
        self._watching = asyncio.get_running_loop().create_task(self._watch(receive))

    async def _watch(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self._gone = True
        if self._at_work is not None:
            self._at_work.cancel()
