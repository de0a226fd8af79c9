"""Row 47: thousands of tickets fall due, several workers share them, and some of them are killed."""

import asyncio
import random
import signal
import time
from dataclasses import dataclass

from bench.client import PLACE, Ledger
from bench.ledger import flaws
from bench.report import Row
from bench.site import Process, Site
from db.load.simulate import FUNCTIONS

WORKERS, UP = 4, 2
"""How many there are, and how many of them are up whenever one is killed."""

PATIENCE = 300
CALM = 20
"""Seconds over which tickets fall due when nothing dies."""

SECONDS_A_KILL = 3
LEAD = 3.0
"""Seconds before the first falls due: all workers know of it by then."""

# Reports that came to the place's grids just so long ago that their time there, 4 hours by the
# rule, is up `$3` seconds from now, the last of them `$4` seconds later.
DUE = """
CREATE TEMPORARY TABLE due AS
WITH grid AS (
    SELECT u.*, row_number() OVER (ORDER BY u.path) - 1 AS n, count(*) OVER () AS of_all
    FROM org_unit u WHERE u.locality_id = '{place}' AND u.level_code = 'grid'
)
SELECT i, pg_temp.key(now(), 'due{started}-' || i) AS id, grid.id AS unit_id, grid.parent_id,
    grid.path, now() + make_interval(secs => {lead} + {spread} * i / {count}.0) AS due_at,
    now() + make_interval(secs => {lead} + {spread} * i / {count}.0, hours => -4) AS at
FROM generate_series(1, {count}) AS i JOIN grid ON grid.n = i % grid.of_all
"""
TICKETS = """
INSERT INTO ticket (locality_id, id, number, title, status, severity, appeal_type, channel,
    category_code, profile_revision, unit_id, unit_path, handler_unit_id, handler_path, created_at,
    hop_started_at, hop_due_at, next_due_at, next_route, next_rule, next_unit_id,
    body, returnable, hops)
SELECT l.id, d.id, d.id::text, '楼道灯不亮', 'REPORTED', 'HARD', 'HELP', 'APP', 'utilities',
    l.revision, d.unit_id, d.path, d.unit_id, d.path, d.at, d.at, d.due_at, d.due_at,
    'UP', 'grid_hard', d.parent_id, '', true, 0
FROM due d JOIN locality l ON l.id = '{place}';
INSERT INTO ticket_event (locality_id, id, ticket_id, sequence, verb, to_status, at, unit_path,
    handler_path)
SELECT '{place}', pg_temp.key(at, 'event' || id), id, 1, 'REPORT', 'REPORTED', at, path, path
FROM due;
INSERT INTO ticket_scope (locality_id, path, created_at, ticket_id, status, open)
SELECT '{place}', left(path, 4 * n), at, id, 'REPORTED', true
FROM due, LATERAL generate_series(1, length(path) / 4) AS n;
INSERT INTO change (locality_id, id, noun, key, verb, at, unit_path, handler_path,
    was_handler_path)
SELECT '{place}', pg_temp.key(at, 'change' || id), 'TICKET', id, 'REPORT', at, path, path, path
FROM due;
NOTIFY linli_change, '{place} TICKET {none} {none} 0000 0000 0000'
"""
NONE = "00000000-0000-7000-8000-000000000000"

LEFT = "SELECT count(*) FROM ticket t JOIN due USING (id) WHERE t.hops = 0"
FIRED = """
WITH fired AS (
    SELECT due.id, count(e.id) AS times, extract(epoch FROM min(e.at) - due.due_at)::float8 AS late,
        min(e.at) AS at
    FROM due LEFT JOIN ticket_event e ON e.locality_id = '{place}' AND e.ticket_id = due.id
        AND e.verb = 'ESCALATE'
    GROUP BY due.id, due.due_at
)
SELECT count(*) FILTER (WHERE times = 0) AS missed, count(*) FILTER (WHERE times > 1) AS doubled,
    count(*) FILTER (WHERE late < 0) AS early,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY late) AS median,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY late) AS p99, max(late) AS latest,
    count(*) / greatest(extract(epoch FROM max(at) - min(at)), 0.001)::float8 AS rate
FROM fired
"""
LISTENING = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'linli bell'"


@dataclass(frozen=True)
class Fall:
    """So many tickets that fall due within so many seconds."""

    count: int
    spread: float


async def timers(site: Site, count: int, kills: int) -> list[Row]:
    """The calm case; all at once, workers killed until it is done; and killed all the while."""
    workers = [Process(site, "worker") for _ in range(WORKERS)]
    for each in workers:
        await each.begin()
    killer = Killer(site, workers)
    try:
        await killer.until_up(WORKERS)
        await _fall_due(site, Fall(count, CALM))
        await _until_fired(site)
        rows = [await _row(site, f"{count:,} timers over {CALM} s, 4 workers", latest=5)]
        await _fall_due(site, Fall(count, 0))
        await asyncio.sleep(LEAD)
        while await site.owner.fetchval(LEFT):
            await killer.strike()
        did = f"{count:,} timers at once, 4 workers, {killer.struck} kill -9 meanwhile"
        rows.append(await _row(site, did))
        more = max(kills - killer.struck, 1)
        await _fall_due(site, Fall(count, more * SECONDS_A_KILL))
        amid = [await killer.strike() for _ in range(more)]
        await _until_fired(site)
        did = f"{count:,} timers over {more * SECONDS_A_KILL} s, 4 workers, {sum(amid)} kill -9"
        return [*rows, await _row(site, did, latest=5)]
    finally:
        for each in workers:
            await each.end()


class Killer:
    """Kills one worker after another, and starts it anew."""

    def __init__(self, site: Site, workers: list[Process]) -> None:
        self._site = site
        self._workers = workers
        self.struck = 0

    async def until_up(self, count: int) -> None:
        """Wait until so many workers listen."""
        async with asyncio.timeout(PATIENCE):
            while await self._site.owner.fetchval(LISTENING) < count:
                await asyncio.sleep(0.05)

    async def strike(self) -> bool:
        """Kill one of those that are up, the others going on; whether there was work left."""
        await self.until_up(UP)
        await asyncio.sleep(random.uniform(0, 0.5))
        amid = bool(await self._site.owner.fetchval(LEFT))
        # Those started last are last in the list, and perhaps not up yet.
        unlucky = self._workers.pop(random.randrange(UP))
        await unlucky.end(signal.SIGKILL)
        await unlucky.begin()
        self._workers.append(unlucky)
        self.struck += 1
        return amid


async def _fall_due(site: Site, fall: Fall) -> None:
    facts = {"place": PLACE, "lead": LEAD, "none": NONE, "started": time.time_ns()}
    async with site.owner.transaction():
        await site.owner.execute("DROP TABLE IF EXISTS due; " + FUNCTIONS.format(seed=1))
        await site.owner.execute(DUE.format(count=fall.count, spread=fall.spread, **facts))
        await site.owner.execute(TICKETS.format(**facts))


async def _until_fired(site: Site) -> None:
    async with asyncio.timeout(PATIENCE):
        while await site.owner.fetchval(LEFT):
            await asyncio.sleep(0.1)


async def _row(site: Site, did: str, latest: float | None = None) -> Row:
    (found,) = await site.owner.fetch(FIRED.format(place=PLACE))
    wrong = await flaws(site.owner)
    told = (
        f"missed {found['missed']}, doubled {found['doubled']}, early {found['early']}, "
        f"half-applied {wrong or 0}; late median {found['median']:.2f} s, p99 {found['p99']:.2f} s,"
        f" max {found['latest']:.2f} s; {found['rate']:.0f} a second"
    )
    once = not (found["missed"] or found["doubled"] or found["early"] or wrong)
    in_time = latest is None or found["latest"] <= latest
    return Row(47, did, told, Ledger(), once and in_time)
