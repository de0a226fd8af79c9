"""The log: one line a record on stderr, JSON or text, with nothing personal in it.

A request is told by its operation's name and digest, its caller by a keyed digest; its variables,
and the messages of exceptions, which may hold values, never are. Whatever a line holds, it is one
line: control characters are escaped.
"""

import logging
import re
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from server.visit import VISIT, Visit

NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
FRAMES = 12
"""Frames told of an exception, the innermost."""

STANDARD = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message"}
"""What every record has; anything else was given with it."""

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
UNSAID = ("Exception in ASGI application", '"WebSocket %s"')
"""Lines of uvicorn's that repeat what our own say, one of them with whole addresses."""


def fields_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a record says, ready to be written."""
    found: dict[str, Any] = {
        "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
        "level": record.levelname.lower(),
        "logger": record.name,
        "message": record.getMessage(),
    }
    if "requestId" not in record.__dict__ and (visit := VISIT.get()) is not None:
        found["requestId"] = visit.id
    found |= {name: value for name, value in record.__dict__.items() if name not in STANDARD}
    if record.exc_info and record.exc_info[1] is not None:
        found["exception"] = scrubbed(record.exc_info[1])
    return found


def scrubbed(error: BaseException) -> list[dict[str, Any]]:
    """An exception and what it came of: types, states and places in our code, no messages."""
    told: list[dict[str, Any]] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < 5:
        frames = traceback.extract_tb(seen.__traceback__)[-FRAMES:]
        one: dict[str, Any] = {
            "type": f"{type(seen).__module__}.{type(seen).__qualname__}",
            "frames": [f"{each.filename}:{each.lineno} {each.name}" for each in frames],
        }
        if isinstance(state := getattr(seen, "sqlstate", None), str):
            one["sqlstate"] = state
        inner: tuple[BaseException, ...] = getattr(seen, "exceptions", ())
        if inner:
            one["of"] = [scrubbed(each) for each in inner[:3]]
        told.append(one)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return told


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        return orjson.dumps(fields_of(record), default=repr).decode()


class TextFormatter(logging.Formatter):
    """A record as one line for people."""

    def format(self, record: logging.LogRecord) -> str:
        found = fields_of(record)
        head = f"{found.pop('time')} {found.pop('level'):7} {found.pop('message')}"
        found.pop("logger")
        line = " ".join([head, *(f"{name}={value}" for name, value in found.items() if value)])
        return CONTROL.sub(lambda mark: f"\\x{ord(mark[0]):02x}", line)


def _said(record: logging.LogRecord) -> bool:
    return not any(each in str(record.msg) for each in UNSAID)


def set_up(form: str, level: str) -> None:
    """Write everything that is logged in this process in one form: `json`, `text` or `off`."""
    handler = logging.StreamHandler(sys.stderr) if form != "off" else logging.NullHandler()
    handler.setFormatter(TextFormatter() if form == "text" else JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # A record need not find out what no line tells.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging.getLogger("uvicorn.error").addFilter(_said)
    for name in ("uvicorn", "uvicorn.error", "asyncio", "websockets"):
        logging.getLogger(name).setLevel(max(logging.INFO, logging.root.level))
    for name in ("httpx", "alembic"):  # one would tell whole addresses, the other each step
        logging.getLogger(name).setLevel(logging.WARNING)


class Requests:
    """Writes a line a request."""

    log = logging.getLogger("linli.request")

    def told(self, visit: Visit, took: float, more: Mapping[str, Any]) -> None:
        """Write what became known of one."""
        if self.log.isEnabledFor(logging.INFO):
            record = logging.LogRecord(self.log.name, logging.INFO, "", 0, "request", None, None)
            record.__dict__ |= {**_known(visit), **more, "ms": round(took, 1)}
            # As `info` would do it, but for the search for the line of code that says so.
            self.log.handle(record)


requests = Requests()


def _known(visit: Visit) -> dict[str, Any]:
    known: dict[str, Any] = {"requestId": visit.id, "over": visit.over, "caller": visit.who}
    if visit.document:
        known |= {"kind": visit.kind, "document": visit.document[:16], "cost": visit.cost}
    if NAME.fullmatch(visit.operation):
        known["operation"] = visit.operation
    if visit.code:
        known["code"] = visit.code
    return known
