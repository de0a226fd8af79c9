"""The ASGI application."""

from collections.abc import Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from db.pool import Database
from schema.api import API
from server.endpoint import Endpoint
from server.pages import Example, page_routes


async def healthz(_request: Request) -> Response:
    """Whether the process is alive."""
    return JSONResponse({"status": "ok"})


def make_app(database: Database, key: Any, examples: Sequence[Example] = ()) -> Starlette:
    """The application over an open database, with the key that tokens are checked with."""
    endpoint = Endpoint(API, database, key)

    async def readyz(_request: Request) -> Response:
        """Whether the database answers."""
        try:
            await database.ready()
        except Exception:  # whatever it is, the server is not ready
            return JSONResponse({"status": "unavailable"}, 503, {"retry-after": "2"})
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/graphql", endpoint.answer, methods=["GET", "POST"]),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *page_routes(API.as_str(), examples),
        ]
    )
