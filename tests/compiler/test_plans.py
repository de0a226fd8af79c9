"""What the plans of reads come by: rows found by their indexes, and no more as the place grows.

A simulated place is asked, made several times as large, and asked the same again.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
import pytest_asyncio

from bench.multiply import multiply
from bench.place import PLACE, Request
from db.embedded import Embedded
from db.load.copy import Owner
from db.load.simulate import simulate
from db.policies import APP_ROLE
from db.pool import SETTINGS, Database
from db.scope import Scope
from db.ticket_lock import DUE
from tests.compiler.plans import (
    CHILDREN,
    NEEDED,
    PLANNERS,
    RECORDS,
    Plan,
    all_requests,
    head_of,
    plan,
)
from tests.conftest import make_scratch, with_database

UNITS, TICKETS, TIMES = 600, 1_500, 4
DEEP = 700
"""About the middle of the place's list while it is small."""

PAGE = 50
"""Tickets that the list asks for, where nothing else is said."""

MORE = 1.2
"""By how much what is read may grow."""

Plans = dict[tuple[str, str], Plan]
"""By request and planner."""

EACH = pytest.mark.parametrize(
    ("request_", "planner"), [(name, planner) for name in NEEDED for planner in PLANNERS]
)

WITHOUT = [
    ("tree", f"DROP INDEX {CHILDREN}"),
    ("board", f"DROP INDEX {RECORDS}"),
    ("chain", "ALTER TABLE escalation_hop DROP CONSTRAINT pk_escalation_hop"),
    ("list", "DROP INDEX ix_ticket_scope_status"),
    ("whole place", "ALTER TABLE ticket_scope DROP CONSTRAINT pk_ticket_scope"),
    ("rare status", "DROP INDEX ix_ticket_scope_status"),
    ("rare status, oldest first", "DROP INDEX ix_ticket_scope_status"),
    ("rare status of the locality", "DROP INDEX ix_ticket_status"),
    ("deep in the whole place", "ALTER TABLE ticket_scope DROP CONSTRAINT pk_ticket_scope"),
]


@dataclass(frozen=True)
class Grown:
    """A place that has grown, and the plans before and after."""

    asked: dict[str, Request]
    scope: Scope
    small: Plans
    large: Plans
    admin: Owner
    """Who may take an index away."""


@pytest_asyncio.fixture(scope="module")
async def grown(server: Embedded, template: str) -> AsyncIterator[Grown]:
    """The place, grown."""
    scratch = await make_scratch(server, template)
    admin_dsn = with_database(server.superuser_dsn, urlsplit(scratch.owner_dsn).path[1:])
    owner = await asyncpg.connect(scratch.owner_dsn)
    admin = await asyncpg.connect(admin_dsn, server_settings=SETTINGS)
    app = await asyncpg.connect(scratch.app_dsn, server_settings=SETTINGS)
    database = await Database.connect(scratch.app_dsn, 1)
    await simulate(owner, UNITS, TICKETS)
    asked = await all_requests(owner, DEEP)
    scope = await head_of(owner, database)
    small = await _plans(app, scope, asked)
    await multiply(owner, PLACE, TIMES)
    large = await _plans(app, scope, asked)
    yield Grown({each.name: each for each in asked}, scope, small, large, admin)
    for each in (database, app, admin, owner):
        await each.close()


async def _plans(app: Owner, scope: Scope, asked: list[Request]) -> Plans:
    async with app.transaction():
        return {
            (request.name, planner): await plan(app, scope, request, planner)
            for request in asked
            for planner in PLANNERS
        }


@EACH
def test_a_request_is_answered_by_its_indexes(grown: Grown, request_: str, planner: str) -> None:
    assert grown.large[request_, planner].faults(NEEDED[request_]) == []


@EACH
def test_a_request_reads_no_more_rows_of_a_larger_place(
    grown: Grown, request_: str, planner: str
) -> None:
    small, large = grown.small[request_, planner], grown.large[request_, planner]
    assert 0 < large.read <= MORE * small.read


@pytest.mark.parametrize("planner", PLANNERS)
def test_a_deep_page_reads_what_the_first_one_does(grown: Grown, planner: str) -> None:
    first, deep = (
        grown.large[name, planner] for name in ("whole place", "deep in the whole place")
    )
    assert 0 < deep.read <= MORE * first.read


@pytest.mark.parametrize("planner", PLANNERS)
def test_a_page_of_statuses_looks_up_its_own_tickets_only(grown: Grown, planner: str) -> None:
    status: Any = grown.asked["list"].variables["status"]
    assert len(status) > 1
    assert grown.large["list", planner].looked_at("ticket") == PAGE + 1


async def test_the_clock_comes_by_what_is_due_only(grown: Grown) -> None:
    undone = grown.admin.transaction()
    await undone.start()
    try:
        await grown.admin.execute(f"SET LOCAL ROLE {APP_ROLE}; {grown.scope.settings()}")
        found = await grown.admin.fetchval(f"EXPLAIN (FORMAT JSON) {DUE}", PLACE, 50)
    finally:
        await undone.rollback()
    scans = [node for node in Plan.parsed(found).nodes() if "Index Name" in node]
    assert [scan["Index Name"] for scan in scans] == ["ix_ticket_due"]
    assert "next_due_at <=" in scans[0]["Index Cond"]


@pytest.mark.parametrize(("request_", "away"), WITHOUT, ids=[name for name, _ in WITHOUT])
async def test_without_an_index_it_reads_more(grown: Grown, request_: str, away: str) -> None:
    undone = grown.admin.transaction()
    await undone.start()
    try:
        await grown.admin.execute(f"{away}; SET LOCAL ROLE {APP_ROLE}")
        found = await plan(grown.admin, grown.scope, grown.asked[request_], PLANNERS[0])
    finally:
        await undone.rollback()
    assert found.read > MORE * grown.small[request_, PLANNERS[0]].read
