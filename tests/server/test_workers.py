"""Several workers behind one port: whichever answers, it is one server."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path

import asyncpg
import httpx
import orjson
import pytest
import pytest_asyncio
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from db.embedded import Embedded
from db.load.place import load_place
from server.people import find
from server.places import read_place
from server.tokens import Identity, issue, signing_key
from tests.conftest import Scratch, make_scratch
from tests.server.process import (
    ROOT,
    START,
    STOP,
    Served,
    alive,
    folder,
    linli,
    load_until_it_ends,
)
from tests.server.worked import SECRET, Worked, asked, two_workers

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="workers inherit sockets")

CHIEF = "weibin/姜谭路西社区"


@pytest_asyncio.fixture(scope="module")
async def place(server: Embedded, template: str) -> Scratch:
    """A database with one place."""
    scratch = await make_scratch(server, template)
    owner = await asyncpg.connect(scratch.owner_dsn)
    profile, demo = read_place(ROOT / "localities" / "weibin.toml")
    now = await owner.fetchval("SELECT now()")
    await load_place(owner, profile, demo, now, lambda _rows: None)
    await owner.close()
    return scratch


@pytest_asyncio.fixture(scope="module")
async def served(place: Scratch) -> AsyncIterator[Worked]:
    """Two workers that the tests share, and leave in peace."""
    with two_workers(place) as worked:
        yield worked


@pytest_asyncio.fixture
async def chief(place: Scratch) -> dict[str, str]:
    """The headers of somebody who may report."""
    (found,) = await find(place.owner_dsn, CHIEF)
    token = issue(signing_key(SECRET, Path()), Identity(found.locality, found.person))
    return {"authorization": f"Bearer {token}"}


def test_both_answer_and_the_log_says_which(served: Worked) -> None:
    pids = served.pids()
    assert set(pids) == {1, 2}
    assert len({served.process.pid, *pids.values()}) == 3
    for number in pids:
        with served.client(number) as client:
            answer = asked(client, "{ localities { slug } }")
        assert answer.json()["data"] == {"localities": [{"slug": "weibin"}]}
        assert not {str(pid) for pid in pids.values()} & set(answer.headers.values())
        asked_as = answer.headers["x-request-id"]
        served.until(lambda mark=asked_as: any(e.get("requestId") == mark for e in served.told()))
        told = [each for each in served.told() if each.get("requestId") == asked_as]
        assert [each["worker"] for each in told] == [number]


UNITS = """
query($after: String) {
  orgUnits(locality: "weibin", first: 2, after: $after) {
    nodes { id } pageInfo { endCursor } totalCount
  }
}
"""
REPORT = """
mutation($unit: ID!, $key: String!) {
  ticketReport(input: {unitId: $unit, title: "两处同时", category: "yard", clientMutationKey: $key}) {
    ticket { id } userErrors { code }
  }
}
"""
POST = "{ viewer { person { posts { unit { id } } } } }"


def test_a_page_goes_on_and_a_key_holds_at_the_other(served: Worked, chief: dict[str, str]) -> None:
    with served.client(1) as one, served.client(2) as other:
        first = asked(one, UNITS, chief).json()["data"]["orgUnits"]
        cursor = first["pageInfo"]["endCursor"]
        second = asked(other, UNITS, chief, after=cursor).json()["data"]["orgUnits"]
        assert len({each["id"] for each in first["nodes"] + second["nodes"]}) == 4
        (post,) = asked(one, POST, chief).json()["data"]["viewer"]["person"]["posts"]
        made = [
            asked(client, REPORT, chief, unit=post["unit"]["id"], key="both").json()["data"]
            for client in (one, other)
        ]
    assert made[0] == made[1]
    assert made[0]["ticketReport"]["userErrors"] == []


DEAR = """
{ orgUnits(locality: "weibin", first: 60) { nodes { id descendants(first: 60) { nodes { id } } } } }
"""
WRONG = f"{{ {'nothing ' * 3_900} }}"
"""Read for more than three hundred points, and none given back; three times a bucket's fill."""


def test_points_are_the_same_at_both(served: Worked) -> None:
    with served.client(1) as one, served.client(2) as other:
        for _ in range(3):
            assert asked(one, WRONG).json()["errors"]
        refused = asked(other, DEAR)
    assert refused.status_code == 429
    told = refused.json()["errors"][0]["extensions"]
    assert told["code"] == "RATE_LIMITED"
    assert told["cost"]["available"] < 100


async def watching(served: Worked, worker: int, headers: Mapping[str, str]) -> ClientConnection:
    """A socket that this worker has."""
    url = f"{served.url.replace('http', 'ws')}/graphql"
    with served.only(worker):
        wire = await connect(url, subprotocols=[Subprotocol("graphql-transport-ws")])
        begin = {"type": "connection_init", "payload": dict(headers)}
        await wire.send(orjson.dumps(begin).decode())
        assert orjson.loads(await wire.recv())["type"] == "connection_ack"
    return wire


CHANGED = """
subscription($unit: ID!, $after: String!) {
  ticketChanged(orgUnitId: $unit, after: $after) { ticket { id } }
}
"""


async def test_what_one_does_wakes_who_waits_at_the_other(
    served: Worked, chief: dict[str, str]
) -> None:
    async with AsyncExitStack() as stack:
        wires = [await watching(served, number, chief) for number in (1, 2)]
        for wire in wires:
            stack.push_async_callback(wire.close)
        clients = [stack.enter_context(served.client(number)) for number in (1, 2)]
        (post,) = asked(clients[0], POST, chief).json()["data"]["viewer"]["person"]["posts"]
        unit = post["unit"]["id"]
        now = asked(clients[0], "{ changes { cursor } }", chief).json()["data"]["changes"]["cursor"]
        for wire in wires:
            payload = {"query": CHANGED, "variables": {"unit": unit, "after": now}}
            sent = {"type": "subscribe", "id": "1", "payload": payload}
            await wire.send(orjson.dumps(sent).decode())
        for at, client in enumerate(clients):
            told = await asyncio.to_thread(
                asked, client, REPORT, chief, unit=unit, key=f"wake {at}"
            )
            made = told.json()["data"]["ticketReport"]["ticket"]["id"]
            for wire in wires:
                async with asyncio.timeout(START):
                    event = orjson.loads(await wire.recv())
                assert event["payload"]["data"]["ticketChanged"]["ticket"]["id"] == made


def test_one_that_is_killed_is_replaced(place: Scratch) -> None:
    with two_workers(place) as served:
        before = served.pids()
        with served.client(2) as other:
            os.kill(before[1], signal.SIGKILL)
            assert asked(other, "{ localities { slug } }").status_code == 200
        served.until(lambda: served.serving().count(1) == 2)
        after = served.pids()
        assert (after[1] != before[1], after[2] == before[2]) == (True, True)
        with served.client(1) as one:
            assert asked(one, "{ localities { slug } }").status_code == 200
        assert [e["status"] for e in served.told() if e["message"] == "a worker ended"] == [-9]


@pytest.mark.trust(46)
def test_sigterm_ends_all_and_breaks_no_answer_off(
    place: Scratch, record_property: Callable[[str, object], None]
) -> None:
    with two_workers(place) as served:
        pids = served.pids()
        seen = asyncio.run(load_until_it_ends(served, sockets=6))
        assert served.process.wait(STOP) == 0, served.said()
        assert not any(map(alive, pids.values()))
    assert seen["whole"] > 50
    assert seen["broken"] == 0
    assert seen["sockets"] == [1012] * 6
    assert "Traceback" not in served.said()
    whole, took = seen["whole"], seen["took"]
    figure = f"two workers: {whole} answers, none broken off; ended in {took:.1f} s"
    record_property("figure", figure)


def test_workers_do_not_outlive_a_parent_that_is_killed(place: Scratch) -> None:
    with two_workers(place) as served:
        pids = served.pids().values()
        served.stop(signal.SIGKILL)
        end = time.monotonic() + STOP
        while any(map(alive, pids)) and time.monotonic() < end:
            time.sleep(0.02)
        assert not any(map(alive, pids))


def test_settings_that_a_worker_cannot_do_with_end_all(place: Scratch, tmp_path: Path) -> None:
    settings = {"DATABASE_URL": place.app_dsn, "LINLI_STORE": "ftp://somewhere"}
    with folder() as made:
        served = Served(made / "data", "--workers", "2", settings=settings)
        assert served.process.wait(START) == 2
    assert "LINLI_STORE is a URL" in served.said()
    assert "Traceback" not in served.said()


def test_two_servers_have_one_port_only_if_both_share_it(place: Scratch) -> None:
    settings = {"DATABASE_URL": place.app_dsn, "LINLI_SECRET": SECRET}
    with folder() as made, ExitStack() as stack:
        first = started(stack, made / "first" / "data", settings)
        port = first.url.rpartition(":")[2]
        first.until_ready(START)
        alone = linli(made / "other", "serve", "--port", port)
        second = started(stack, made / "second" / "data", settings, "--port", port)
        while "serving on" not in second.said():
            assert second.process.poll() is None, second.said()
            time.sleep(0.02)
        first.stop()
        assert httpx.get(f"{first.url}/readyz").status_code == 200
    assert alone.returncode == 1
    assert alone.stderr == f"Cannot listen on 127.0.0.1, port {port}: address already in use.\n"


def started(stack: ExitStack, data: Path, settings: Mapping[str, str], *words: str) -> Served:
    """A server that shares its port, ended with the stack."""
    data.parent.mkdir()
    served = Served(data, "--share-port", *words, settings=settings)
    stack.callback(lambda: served.process.poll() is None and served.stop())
    return served
