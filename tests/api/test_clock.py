"""The clock: what is due is moved once, by whichever worker; what is not, is left alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest_asyncio

from db.listen import Bell
from db.pool import Database
from db.unit_store import whole_place
from jobs.clock import BATCH, fire, run
from tests.api.acting import DISTRICT, GRID, done, reported, standing, verbs
from tests.api.served import Site, key_of

LATE = """
UPDATE ticket SET hop_started_at = hop_started_at - $2::interval,
    next_due_at = next_due_at - $2::interval, hop_due_at = hop_due_at - $2::interval
WHERE locality_id = 'weibin' AND id = $1
"""
ASLEEP = "UPDATE ticket SET next_due_at = NULL"


@pytest_asyncio.fixture
async def quiet(own: Site) -> AsyncIterator[Site]:
    """A site on which nothing is due but what the test makes so."""
    await own.owner.execute(ASLEEP)
    yield own
    assert await own.astray() == []


async def late(site: Site, ticket: str, days: int = 40) -> None:
    """Let a ticket have come to its unit so many days earlier."""
    assert await site.owner.execute(LATE, key_of(ticket), timedelta(days=days)) == "UPDATE 1"


async def fired(site: Site) -> int:
    """Let the clock move what is due in 渭滨."""
    return await fire(site.database, await whole_place(site.database, "weibin"))


async def test_what_is_due_climbs_by_its_rule_and_is_armed_anew(quiet: Site) -> None:
    ticket = await reported(quiet)
    ahead = (await standing(quiet, ticket))["nextHop"]
    await late(quiet, ticket)
    assert await fired(quiet) == 1
    read = await standing(quiet, ticket)
    (hop,) = read["escalationChain"]
    assert (hop["rule"], hop["actor"], hop["reason"]) == (ahead["rule"], None, None)
    assert hop["toUnit"] == read["handler"] == ahead["toUnit"]
    assert hop["toPost"]["holder"]
    assert (read["status"], verbs(read)) == ("REPORTED", ["REPORT", "ESCALATE"])
    assert read["nextHop"]["dueAt"] == hop["dueAt"] > hop["at"]
    assert await fired(quiet) == 0


async def test_nothing_moves_before_its_time(quiet: Site) -> None:
    ticket = await reported(quiet)
    before = await standing(quiet, ticket)
    assert await fired(quiet) == 0
    assert await standing(quiet, ticket) == before


async def test_a_stale_timer_does_nothing_but_is_set_right(quiet: Site) -> None:
    ticket = await reported(quiet)
    before = await standing(quiet, ticket)
    await quiet.owner.execute(
        "UPDATE ticket SET next_due_at = now() - interval '1 hour' WHERE id = $1", key_of(ticket)
    )
    assert await fired(quiet) == 1
    assert await standing(quiet, ticket) == before


async def test_it_climbs_to_the_top_and_rests(quiet: Site) -> None:
    ticket = await reported(quiet)
    for _ in range(20):
        await late(quiet, ticket)
        if not await fired(quiet):
            break
    read = await standing(quiet, ticket)
    assert read["handler"]["name"] == "渭滨区"
    assert read["nextHop"] is None
    sequences = [hop["sequence"] for hop in read["escalationChain"]]
    assert sequences == list(range(1, len(sequences) + 1))


async def test_a_vacant_post_is_not_waited_for(quiet: Site) -> None:
    await quiet.owner.execute("DELETE FROM appointment WHERE locality_id = 'weibin'")
    key = await quiet.owner.fetchval(
        "SELECT id FROM ticket WHERE locality_id = 'weibin' AND status = 'IN_PROGRESS' LIMIT 1"
    )
    hops = await quiet.owner.fetchval("SELECT hops FROM ticket WHERE id = $1", key)
    await quiet.owner.execute(
        "UPDATE ticket SET hop_started_at = now() - interval '60 days', next_due_at = now() "
        "WHERE id = $1",
        key,
    )
    assert await fired(quiet) == 1
    assert await quiet.owner.fetchval("SELECT hops FROM ticket WHERE id = $1", key) == hops + 1


async def test_a_closed_unit_is_passed_over(quiet: Site) -> None:
    ticket = await reported(quiet)
    ahead = (await standing(quiet, ticket))["nextHop"]["toUnit"]["name"]
    await quiet.owner.execute(
        "UPDATE org_unit SET valid_to = CURRENT_DATE WHERE locality_id = 'weibin' AND name = $1",
        ahead,
    )
    await late(quiet, ticket)
    assert await fired(quiet) == 1
    above = (await standing(quiet, ticket))["handler"]["name"]
    assert above not in (ahead, GRID)


async def test_a_verb_and_the_clock_at_once_leave_one_of_them(quiet: Site) -> None:
    """Whoever has the lock first wins; the other finds the ticket moved."""
    ticket = await reported(quiet)
    await late(quiet, ticket)
    place = await whole_place(quiet.database, "weibin")
    await asyncio.gather(
        done(quiet, "ticketAccept", DISTRICT, ticketId=ticket),
        *(fire(quiet.database, place) for _ in range(4)),
    )
    read = await standing(quiet, ticket)
    assert sorted(verbs(read)) in (["ACCEPT", "ESCALATE", "REPORT"], ["ACCEPT", "REPORT"])
    assert len(read["escalationChain"]) == verbs(read).count("ESCALATE")


async def test_many_workers_fire_each_once(quiet: Site) -> None:
    tickets = [await reported(quiet) for _ in range(3 * BATCH // 2)]
    for ticket in tickets:
        await late(quiet, ticket)
    place = await whole_place(quiet.database, "weibin")
    counts = await asyncio.gather(*(fire(quiet.database, place) for _ in range(6)))
    while left := await fire(quiet.database, place):
        counts.append(left)
    assert sum(counts) == len(tickets)
    keys = [key_of(ticket) for ticket in tickets]
    hops = (
        "SELECT count(*), count(DISTINCT ticket_id) FROM escalation_hop WHERE ticket_id = ANY($1)"
    )
    (found,) = await quiet.owner.fetch(hops, keys)
    assert tuple(found) == (len(tickets), len(tickets))


async def moved(site: Site, ticket: str) -> None:
    """Wait, without asking all the time, until a ticket has moved."""
    heard = asyncio.Event()
    owner = await asyncpg.connect(site.scratch.owner_dsn)
    try:
        await owner.add_listener("linli_change", lambda *_: heard.set())
        async with asyncio.timeout(10):
            while not await owner.fetchval("SELECT hops FROM ticket WHERE id = $1", key_of(ticket)):
                await heard.wait()
                heard.clear()
    finally:
        await owner.close()


async def test_a_worker_wakes_by_itself_when_something_is_due(quiet: Site) -> None:
    ticket = await reported(quiet)
    bell = Bell(quiet.scratch.app_dsn)
    database = await Database.connect(quiet.scratch.app_dsn, 2)
    tasks = [asyncio.create_task(bell.run()), asyncio.create_task(run(database, bell))]
    try:
        left = "SELECT next_due_at - now() - interval '1 second' FROM ticket WHERE id = $1"
        soon = await quiet.owner.fetchval(left, key_of(ticket))
        await quiet.owner.execute(LATE, key_of(ticket), soon)
        # Any change of the place has the clock ask what is due next.
        await reported(quiet)
        await moved(quiet, ticket)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()
