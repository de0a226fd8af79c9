"""`python -m bench.fuzz --count 100000`: operations that are wrong, and the words they are told.

No answer may be a 500, nor hold a word of the driver, of SQL, of a path or of a table.
"""

import argparse
import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import orjson

from bench.hostile import Fuzzer
from bench.report import record
from bench.site import Site, open_site
from db.pool import Database
from db.tables import METADATA
from server.app import make_app
from server.people import find
from server.progress import bar
from server.tokens import Identity, issue, signing_key

ROW, SEED = 12, 12
AT_ONCE = 8
PLACE = "weibin"

TABLES = {name for name in METADATA.tables if "_" in name} | {"pg_catalog", "linli_"}
WORDS = (
    "asyncpg",
    "psycopg",
    "postgres",
    "sqlalchemy",
    "strawberry",
    "graphql.",
    "Traceback",
    "site-packages",
    ".py",
    "SELECT",
    "INSERT",
    "UPDATE ",
    "JSON_OBJECT",
    "relation ",
    "syntax error",
    "invalid byte",
    "codec",
    "set_int_max_str_digits",
    "NoneType",
    "object has no attribute",
    "Did you mean",
    "0x7",
)
"""What a driver, a database or a stack would say, and a guess at names."""


def said(body: bytes) -> Iterator[str]:
    """What an answer's errors tell, whole."""
    for error in orjson.loads(body).get("errors", ()):
        yield orjson.dumps(error).decode()


def unwelcome(sent: str, status: int, body: bytes) -> list[str]:
    """What is wrong with an answer; what was sent may be repeated."""
    found = [f"status {status}"] if status >= 500 else []
    for text in said(body):
        found += [word for word in (*WORDS, *TABLES) if word in text and word not in sent]
        if '"INTERNAL"' in text:
            found.append("INTERNAL")
    return found


@dataclass
class Found:
    """What came of so many operations."""

    wrong: Counter[str] = field(default_factory=Counter[str])
    """What should not have been said, and how often."""
    statuses: Counter[int] = field(default_factory=Counter[int])


async def send(
    client: httpx.AsyncClient, found: Found, document: str, variables: dict[str, Any]
) -> None:
    """Send one operation, and look at what comes."""
    try:
        body = orjson.dumps({"query": document, "variables": variables})
    except TypeError:  # what JSON itself cannot hold
        return
    answer = await client.post("/graphql", content=body)
    found.statuses[answer.status_code] += 1
    found.wrong.update(unwelcome(body.decode(), answer.status_code, answer.content))


async def fuzz(
    client: httpx.AsyncClient, count: int, done: Callable[[int], Any] = bool, seed: int = SEED
) -> Found:
    """Send so many, a few at a time."""
    fuzzer, found = Fuzzer(seed), Found()
    for start in range(0, count, AT_ONCE):
        some = [fuzzer.one() for _ in range(AT_ONCE)]
        await asyncio.gather(*(send(client, found, *each) for each in some))
        done(start)
    return found


async def over(site: Site, count: int) -> Found:
    """The same over the six places, in this process."""
    database = await Database.connect(site.embedded.app_dsn, AT_ONCE)
    (person,) = await find(site.embedded.owner_dsn, PLACE)
    key = signing_key(site.secret, site.folder)
    token = issue(key, Identity(person.locality, person.person))
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    transport = httpx.ASGITransport(make_app(database, key, demo=True), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://linli.test", headers=headers
    ) as client:
        with bar("fuzzed", count) as done:
            found = await fuzz(client, count, done)
    await database.close()
    return found


async def main() -> None:
    """Fuzz, and keep what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100_000)
    count = parser.parse_args().count
    start = time.perf_counter()
    async with open_site() as site:
        found = await over(site, count)
    took, wrong = time.perf_counter() - start, dict(found.wrong)
    figure = f"{count:,} fuzzed answers in {took:.0f} s: {wrong or 'no word of what is within'}"
    print(figure, dict(found.statuses))
    record(ROW, figure, not wrong, f"python -m bench.fuzz --count {count}")


if __name__ == "__main__":
    asyncio.run(main())
