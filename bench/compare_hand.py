"""The limit: the four requests as hand-written SQL behind the barest Starlette route.

No GraphQL, no walls, no limits: a body holds the values of the statement that the path names, and
PostgreSQL's JSON goes out as it came. Served by uvicorn with uvloop and httptools, as Linli is.
"""

import json
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import asyncpg
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.by_hand import STATEMENTS

POOL = 10


async def _as_bytes(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.set_type_codec(
        "json", schema="pg_catalog", encoder=bytes, decoder=bytes, format="binary"
    )


async def _as_it_is(_connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Nothing was set, so there is nothing to reset."""


@asynccontextmanager
async def _pool(app: Starlette) -> AsyncGenerator[None]:
    dsn = os.environ["DATABASE_URL"]
    async with asyncpg.create_pool(
        dsn, min_size=1, max_size=POOL, init=_as_bytes, reset=_as_it_is
    ) as pool:
        app.state.pool = pool
        yield


async def answer(request: Request) -> Response:
    """What the statement gives, as the data of an answer."""
    values = json.loads(await request.body())
    statement = STATEMENTS[request.path_params["name"]]
    body = await request.app.state.pool.fetchval(statement, *values)
    return Response(b'{"data":' + body + b"}", media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(
        Starlette(routes=[Route("/{name}", answer, methods=["POST"])], lifespan=_pool),
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
    )
