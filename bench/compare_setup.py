"""What the peers run on: Node packages and Python packages, locked, in a folder of their own.

The Python lock is made by `uv pip compile requirements.in --universal --python-version 3.11
--generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements.lock`, the Node lock
by `npm install --package-lock-only --omit-lockfile-registry-resolved`.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

PEERS = Path(__file__).parent / "peers"
NODE = "node_modules/.bin/node"
NO_NPM = "npm is missing: install Node.js with npm (Debian, Ubuntu: apt-get install npm)"


class Missing(Exception):
    """Why a peer cannot be set up."""


def set_up_node(folder: Path) -> None:
    """The Node peers, on the Node that the lock names; made anew when the lock changes."""
    made, lock = folder / ".made", PEERS / "node" / "package-lock.json"
    _copied(PEERS / "node", folder)
    if not _same(made, lock):
        npm = shutil.which("npm")
        if npm is None:
            raise Missing(NO_NPM)
        print("Installing the Node peers (npm ci)", flush=True)
        _run("npm ci", [npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"], folder)
        _done(made, lock)


def set_up_python(folder: Path) -> None:
    """The Python peers, in an environment of their own; made anew when the lock changes."""
    made, lock = folder / ".made", PEERS / "python" / "requirements.lock"
    folder.mkdir(parents=True, exist_ok=True)
    if not _same(made, lock):
        print("Installing the Python peers (pip)", flush=True)
        _run("python -m venv", [sys.executable, "-m", "venv", "--clear", str(folder)], folder)
        pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
        install = ["install", "--quiet", "--no-input", "--require-hashes", "--no-deps"]
        _run("pip install", [*pip, *install, "-r", str(lock)], folder)
        _done(made, lock)


def _copied(source: Path, folder: Path) -> None:
    """Node looks for packages beside a file: so the files lie beside the packages."""
    folder.mkdir(parents=True, exist_ok=True)
    for each in source.iterdir():
        if each.is_file():
            shutil.copy(each, folder / each.name)


def _run(what: str, command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if "error" in line.lower()]
        raise Missing(f"{what} failed; is the network there? It says: {' '.join(said[:2])}")


def _digest(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _same(made: Path, lock: Path) -> bool:
    return made.exists() and made.read_text() == _digest(lock)


def _done(made: Path, lock: Path) -> None:
    made.write_text(_digest(lock))


SHOWN = ("postgraphile", "mercurius", "fastify", "graphql", "pg", "node")
PYTHON = ("strawberry-graphql", "sqlalchemy", "strawchemy", "asyncpg", "uvicorn", "uvloop")


def versions() -> dict[str, str]:
    """Of what the peers are made."""
    node = json.loads((PEERS / "node" / "package.json").read_text())["dependencies"]
    lock = (PEERS / "python" / "requirements.lock").read_text()
    python = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))
    return {name: python[name] for name in PYTHON} | {name: node[name] for name in SHOWN}
