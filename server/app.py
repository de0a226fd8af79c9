"""The ASGI application."""

from collections.abc import Sequence
from typing import Any

from obstore.store import MemoryStore, ObjectStore
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from db.listen import Bell
from db.pool import Database
from db.signing import Signer
from schema.api import API
from server.attachments import Photographs
from server.callers import Callers
from server.endpoint import Endpoint
from server.live import Answers
from server.pages import Example, page_routes
from server.websocket import Sockets


async def healthz(_request: Request) -> Response:
    """Whether the process is alive."""
    return JSONResponse({"status": "ok"})


def make_app(
    database: Database,
    key: Any,
    examples: Sequence[Example] = (),
    store: ObjectStore | None = None,
    public_url: str = "",
    bell: Bell | None = None,
    *,
    webhooks_to_private: bool = False,
) -> Starlette:
    """The application over an open database, with the key that tokens are checked with.

    `store` keeps photographs: the process's memory, if none is given. `bell` wakes subscriptions;
    without one that rings, none hears of anything. `webhooks_to_private` as in `server.settings`.
    """
    signer = Signer(key.raw_value, public_url)
    callers = Callers(database, key, signer, webhooks_to_private)
    answers = Answers(API, callers, bell or Bell(""))
    endpoint = Endpoint(API, callers, answers)
    photographs = Photographs(database, signer, store or MemoryStore())

    async def readyz(_request: Request) -> Response:
        """Whether the database answers."""
        try:
            await database.ready()
        except Exception:  # whatever it is, the server is not ready
            return JSONResponse({"status": "unavailable"}, 503, {"retry-after": "2"})
        return JSONResponse({"status": "ok"})

    app = Starlette(
        routes=[
            Route("/graphql", endpoint.answer, methods=["GET", "POST"]),
            WebSocketRoute("/graphql", Sockets(answers, callers).serve),
            photographs.route(),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *page_routes(API.as_str(), examples),
        ]
    )
    app.state.answers = answers
    return app
