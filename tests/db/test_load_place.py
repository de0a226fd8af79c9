"""A place from its file: the articles' numbers, and tickets that are what their events say."""

import asyncio
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from db.load.divisions import load_divisions
from db.load.place import load_place
from db.load.profile import body, put_profile
from db.load.report import Report
from domain.demo_parse import parse_demo
from domain.escalation import UnitStep, next_hop
from domain.profile_parse import parse_profile
from domain.terms import Severity, TicketStatus, TicketVerb
from domain.ticket_table import NEXT
from tests.conftest import make_scratch
from tests.domain.places import EIGHT, FOLDER, SIX, load, place, profile_of

NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
PILOT = Path(FOLDER) / "divisions.csv"


def quiet(_: int) -> None:
    """Nobody watches."""


async def fill(connection, slug: str, now: datetime = NOW) -> Report:
    profile = profile_of(slug)
    demo = parse_demo(load(slug), profile, slug)
    return await load_place(connection, profile, demo, now, quiet)


@pytest_asyncio.fixture(scope="module")
async def six(server, template):
    """A database with the six places, read only."""
    scratch = await make_scratch(server, template)
    connection = await asyncpg.connect(scratch.owner_dsn)
    await load_divisions(connection, PILOT, quiet)
    for slug in SIX:
        await fill(connection, slug)
    yield connection
    await connection.close()


# --- the profile ---


@pytest.mark.parametrize("slug", EIGHT)
def test_a_stored_profile_reads_back(slug: str):
    profile = profile_of(slug)
    assert parse_profile(json.loads(json.dumps(body(profile))), slug) == profile


async def test_a_new_revision_only_when_the_profile_changed(owner):
    data = load("huazhou")
    profile = parse_profile(data, "huazhou")
    assert [await put_profile(owner, profile, NOW) for _ in range(2)] == [1, 1]
    data["rules"][0]["after_hours"] += 1
    changed = parse_profile(data, "huazhou")
    assert await put_profile(owner, changed, NOW) == 2
    assert await owner.fetchval("SELECT revision FROM locality") == 2
    assert await put_profile(owner, profile, NOW) == 3


async def test_a_place_names_its_division_once_that_is_loaded(owner):
    await put_profile(owner, profile_of("weibin"), NOW)
    assert await owner.fetchval("SELECT division_code FROM locality") is None
    await load_divisions(owner, PILOT, quiet)
    await put_profile(owner, profile_of("weibin"), NOW)
    assert await owner.fetchval("SELECT division_code FROM locality") == "610302000000"


# --- the rows ---


@pytest.mark.parametrize("slug", SIX)
async def test_everything_planned_is_there(six, slug: str):
    planned = place(slug)
    history = planned.demo.history
    wanted = {
        "org_unit": len(planned.units),
        "post": len(planned.posts),
        "person": len(planned.people),
        "person_private": len(planned.people),
        "appointment": sum(
            person is not None for post in planned.posts for person in (post.holder, post.cover)
        ),
        "ticket": history.tickets + len(planned.demo.stories),
    }
    for table, count in wanted.items():
        found = f"SELECT count(*) FROM {table} WHERE locality_id = $1"
        assert await six.fetchval(found, slug) == count, table
    services = await six.fetchval(
        "SELECT count(*) FROM service_record WHERE locality_id = $1", slug
    )
    assert services == history.services


@pytest.mark.parametrize(
    ("slug", "level", "count"),
    [("weibin", "community", 68), ("weibin", "grid", 365), ("bailong", "grid", 26),
     ("nanling", "stairwell", 1414)],
)  # fmt: skip
async def test_counts_of_the_articles(six, slug: str, level: str, count: int):
    found = "SELECT count(*) FROM org_unit WHERE locality_id = $1 AND level_code = $2"
    assert await six.fetchval(found, slug, level) == count


@pytest.mark.parametrize(
    ("slug", "kind", "count"),
    [
        ("hejiang", "DUAL_REGISTERED_MEMBER", 1946),
        ("hejiang", "BUILDING_CHIEF", 428),
        ("nanling", "BUILDING_CHIEF", 390),
        ("nanling", "UNIT_CHIEF", 1414),
        ("bailong", "BUILDING_CHIEF", 249),
    ],
)
async def test_posts_of_the_articles(six, slug: str, kind: str, count: int):
    found = "SELECT count(*) FROM post WHERE locality_id = $1 AND kind = $2"
    assert await six.fetchval(found, slug, kind) == count


async def test_paths_are_ancestry(six):
    astray = """
        SELECT count(*) FROM org_unit JOIN org_unit AS parent
            ON parent.locality_id = org_unit.locality_id AND parent.id = org_unit.parent_id
        WHERE org_unit.path <> parent.path || right(org_unit.path, 4)
    """
    assert await six.fetchval(astray) == 0
    roots = sum(unit.parent is None for slug in SIX for unit in place(slug).units)
    short = "SELECT count(*) FROM org_unit WHERE parent_id IS NULL AND length(path) = 4"
    assert await six.fetchval(short) == roots


async def test_numbers_are_fictional(six):
    real = "SELECT count(*) FROM person_private WHERE phone !~ '^138-0000-[0-9]{4}$'"
    assert await six.fetchval(real) == 0


@pytest.mark.parametrize("table", ["ticket_event", "escalation_hop", "service_record"])
async def test_rows_of_a_ticket_repeat_its_paths(six, table: str):
    astray = f"""
        SELECT count(*) FROM {table} AS row JOIN ticket
            ON ticket.locality_id = row.locality_id AND ticket.id = row.ticket_id
        WHERE (row.unit_path, row.handler_path) <> (ticket.unit_path, ticket.handler_path)
    """
    assert await six.fetchval(astray) == 0


async def test_a_visit_without_a_ticket_is_seen_where_it_was_made(six):
    astray = """
        SELECT count(*) FROM service_record JOIN org_unit USING (locality_id)
        WHERE org_unit.id = unit_id AND ticket_id IS NULL
            AND (unit_path, handler_path) <> (path, path)
    """
    assert await six.fetchval(astray) == 0


# --- the tickets ---


async def test_every_ticket_is_what_its_events_say(six):
    events = defaultdict(list)
    for row in await six.fetch("SELECT * FROM ticket_event ORDER BY locality_id, sequence"):
        events[row["ticket_id"]].append(row)
    for ticket in await six.fetch("SELECT * FROM ticket"):
        status, at = None, ticket["created_at"]
        for event in events[ticket["id"]]:
            assert event["from_status"] == status
            status = NEXT[status and TicketStatus(status), TicketVerb(event["verb"])]
            assert event["to_status"] == status
            assert at <= event["at"] <= NOW
            at = event["at"]
        assert ticket["status"] == status


async def test_every_open_ticket_knows_its_next_hop(six):
    units = {row["id"]: row for row in await six.fetch("SELECT * FROM org_unit")}
    hops = defaultdict(list)
    for row in await six.fetch("SELECT * FROM escalation_hop ORDER BY sequence"):
        hops[row["ticket_id"]].append(row)
    reopened = dict(await six.fetch(REOPENED))
    for ticket in await six.fetch("SELECT * FROM ticket WHERE open"):
        chain, unit = [], units.get(ticket["handler_unit_id"])
        while unit:
            chain.append(UnitStep(unit["id"], unit["level_code"]))
            unit = units.get(unit["parent_id"])
        since = hops[ticket["id"]][-1]["at"] if ticket["hops"] else ticket["created_at"]
        ahead = next_hop(
            profile_of(ticket["locality_id"]),
            chain,
            status=TicketStatus(ticket["status"]),
            severity=Severity(ticket["severity"]),
            category=ticket["category_code"],
            hop_started_at=max(since, reopened.get(ticket["id"], since)),
        )
        found = [ticket[f"next_{name}"] for name in ("route", "rule", "unit_id", "due_at")]
        if ahead is None:
            assert found == [None] * 4
        else:
            assert found == [ahead.route, ahead.rule.code, ahead.to_unit, ahead.due_at]
            assert ahead.due_at > NOW or ticket["number"] in await story_numbers(six)


REOPENED = """
SELECT ticket_id, max(at) FROM ticket_event WHERE verb IN ('REOPEN', 'REWORK') GROUP BY 1
"""


async def story_numbers(six) -> set[str]:
    titles = [s.report.title for slug in SIX for s in place(slug).demo.stories]
    rows = await six.fetch("SELECT number FROM ticket WHERE title = ANY ($1)", titles)
    return {number for (number,) in rows}


async def test_the_handler_is_where_the_newest_lead_hop_went(six):
    astray = """
        SELECT count(*) FROM ticket JOIN escalation_hop AS hop
            ON hop.locality_id = ticket.locality_id AND hop.ticket_id = ticket.id
                AND hop.sequence = ticket.hops
        WHERE hop.route <> 'JOINT' AND hop.to_unit_id <> ticket.handler_unit_id
    """
    assert await six.fetchval(astray) == 0
    share = await six.fetchval("SELECT avg(open::integer)::float FROM ticket")
    assert 0.05 < share < 0.2


async def test_the_stories_end_as_told(six):
    for slug in SIX:
        for story in place(slug).demo.stories:
            ticket = await six.fetchrow(
                "SELECT * FROM ticket WHERE locality_id = $1 AND title = $2",
                slug,
                story.report.title,
            )
            report = next(step for step in story.steps if step.verb is TicketVerb.REPORT)
            assert ticket["status"] == "CLOSED"
            assert ticket["created_at"] == NOW + story.start + report.at
            verbs = [verb for (verb,) in await six.fetch(VERBS, slug, ticket["id"])]
            told = [step.verb for step in story.steps if step.verb]
            assert verbs == [report.verb, *(verb for verb in told if verb is not report.verb)]


VERBS = "SELECT verb FROM ticket_event WHERE locality_id = $1 AND ticket_id = $2 ORDER BY sequence"


# --- loading again ---


async def test_a_rerun_changes_nothing(owner):
    first = await fill(owner, "huazhou")
    assert first.read == first.loaded > 0
    before = await owner.fetch("SELECT * FROM ticket ORDER BY id")
    again = await fill(owner, "huazhou", NOW + timedelta(days=3))
    assert (again.read, again.loaded) == (0, 0)
    assert await owner.fetch("SELECT * FROM ticket ORDER BY id") == before


async def test_the_same_now_makes_the_same_keys(owner, six):
    await fill(owner, "huazhou")
    for table in ("org_unit", "person", "appointment", "ticket", "ticket_event", "service_record"):
        keys = f"SELECT id FROM {table}"
        here = await owner.fetch(f"{keys} ORDER BY id")
        assert here == await six.fetch(f"{keys} WHERE locality_id = 'huazhou' ORDER BY id")


async def test_a_broken_load_leaves_nothing_and_a_rerun_ends_the_same(owner):
    reached = asyncio.Event()
    profile = profile_of("nanling")
    demo = parse_demo(load("nanling"), profile, "nanling")
    broken = asyncio.create_task(load_place(owner, profile, demo, NOW, lambda _: reached.set()))
    await reached.wait()
    broken.cancel()
    with pytest.raises(asyncio.CancelledError):
        await broken
    assert await owner.fetchval("SELECT count(*) FROM locality") == 0
    await fill(owner, "nanling")
    assert await owner.fetchval("SELECT count(*) FROM ticket") == 462
