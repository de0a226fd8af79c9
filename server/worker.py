"""One worker process: told by its parent what to serve, and gone when its parent is."""

import asyncio
import logging
import os
import pickle
import signal
import socket
import sys

from server.issuers import IssuersError
from server.log import set_up
from server.loop import run, stop_on_sigterm
from server.serving import Parts, answer
from server.settings import SettingsError, UnreachableError
from server.trusted import ManifestError
from server.workers import WRONG, Orders


def main() -> None:
    """Serve as the orders on standard input say."""
    orders: Orders = pickle.load(sys.stdin.buffer)  # noqa: S301 - from whoever began us
    set_up(orders.settings.log, orders.settings.log_level)
    _number(orders.number)
    try:
        run(_serve(orders))
    except (SettingsError, IssuersError, ManifestError) as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(WRONG) from None
    except UnreachableError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None


async def _serve(orders: Orders) -> None:
    stop_on_sigterm(asyncio.current_task())
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _alone)
    listeners = [socket.socket(fileno=each) for each in orders.sockets]
    await answer(Parts.of(orders.settings), orders.dsn, listeners, lambda bell: bell.run())


def _alone() -> None:
    """Standard input has ended, for whoever began us is gone: end as if we were told to."""
    asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
    os.kill(os.getpid(), signal.SIGTERM)


def _number(number: int) -> None:
    """Have each line of the log say which worker's it is."""

    def numbered(record: logging.LogRecord) -> bool:
        record.worker = number
        return True

    for handler in logging.root.handlers:
        handler.addFilter(numbered)
