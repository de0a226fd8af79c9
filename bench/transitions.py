"""`python -m bench.transitions`: verbs a second, beside the same transaction written by hand.

The verbs are RESOLVE and REWORK in turn, each under a key of its own, fsync on. Rounds are
interleaved, so that whatever else the machine does falls on all; medians are given.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

from bench.client import CHIEF, STEPS, Client, Ledger, introduce
from bench.site import Site, open_site, serving
from bench.transitions_by_hand import ByHand
from compiler.ids import GlobalId
from db.pool import Database
from db.scope import Scope
from domain.terms import TicketVerb
from resolvers.caller import Work, once
from resolvers.ticket_write import Act, act
from server.context import Context
from server.people import find

ROUNDS = int(os.environ.get("BENCH_ROUNDS") or 9)
SECONDS = float(os.environ.get("BENCH_SECONDS") or 2)
CLIENTS = (1, 16)

Step = Callable[[str, TicketVerb], Awaitable[None]]
"""Carries a verb out on a ticket."""


@dataclass
class Driver:
    """One way of doing it, and how fast each round went."""

    name: str
    step: Step
    rates: list[float]


def in_process(database: Database, scope: Scope) -> Step:
    """The server's own write path, without HTTP and without reading the ticket back."""
    caller = Context(database, scope)

    async def step(ticket: str, verb: TicketVerb) -> None:
        key = uuid4().hex
        given = {"ticket_id": ticket, "words": key}
        where = GlobalId("ticket", scope.locality, UUID(ticket.rpartition("_")[2]))
        asked = Act(verb, where, key)

        async def effect(work: Work) -> UUID:
            return await act(work, asked)

        outcome = await once(caller, verb, given, key, effect)
        assert outcome.key, outcome

    return step


def over_http(clients: dict[str, Client]) -> Step:
    """A request to a server in a process of its own."""
    words = {TicketVerb.RESOLVE: "resolution", TicketVerb.REWORK: "reason"}

    async def step(ticket: str, verb: TicketVerb) -> None:
        name = f"ticket{verb.capitalize()}"
        given = {"ticketId": ticket}
        await clients[ticket].settle(name, CHIEF, words[verb], given)

    return step


async def drive(step: Step, tickets: list[str]) -> float:
    """Transitions a second, one client to a ticket."""
    done = 0
    began = time.perf_counter()

    async def one(ticket: str) -> None:
        nonlocal done
        while time.perf_counter() - began < SECONDS:
            # In pairs: the ticket is left as it was.
            for verb in (TicketVerb.RESOLVE, TicketVerb.REWORK):
                await step(ticket, verb)
                done += 1

    await asyncio.gather(*map(one, tickets))
    return done / (time.perf_counter() - began)


async def in_progress(client: Client) -> str:
    """A ticket that is being worked on."""
    ticket = None
    for verb, words in STEPS[:4]:
        ticket = await client.step(verb, words, ticket)
    assert ticket is not None
    return ticket


async def measure(drivers: list[Driver], tickets: list[str]) -> None:
    """Rounds of all drivers in turn; one line each."""
    for driver in drivers:
        driver.rates.clear()
        await drive(driver.step, tickets)  # statements are prepared, connections opened
    for _ in range(ROUNDS):
        for driver in drivers:
            driver.rates.append(await drive(driver.step, tickets))
    by_hand = statistics.median(drivers[0].rates)
    for driver in drivers:
        rate = statistics.median(driver.rates)
        share = f"{by_hand / rate:5.2f}"
        print(f"{len(tickets):7} {driver.name:12} {rate:9.0f} {share}", flush=True)


async def compare(site: Site, url: str) -> None:
    """All drivers at each number of clients."""
    clients = [Client(site, url, Ledger()) for _ in range(max(CLIENTS))]
    tickets = [await in_progress(client) for client in clients]
    (chief,) = await find(site.embedded.owner_dsn, CHIEF)
    database = await Database.connect(site.embedded.app_dsn, max(CLIENTS))
    scope = await database.scope_of(chief.locality, chief.person)
    assert scope is not None
    async with ByHand.open(site.embedded.app_dsn, scope, max(CLIENTS)) as by_hand:
        drivers = [
            Driver("by hand", by_hand.step, []),
            Driver("in process", in_process(database, scope), []),
            Driver("over HTTP", over_http(dict(zip(tickets, clients, strict=True))), []),
        ]
        print(f"{'clients':>7} {'':12} {'a second':>9} {'by hand / it':>5}")
        for count in CLIENTS:
            await measure(drivers, tickets[:count])
    await database.close()
    for client in clients:
        await client.close()


async def main() -> None:
    """Make the place, serve it, and measure."""
    async with open_site() as site:
        await introduce(site)
        async with serving(site, {"LINLI_POOL_SIZE": str(max(CLIENTS))}) as server:
            await compare(site, server.url)


if __name__ == "__main__":
    asyncio.run(main())
