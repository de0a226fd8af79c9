"""The way to the one address that nearly all requests are for, without a search among the routes."""

from starlette.types import ASGIApp, Receive, Scope, Send


class Straight:
    """Middleware that hands the HTTP requests of one path to an application of their own."""

    def __init__(self, app: ASGIApp, path: str, there: ASGIApp) -> None:
        self._app = app
        self._path = path
        self._there = there

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        straight = scope["type"] == "http" and scope["path"] == self._path
        await (self._there if straight else self._app)(scope, receive, send)
