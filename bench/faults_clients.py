"""Rows 45 and 46: clients that hang up, and a server that is told to stop under load."""

import asyncio
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import orjson
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from bench.client import CHIEF, GRID, PLACE, RESIDENT, Client, Ledger
from bench.faults_gone import reading
from bench.report import Row
from bench.site import Server, Site, serving

SOCKETS = 20
LOCK = "LOCK TABLE meeting IN ACCESS EXCLUSIVE MODE"
"""Of a table that no job of the server's own looks at."""

IN_FLIGHT = 4
"""Requests that wait for a lock when the server is told to stop: fewer than may be at work."""

WAITING = """
SELECT count(*) FROM pg_stat_activity WHERE application_name = 'linli' AND wait_event_type = 'Lock'
"""
FOLLOW = "subscription($unit: ID!) { ticketChanged(orgUnitId: $unit) { id } }"
MEETINGS = "query($unit: ID!) { orgUnit(id: $unit) { meetings(first: 1) { nodes { id } } } }"


async def vanished(site: Site, times: int) -> Row:
    """Row 45: a client hangs up while its query waits; how long PostgreSQL still works for it."""
    took: list[float] = []
    async with serving(site) as server, site.superuser() as watching:
        for _ in range(times):
            async with site.superuser() as other, other.transaction():
                await other.execute(LOCK)
                client = Client(site, server.url, Ledger())
                unit = await site.unit(PLACE, GRID)
                asked = asyncio.create_task(client.ask(MEETINGS, CHIEF, unit=unit))
                while not await watching.fetchval(WAITING):
                    await asyncio.sleep(0.01)
                await asyncio.sleep(random.uniform(0, 0.3))
                asked.cancel()
                with suppress(asyncio.CancelledError):
                    await asked
                await client.close()
                began = time.monotonic()
                while await watching.fetchval(WAITING):
                    await asyncio.sleep(0.005)
                took.append(time.monotonic() - began)
    found = f"its query was gone {max(took):.2f} s later at the latest"
    return Row(45, f"a client hung up {times} × in mid-query", found, Ledger(), max(took) <= 1)


@dataclass
class Told:
    """What those who were there were told when the server stopped."""

    answered: int = 0
    codes: dict[int, int] = field(default_factory=dict[int, int])


async def terminated(site: Site, times: int) -> Row:
    """Row 46: SIGTERM under readers, with requests under way and sockets open."""
    told, took, unanswered = Told(), list[float](), 0
    ledger = Ledger()
    for _ in range(times):
        async with serving(site) as server:
            took.append(await _terminate(site, server, told))
            unanswered += IN_FLIGHT
    closed = ", ".join(f"{code} {count} ×" for code, count in sorted(told.codes.items()))
    found = (
        f"{told.answered} of {unanswered} requests under way answered, sockets closed with "
        f"{closed}, ended within {max(took):.1f} s"
    )
    sound = (
        told.answered == unanswered and told.codes == {1012: SOCKETS * times} and max(took) <= 10
    )
    return Row(46, f"SIGTERM {times} × under load", found, ledger, sound)


async def _terminate(site: Site, server: Server, told: Told) -> float:
    """Stop a server that has its hands full; seconds until it was gone."""
    sockets = [asyncio.create_task(_follow(site, server, told)) for _ in range(SOCKETS)]
    async with reading(site, server.url):
        await asyncio.sleep(1)
        async with site.superuser() as other, site.superuser() as watching:
            transaction = other.transaction()
            await transaction.start()
            await other.execute(LOCK)
            asked = [asyncio.create_task(_slow(site, server, told)) for _ in range(IN_FLIGHT)]
            while await watching.fetchval(WAITING) < IN_FLIGHT // 2:
                await asyncio.sleep(0.01)
            began = time.monotonic()
            ending = asyncio.create_task(server.end())
            await asyncio.sleep(0.5)
            await transaction.rollback()
        await ending
        took = time.monotonic() - began
        await asyncio.gather(*asked, *sockets)
    return took


async def _slow(site: Site, server: Server, told: Told) -> None:
    """A request that waits for a lock, by somebody who is not among the readers."""
    headers = {"authorization": f"Bearer {await site.token(RESIDENT)}"}
    body = {"query": MEETINGS, "variables": {"unit": await site.unit(PLACE, GRID)}}
    async with httpx.AsyncClient(timeout=30) as client:
        with suppress(httpx.TransportError):
            answer = await client.post(f"{server.url}/graphql", json=body, headers=headers)
            told.answered += answer.status_code == 200


async def _follow(site: Site, server: Server, told: Told) -> None:
    """A subscriber, until it is told to go."""
    url = server.url.replace("http", "ws", 1) + "/graphql"
    token = await site.token(CHIEF)
    async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")]) as wire:
        begin = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}
        await wire.send(orjson.dumps(begin).decode())
        await wire.recv()
        payload = {"query": FOLLOW, "variables": {"unit": await site.unit(PLACE, GRID)}}
        follow = {"type": "subscribe", "id": "1", "payload": payload}
        await wire.send(orjson.dumps(follow).decode())
        try:
            while True:
                await wire.recv()
        except ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd else 1006
            told.codes[code] = told.codes.get(code, 0) + 1
