"""Request bodies, read within bounds."""

import asyncio

from starlette.requests import Request


class Refused(Exception):
    """The request is not taken: a status, a code and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


async def read_within(request: Request, most: int, seconds: float) -> bytes:
    """The body, refused as soon as it is known to be too large, or when it is too slow."""
    if int(request.headers.get("content-length") or 0) > most:
        raise too_large(most)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise too_large(most)
    except TimeoutError as error:
        raise Refused(408, "BODY_TOO_SLOW", "The body did not come in time.") from error
    return bytes(body)


def too_large(most: int) -> Refused:
    """A body of more bytes than are taken."""
    return Refused(413, "BODY_TOO_LARGE", f"A body has at most {most} bytes.")
