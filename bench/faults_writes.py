"""Rows 35 to 40: the same thing at once, and servers and lines that die in the middle."""

import asyncio
import random
import signal
from collections import Counter
from typing import Any
from uuid import uuid4

from bench.client import (
    CHIEF,
    GRID,
    PLACE,
    RESIDENT,
    STEPS,
    Client,
    Ledger,
    calling,
    writing,
)
from bench.ledger import reconcile
from bench.proxy import CUT, proxied
from bench.report import Row
from bench.site import Server, Site, serving

TITLE = "花坛需要整理"


async def same_key(site: Site, times: int) -> Row:
    """Row 35: one key many times at once, with another input, by another, and in a crash."""
    ledger = Ledger()
    async with serving(site) as server, calling(site, server.url, ledger) as client:
        new = await _report(site)
        answers = await _at_once(client, RESIDENT, new, times)
        other = await client.send("ticketReport", RESIDENT, {**new, "title": "另一件事"})
        theirs = await client.send("ticketReport", CHIEF, new)
        crashed = await _report(site)
        await _crash(server, client, crashed, times)
        after = await _at_once(client, RESIDENT, crashed, 1)
    for given in (new, crashed):
        ledger.acknowledged.append(given["clientMutationKey"])
    counted = {
        "tickets": len({each["ticket"]["id"] for each in answers if each}),
        "other input": other["userErrors"][0]["code"],
        "another person": "a ticket of their own" if _other(theirs, answers) else "REPLAYED",
        "after a crash": "answered" if all(after) else "LOST",
    }
    bodies = [new["body"], crashed["body"]]
    times_made = await site.owner.fetch(MADE, bodies)
    made = [row["made"] for row in times_made]
    sound = counted["tickets"] == 1 and made == [2, 1] and counted["other input"] == "KEY_REUSED"
    said = ", ".join(f"{name}: {each}" for name, each in counted.items())
    return Row(35, f"one key {times} × at once", f"{said}; effects {made}", ledger, sound)


MADE = """
SELECT count(t.id) AS made FROM unnest($1::text[]) WITH ORDINALITY AS said(body, n)
LEFT JOIN ticket t ON t.body = said.body GROUP BY n ORDER BY n
"""


async def _report(site: Site) -> dict[str, Any]:
    key = uuid4().hex
    unit = await site.unit(PLACE, GRID)
    words = {"title": TITLE, "body": key, "category": "yard"}
    return {"unitId": unit, **words, "clientMutationKey": key}


async def _at_once(client: Client, by: str, given: dict[str, Any], times: int) -> list[Any]:
    """The payloads of a report sent so many times at once; repeated where not answered."""

    async def one() -> Any:
        while (payload := await client.send("ticketReport", by, given)) is None:
            await asyncio.sleep(0.1)
        return payload

    return await asyncio.gather(*(one() for _ in range(times)))


def _other(theirs: Any, answers: list[Any]) -> bool:
    return bool(theirs) and theirs["ticket"]["id"] != answers[0]["ticket"]["id"]


async def _crash(server: Server, client: Client, given: dict[str, Any], times: int) -> None:
    """Kill the server while it is at it, and start it again."""
    sent = [client.send("ticketReport", RESIDENT, given) for _ in range(times)]
    under_way = asyncio.gather(*sent)
    await asyncio.sleep(0.02)
    await server.end(signal.SIGKILL)
    await under_way
    await server.begin()


async def one_winner(site: Site, times: int) -> Row:
    """Row 36: many claim one ticket at once."""
    ledger = Ledger()
    async with serving(site) as server, calling(site, server.url, ledger) as client:
        ticket = None
        for verb, words in STEPS[:3]:
            ticket = await client.step(verb, words, ticket)
        keys = [uuid4().hex for _ in range(times)]

        async def claim(key: str) -> Any:
            given = {"ticketId": ticket, "note": key, "clientMutationKey": key}
            while (payload := await client.send("ticketSign", CHIEF, given)) is None:
                await asyncio.sleep(0.1)
            return payload

        payloads = await asyncio.gather(*map(claim, keys))
    told = Counter(each["userErrors"][0]["code"] for each in payloads if each["userErrors"])
    winners = [key for key, each in zip(keys, payloads, strict=True) if not each["userErrors"]]
    ledger.acknowledged += winners
    verdict = await reconcile(site.owner, ledger.acknowledged)
    said = f"winners {len(winners)}, refused {dict(told)}; {verdict.text()}"
    sound = len(winners) == 1 and verdict.holds
    return Row(36, f"{times} sign for one ticket at once", said, ledger, sound)


async def no_moves(site: Site) -> list[Row]:
    """Rows 37 and 38: units are neither moved nor removed by the API; the role could not."""
    may = await site.owner.fetchval(MAY)
    said = f"not applicable: no verb does it; the server's role may change units: {may}"
    moved = Row(37, "a unit moved under another", said, Ledger(), not may)
    said = (
        "not applicable: no verb does it, and a profile that is loaded again adds a revision and "
        f"leaves units alone; the server's role may change units: {may}"
    )
    return [moved, Row(38, "a unit with open tickets removed", said, Ledger(), not may)]


MAY = """
SELECT bool_or(has_table_privilege('linli_app', 'org_unit', each)
    OR has_any_column_privilege('linli_app', 'org_unit', each))
    OR has_table_privilege('linli_app', 'org_unit', 'DELETE')
FROM unnest(ARRAY['INSERT', 'UPDATE']) AS each
"""


async def killed(site: Site, times: int) -> Row:
    """Row 39: the server killed again and again while clients write."""
    ledger = Ledger()
    async with serving(site) as server:
        async with writing(site, server.url, ledger):
            for _ in range(times):
                await asyncio.sleep(random.uniform(0.2, 1))
                await server.end(signal.SIGKILL)
                await server.begin()
        verdict = await reconcile(site.owner, ledger.acknowledged)
    did = f"server killed {times} ×, 8 clients writing"
    return Row(39, did, f"{verdict.text()}", ledger, verdict.holds)


async def cut(site: Site, times: int) -> Row:
    """Row 40: the line cut between COMMIT and the answer, then the same key again."""
    ledger = Ledger()
    async with serving(site) as server, proxied(server.port) as proxy:
        async with calling(site, proxy.url, ledger) as client:

            async def one(number: int) -> None:
                for _ in range(number, times, 8):
                    given = await _report(site)
                    await client.send("ticketReport", RESIDENT, given, {CUT: "1"})
                    await _at_once(client, RESIDENT, given, 1)
                    ledger.acknowledged.append(given["clientMutationKey"])

            await asyncio.gather(*map(one, range(8)))
        verdict = await reconcile(site.owner, ledger.acknowledged)
    did = f"{proxy.cut} answers cut off after COMMIT, each sent again"
    return Row(40, did, verdict.text(), ledger, verdict.holds and proxy.cut == times)
