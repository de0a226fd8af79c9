"""What wakes a subscription: a change that may concern it, its caller's standing, or time."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from db import jitter
from db.listen import Heard, Standing

FAR = 1_000
"""After so many changes that did not concern it, a subscription moves on all the same."""


class Wake:
    """Wakes one subscription when something happens that may concern it."""

    def __init__(self, whose: Standing, ends: float, look_again: float) -> None:
        self._whose = whose
        self._ends = ends
        self._look_again = look_again
        self._event = asyncio.Event()
        self._about: Mapping[str, Any] | None = None
        self._others = 0
        self._timer: asyncio.TimerHandle | None = None

    def hear(self, heard: Heard | None) -> None:
        """Wake if the change may concern the subscription, or if changes may have been missed."""
        if heard is None or self._about is None or self._concerns(heard, self._about):
            self._event.set()
        else:
            self._others += heard.locality == self._about["locality"]
            if self._others >= FAR:
                self._event.set()

    def watch(self, standing: Standing | None) -> None:
        """Wake if its caller may have lost something: the next read finds out what."""
        if standing in (None, self._whose):
            self._event.set()

    @staticmethod
    def _concerns(heard: Heard, about: Mapping[str, Any]) -> bool:
        if heard.locality != about["locality"]:
            return False
        if "key" in about:
            return heard.key_text == about["key"]
        paths = (heard.unit_path, heard.handler_path, heard.was_handler_path)
        return about["path"] is not None and any(each.startswith(about["path"]) for each in paths)

    def clear(self) -> None:
        """From here on, whatever is heard wakes anew."""
        self._event.clear()
        self._others = 0

    async def wait(self, about: Mapping[str, Any]) -> None:
        """Sleep until woken, or until it is time to look again all the same."""
        self._about = about
        # One timer for as long as it takes, not one for each event: thousands wait for the same.
        if self._timer is None:
            look = jitter.between(self._look_again / 2, self._look_again)
            seconds = max(0, min(self._ends - time.time(), look))
            self._timer = asyncio.get_running_loop().call_later(seconds, self._time_out)
        await self._event.wait()

    def _time_out(self) -> None:
        self._timer = None
        self._event.set()

    def end(self) -> None:
        """Wake no more."""
        if self._timer is not None:
            self._timer.cancel()
