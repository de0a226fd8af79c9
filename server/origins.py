"""Whose pages may call this server from a browser: our own, and those of the origins listed."""

from collections.abc import Collection, Mapping

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from server.request import PREFLIGHT

REMEMBERED_SECONDS = 600
"""For so long a browser need not ask again."""


def cors(origins: Collection[str]) -> list[Middleware]:
    """What answers browsers that ask for pages of other origins; nothing unless some are listed.

    Without credentials: this server takes no cookies, so a page must know a token to use one.
    """
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT"],
            allow_headers=["authorization", "content-type", PREFLIGHT],
            expose_headers=["retry-after", "x-request-id"],
            max_age=REMEMBERED_SECONDS,
        )
    ]


def may_call(headers: Mapping[str, str], origins: Collection[str]) -> bool:
    """Whether the page that opens a WebSocket may; clients that are no browser send no origin."""
    origin = headers.get("origin")
    if origin is None or origin in origins:
        return True
    return origin.partition("://")[2] == headers.get("host")
