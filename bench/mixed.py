"""`python -m bench.mixed`: 50 viewers on 4 connections, with cancellations and killed backends.

Every answer must be the very bytes that its viewer is given when nobody else is there.
"""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

import asyncpg
import orjson

from bench.report import record
from bench.site import Site, open_site
from db.failures import TRANSIENT
from db.pool import Database
from db.scope import PUBLIC, Scope
from schema.api import API
from server.context import Context
from server.errors import code_of

ROW, VIEWERS, CONNECTIONS, AT_ONCE = 27, 50, 4, 16
CANCELLED, KILL_SECONDS = 0.15, 0.05
"""How many in a hundred requests are given up, and how often a backend is killed."""

ENTERED = 0.8
"""How many are read as the server reads what it knows: by a statement that enters the scope itself."""

QUESTIONS = (
    "{ viewer { person { id name private { phone } } } localities { slug } }",
    """query($place: String!) { viewer { person { id } } tickets(locality: $place, first: 50) {
        totalCount nodes { id title reporter { id name } events { nodes { note actor { id } } } }
    } }""",
    """query($place: String!) { viewer { person { id } } serviceRecords(locality: $place, first: 50) {
        totalCount nodes { id note recipient { id } visit { needs } }
    } }""",
    """query($place: String!) { viewer { person { id } } orgUnits(locality: $place, first: 50) {
        nodes { id people { totalCount nodes { id name private { phone address } } } }
    } }""",
)

PEOPLE = "SELECT locality_id, id FROM person ORDER BY locality_id, id"
KILL = """
SELECT count(pg_terminate_backend(pid)) FROM (
    SELECT pid FROM pg_stat_activity
    WHERE application_name = 'linli' AND datname = current_database() ORDER BY random() LIMIT 1
) AS one
"""


@dataclass
class Mixed:
    """What came of it."""

    right: int = 0
    cancelled: int = 0
    killed: int = 0
    failed: Counter[str] = field(default_factory=Counter[str])
    """Errors by code: none of them shows anything."""
    wrong: list[tuple[Scope, bytes]] = field(default_factory=list[tuple[Scope, bytes]])
    """Answers that were not the viewer's own."""


async def scopes(
    database: Database, owner: "asyncpg.Connection[asyncpg.Record]", most: int
) -> list[Scope]:
    """So many people and what they may see, and the public."""
    people = await owner.fetch(PEOPLE)
    Random(ROW).shuffle(people)
    found = [await database.scope_of(row["locality_id"], row["id"]) for row in people[: most - 1]]
    return [PUBLIC, *(each for each in found if each is not None)]


async def answer(
    database: Database, viewer: Scope, text: str, place: str, *, entered: bool = False
) -> bytes:
    """What a viewer is told; raises what a broken database raises.

    `entered`: by a statement that enters the scope itself, as reads of the server do.
    """
    given = {"place": place} if "$place" in text else {}
    context = Context(database, viewer, remembered=entered)
    result = await API.execute(text, variable_values=given, context_value=context)
    assert not result.errors, result.errors
    return orjson.dumps(result.data)


async def mixed(
    database: Database,
    killer: "asyncpg.Connection[asyncpg.Record]",
    viewers: Sequence[Scope],
    places: Sequence[str],
    count: int,
    seed: int = ROW,
) -> Mixed:
    """Ask alone what each is told; then all at once, and compare."""
    asked = [(viewer, text, place) for viewer in viewers for text in QUESTIONS for place in places]
    alone = {each: await answer(database, *each) for each in asked}
    assert len(set(alone.values())) > len(viewers) * 2
    random, found, gate = Random(seed), Mixed(), asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        case, given_up = random.choice(asked), random.random() < CANCELLED
        async with gate:
            task = asyncio.create_task(answer(database, *case, entered=random.random() < ENTERED))
            if given_up:
                await asyncio.sleep(random.uniform(0, 0.01))
                task.cancel()
            try:
                body = await task
            except asyncio.CancelledError:
                found.cancelled += 1
            except TRANSIENT as error:
                found.failed[code_of(error)] += 1
            else:
                found.right += body == alone[case]
                found.wrong += [] if body == alone[case] else [(case[0], body)]

    async def kill() -> None:
        while True:
            await asyncio.sleep(KILL_SECONDS)
            found.killed += await killer.fetchval(KILL)

    killing = asyncio.create_task(kill())
    try:
        await asyncio.gather(*(one() for _ in range(count)))
    finally:
        killing.cancel()
        with suppress(asyncio.CancelledError):
            await killing
    return found


def told(found: Mixed, viewers: int) -> str:
    """It in words."""
    return (
        f"{viewers} viewers on {CONNECTIONS} connections: {found.right:,} answers their own, "
        f"{found.cancelled:,} given up, {found.killed:,} backends killed, "
        f"{sum(found.failed.values()):,} told to try again, {len(found.wrong)} foreign"
    )


async def main() -> None:
    """Mix, and keep what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    count = parser.parse_args().count
    start = time.perf_counter()
    async with open_site() as site:
        figure, ok = await _over(site, count)
    print(figure, f"in {time.perf_counter() - start:.0f} s")
    record(ROW, figure, ok, f"python -m bench.mixed --count {count}")


async def _over(site: Site, count: int) -> tuple[str, bool]:
    database = await Database.connect(site.embedded.app_dsn, CONNECTIONS)
    viewers = await scopes(database, site.owner, VIEWERS)
    places: list[Any] = [
        row[0] for row in await site.owner.fetch("SELECT id FROM locality LIMIT 2")
    ]
    async with site.superuser() as killer:
        found = await mixed(database, killer, viewers, places, count)
    await database.close()
    return told(found, len(viewers)), not found.wrong and found.right > count / 2


if __name__ == "__main__":
    asyncio.run(main())
