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

from db import pool
from db.embedded import Embedded
from db.failures import OutcomeUnknownError
from db.pool import Database
from server.app import make_app
from server.errors import code_of
from tests.api.acting import CHIEF, done, mutation, reported, standing, verbs
from tests.api.conftest import copy_of, drop, name_of
from tests.api.served import KEY, Site, key_of
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
        site.app = make_app(database, KEY, demo=True)
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


@pytest.mark.trust(41)
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


@pytest.mark.trust(44)
async def test_a_closed_pool_is_503(own: Site) -> None:
    await own.database.close()
    for query, by in ASKED:
        unavailable(await own.post(query, by=by))


ENDED = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = $1 AND usename = 'linli_app'
"""


@pytest.mark.trust(42)
async def test_backends_that_were_ended_are_not_missed(own: Site, server: Embedded) -> None:
    """Neither by readers nor by writers: what was under way is done again elsewhere."""
    ticket = await reported(own)
    admin = await asyncpg.connect(server.superuser_dsn)
    try:
        for _ in range(5):
            assert await admin.fetchval(ENDED, name_of(own.scratch)) > 0
            await own.ask("{ viewer { person { name } } }", CHIEF)
        await admin.fetchval(ENDED, name_of(own.scratch))
        await done(own, "ticketAccept", CHIEF, ticketId=ticket)
    finally:
        await admin.close()


@pytest.mark.trust(44)
async def test_a_verb_behind_a_lock_is_503_and_may_be_sent_again(own: Site) -> None:
    ticket = await reported(own)
    given = {"ticketId": ticket, "clientMutationKey": "again"}
    lock = "SELECT FROM ticket WHERE id = $1 FOR UPDATE"
    async with own.owner.transaction():
        await own.owner.execute(lock, key_of(ticket))
        answer = await own.post(mutation("ticketAccept"), {"input": given}, CHIEF)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "TIMEOUT"
    assert verbs(await standing(own, ticket)) == ["REPORT"]
    await done(own, "ticketAccept", CHIEF, **given)
    assert verbs(await standing(own, ticket)) == ["REPORT", "ACCEPT"]


class Broken:
    """A commit whose answer does not come, so many times; what it was sent for has happened."""

    def __init__(self, times: int) -> None:
        self._left = times
        self._commit = pool._commit

    async def __call__(self, connection: pool.Connection, *, write: bool) -> None:
        await self._commit(connection, write=write)
        if write and self._left:
            self._left -= 1
            connection.terminate()
            raise OutcomeUnknownError


@pytest.mark.trust(40)
async def test_a_lost_answer_to_commit_is_asked_for_again_with_a_key(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "_commit", Broken(1))
    ticket = await reported(own, clientMutationKey="lost")
    assert verbs(await standing(own, ticket)) == ["REPORT"]
    assert await own.owner.fetchval("SELECT count(*) FROM client_mutation") == 1


@pytest.mark.trust(40)
async def test_without_a_key_the_outcome_is_said_to_be_unknown(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await reported(own)
    monkeypatch.setattr(pool, "_commit", Broken(1))
    answer = await own.post(mutation("ticketAccept"), {"input": {"ticketId": ticket}}, CHIEF)
    assert answer.status_code == 503
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "OUTCOME_UNKNOWN"
    assert "clientMutationKey" in error["message"]
    assert verbs(await standing(own, ticket)) == ["REPORT", "ACCEPT"]


async def test_an_effect_that_cannot_be_read_back_does_not_look_undone(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = await reported(own)

    async def gone(*_: object) -> bytes:
        raise ConnectionResetError

    monkeypatch.setattr(own.database, "fetch", gone)
    answer = await own.post(mutation("ticketAccept"), {"input": {"ticketId": ticket}}, CHIEF)
    monkeypatch.undo()
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (503, "OUTCOME_UNKNOWN")
    assert verbs(await standing(own, ticket)) == ["REPORT", "ACCEPT"]


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        FileNotFoundError(),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.AdminShutdownError("terminating connection due to administrator command"),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.InternalClientError("cannot switch to state 15; another operation (2) is ..."),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_lost_database_is_known_by_its_error(error: Exception) -> None:
    assert code_of(error) == "DATABASE_UNAVAILABLE"
