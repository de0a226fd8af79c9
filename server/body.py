"""Request bodies, read within bounds."""

import asyncio

from starlette.types import Receive

MOST_DIGITS = 12
"""Of a length that is looked at."""


class Refused(Exception):
    """The request is not taken: a status, a code and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


async def read_within(
    receive: Receive, length: str, most: int, seconds: float, pace: int | None = None
) -> bytes:
    """The body, said to be so long; refused once it is known to be too large, or when it is too slow.

    It has so many seconds, and with a `pace` more for each of its parts: a second for so many bytes.
    """
    # Of more digits than Python turns into a number, it is too large all the same.
    if length.isdecimal() and (len(length) > MOST_DIGITS or int(length) > most):
        raise too_large(most)
    body, more = bytearray(), True
    try:
        async with asyncio.timeout(seconds) as limit:
            first = limit.when() or 0.0
            while more:
                part = await receive()
                if part["type"] == "http.disconnect":
                    raise Refused(400, "BODY_INCOMPLETE", "The body did not come to its end.")
                body += part.get("body", b"")
                more = part.get("more_body", False)
                if len(body) > most:
                    raise too_large(most)
                if pace is not None:
                    limit.reschedule(first + len(body) / pace)
    except TimeoutError as error:
        raise Refused(408, "BODY_TOO_SLOW", "The body did not come in time.") from error
    return bytes(body)


def too_large(most: int) -> Refused:
    """A body of more bytes than are taken."""
    return Refused(413, "BODY_TOO_LARGE", f"A body has at most {most} bytes.")
