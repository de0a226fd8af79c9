"""uvicorn, as this server uses it."""

import socket

import uvicorn
from starlette.applications import Starlette

from server.live import Answers

GRACE_SECONDS = 8
LARGEST_FRAME = 65_536
PING_SECONDS = 20
"""Between two pings, and until one must be answered."""


class Server(uvicorn.Server):
    """Serves the application; when told to stop, ends what would otherwise go on for ever."""

    def __init__(self, app: Starlette, host: str, port: int) -> None:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            # Named, because the others do not survive a client that breaks off in mid-stream.
            ws="websockets-sansio",
            ws_max_size=LARGEST_FRAME,
            ws_ping_interval=PING_SECONDS,
            ws_ping_timeout=PING_SECONDS,
            ws_per_message_deflate=False,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        super().__init__(config)
        self._answers: Answers = app.state.answers

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Tell the sockets, let requests in flight finish, then end."""
        self._answers.stop()
        await super().shutdown(sockets)
