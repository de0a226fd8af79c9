"""Many subscriptions at once: `python -m bench.live_many --sockets 500 --each 20 --people 500`.

All follow one ticket of the demo data, over real WebSockets on loopback to a server in a process of
its own. Told are: how long from COMMIT until the last of them has the event, and what memory the
server needs for them.
"""

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import asyncpg
import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from bench.live import CHANGED, PORT, SERVED, served
from bench.report import record
from db.embedded import Running, running
from db.outbox import Said, tell
from db.pool import Database
from db.scope import Scope
from domain.terms import ChangedNoun
from server.loop import loop_factory
from server.tokens import Identity, issue, signing_key

LONGEST = 60
"""Seconds until an event that has not arrived everywhere is given up."""

TEXT, PING = 0x81, 0x89
"""First bytes of whole frames."""
LONGER = 126
"""Stands for a length in the next two bytes."""
MASKED_PONG = b"\x8a\x84\0\0\0\0"
"""Before the four bytes of a ping: what a client sends is masked, here with zeros."""
HEAD = 30
"""Bytes of a message that are looked at."""
NEW = "SELECT gen_random_uuid() FROM generate_series(1, $1)"
PEOPLE = """
INSERT INTO person (locality_id, id, name, unit_id, unit_path, published)
SELECT $1, made.id, 'follower', u.id, u.path, false
FROM unnest($2::uuid[]) AS made (id), org_unit u WHERE u.locality_id = $1 AND u.path = $3
"""
POSTS = """
INSERT INTO appointment (locality_id, id, post_id, person_id, unit_path, capacity)
SELECT $1, gen_random_uuid(), p.id, made.id, p.unit_path, 'COVER'
FROM unnest($2::uuid[]) AS made (id), (
    SELECT id, unit_path FROM post WHERE locality_id = $1 AND unit_path = $3 LIMIT 1) AS p
"""


def megabytes(process: int) -> float:
    """The memory that a process holds."""
    status = Path(f"/proc/{process}/status").read_text()
    held = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(held.split()[1]) / 1024


def worked(process: int) -> float:
    """The processor time that a process has taken, in seconds."""
    after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, after_name[11:13])) / os.sysconf("SC_CLK_TCK")


class Ear(asyncio.Protocol):
    """The client's end of a socket once all has begun: tells of each message, and does little else,
    lest it is the client that is measured."""

    def __init__(self, transport: asyncio.Transport, told: Callable[[bytes], None]) -> None:
        self._transport = transport
        self._told = told
        self._unread = b""

    def data_received(self, data: bytes) -> None:
        data, at = self._unread + data, 0
        while (begins := at + 2) <= len(data):
            length = data[at + 1]
            if length == LONGER:
                length, begins = int.from_bytes(data[begins : begins + 2]), begins + 2
            if begins + length > len(data):
                break
            if data[at] == PING:
                self._transport.write(MASKED_PONG + data[begins : begins + length])
            else:
                self._told(data[begins : begins + HEAD] if data[at] == TEXT else b"")
            at = begins + length
        self._unread = data[at:]

    def connection_lost(self, exc: Exception | None) -> None:
        self._told(b"")


class Followers:
    """Sockets that follow a ticket, each several times over."""

    def __init__(self, ticket: str, each: int) -> None:
        self._ticket = ticket
        self._each = each
        self._left = 0
        self._done = asyncio.Event()
        self._sockets: list[ClientConnection] = []
        self._ended = False
        self.last = 0.0

    async def add(self, stack: AsyncExitStack, token: str) -> None:
        """One more socket."""
        url, protocol = f"ws://127.0.0.1:{PORT}/graphql", Subprotocol("graphql-transport-ws")
        opened = connect(url, subprotocols=[protocol], compression=None, ping_interval=None)
        socket = await opened
        stack.callback(socket.transport.abort)
        begin = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
        await socket.send(orjson.dumps(begin).decode())
        await socket.recv()
        payload = {"query": CHANGED, "variables": {"id": self._ticket}}
        for at in range(self._each):
            message = {"type": "subscribe", "id": str(at), "payload": payload}
            await socket.send(orjson.dumps(message).decode())
        self._sockets.append(socket)

    def listen(self) -> None:
        """From here on, messages are only counted."""
        for socket in self._sockets:
            socket.transport.set_protocol(Ear(socket.transport, self._hear))

    def _hear(self, head: bytes) -> None:
        if b'"next"' not in head:
            self._ended = True
            self._done.set()
        self._left -= 1
        if self._left == 0:
            self.last = time.perf_counter()
            self._done.set()

    def expect(self) -> None:
        """From now on an event is to come to all."""
        self._left = len(self._sockets) * self._each
        self._done.clear()

    async def arrived(self, committed: float) -> float:
        """Seconds from the commit until the last has it."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST):
                await self._done.wait()
        if self._ended:
            raise RuntimeError("a subscription or a socket ended")
        if self._left:
            raise RuntimeError(f"{self._left} did not hear of it in {LONGEST} s")
        return self.last - committed


async def peopled(cluster: Running, place: str, path: str, many: int) -> Sequence[UUID]:
    """People who serve at the top of the ticket's tree."""
    owner = await asyncpg.connect(cluster.owner_dsn)
    people = [row[0] for row in await owner.fetch(NEW, many)]
    for statement in (PEOPLE, POSTS):
        await owner.execute(statement, place, people, path[:4])
    await owner.close()
    return people


async def measure(
    folder: Path, server: int, sockets: int, each: int, people: int, events: int
) -> None:
    """Follow, tell of events one after the other, and print."""
    cluster = running(folder)
    assert cluster is not None
    owner = await asyncpg.connect(cluster.owner_dsn)
    row = await owner.fetchrow(SERVED)
    assert row is not None
    await owner.close()
    place, key = row["locality_id"], row["id"]
    followers = Followers(f"ticket_{place}_{key}", each)
    known = await peopled(cluster, place, row["unit_path"], people)
    secret = signing_key(None, folder)
    database = await Database.connect(cluster.app_dsn, 1)
    scope = Scope(place, prefixes=(row["unit_path"][:4],))
    async with AsyncExitStack() as stack:
        before, began = megabytes(server), time.perf_counter()
        for at in range(sockets):
            await followers.add(stack, issue(secret, Identity(place, known[at % people])))
        await asyncio.sleep(5)  # all have begun
        followers.listen()
        ready, held = time.perf_counter() - began, megabytes(server)
        print(f"{sockets} sockets of {each}, {people} people, ready in {ready:.0f} s")
        print(f"memory {before:.0f} MB before, {held:.0f} MB with all of them")
        slowest = largest = 0.0
        for _ in range(events):
            paths = (row["unit_path"], row["handler_path"], row["handler_path"])
            said = Said(ChangedNoun.TICKET, key, "RESUME", datetime.now(UTC), *paths)
            followers.expect()
            began, own = worked(server), worked(os.getpid())
            async with database.transaction(scope, write=True) as connection:
                await tell(connection, place, [said])
            taken = await followers.arrived(time.perf_counter())
            spent, own = worked(server) - began, worked(os.getpid()) - own
            told = f"reached all in {taken:.2f} s, of processor time {spent:.2f} s the server's"
            print(
                f"{told}, {own:.2f} s the client's, memory {megabytes(server):.0f} MB", flush=True
            )
            slowest, largest = max(slowest, taken), max(largest, megabytes(server))
    await database.close()
    figure = (
        f"{sockets * each:,} subscriptions of {people} people: an event was with all of them after "
        f"{slowest:.2f} s at most ({events} events); {largest:.0f} MB"
    )
    record(22, figure, slowest <= 2 and largest <= 600, "python -m bench.live_many")


async def main(folder: Path, sockets: int, each: int, people: int, events: int) -> None:
    """Serve from an empty folder, and measure."""
    async with served(folder) as server:
        await measure(folder, server, sockets, each, people, events)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sockets", type=int, default=500)
    parser.add_argument("--each", type=int, default=20)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--events", type=int, default=20)
    given = parser.parse_args()
    made = Path(tempfile.mkdtemp(prefix="linli-bench-"))
    made.chmod(0o755)
    try:
        with asyncio.Runner(loop_factory=loop_factory()) as runner:
            runner.run(main(made, given.sockets, given.each, given.people, given.events))
    finally:
        shutil.rmtree(made, ignore_errors=True)
