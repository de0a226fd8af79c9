"""uvicorn, as this server uses it."""

import asyncio
import logging
import socket
from functools import partial

import uvicorn
from starlette.applications import Starlette

from server.frames import Frames
from server.gate import Gate
from server.listen import address_of
from server.live import Answers
from server.protocol import Connection

GRACE_SECONDS = 8
LARGEST_FRAME = 65_536
PING_SECONDS = 20
"""Between two pings, and until one must be answered."""

TICKS = 10
"""In a second."""

log = logging.getLogger("linli")


class Server(uvicorn.Server):
    """Serves the application; when told to stop, ends what would otherwise go on for ever."""

    def __init__(self, app: Starlette, host: str = "127.0.0.1", port: int = 0) -> None:
        """`host` and `port` are where to listen, unless `serve` is given sockets that do."""
        self._gate: Gate | None = getattr(app.state, "gate", None)
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            http=partial(Connection, gate=self._gate),  # pyright: ignore[reportArgumentType]  # called like a class
            # Of websockets-sansio: the others do not survive a client that breaks off in mid-stream.
            ws=Frames,
            ws_max_size=LARGEST_FRAME,
            ws_ping_interval=PING_SECONDS,
            ws_ping_timeout=PING_SECONDS,
            ws_per_message_deflate=False,
            # Whom a proxy names is believed by our own rule, `server.address`.
            proxy_headers=False,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        super().__init__(config)
        self._answers: Answers = app.state.answers

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to take requests."""
        await super().startup(sockets)
        for address in dict.fromkeys(address_of(each) for each in sockets or ()):
            log.info("serving on %s", address)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: and once, look at the connections."""
        if counter % TICKS == 0:
            now = asyncio.get_running_loop().time()
            for each in [*self.server_state.connections]:
                if isinstance(each, Connection | Frames):
                    each.look(now)
            if self._gate is not None and (many := self._gate.turned_away):
                self._gate.turned_away = 0
                log.warning("operations turned away", extra={"count": many})
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the sockets, let requests in flight finish, then end."""
        self._answers.stop()
        await super().shutdown(sockets)
