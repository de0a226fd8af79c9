"""PostgreSQL as a process: started as the right account, known again, and shut down."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from db.binaries import Account, EmbeddedError, find

_STOP_SECONDS = 10


def run_as(
    user: Account | None, command: list[str], cwd: Path, out: int
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own: Ctrl-C is for us, who then stop it in order."""
    # Not PR_SET_PDEATHSIG: it fires when the *thread* that forked ends, not the process. A server
    # that outlives a killed parent is shut down by the next start instead (end_leftover).
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PG", "LC_", "LANG"))}
    return subprocess.Popen(  # noqa: S603 - a fixed command, no shell
        command,
        cwd=cwd,
        env={**environment, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=None if user is None else user.uid,
        group=None if user is None else user.gid,
        extra_groups=None if user is None else [],
    )


async def end_leftover(cluster: Path) -> None:
    """Shut down the server of a linli that was killed: its lock is ours, so nobody needs it."""
    try:
        pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
    except (OSError, ValueError, IndexError):
        return
    if _serves(pid, cluster):
        await end(pid, lambda: _serves(pid, cluster))
    # A session busy with a query does not notice that its server was killed, and holds its memory.
    for orphan in _all_on(cluster):
        _send("QUIT", orphan)
    await _until(lambda: not _all_on(cluster))


def _all_on(cluster: Path) -> list[int]:
    """Every process of PostgreSQL on this folder, where the system can tell."""
    numbers = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
    return [number for number in numbers if _serves(number, cluster)]


def _serves(pid: int, cluster: Path) -> bool:
    """Whether this process is PostgreSQL on this folder: numbers are used again."""
    if sys.platform == "linux":
        with suppress(OSError):
            program = Path(f"/proc/{pid}/exe").readlink().name
            return program.startswith("postgres") and Path(f"/proc/{pid}/cwd").samefile(cluster)
        return False
    if sys.platform == "win32":
        # Not told apart there: PostgreSQL itself refuses a folder in use, and says so.
        return False
    said = subprocess.run(  # noqa: S603 - a fixed command, a number
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return "postgres" in said and str(cluster) in said


async def end(pid: int, alive: Callable[[], bool]) -> None:
    """Ask for a fast shutdown (SIGINT), then for an immediate one (SIGQUIT)."""
    for name in ("INT", "QUIT"):
        if alive():
            _send(name, pid)
        if await _until(lambda: not alive()):
            return
    raise EmbeddedError(f"PostgreSQL (process {pid}) does not stop.")


async def _until(done: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _STOP_SECONDS
    while not done() and time.monotonic() < deadline:  # noqa: ASYNC110 - processes send no event
        await asyncio.sleep(0.02)
    return done()


def _send(name: str, pid: int) -> None:
    if sys.platform == "win32":
        command = [str(find().path("pg_ctl")), "kill", name, str(pid)]
        subprocess.run(command, check=False)  # noqa: S603 - a fixed command, a number
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.Signals[f"SIG{name}"])
