"""Published counts: anyone reads them, of nothing small, and what is published stays as it is."""

import asyncio
from datetime import date
from typing import Any

import pytest

from db import statistics_store, unit_store
from domain.statistics import Breakdown, Measure, bounds, month_of, next_month
from jobs import statistics
from tests.api.acting import COMMUNITY, DISTRICT, RESIDENT
from tests.api.served import Site

PLACE = "weibin"
TIME_ZONE = "Asia/Shanghai"
AT_HOME = f"locality_id = '{PLACE}'"
COUNTS = "opened closed overdue pending"
WHOLE = f"""{{ locality(slug: "{PLACE}") {{
  statisticMonths {{ month }}
  statistics(first: 20) {{ totalCount nodes {{ month {COUNTS} usualSpan orgUnit {{ id }} }} }}
}} }}"""
PARTS = f"""query($by: Breakdown!) {{ orgUnits(locality: "{PLACE}", first: 12) {{ nodes {{
  id statistics(by: $by, first: 40) {{
    totalCount nodes {{ month {COUNTS} category {{ code }} status span }}
  }}
}} }} }}"""
BREAKDOWNS = ("TOTAL", "CATEGORY", "STATUS", "LEVEL", "SPAN")
# Told again without the job's own statement: who stands behind the tickets made known in a month.
PEOPLE = f"""
SELECT 'unit_{PLACE}_' || u.id AS unit, coalesce(t.category_code, '') AS category,
    date_trunc('month', t.created_at AT TIME ZONE 'Asia/Shanghai')::date AS month,
    count(DISTINCT CASE WHEN t.reporter_id IN (
        SELECT a.person_id FROM appointment a WHERE a.locality_id = '{PLACE}'
    ) THEN t.id ELSE coalesce(t.reporter_id, t.id) END) AS people
FROM ticket t
JOIN org_unit u ON u.locality_id = t.locality_id AND starts_with(t.unit_path, u.path)
WHERE t.locality_id = '{PLACE}'
GROUP BY GROUPING SETS ((u.id, 3), (u.id, 3, t.category_code))
"""


async def publish(site: Site) -> int:
    """Publish what is missing of the place; how many months it was."""
    place = await unit_store.whole_place(site.database, PLACE)
    return await statistics.publish(site.database, place)


async def published(site: Site, by: str | None = None) -> list[Any]:
    """All that somebody can read of the place's counts."""
    return [await site.ask(WHOLE, by), *[await parts(site, each, by) for each in BREAKDOWNS]]


async def parts(site: Site, breakdown: str, by: str | None = None) -> list[tuple[str, Any]]:
    """The counts of units broken down so, each with its unit."""
    answer = await site.post(PARTS, {"by": breakdown}, by)
    units = answer.json()["data"]["orgUnits"]["nodes"]
    return [(unit["id"], each) for unit in units for each in unit["statistics"]["nodes"]]


def numbers(row: dict[str, Any]) -> list[int]:
    """The counts that a row shows."""
    return [row[name] for name in COUNTS.split() if row[name] is not None]


@pytest.mark.trust(32)
async def test_anyone_reads_counts_and_none_of_few_people(own: Site) -> None:
    assert await publish(own) >= 11
    whole = (await own.ask(WHOLE))["locality"]
    assert len(whole["statisticMonths"]) >= 11
    assert whole["statistics"]["nodes"][0]["usualSpan"] is not None
    behind = {
        (row["unit"], row["category"], str(row["month"])): row["people"]
        for row in await own.owner.fetch(PEOPLE)
    }
    small = sum(people < 5 for people in behind.values())
    shown = 0
    for breakdown in ("TOTAL", "CATEGORY"):
        for unit, row in await parts(own, breakdown):
            assert numbers(row)
            assert all(each >= 5 and each % 5 == 0 for each in numbers(row))
            if row["opened"] is not None:
                category = row["category"]["code"] if row["category"] else ""
                assert behind[unit, category, row["month"]] >= 5
                shown += 1
    assert shown > 8
    assert small > 40


@pytest.mark.trust(32)
async def test_what_is_published_does_not_follow_the_tickets(own: Site) -> None:
    """Nobody sees a count change by one: neither by a report, nor by whatever is set right later."""
    await publish(own)
    before = await published(own)
    await own.owner.execute(
        "UPDATE ticket SET closed_at = NULL, created_at = created_at - interval '40 days' "
        "WHERE locality_id = $1",
        PLACE,
    )
    await publish(own)
    after = await published(own)
    months = {each["month"] for each in before[0]["locality"]["statisticMonths"]}
    for old, new in zip(before[1:], after[1:], strict=True):
        assert old == [each for each in new if each[1]["month"] in months]


async def test_two_workers_publish_a_month_once(own: Site) -> None:
    # The one that begins later may find a month published already.
    months = max(await asyncio.gather(publish(own), publish(own)))
    assert months >= 11
    assert await own.count("statistic_month") == months
    rows = await own.count("statistic")
    assert rows > 30
    assert await publish(own) == 0
    assert await own.count("statistic") == rows


@pytest.mark.trust(32)
async def test_a_count_that_one_person_stands_behind_is_not_shown(own: Site) -> None:
    """Forty reports of one resident are one person's; those a worker passes on are others'."""
    resident = (await own.person(RESIDENT)).person
    community = (await own.unit(PLACE, COMMUNITY.split("/")[1])).rpartition("_")[2]
    moved = (
        "UPDATE ticket SET reporter_id = $2, unit_path = u.path FROM org_unit u "
        "WHERE u.id = $3 AND ticket.locality_id = $1 AND ticket.reporter_id IS NOT NULL"
    )
    await own.owner.execute(moved, PLACE, resident, community)
    await publish(own)
    assert await own.count("statistic_month") >= 11
    assert await own.owner.fetchval("SELECT count(*) FROM statistic") == 0
    worker = await own.owner.fetchval(
        "SELECT person_id FROM appointment WHERE locality_id = $1 LIMIT 1", PLACE
    )
    await own.owner.execute(moved, PLACE, worker, community)
    await own.owner.execute("DELETE FROM statistic_month")
    await publish(own)
    found = (await own.ask(WHOLE))["locality"]["statistics"]["nodes"]
    assert sum(row["opened"] or 0 for row in found) > 300


@pytest.mark.trust(32)
async def test_who_served_once_is_one_person_again(own: Site) -> None:
    """What somebody reports after their term, or before it, is their own."""
    resident = (await own.person(RESIDENT)).person
    community = (await own.unit(PLACE, COMMUNITY.split("/")[1])).rpartition("_")[2]
    await own.owner.execute(
        "UPDATE ticket SET reporter_id = $2, unit_path = u.path FROM org_unit u "
        "WHERE u.id = $3 AND ticket.locality_id = $1 AND ticket.reporter_id IS NOT NULL",
        PLACE,
        resident,
        community,
    )
    appointed = """
        INSERT INTO appointment (locality_id, id, post_id, person_id, unit_path, capacity,
            valid_from, valid_to)
        SELECT locality_id, gen_random_uuid(), id, $2, unit_path, 'COVER', $3::date, $4::date
        FROM post WHERE locality_id = $1 ORDER BY id LIMIT 1
    """
    for first, end in ((date(2001, 1, 1), date(2002, 1, 1)), (date(2100, 1, 1), date.max)):
        await own.owner.execute(appointed, PLACE, resident, first, end)
    assert await publish(own) >= 11
    assert await own.owner.fetchval("SELECT count(*) FROM statistic") == 0


MOVED = """
UPDATE ticket SET reporter_id = $2 WHERE id IN (
    SELECT id FROM ticket WHERE locality_id = $1 AND reporter_id IS NOT NULL
        AND created_at >= $3 AND created_at < $4 ORDER BY id LIMIT 8)
"""
OPENED = f"""
SELECT sum(least(tickets, 3)) FROM (
    SELECT count(*) AS tickets FROM ticket t
    WHERE t.locality_id = '{PLACE}' AND t.created_at >= $1 AND t.created_at < $2
    GROUP BY CASE WHEN t.reporter_id IN (
        SELECT a.person_id FROM appointment a WHERE a.locality_id = '{PLACE}'
    ) THEN t.id ELSE coalesce(t.reporter_id, t.id) END) AS of_one
"""


@pytest.mark.trust(32)
async def test_of_one_resident_a_month_counts_three_at_most(own: Site) -> None:
    """Whoever reports eight times shows in no number as eight."""
    first = await own.owner.fetchval(f"SELECT min(created_at) FROM ticket WHERE {AT_HOME}")
    span = bounds(next_month(month_of(first, TIME_ZONE)), TIME_ZONE)
    place = await unit_store.whole_place(own.database, PLACE)

    async def opened() -> int:
        cells = await statistics_store.count(own.database, place, span)
        whole = [each for each in cells if each.top and each.breakdown == Breakdown.TOTAL]
        (count,) = (each.count for each in whole if each.measure == Measure.OPENED)
        return count

    assert await opened() == await own.owner.fetchval(OPENED, *span)
    resident = (await own.person(RESIDENT)).person
    assert await own.owner.execute(MOVED, PLACE, resident, *span) == "UPDATE 8"
    whole = "SELECT count(*) FROM ticket WHERE created_at >= $1 AND created_at < $2"
    there = await own.owner.fetchval(f"{whole} AND {AT_HOME}", *span)
    assert await opened() == await own.owner.fetchval(OPENED, *span) <= there - 5


@pytest.mark.trust(32)
async def test_units_of_a_few_households_have_no_counts(own: Site) -> None:
    """Buildings never; any other where it is known."""
    grid = await own.owner.fetchval(
        f"SELECT id FROM org_unit WHERE locality_id = '{PLACE}' AND level_code = 'grid' LIMIT 1"
    )
    await own.owner.execute(
        "UPDATE ticket SET unit_path = u.path FROM org_unit u "
        f"WHERE u.id = '{grid}' AND ticket.locality_id = '{PLACE}'"
    )
    counted = f"SELECT count(*) FROM statistic WHERE unit_id = '{grid}'"
    for change, some in (
        (f"UPDATE org_unit SET households = 50 WHERE id = '{grid}'", True),
        (f"UPDATE org_unit SET households = 49 WHERE id = '{grid}'", False),
        (f"UPDATE org_unit SET households = NULL WHERE id = '{grid}'", True),
        (
            f"UPDATE level SET kind = 'BUILDING' WHERE locality_id = '{PLACE}' AND code = 'grid'",
            False,
        ),
    ):
        await own.owner.execute("DELETE FROM statistic; DELETE FROM statistic_month")
        await own.owner.execute(change)
        await publish(own)
        assert bool(await own.owner.fetchval(counted)) is some, change
        assert await own.count("statistic") > 40


async def test_grids_are_broken_down_for_data_consumers_only(own: Site) -> None:
    grid = await own.owner.fetchval(
        f"SELECT id FROM org_unit WHERE locality_id = '{PLACE}' AND level_code = 'grid' LIMIT 1"
    )
    await own.owner.execute(
        "INSERT INTO statistic (locality_id, unit_id, breakdown, month, code, opened, top, fine) "
        "VALUES ($1, $2, 'CATEGORY', $3, 'yard', 25, false, true)",
        PLACE,
        grid,
        date(2026, 1, 1),
    )
    text = f"""{{ orgUnit(id: "unit_{PLACE}_{grid}") {{
        statistics(by: CATEGORY) {{ totalCount nodes {{ opened }} }} }} }}"""
    nothing = {"orgUnit": {"statistics": {"totalCount": 0, "nodes": []}}}
    for nobody in (None, DISTRICT, RESIDENT):
        assert await own.ask(text, nobody) == nothing
    consumer = (await own.person(RESIDENT)).person
    await own.owner.execute(
        "INSERT INTO office (locality_id, id, person_id, kind, granted_at) "
        "VALUES ($1, gen_random_uuid(), $2, 'DATA_CONSUMER', now())",
        PLACE,
        consumer,
    )
    found = await own.ask(text, RESIDENT)
    assert found["orgUnit"]["statistics"] == {"totalCount": 1, "nodes": [{"opened": 25}]}
    assert await own.ask(text, DISTRICT) == nothing
