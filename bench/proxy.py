"""Lines that fail: one to a server, cut when the answer comes; one to PostgreSQL, gone silent."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

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


class Line:
    """A socket in front of PostgreSQL's that can fall silent, its connections open all the while."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._parts = urlsplit(dsn)
        self._query = {name: values[0] for name, values in parse_qs(self._parts.query).items()}
        self._name = f".s.PGSQL.{self._query['port']}"
        self._folder = folder
        self._speaks = asyncio.Event()
        self._carrying: set[asyncio.Task[None]] = set()
        self.speak()

    @property
    def dsn(self) -> str:
        """How to come by this line."""
        query = urlencode({**self._query, "host": str(self._folder)})
        return urlunsplit(self._parts._replace(query=query))

    def speak(self) -> None:
        """Carry what is said, and what was said in the meantime."""
        self._speaks.set()

    def fall_silent(self) -> None:
        """Take everything and carry nothing on."""
        self._speaks.clear()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Listen."""
        listening = await asyncio.start_unix_server(self._take, self._folder / self._name)
        try:
            yield
        finally:
            listening.close()
            for each in self._carrying:
                each.cancel()

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._carry(reader, writer))
        self._carrying.add(task)
        task.add_done_callback(self._carrying.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._speaks.wait()
        behind = Path(self._query["host"]) / self._name
        there_reader, there = await asyncio.open_unix_connection(behind)
        with suppress(OSError):
            await asyncio.gather(self._pour(reader, there), self._pour(there_reader, writer))
        for each in (writer, there):
            each.close()

    async def _pour(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65536):
            await self._speaks.wait()
            writer.write(data)
        await self._speaks.wait()
        writer.close()
