"""A line in front of a server that is cut when the answer comes, if the request asks for that."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress

CUT = "x-cut-the-line"
"""A request with this header is carried to the server; its answer is not carried back."""


class Proxy:
    """Carries bytes between clients and one server."""

    def __init__(self, port: int) -> None:
        self._behind = port
        self.url = ""
        self.cut = 0
        """How many answers were held back."""

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client's connection."""
        there_reader, there = await asyncio.open_connection("127.0.0.1", self._behind)
        asked = bytearray()
        with suppress(OSError):
            await asyncio.gather(
                _pour(reader, there, asked), self._back(there_reader, writer, asked)
            )
        for each in (writer, there):
            each.close()

    async def _back(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: bytearray
    ) -> None:
        while data := await reader.read(65536):
            # The server answers only when it has committed.
            if CUT.encode() in asked:
                self.cut += 1
                writer.transport.abort()
                raise ConnectionAbortedError
            writer.write(data)
        writer.close()


async def _pour(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seen: bytearray
) -> None:
    while data := await reader.read(65536):
        seen += data
        writer.write(data)
    writer.close()


@asynccontextmanager
async def proxied(port: int) -> AsyncGenerator[Proxy]:
    """A proxy in front of a server's port."""
    proxy = Proxy(port)
    listening = await asyncio.start_server(proxy.carry, "127.0.0.1", 0)
    proxy.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        listening.close()
