"""The simulated place: the shape that was asked for, the same for the same seed."""

import asyncio

import asyncpg
import pytest
import pytest_asyncio

from db.load import simulate as module
from db.load.files import simulated_profile
from db.load.simulate import SimulationError, simulate
from domain.escalation import UnitStep, next_hop
from domain.terms import Severity, TicketStatus
from tests.conftest import make_scratch

UNITS, TICKETS = 600, 4000


@pytest_asyncio.fixture(scope="module")
async def made(server, template):
    """A small simulation, read only."""
    scratch = await make_scratch(server, template)
    connection = await asyncpg.connect(scratch.owner_dsn)
    await simulate(connection, UNITS, TICKETS)
    yield connection
    await connection.close()


async def content(connection) -> list[object]:
    """Keys of everything, in order."""
    tables = ("org_unit", "post", "person", "appointment", "ticket", "ticket_event",
              "service_record")  # fmt: skip
    found = [await connection.fetch(f"SELECT id FROM {table} ORDER BY id") for table in tables]
    return [*found, await connection.fetchval("SELECT count(*) FROM escalation_hop")]


async def test_communities_are_of_the_size_of_a_request(made):
    per = "SELECT count(*) FROM {} WHERE length({}) >= 12 GROUP BY left({}, 12)"

    async def counts(table: str, path: str) -> list[int]:
        return [n for (n,) in await made.fetch(per.format(table, path, path))]

    units = await counts("org_unit", "path")
    assert len(units) == 2
    assert all(250 <= count <= 330 for count in units)
    tables = [("org_unit", "path"), ("post", "unit_path"), ("appointment", "unit_path")]
    objects = map(sum, zip(*[await counts(*each) for each in tables], strict=True))
    assert all(850 <= count <= 1150 for count in objects)


async def test_some_posts_are_vacant_and_some_have_covers(made):
    posts = await made.fetchval("SELECT count(*) FROM post")
    held = await made.fetchval("SELECT count(*) FROM appointment WHERE capacity = 'HOLDER'")
    covers = await made.fetchval("SELECT count(*) FROM appointment WHERE capacity = 'COVER'")
    assert 0.02 < 1 - held / posts < 0.15
    assert 0.3 < covers / posts < 0.6


async def test_tickets_are_mixed(made):
    assert await made.fetchval("SELECT count(*) FROM ticket") == TICKETS
    share = await made.fetchval("SELECT avg(open::integer)::float FROM ticket")
    assert 0.06 < share < 0.16
    hops = await made.fetchval("SELECT avg(hops)::float FROM ticket WHERE hops > 0")
    assert 1.3 < hops < 1.7
    assert await made.fetchval("SELECT count(DISTINCT status) FROM ticket") >= 9
    served = await made.fetchval("SELECT count(DISTINCT ticket_id) FROM service_record")
    assert 0.35 < served / TICKETS < 0.45


async def test_nothing_lies_in_the_future_or_out_of_order(made):
    now = await made.fetchval("SELECT created_at FROM profile_revision")
    for table, column in (("ticket", "created_at"), ("ticket_event", "at"),
                          ("escalation_hop", "at"), ("service_record", "at")):  # fmt: skip
        assert await made.fetchval(f"SELECT max({column}) FROM {table}") <= now
    disordered = """
        SELECT count(*) FROM ticket_event AS one JOIN ticket_event AS two
            ON two.ticket_id = one.ticket_id AND two.sequence = one.sequence + 1
        WHERE two.at < one.at OR two.from_status <> one.to_status
    """
    assert await made.fetchval(disordered) == 0


async def test_a_ticket_stands_where_its_last_event_and_hop_say(made):
    astray = """
        SELECT count(*) FROM ticket JOIN LATERAL (
            SELECT to_status FROM ticket_event WHERE ticket_id = ticket.id
            ORDER BY sequence DESC LIMIT 1) AS event ON true
        WHERE event.to_status <> status
    """
    assert await made.fetchval(astray) == 0
    astray = """
        SELECT count(*) FROM ticket LEFT JOIN escalation_hop AS hop
            ON hop.ticket_id = ticket.id AND hop.sequence = ticket.hops
        WHERE hops > 0 AND hop.to_unit_id IS DISTINCT FROM handler_unit_id
    """
    assert await made.fetchval(astray) == 0


async def test_the_next_hop_is_the_domains(made):
    profile = simulated_profile()
    units = {row["id"]: row for row in await made.fetch("SELECT * FROM org_unit")}
    last = dict(await made.fetch("SELECT ticket_id, max(at) FROM escalation_hop GROUP BY 1"))
    for ticket in await made.fetch("SELECT * FROM ticket"):
        chain, unit = [], units.get(ticket["handler_unit_id"])
        while unit:
            chain.append(UnitStep(unit["id"], unit["level_code"]))
            unit = units.get(unit["parent_id"])
        ahead = next_hop(
            profile,
            chain,
            status=TicketStatus(ticket["status"]),
            severity=Severity(ticket["severity"]),
            category=ticket["category_code"],
            hop_started_at=last.get(ticket["id"], ticket["created_at"]),
        )
        found = [ticket[f"next_{name}"] for name in ("route", "rule", "unit_id", "due_at")]
        wanted = [ahead.route, ahead.rule.code, ahead.to_unit, ahead.due_at] if ahead else None
        assert found == (wanted or [None] * 4)


async def test_a_rerun_changes_nothing_and_other_numbers_are_refused(owner):
    first = await simulate(owner, 300, 500)
    before = await content(owner)
    again = await simulate(owner, 300, 500)
    assert (first.loaded, again.loaded, again.unchanged) == (500, 0, 500)
    assert await content(owner) == before
    with pytest.raises(SimulationError, match="units=300 tickets=500 seed=1"):
        await simulate(owner, 300, 501)


async def test_a_broken_simulation_is_continued(owner, scratch, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 100)
    reached = asyncio.Event()
    broken = asyncio.create_task(simulate(owner, 300, 500, lambda _: reached.set()))
    await reached.wait()
    broken.cancel()
    with pytest.raises(asyncio.CancelledError):
        await broken
    some = await owner.fetchval("SELECT count(*) FROM ticket")
    assert 0 < some < 500
    fresh = await asyncpg.connect(scratch.owner_dsn)
    report = await simulate(fresh, 300, 500)
    await fresh.close()
    assert (report.loaded, report.unchanged) == (500 - some, some)


async def test_another_seed_is_another_place(owner, made):
    await simulate(owner, UNITS, 100, seed=2)
    ours = "SELECT id FROM org_unit"
    here = {key for (key,) in await owner.fetch(ours)}
    assert here.isdisjoint(key for (key,) in await made.fetch(ours))
