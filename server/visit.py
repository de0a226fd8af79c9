"""A visit: one HTTP request, or one operation on a socket, as the log and the errors tell of it."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from secrets import token_hex

from starlette.types import Receive

ID_BYTES = 16


def new_id() -> str:
    """The id of a request, told to the client and to the log."""
    return token_hex(ID_BYTES)


@dataclass(slots=True)
class Visit:
    """What becomes known of a request on its way."""

    id: str = field(default_factory=new_id)
    address: str = ""
    """Where it came from, as far as that is believed."""
    over: str = "http"
    """What carried it: `http` or `websocket`."""
    receive: Receive | None = None
    """Tells of an HTTP request's client that it left."""
    kind: str = ""
    """`query`, `mutation` or `subscription`."""
    operation: str = ""
    """The name that the client gave its operation."""
    document: str = ""
    """Its digest."""
    who: str = ""
    """Whose it is, as a keyed digest; empty for the public."""
    cost: int = 0
    code: str = ""
    """The first error it was answered with."""


VISIT: ContextVar[Visit | None] = ContextVar("visit", default=None)


def visit() -> Visit:
    """The visit under way; outside of one, a new one."""
    return VISIT.get() or Visit()
