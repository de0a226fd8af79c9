"""The folder of an embedded PostgreSQL: its lock, its passwords, initdb, and its roles."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import asyncpg

from db.binaries import Account, Binaries, EmbeddedError
from db.postmaster import run_as

_ROLE = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"


@dataclass(frozen=True)
class Passwords:
    """One for each role, under the role's name."""

    postgres: str
    linli_owner: str
    linli_app: str


def make_folders(data: Path, mode: int) -> None:
    """Only folders that are missing are made, and given a mode: what exists is not ours."""
    for folder in reversed([f for f in (data, *data.parents) if not f.exists()]):
        folder.mkdir()
        folder.chmod(mode)


def give(path: Path, user: Account | None) -> None:
    """Hand a path that we made to the account PostgreSQL runs as."""
    if sys.platform != "win32" and user is not None:
        os.chown(path, user.uid, user.gid)


def take_lock(data: Path) -> int:
    """Held by the open file, so it ends with this process however that ends."""
    lock = os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 - absent elsewhere

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 - absent on Windows

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise EmbeddedError(
            f"Another linli is running on {data}. Stop it, or choose another data folder."
        ) from error
    return lock


def passwords(file: Path, *, new: bool) -> Passwords:
    """Those kept for this database; made up for a new one."""
    if file.exists():
        try:
            return Passwords(**json.loads(file.read_text()))
        except (TypeError, ValueError) as error:
            raise EmbeddedError(f"{file} is damaged: {error}") from error
    if not new:
        raise EmbeddedError(
            f"{file} is missing, and the database beside it cannot be opened without it. "
            f"Put it back, or remove {file.parent / 'pg'} to begin with an empty database."
        )
    made = Passwords(*(secrets.token_urlsafe(24) for _ in range(3)))
    _write_private(file, json.dumps(asdict(made)))
    return made


def _write_private(file: Path, text: str) -> None:
    """Whole or not at all, and never readable by others in between."""
    draft = file.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(text)
    draft.replace(file)


def initialise(programs: Binaries, cluster: Path, password: str, user: Account | None) -> None:
    """Make the database beside its place, then move it: a killed run leaves no half of one."""
    # Blocking, on purpose: nothing is served yet, and a cancelled start leaves no initdb behind.
    for abandoned in cluster.parent.glob("pg.new-*"):
        shutil.rmtree(abandoned, ignore_errors=True)
    draft = Path(tempfile.mkdtemp(prefix="pg.new-", dir=cluster.parent))
    secret = draft / "password"
    _write_private(secret, password)
    # The file first: once the folder is the account's, what lies in it is no longer ours to name.
    give(secret, user)
    give(draft, user)
    command = [str(programs.path("initdb")), f"--pgdata={draft / 'pg'}", "--username=postgres"]
    command += ["--encoding=UTF8", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--data-checksums"]
    command += ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256", f"--pwfile={secret}"]
    process = run_as(user, command, draft, subprocess.PIPE)
    said = process.communicate()[0].decode(errors="replace")
    if process.returncode != 0:
        raise EmbeddedError(f"The database could not be set up. initdb says:\n{said.strip()}")
    (draft / "pg").rename(cluster)
    shutil.rmtree(draft)


async def settle(connection: asyncpg.Connection, known: Passwords) -> None:
    """Give the two roles and the database the state they must have, whatever it was."""
    for role in ("linli_owner", "linli_app"):
        if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role):
            await connection.execute(f"CREATE ROLE {role}")
        await connection.execute(f"ALTER ROLE {role} {_ROLE} PASSWORD '{asdict(known)[role]}'")
    if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = 'linli'"):
        await connection.execute("CREATE DATABASE linli OWNER linli_owner")
    await connection.execute("REVOKE ALL ON DATABASE linli FROM PUBLIC")
    await connection.execute("GRANT CONNECT ON DATABASE linli TO linli_app")
