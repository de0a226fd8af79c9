"""The ASGI application."""

from collections.abc import Sequence
from typing import Any

from obstore.store import MemoryStore, ObjectStore
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from db.listen import Bell
from db.pool import Database
from db.signing import Signer
from schema.api import API
from server.attachments import Photographs
from server.bearers import Bearers
from server.callers import Callers
from server.desk import Desk
from server.door import Door
from server.endpoint import Endpoint, missed
from server.issuers import Issuer
from server.limits import Limits
from server.live import Answers
from server.origins import cors
from server.pages import Example, page_routes
from server.purse import Purses
from server.rules import TRIAL, Rules
from server.straight import Straight
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
    rules: Rules = TRIAL,
    limits: Limits | None = None,
    issuers: Sequence[Issuer] = (),
    demo: bool = False,
) -> Starlette:
    """The application over an open database, with the server's own key.

    `store` keeps photographs: the process's memory, if none is given. `bell` wakes subscriptions;
    without one that rings, none hears of anything. `webhooks_to_private` as in `server.settings`.
    `issuers` are the identity providers whose tokens are taken; `demo` takes those of `linli token`.
    """
    signer = Signer(key.raw_value, public_url)
    limits = limits or Limits()
    purses = Purses(limits, key.raw_value)
    bearers = Bearers(database, issuers, key if demo else None, purses)
    callers = Callers(database, key, bearers, signer, webhooks_to_private)
    bell = bell or Bell("")
    bell.watch(bearers.forget)
    desk = Desk(API, callers, rules, limits)
    answers = Answers(API, desk, callers, bell, limits.streams)
    endpoint = Endpoint(desk, callers, answers, rules)
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
            WebSocketRoute("/graphql", Sockets(answers, callers, origins=rules.origins).serve),
            photographs.route(),
            Route("/healthz", healthz),
            Route("/readyz", readyz),
            *page_routes(API.as_str(), examples, rules),
        ],
        middleware=[
            Middleware(Door, limits.proxies),
            *cors(rules.origins),
            Middleware(Straight, "/graphql", endpoint),
        ],
        exception_handlers={HTTPException: missed},
    )
    # An address is itself or nothing: a redirect would repeat whatever Host the client sent.
    app.router.redirect_slashes = False
    app.state.answers, app.state.gate = answers, limits.gate
    return app
