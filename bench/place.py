"""The simulated place that everything is measured on, and the four requests over it.

BENCH_DATA names the folder of its database (made on first use), BENCH_TICKETS and BENCH_UNITS its
size. A place of more than 500,000 tickets is simulated in part and multiplied (`bench.multiply`).
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from uuid import UUID

import asyncpg

from bench.by_hand import STATEMENTS
from bench.multiply import multiply
from db.embedded import Embedded
from db.load.copy import Owner
from db.load.simulate import simulate
from db.migrate import migrate
from server.progress import bar

DATA = Path(os.environ.get("BENCH_DATA") or ".linli-bench")
TICKETS = int(os.environ.get("BENCH_TICKETS") or 500_000)
UNITS = int(os.environ.get("BENCH_UNITS") or TICKETS * 67 // 500)
SIMULATED = 500_000
"""Tickets, at most, that are simulated one by one."""
PLACE = "simulated"
STATUSES = ["DISPATCHED", "IN_PROGRESS", "RESOLVED"]

IDS = """
WITH community AS (
    SELECT u.id, u.parent_id, u.path, (SELECT count(*) FROM org_unit d WHERE d.locality_id = $1
        AND d.path >= u.path AND d.path < u.path || '~') AS size
    FROM org_unit u WHERE u.locality_id = $1 AND length(u.path) = 12 ORDER BY u.path LIMIT 50)
SELECT (SELECT id FROM community ORDER BY abs(size - 290), path LIMIT 1) AS tree,
    (SELECT parent_id FROM community ORDER BY path LIMIT 1) AS board,
    (SELECT parent_id FROM community ORDER BY path LIMIT 1) AS list,
    (SELECT ticket_id FROM escalation_hop WHERE locality_id = $1 AND sequence = 4
     ORDER BY ticket_id LIMIT 1) AS chain
"""

ROOT = (
    "SELECT path FROM org_unit WHERE locality_id = $1 AND parent_id IS NULL ORDER BY path LIMIT 1"
)

HEADS = """
SELECT person_id FROM appointment
WHERE locality_id = $1 AND unit_path = left(unit_path, 4) AND valid_to > CURRENT_DATE
ORDER BY unit_path, person_id LIMIT 1
"""
"""Who serves the whole place."""

UNSETTLED = """
SELECT sum((
    SELECT count(*) FROM ticket t WHERE t.locality_id = l.id AND t.next_due_at < now()
) + (
    SELECT count(*) FROM generate_series(
        date_trunc('month', (SELECT t.created_at FROM ticket t WHERE t.locality_id = l.id
            ORDER BY t.created_at, t.id LIMIT 1) AT TIME ZONE l.time_zone),
        date_trunc('month', now() AT TIME ZONE l.time_zone) - interval '1 month',
        '1 month') AS past
    WHERE NOT EXISTS (
        SELECT FROM statistic_month s WHERE s.locality_id = l.id AND s.month = past::date)
)) FROM locality l
"""
"""Tickets whose time has come, and months whose counts are not published."""

SETTLING = 1_800
"""Seconds that a server has for them."""


@dataclass(frozen=True)
class Request:
    """One of the four requests with its variables, and what the SQL by hand is given."""

    name: str
    query: str
    variables: dict[str, object]
    values: list[object]


def requests(ids: Mapping[str, UUID]) -> list[Request]:
    """The four requests over the ids found."""
    made: list[Request] = []
    for name in STATEMENTS:
        key = ids[name]
        tag = "ticket" if name == "chain" else "unit"
        query = (files("server") / "examples" / f"{name}.graphql").read_text()
        variables: dict[str, object] = {"id": f"{tag}_{PLACE}_{key}"}
        values: list[object] = [PLACE, key]
        if name == "list":
            variables["status"] = STATUSES
            values.append(STATUSES)
        made.append(Request(name, query, variables, values))
    return made


async def ready(embedded: Embedded, units: int = UNITS, tickets: int = TICKETS) -> Owner:
    """Bring the schema up to date, make the place if need be; the owner's connection."""
    await migrate(embedded.owner_dsn)
    owner = await asyncpg.connect(embedded.owner_dsn)
    if not await owner.fetchval("SELECT EXISTS (SELECT FROM locality WHERE id = $1)", PLACE):
        times = -(-tickets // SIMULATED)
        with bar("Simulating tickets", tickets // times) as done:
            print((await simulate(owner, units // times, tickets // times, done)).text())
        if times > 1:
            print("\n".join(await multiply(owner, PLACE, times)))
        await owner.execute("VACUUM (ANALYZE)")
    return owner


async def settled(owner: Owner) -> None:
    """Wait until a server has done what fell due meanwhile: it is none of the load."""
    for _ in range(SETTLING):
        if not await owner.fetchval(UNSETTLED):
            return
        await asyncio.sleep(1)
    print("The server is not done with what fell due: it works beside the load.", file=sys.stderr)
