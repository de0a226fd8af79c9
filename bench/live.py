"""How long from COMMIT to a subscriber: `python -m bench.live --events 1000 --subscribers 50`.

Changes of one ticket are told one after the other in the demo data, each once the one before has
arrived everywhere, over real WebSockets on loopback to a server in a process of its own.
"""

import argparse
import asyncio
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import asyncpg
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from db.embedded import running
from db.outbox import Said, tell
from db.pool import Database
from db.scope import Scope
from domain.terms import ChangedNoun
from server.tokens import Identity, issue, signing_key

PORT = 18_733
CHANGED = """subscription($id: ID!) {
  ticketChanged(id: $id) { id verb cursor gone ticket { id number status handler { name } } }
}"""
SERVED = "SELECT locality_id, id, unit_path, handler_path FROM ticket ORDER BY id LIMIT 1"
PEOPLE = """
SELECT DISTINCT person_id FROM appointment
WHERE locality_id = $1 AND $2 ^@ unit_path AND valid_to > CURRENT_DATE
"""


@asynccontextmanager
async def served(folder: Path) -> AsyncGenerator[int]:
    """A server with the demo data in a process of its own; the number of the process."""
    command = [sys.executable, "-c", "from server.cli import main; main()", "serve"]
    env = {**os.environ, "LINLI_DATA": str(folder), "LINLI_DEMO": "1"}
    process = await asyncio.create_subprocess_exec(
        *command, "--port", str(PORT), env=env, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    while b"serving on" not in await process.stderr.readline():
        pass
    drained = asyncio.create_task(process.stderr.read())
    try:
        yield process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()
        await drained


async def subscriber(stack: AsyncExitStack, token: str, ticket: str) -> ClientConnection:
    """A socket that follows a ticket."""
    url, protocol = f"ws://127.0.0.1:{PORT}/graphql", Subprotocol("graphql-transport-ws")
    wire = await stack.enter_async_context(connect(url, subprotocols=[protocol]))
    begin = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
    await wire.send(orjson.dumps(begin).decode())
    await wire.recv()
    payload = {"query": CHANGED, "variables": {"id": ticket}}
    await wire.send(orjson.dumps({"type": "subscribe", "id": "1", "payload": payload}).decode())
    return wire


async def received(wire: ClientConnection, change: str) -> float:
    """When that change arrives."""
    while True:
        message = orjson.loads(await wire.recv())
        if message["payload"]["data"]["ticketChanged"]["id"] == change:
            return time.perf_counter()


async def measure(folder: Path, events: int, subscribers: int) -> list[float]:
    """The delays of all arrivals, in milliseconds."""
    cluster = running(folder)
    assert cluster is not None
    owner = await asyncpg.connect(cluster.owner_dsn)
    row = await owner.fetchrow(SERVED)
    assert row is not None
    place, key = row["locality_id"], row["id"]
    people = [each[0] for each in await owner.fetch(PEOPLE, place, row["unit_path"])]
    await owner.close()
    database = await Database.connect(cluster.app_dsn, 1)
    scope = Scope(place, prefixes=(row["unit_path"][:4],))
    secret = signing_key(None, folder)
    delays: list[float] = []
    async with AsyncExitStack() as stack:
        tokens = [
            issue(secret, Identity(place, people[at % len(people)])) for at in range(subscribers)
        ]
        wires = [await subscriber(stack, token, f"ticket_{place}_{key}") for token in tokens]
        await asyncio.sleep(1)  # all have begun
        for _ in range(events):
            paths: Any = (row["unit_path"], row["handler_path"], row["handler_path"])
            said = Said(ChangedNoun.TICKET, key, "RESUME", datetime.now(UTC), *paths)
            heard = [asyncio.ensure_future(received(w, f"change_{place}_{said.id}")) for w in wires]
            async with database.transaction(scope, write=True) as connection:
                await tell(connection, place, [said])
            committed = time.perf_counter()
            delays += [(at - committed) * 1_000 for at in await asyncio.gather(*heard)]
    await database.close()
    return delays


async def main(folder: Path, events: int, subscribers: list[int]) -> None:
    """Serve from an empty folder, measure and print."""
    async with served(folder):
        for many in subscribers:
            delays = sorted(await measure(folder, events, many))
            p99 = delays[int(len(delays) * 0.99)]
            print(
                f"{events} events, {many} subscribers: median {median(delays):.1f} ms, "
                f"p99 {p99:.1f} ms, longest {delays[-1]:.1f} ms"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--subscribers", type=int, nargs="+", default=[1, 50])
    given = parser.parse_args()
    made = Path(tempfile.mkdtemp(prefix="linli-bench-"))
    made.chmod(0o755)
    try:
        asyncio.run(main(made, given.events, given.subscribers))
    finally:
        shutil.rmtree(made, ignore_errors=True)
