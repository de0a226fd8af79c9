"""The server as a process: first start, stop, kill, a second one, and the commands beside it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from db.cluster import take_lock
from db.embedded import EmbeddedError, running
from tests.server.process import (
    FIRST_START,
    SLUGS,
    START,
    STOP,
    Served,
    alive,
    end_database,
    folder,
    free_port,
    linli,
    load_until_it_ends,
    serving,
    units,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture(scope="module")
def first() -> Iterator[tuple[Path, dict[str, Any]]]:
    """A first start from nothing, and a stop: the folder it leaves, and what was seen."""
    with folder() as made, serving(made / "data") as served:
        seen: dict[str, Any] = {"took": served.until_ready(FIRST_START)}
        seen["places"] = served.ask("{ localities { slug roots { id } } }")["localities"]
        seen["units"] = units(served)
        seen["page"] = httpx.get(served.url).status_code
        seen["postmaster"] = served.postmaster()
        seen["status"] = served.stop()
        seen["left"] = alive(seen["postmaster"])
        seen["said"] = served.said()
        end_database(served.data)
        yield made / "data", seen


@pytest.fixture
def data(first: tuple[Path, dict[str, Any]]) -> Iterator[Path]:
    """A copy of a folder that was served once, owners and all."""
    with folder() as made:
        subprocess.run(["cp", "-a", str(first[0]), str(made / "data")], check=True)
        yield made / "data"


def test_a_first_start_serves_six_places(first: tuple[Path, dict[str, Any]]) -> None:
    _, seen = first
    assert [place["slug"] for place in seen["places"]] == SLUGS
    assert all(place["roots"] for place in seen["places"])
    assert seen["took"] < FIRST_START
    assert seen["page"] == 200


def test_sigterm_ends_it_and_its_database(first: tuple[Path, dict[str, Any]]) -> None:
    _, seen = first
    assert (seen["status"], seen["left"]) == (0, False), seen["said"]
    assert "Traceback" not in seen["said"]


REPORT = """
mutation($unit: ID!) {
  ticketReport(input: {unitId: $unit, title: "停电前一刻", category: "yard"}) {
    ticket { id } userErrors { code }
  }
}
"""
READ = "query($id: ID!) { ticket(id: $id) { title } tickets { totalCount } }"


def token_of(data: Path, name: str) -> str:
    made = linli(data, "token", "--as", name)
    assert made.returncode == 0, made.stderr
    (token,) = made.stdout.split()
    return token


def test_a_second_start_a_second_server_and_a_kill(
    first: tuple[Path, dict[str, Any]], data: Path
) -> None:
    """One life after the first: soon ready; alone on its folder; killed, it is whole again."""
    with serving(data, leave=True) as served:
        served.until_ready(START)
        assert units(served) == first[1]["units"]
        the_second_is_told_so(data)
        nobody_is_told_so(data)
        token = token_of(data, "weibin")
        unit = served.ask("{ viewer { person { posts { unit { id name } } } } }", token)
        (post,) = unit["viewer"]["person"]["posts"]
        assert post["unit"]["name"] == "渭滨区"
        made = served.ask(REPORT, token, unit=post["unit"]["id"])["ticketReport"]
        assert made["userErrors"] == []
        before = served.ask(READ, token, id=made["ticket"]["id"])
        its_database_dies_and_comes_back(served)
        assert token_of(data, "weibin")
        assert served.ask(READ, token, id=made["ticket"]["id"]) == before
        left = served.postmaster()
        assert served.stop(signal.SIGKILL) == -signal.SIGKILL
    with serving(data) as served:
        served.until_ready(START)
        assert served.ask(READ, token, id=made["ticket"]["id"]) == before
        assert served.postmaster() != left
    assert not alive(left)


def its_database_dies_and_comes_back(served: Served) -> None:
    left = served.postmaster()
    os.kill(left, signal.SIGKILL)
    while not another_serves(served, left):
        assert served.process.poll() is None, served.said()
        time.sleep(0.05)
    served.until_ready(FIRST_START)


def another_serves(served: Served, left: int) -> bool:
    """Whether a new PostgreSQL stands where one was."""
    try:
        return served.postmaster() != left
    except (OSError, IndexError):
        return False


def the_second_is_told_so(data: Path) -> None:
    second = linli(data, "serve", "--port", str(free_port()))
    assert second.returncode == 1
    assert "Another linli is running on" in second.stderr
    assert str(data) in second.stderr
    assert "Traceback" not in second.stderr


def nobody_is_told_so(data: Path) -> None:
    asked = linli(data, "token", "--as", "nobody at all")
    assert (asked.returncode, asked.stdout) == (1, "")
    assert asked.stderr == "Nobody is found as 'nobody at all'.\n"


def test_killed_while_it_loads_it_loads_the_rest_next_time(
    first: tuple[Path, dict[str, Any]],
) -> None:
    with folder() as made:
        with serving(made / "data", leave=True) as served:
            until_loading(served)
            served.stop(signal.SIGKILL)
        with serving(made / "data") as served:
            served.until_ready(FIRST_START)
            assert units(served) == first[1]["units"]
            token = token_of(made / "data", "xinmao")
            assert served.ask("{ tickets { totalCount } }", token) == {
                "tickets": {"totalCount": 301}
            }


def test_sigterm_while_it_loads_ends_it_and_its_database() -> None:
    with folder() as made, serving(made / "data") as served:
        until_loading(served)
        database = served.postmaster()
        status = served.stop()
        assert not alive(database)
        assert status in (0, 128 + signal.SIGTERM), served.said()


def until_loading(served: Served) -> None:
    """Until the first place is in, or nearly: its units were committed, the last is not there."""
    end = time.monotonic() + FIRST_START
    while time.monotonic() < end:
        assert served.process.poll() is None, served.said()
        found = linli_places(served.data)
        if 0 < found < len(SLUGS):
            return
        assert found < len(SLUGS), "it was too quick to be killed in time"
        time.sleep(0.05)
    raise AssertionError("nothing was loaded")


def linli_places(data: Path) -> int:
    """How many places are committed; 0 while there is no database yet."""

    async def count() -> int:
        try:
            found = running(data)
        except (EmbeddedError, IndexError):  # it is being set up
            return 0
        if found is None:
            return 0
        try:
            connection = await asyncpg.connect(found.owner_dsn, timeout=5)
        except (OSError, asyncpg.PostgresError, TimeoutError):
            return 0
        try:
            return await connection.fetchval("SELECT count(*) FROM locality")
        except asyncpg.UndefinedTableError:
            return 0
        finally:
            await connection.close()

    with asyncio.Runner() as runner:
        return runner.run(count())


def test_a_port_that_is_taken_ends_it_and_its_database(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = linli(data, "serve", "--port", str(taken.getsockname()[1]))
    assert ended.returncode != 0
    assert "address already in use" in ended.stderr
    assert not (data / "pg" / "postmaster.pid").exists()


def test_a_command_while_another_sets_the_database_up() -> None:
    with folder() as made:
        (made / "data").mkdir()
        held = take_lock(made / "data")
        try:
            asked = linli(made / "data", "token", "--as", "weibin")
        finally:
            os.close(held)
    assert asked.returncode == 1
    assert "Traceback" not in asked.stderr


@pytest.mark.trust(46)
def test_sigterm_under_load_breaks_no_answer_off(
    data: Path, record_property: Callable[[str, object], None]
) -> None:
    """What was begun is answered; then connections are closed, and told to be; sockets too."""
    with serving(data) as served:
        served.until_ready(START)
        seen = asyncio.run(load_until_it_ends(served))
        took = seen.pop("took")
        assert served.process.wait(STOP) == 0, served.said()
    assert seen["whole"] > 50
    assert seen["broken"] == 0
    assert seen["closing"] > 0
    assert seen["sockets"] == [1012]
    assert took < 10
    assert "Traceback" not in served.said()
    record_property("figure", f"{seen['whole']} answers, none broken off; ended in {took:.1f} s")
