"""The database goes away: 503, when to come back, no word of the driver; and it comes back."""

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio

from db.embedded import Embedded
from db.pool import Database
from server.app import make_app
from server.errors import code_of
from tests.api.acting import CHIEF
from tests.api.conftest import copy_of, drop, name_of
from tests.api.served import KEY, Site
from tests.conftest import Scratch


class Wire:
    """A socket in front of PostgreSQL's, to be cut and mended."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self._parts = urlsplit(dsn)
        self._query = {name: values[0] for name, values in parse_qs(self._parts.query).items()}
        self._folder = folder
        self._server: asyncio.Server | None = None
        self._writers: list[asyncio.StreamWriter] = []

    @property
    def dsn(self) -> str:
        query = urlencode({**self._query, "host": str(self._folder)})
        return urlunsplit(self._parts._replace(query=query))

    async def mend(self) -> None:
        name = f".s.PGSQL.{self._query.get('port', 5432)}"
        self._server = await asyncio.start_unix_server(self._carry, self._folder / name)
        self._behind = Path(self._query["host"]) / name

    async def cut(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        for left in self._folder.iterdir():
            left.unlink()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await asyncio.open_unix_connection(self._behind)
        self._writers += [writer, there]
        await asyncio.gather(_pour(reader, there), _pour(there_reader, writer))


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()


@pytest_asyncio.fixture
async def wire(server: Embedded, places: Scratch) -> AsyncIterator[tuple[Wire, Site]]:
    """A site whose line to the database can be cut."""
    scratch = await copy_of(server, places)
    site = await Site.open(scratch, size=1)
    with tempfile.TemporaryDirectory(prefix="linli-w-") as folder:
        made = Wire(scratch.app_dsn, Path(folder))
        await made.mend()
        database = await Database.connect(made.dsn, 2)
        site.app = make_app(database, KEY)
        yield made, site
        await database.close()
        await made.cut()
    await site.close()
    await drop(server, scratch)


def unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "DATABASE_UNAVAILABLE"
    assert error["extensions"]["requestId"]
    for word in ("asyncpg", "socket", "PGSQL", "connect", "Errno", "pool", "closed", "SELECT"):
        assert word not in answer.text


ASKED = ("{ localities { slug } }", None), ("{ viewer { person { name } } }", CHIEF)
ACCEPT = 'mutation { ticketAccept(input: {ticketId: "%s"}) { userErrors { code } } }'


async def test_a_cut_line_is_503_until_it_is_mended(wire: tuple[Wire, Site]) -> None:
    line, site = wire
    for query, by in ASKED:
        assert (await site.post(query, by=by)).status_code == 200
    await line.cut()
    write = ACCEPT % await site.ticket("育红路小区下水堵塞")
    for query, by in (*ASKED, (write, CHIEF), *ASKED):
        unavailable(await site.post(query, by=by))
    async with site.client() as client:
        assert (await client.get("/healthz")).status_code == 200
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"status": "unavailable"})
        assert ready.headers["retry-after"] == "2"
    await line.mend()
    for query, by in ASKED:
        assert (await site.post(query, by=by)).status_code == 200
    async with site.client() as client:
        assert (await client.get("/readyz")).status_code == 200


async def test_what_needs_no_database_is_answered_all_the_same(wire: tuple[Wire, Site]) -> None:
    line, site = wire
    await line.cut()
    assert (await site.post("{ __schema { queryType { name } } }")).status_code == 200
    assert "errors" in (await site.post("{ none }")).json()
    async with site.client() as client:
        assert (await client.get("/")).status_code == 200


async def test_a_closed_pool_is_503(own: Site) -> None:
    await own.database.close()
    for query, by in ASKED:
        unavailable(await own.post(query, by=by))


ENDED = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = $1 AND usename = 'linli_app'
"""


async def test_backends_that_were_ended_are_replaced(own: Site, server: Embedded) -> None:
    assert (await own.post("{ localities { slug } }")).status_code == 200
    admin = await asyncpg.connect(server.superuser_dsn)
    try:
        ended = await admin.fetchval(ENDED, name_of(own.scratch))
        assert ended > 0
        for _ in range(
            1000
        ):  # until the pool was told: whoever asks sooner may see INTERNAL, below
            if not own.database._pool.get_size():
                break
            await asyncio.sleep(0.002)
    finally:
        await admin.close()
    answers = [await own.post("{ localities { slug } }") for _ in range(12)]
    assert answers[-1].status_code == 200
    for answer in answers:
        if answer.status_code != 200:
            unavailable(answer)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        FileNotFoundError(),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.TooManyConnectionsError("sorry, too many clients already"),
        asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is ..."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_lost_database_is_known_by_its_error(error: Exception) -> None:
    assert code_of(error) == "DATABASE_UNAVAILABLE"
