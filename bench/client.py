"""Clients that keep a ledger: what they sent, under which key, and what they were told."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from bench.site import Site

PLACE = "weibin"
GRID, COMMUNITY = "宝氮二区网格", "姜谭路西社区"
RESIDENT, CHIEF = f"{PLACE}/{GRID}/resident", f"{PLACE}/{COMMUNITY}"
PATIENCE = 120
"""Seconds until a client gives up."""

STEPS = (
    ("ticketReport", "body"),
    ("ticketAccept", "note"),
    ("ticketDispatch", "note"),
    ("ticketSign", "note"),
    ("ticketEscalate", "reason"),
    ("ticketSign", "note"),
    ("ticketReturn", "reason"),
    ("ticketSign", "note"),
    ("ticketResolve", "resolution"),
    ("ticketRework", "reason"),
)
"""A ticket's life as each client drives it, and what each verb calls the words."""

DOCUMENT = """
mutation ($input: %sInput!) {
  %s(input: $input) { ticket { id } userErrors { code field } }
}
"""


@dataclass
class Ledger:
    """What all clients of a run were told."""

    acknowledged: list[str] = field(default_factory=list[str])
    """Keys of mutations that were carried out."""
    codes: Counter[str] = field(default_factory=Counter[str])
    """Answers that were none: by code, or `no answer`."""
    longest: float = 0
    """Seconds from the first sending of a mutation to its answer, at worst."""
    sent: float = 0
    """Seconds that one sending of a mutation took, answered or not, at worst."""

    def seen(self) -> str:
        """The answers that were none, as text."""
        said = ", ".join(f"{code} {count}" for code, count in sorted(self.codes.items()))
        return said or "none"


class Client:
    """Somebody with a phone that repeats what was not answered."""

    def __init__(self, site: Site, url: str, ledger: Ledger) -> None:
        self._site = site
        self._url = f"{url}/graphql"
        self._ledger = ledger
        self._http = httpx.AsyncClient(timeout=30, limits=httpx.Limits(max_connections=None))

    async def close(self) -> None:
        """Hang up."""
        await self._http.aclose()

    async def ask(
        self, query: str, by: str, headers: Mapping[str, str] | None = None, **variables: Any
    ) -> Any:
        """The data of one request; None if it failed, which is counted."""
        token = {"authorization": f"Bearer {await self._site.token(by)}", **(headers or {})}
        try:
            body = {"query": query, "variables": variables}
            answer = await self._http.post(self._url, json=body, headers=token)
            told = answer.json()
        except (httpx.TransportError, ValueError):
            self._ledger.codes["no answer"] += 1
            return None
        if answer.status_code in (429, 503) and "retry-after" not in answer.headers:
            self._ledger.codes["no Retry-After"] += 1
        for error in told.get("errors", ()):
            self._ledger.codes[f"{answer.status_code} {error['extensions']['code']}"] += 1
        return told.get("data")

    async def send(
        self, verb: str, by: str, given: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Any:
        """The payload of one mutation; None if it was not answered."""
        query = DOCUMENT % (f"{verb[0].upper()}{verb[1:]}", verb)
        began = time.monotonic()
        data = await self.ask(query, by, headers, input=given)
        self._ledger.sent = max(self._ledger.sent, time.monotonic() - began)
        return data and data[verb]

    async def settle(self, verb: str, by: str, words: str, given: Mapping[str, Any]) -> str:
        """Send a mutation under one key until it is answered; the ticket's id."""
        key, began = uuid4().hex, time.monotonic()
        sent = {**given, words: key, "clientMutationKey": key}
        async with asyncio.timeout(PATIENCE):
            while (payload := await self.send(verb, by, sent)) is None:
                await asyncio.sleep(random.uniform(0.02, 0.2))
        if payload["userErrors"]:
            raise AssertionError(f"{verb} was refused: {payload['userErrors']}")
        self._ledger.longest = max(self._ledger.longest, time.monotonic() - began)
        self._ledger.acknowledged.append(key)
        return payload["ticket"]["id"]

    async def report(self) -> str:
        """Make a new ticket, whatever it takes; its id."""
        return await self.step(*STEPS[0], None)

    async def step(self, verb: str, words: str, ticket: str | None) -> str:
        """Take a ticket one step further; its id."""
        grid = await self._site.unit(PLACE, GRID)
        if ticket is None:
            new = {"unitId": grid, "title": "花坛需要整理", "category": "yard"}
            return await self.settle(verb, RESIDENT, words, new)
        given: dict[str, Any] = {"ticketId": ticket}
        if verb in ("ticketDispatch", "ticketReturn"):
            given["unitId"] = grid
        return await self.settle(verb, CHIEF, words, given)

    async def live(self, stop: asyncio.Event) -> None:
        """Drive one ticket after another through its life."""
        while True:
            ticket = None
            for verb, words in STEPS:
                if stop.is_set():
                    return
                ticket = await self.step(verb, words, ticket)


async def introduce(site: Site) -> None:
    """Look up whom clients speak for, before several of them do at once."""
    for who in (RESIDENT, CHIEF):
        await site.token(who)
    await site.unit(PLACE, GRID)


@asynccontextmanager
async def calling(site: Site, url: str, ledger: Ledger) -> AsyncGenerator[Client]:
    """A client for a while."""
    client = Client(site, url, ledger)
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def writing(site: Site, url: str, ledger: Ledger, clients: int = 8) -> AsyncGenerator[None]:
    """Clients that write all the while, and finish what they began."""
    stop = asyncio.Event()
    callers = [Client(site, url, ledger) for _ in range(clients)]
    tasks = [asyncio.create_task(each.live(stop)) for each in callers]
    try:
        yield
    finally:
        stop.set()
        try:
            await asyncio.gather(*tasks)
        finally:
            for each in callers:
                await each.close()
