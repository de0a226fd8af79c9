"""The event loop of a process, and the signals that end it."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any


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


def stop_on_sigterm(task: "asyncio.Task[None] | None") -> None:
    """Until there is something to serve, SIGTERM cancels the start; what was started is stopped."""
    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError):  # Windows
        loop.remove_signal_handler(signal.SIGTERM)
        if task is not None:
            loop.add_signal_handler(signal.SIGTERM, task.cancel)
