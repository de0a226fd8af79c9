"""Streams: how many WebSockets and streams of events each caller keeps open, in this process."""

from collections import Counter
from collections.abc import Callable

from server import errors
from server.failed import refused
from server.tokens import Identity
from server.visit import visit

RETRY = 30
"""Seconds after which to try again: a stream is kept for long."""


class Streams:
    """Counts what is open; 0 is no limit."""

    def __init__(self, person: int = 0, anonymous: int = 0) -> None:
        self._person = person
        self._anonymous = anonymous
        self.open: Counter[str] = Counter()
        """By whoever keeps any open."""

    def take(self, identity: Identity | None) -> Callable[[], None]:
        """A place for one more of a person, or of the address that the public calls from; Failed
        if there is none. It is held until what is returned is called, once.
        """
        if identity is None:
            who, most = visit().address, self._anonymous
        else:
            who, most = f"{identity.locality}/{identity.person}", self._person
        if most and self.open[who] >= most:
            raise refused(errors.TOO_MANY_STREAMS, RETRY)
        self.open[who] += 1

        def leave() -> None:
            self.open[who] -= 1
            if not self.open[who]:
                del self.open[who]

        return leave
