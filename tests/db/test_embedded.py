"""The embedded PostgreSQL, run for real in folders of its own."""

import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from db import binaries
from db.embedded import Embedded, EmbeddedError
from db.failures import Failure, failure_of
from db.pool import Connection, Database
from db.scope import PUBLIC

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals and sockets of POSIX")

FAST = {"fsync": "off", "shared_buffers": "16MB"}
ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs it as another account")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder other accounts can pass through: pytest's own tmp_path is private."""
    made = Path(tempfile.mkdtemp(prefix="linli-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
async def running() -> AsyncIterator[Embedded]:
    """One server for the tests that only look."""
    made = Path(tempfile.mkdtemp(prefix="linli-test-"))
    made.chmod(0o755)
    async with Embedded(made / "data", FAST) as embedded:
        yield embedded
    shutil.rmtree(made)


async def ask(dsn: str, query: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def keep_a_row(embedded: Embedded) -> None:
    await ask(embedded.owner_dsn, "CREATE TABLE kept AS SELECT 7 AS number")


async def kept_row(embedded: Embedded) -> object:
    return await ask(embedded.owner_dsn, "SELECT number FROM kept")


def postmaster(data: Path) -> int:
    return int((data / "pg" / "postmaster.pid").read_text().splitlines()[0])


async def test_first_start_makes_a_utf8_database_with_checksums(running: Embedded) -> None:
    query = """
        SELECT pg_encoding_to_char(encoding) || ' ' || datlocprovider::text || ' ' || datlocale
        || ' ' || current_setting('data_checksums') || ' ' || current_setting('fsync')
        FROM pg_database WHERE datname = current_database()"""
    assert await ask(running.app_dsn, query) == "UTF8 b C.UTF-8 on off"


async def test_the_roles_have_no_power_but_their_own(running: Embedded) -> None:
    query = """
        SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles WHERE rolcanlogin
        AND NOT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)"""
    assert await ask(running.superuser_dsn, query) == "linli_app linli_owner"
    owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'linli'"
    assert await ask(running.superuser_dsn, owner) == "linli_owner"
    owned = """
        SELECT count(*) FROM pg_shdepend WHERE refobjid = 'linli_app'::regrole AND deptype = 'o'"""
    assert await ask(running.superuser_dsn, owned) == 0


@pytest.mark.parametrize(
    "statement", ["CREATE TABLE x ()", "CREATE TEMP TABLE x ()", "CREATE SCHEMA x"]
)
async def test_the_server_s_role_has_no_ddl(running: Embedded, statement: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await ask(running.app_dsn, statement)


async def test_row_security_binds_the_server_s_role(running: Embedded) -> None:
    await ask(running.owner_dsn, "CREATE TABLE walled AS SELECT 1 AS number")
    await ask(running.owner_dsn, "ALTER TABLE walled ENABLE ROW LEVEL SECURITY")
    await ask(running.owner_dsn, "GRANT SELECT ON walled TO linli_app")
    assert await ask(running.owner_dsn, "SELECT count(*) FROM walled") == 1
    assert await ask(running.app_dsn, "SELECT count(*) FROM walled") == 0


async def test_sqlalchemy_takes_the_same_dsn(running: Embedded) -> None:
    url = running.app_dsn.replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT current_user::text")) == "linli_app"
    await engine.dispose()


async def test_no_tcp_and_no_way_in_without_the_password(running: Embedded) -> None:
    assert await ask(running.superuser_dsn, "SHOW listen_addresses") == ""
    methods = "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules"
    assert await ask(running.superuser_dsn, methods) == "scram-sha-256"
    password = running.app_dsn.split(":")[2].split("@")[0]
    with pytest.raises(asyncpg.InvalidPasswordError):
        await ask(running.app_dsn.replace(password, "guess"), "SELECT 1")


async def test_what_it_keeps_is_private(running: Embedded) -> None:
    modes = {
        name: stat.S_IMODE((running.data / name).stat().st_mode)
        for name in ("passwords.json", "pg.log", "lock", "run", "pg")
    }
    assert modes == {
        "passwords.json": 0o600,
        "pg.log": 0o600,
        "lock": 0o600,
        "run": 0o700,
        "pg": 0o700,
    }
    assert not list(running.data.glob("pg.new-*"))


async def test_a_second_launcher_on_the_same_folder_is_refused(running: Embedded) -> None:
    with pytest.raises(EmbeddedError, match="Another linli is running on"):
        await Embedded(running.data, FAST).start()
    assert await ask(running.app_dsn, "SELECT 1") == 1


async def test_a_second_start_keeps_the_data(folder: Path) -> None:
    embedded = Embedded(folder / "data", FAST)
    async with embedded:
        await keep_a_row(embedded)
        first = postmaster(embedded.data)
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)
    assert not (embedded.data / "run").exists()
    async with Embedded(folder / "data", FAST) as again:
        assert await kept_row(again) == 7


async def test_whole_after_its_postmaster_was_killed(folder: Path) -> None:
    embedded = Embedded(folder / "data", FAST)
    async with embedded:
        await keep_a_row(embedded)
        os.kill(postmaster(embedded.data), signal.SIGKILL)
    async with Embedded(folder / "data", FAST) as again:
        assert await kept_row(again) == 7


@pytest.mark.trust(41)
async def test_what_dies_under_its_server_is_started_again_where_it_was(folder: Path) -> None:
    async with Embedded(folder / "data", FAST) as embedded:
        await keep_a_row(embedded)
        dsn = embedded.owner_dsn
        keeping = asyncio.create_task(embedded.keep_up())
        for how in (signal.SIGKILL, signal.SIGQUIT, signal.SIGINT):
            left = postmaster(embedded.data)
            os.kill(left, how)
            async with asyncio.timeout(30):
                while started(embedded.data) in (None, left) or not await answers(dsn):
                    await asyncio.sleep(0.05)
            assert await kept_row(embedded) == 7
            assert embedded.owner_dsn == dsn
        assert not keeping.done()
        keeping.cancel()
    assert not (embedded.data / "run").exists()


def started(data: Path) -> int | None:
    """The number of the process that serves a folder, if there is one."""
    try:
        return postmaster(data)
    except (OSError, IndexError, ValueError):
        return None


async def answers(dsn: str) -> bool:
    try:
        return await ask(dsn, "SELECT true") is True
    except (OSError, asyncpg.PostgresError):
        return False


@pytest.mark.trust(44)
async def test_a_standby_is_read_from_and_is_known_to_take_no_writes(folder: Path) -> None:
    async with Embedded(folder / "data", FAST) as embedded:
        cluster = embedded.data / "pg"
        os.kill(postmaster(embedded.data), signal.SIGQUIT)
        while embedded.alive:
            await asyncio.sleep(0.01)
        mark = cluster / "standby.signal"
        mark.touch()
        os.chown(mark, cluster.stat().st_uid, cluster.stat().st_gid)
        await embedded.revive()
        database = await Database.connect(embedded.app_dsn, 1)

        async def read(connection: Connection) -> bool:
            return await connection.fetchval("SELECT pg_is_in_recovery()")

        assert await database.read(PUBLIC, read)
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError) as caught:
            await database.write(PUBLIC, read)
        assert failure_of(caught.value) is Failure.UNABLE
        await database.close()


async def test_what_will_not_start_again_is_tried_and_told(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Embedded(folder / "data", FAST) as embedded:
        control = embedded.data / "pg" / "global" / "pg_control"
        away = control.rename(control.with_name("away"))
        keeping = asyncio.create_task(embedded.keep_up())
        os.kill(postmaster(embedded.data), signal.SIGQUIT)
        async with asyncio.timeout(30):
            while "could not be started again" not in caplog.text:
                await asyncio.sleep(0.05)
            away.rename(control)
            while not await answers(embedded.owner_dsn):
                await asyncio.sleep(0.05)
        keeping.cancel()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere sessions are not told apart")
async def test_whole_though_a_killed_postmaster_s_session_is_busy(folder: Path) -> None:
    embedded = Embedded(folder / "data", FAST)
    async with embedded:
        await keep_a_row(embedded)
        connection = await asyncpg.connect(embedded.app_dsn)
        query = "SELECT count(*) FROM generate_series(1, 1000000000) WHERE random() < 0"
        busy = asyncio.create_task(connection.execute(query))
        await asyncio.sleep(0.3)
        os.kill(postmaster(embedded.data), signal.SIGKILL)
    async with Embedded(folder / "data", FAST) as again:
        assert await kept_row(again) == 7
    with pytest.raises((asyncpg.PostgresError, OSError)):
        await busy


async def test_whole_after_the_server_around_it_was_killed(folder: Path) -> None:
    program = textwrap.dedent("""
        import asyncio, sys
        from pathlib import Path
        from db.embedded import Embedded

        async def main():
            await Embedded(Path(sys.argv[1]), {"fsync": "off", "shared_buffers": "16MB"}).start()
            print("ready", flush=True)
            await asyncio.sleep(600)

        asyncio.run(main())
    """)
    command = [sys.executable, "-c", program, str(folder / "data")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as server:
        assert server.stdout
        assert server.stdout.readline() == b"ready\n"
        left = postmaster(folder / "data")
        with pytest.raises(EmbeddedError, match="Another linli is running on"):
            await Embedded(folder / "data", FAST).start()
        server.kill()
    os.kill(left, 0)  # PostgreSQL outlives it ...
    async with Embedded(folder / "data", FAST) as again:
        assert postmaster(again.data) != left  # ... until the next start
        await keep_a_row(again)
        assert await kept_row(again) == 7


async def test_an_interrupted_set_up_is_begun_anew(folder: Path) -> None:
    abandoned = folder / "data" / "pg.new-killed" / "pg"
    abandoned.mkdir(parents=True)
    (abandoned / "PG_VERSION").write_text("18\n")
    async with Embedded(folder / "data", FAST) as embedded:
        assert await ask(embedded.app_dsn, "SELECT 1") == 1
        assert not abandoned.exists()


@pytest.mark.parametrize(
    ("name", "beside"),
    [("邻里 \"a\" 'b' c&d=e%20?#@", True), ("a,b", False), ("a:1", False), ("long" * 25, False)],
    ids=["special", "comma", "colon", "long"],
)
async def test_any_folder_s_name_will_do(folder: Path, name: str, beside: bool) -> None:
    async with Embedded(folder / name, FAST) as embedded:
        url = embedded.app_dsn.replace("postgresql://", "postgresql+asyncpg://")
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
        await engine.dispose()
        sockets = await ask(embedded.superuser_dsn, "SHOW unix_socket_directories")
        assert (folder / name / "run").exists() is beside
    assert not Path(str(sockets).strip('"')).exists()


async def test_a_bad_setting_is_told_with_the_log(folder: Path) -> None:
    embedded = Embedded(folder / "data", {"shared_buffers": "plenty"})
    with pytest.raises(EmbeddedError, match="stopped while starting") as refused:
        await embedded.start()
    assert "plenty" in refused.value.message
    async with Embedded(folder / "data", FAST):
        pass


async def test_missing_passwords_are_told(folder: Path) -> None:
    async with Embedded(folder / "data", FAST):
        pass
    (folder / "data" / "passwords.json").rename(folder / "elsewhere")
    with pytest.raises(EmbeddedError, match=r"passwords\.json is missing"):
        await Embedded(folder / "data", FAST).start()
    (folder / "elsewhere").rename(folder / "data" / "passwords.json")
    async with Embedded(folder / "data", FAST):
        pass


async def test_a_wrong_folder_of_programs_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINLI_PG_BIN", str(folder))
    with pytest.raises(EmbeddedError, match=f"LINLI_PG_BIN is {folder}, which holds no PostgreSQL"):
        await Embedded(folder / "data").start()
    assert not (folder / "data").exists()


async def test_an_old_postgresql_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for program in ("initdb", "postgres", "pg_ctl"):
        (folder / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.18 (Debian)'\n")
        (folder / program).chmod(0o755)
    monkeypatch.setenv("LINLI_PG_BIN", str(folder))
    with pytest.raises(EmbeddedError, match="holds PostgreSQL 15: linli needs 17 or newer"):
        await Embedded(folder / "data").start()


def test_without_the_package_an_old_system_s_version_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "15").mkdir()
    for program in ("initdb", "postgres", "pg_ctl"):
        (folder / "15" / program).write_text("#!/bin/sh\necho 'postgres (PostgreSQL) 15.18'\n")
        (folder / "15" / program).chmod(0o755)
    monkeypatch.delenv("LINLI_PG_BIN", raising=False)
    monkeypatch.setattr(binaries, "_packaged", lambda: iter(()))
    monkeypatch.setattr(binaries, "_installed", lambda: iter((folder / "none", folder / "15")))
    with pytest.raises(EmbeddedError, match=f"Found only version 15 in {folder}/15"):
        binaries.find()


@as_root
async def test_a_private_parent_is_named_before_anything_is_done(folder: Path) -> None:
    private = folder / "private"
    private.mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match=f"cannot enter {private}, which"):
        await Embedded(private / "below" / "data").start()
    assert not list(private.iterdir())


@as_root
async def test_a_database_keeps_the_account_that_made_it(folder: Path) -> None:
    async with Embedded(folder / "data", FAST) as embedded:
        made_by = (embedded.data / "pg").stat()
    for path in (folder / "data" / "pg").rglob("*"):
        os.chown(path, 61234, made_by.st_gid)
    os.chown(folder / "data" / "pg", 61234, made_by.st_gid)
    async with Embedded(folder / "data", FAST) as again:
        assert (again.data / "run").stat().st_uid == 61234
        assert await ask(again.app_dsn, "SELECT 1") == 1
