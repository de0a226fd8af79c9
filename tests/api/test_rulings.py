"""Disputes and rulings (派单异议), the resident's say, and clocks that stand still."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    GRID,
    RESIDENT,
    SIBLING,
    SIBLING_GRID,
    TOWN,
    WORKER,
    done,
    refused,
    reported,
    standing,
)
from tests.api.living import INPUTS, does, lived, told
from tests.api.served import Site, key_of


async def test_the_unit_that_disputes_does_not_settle_it(shop: Site) -> None:
    ticket = await lived(shop, "DISPUTED")
    given = await told(shop, "ticketRule")
    for who in (CHIEF, WORKER, RESIDENT):
        answer = await refused(shop, "ticketRule", who, ticketId=ticket, **given)
        assert answer == ("FORBIDDEN", None)
    await does(shop, "ticketRule", COMMUNITY, ticket)


async def test_at_the_top_there_is_nobody_above_to_settle_it(shop: Site) -> None:
    """Else a dispute of the topmost unit would wait for ever."""
    ticket = await lived(shop, "DISPATCHED")
    await does(shop, "ticketEscalate", CHIEF, ticket, unitId="渭滨区")
    await does(shop, "ticketDispute", DISTRICT, ticket)
    await does(shop, "ticketRule", DISTRICT, ticket, unitId="姜谭街道")
    assert (await standing(shop, ticket))["handler"]["name"] == "姜谭街道"


@pytest.mark.parametrize("named", [GRID, None, SIBLING_GRID])
async def test_a_ruling_cannot_be_returned(shop: Site, named: str | None) -> None:
    ticket = await lived(shop, "DISPUTED")
    await does(shop, "ticketRule", COMMUNITY, ticket, unitId=named)
    chief = SIBLING if named == SIBLING_GRID else CHIEF
    read = await standing(shop, ticket)
    assert read["escalationChain"][-1]["route"] == (
        "ACROSS" if named == SIBLING_GRID else "DISPATCH"
    )
    assert read["handler"]["name"] == (named or GRID)
    again = await told(shop, "ticketDispute")
    answer = await refused(shop, "ticketDispute", chief, ticketId=ticket, **again)
    assert answer == ("NOT_RETURNABLE", None)
    await does(shop, "ticketSign", chief, ticket)
    down = {"unitId": await shop.unit("weibin", named or GRID), "reason": "退回"}
    answer = await refused(shop, "ticketReturn", chief, ticketId=ticket, **down)
    assert answer == ("NOT_RETURNABLE", None)


async def test_a_unit_that_had_no_part_in_it_is_free_again(shop: Site) -> None:
    ticket = await lived(shop, "DISPUTED")
    await does(shop, "ticketRule", COMMUNITY, ticket)
    await does(shop, "ticketEscalate", CHIEF, ticket)
    await does(shop, "ticketSign", COMMUNITY, ticket)
    await does(shop, "ticketReturn", COMMUNITY, ticket, unitId=SIBLING_GRID)
    assert (await standing(shop, ticket))["handler"]["name"] == SIBLING_GRID


@pytest.mark.parametrize("named", ["长岭社区", "清姜街道", "姜谭街道", "渭滨区"])
async def test_one_rules_only_within_one_s_own_units(shop: Site, named: str) -> None:
    ticket = await lived(shop, "DISPUTED")
    sent = await told(shop, "ticketRule", unitId=named)
    answer = await refused(shop, "ticketRule", COMMUNITY, ticketId=ticket, **sent)
    assert answer == ("FORBIDDEN", "unitId")


MINE = {"ticketWithdraw": "REPORTED", "ticketFollowUp": "VERIFIED", "ticketReopen": "FOLLOWED_UP"}


@pytest.mark.parametrize(("field", "status"), MINE.items())
async def test_the_resident_s_own_verbs(shop: Site, field: str, status: str) -> None:
    ticket = await lived(shop, status)
    await does(shop, field, RESIDENT, ticket)
    (*_, event) = (await standing(shop, ticket))["events"]["nodes"]
    assert event["actor"]["name"] == (await shop.person(RESIDENT)).name


async def test_and_no_other(shop: Site) -> None:
    """Forbidden in whatever status: what a resident may not do is not asked of the table."""
    for status in ("REPORTED", "DISPUTED", "IN_PROGRESS", "RESOLVED", "FOLLOWED_UP"):
        ticket = await lived(shop, status)
        for field in INPUTS.keys() - MINE.keys():
            given = await told(shop, field)
            answer = await refused(shop, field, RESIDENT, ticketId=ticket, **given)
            assert answer == ("FORBIDDEN", None), (status, field)


async def test_one_withdraws_only_what_one_reported(shop: Site) -> None:
    ticket = await reported(shop)
    for who in (CHIEF, COMMUNITY, DISTRICT):
        assert await refused(shop, "ticketWithdraw", who, ticketId=ticket) == ("FORBIDDEN", None)


async def test_explained_followed_up_and_filed_though_the_resident_objects(shop: Site) -> None:
    ticket = await lived(shop, "EXPLAINED")
    await does(shop, "ticketFollowUp", WORKER, ticket, verdict="DISSATISFIED")
    answer = await refused(shop, "ticketClose", COMMUNITY, ticketId=ticket)
    assert answer == ("REASON_REQUIRED", "note")
    await does(shop, "ticketClose", COMMUNITY, ticket, note="产权不清，已逐户说明")
    read = await standing(shop, ticket)
    assert (read["status"], read["verdict"]) == ("CLOSED", "DISSATISFIED")
    assert [read[fact] for fact in ("resolution", "resolvedAt", "verifiedAt")] == [None] * 3


async def test_a_reopened_ticket_runs_on_a_new_hop_clock_and_the_old_case_clock(
    shop: Site,
) -> None:
    ticket = await lived(shop, "FOLLOWED_UP")
    before = await standing(shop, ticket)
    assert before["nextHop"] is None
    await does(shop, "ticketReopen", RESIDENT, ticket)
    after = await standing(shop, ticket)
    assert after["dueAt"] == before["dueAt"]
    assert after["hopDueAt"] == after["nextHop"]["dueAt"] > before["hopDueAt"]
    assert after["hopCount"] == before["hopCount"]


BACK = """
UPDATE ticket SET paused_at = paused_at - $2::interval, due_at = due_at - $2::interval,
    hop_started_at = hop_started_at - $2::interval, hop_due_at = hop_due_at - $2::interval
WHERE locality_id = 'weibin' AND id = $1
"""
TWO_DAYS = timedelta(days=2)


async def deliberated(site: Site) -> tuple[str, Any, Any]:
    """A ticket over which residents have talked for two days; as it was before, and as it is."""
    ticket = await lived(site, "IN_PROGRESS")
    before = await standing(site, ticket)
    await does(site, "ticketDeliberate", CHIEF, ticket)
    return ticket, before, await standing(site, ticket)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


async def test_while_residents_talk_no_clock_runs(shop: Site) -> None:
    _, before, now = await deliberated(shop)
    assert now["pausedAt"] == now["events"]["nodes"][-1]["at"]
    assert now["dueAt"] == before["dueAt"]
    assert (now["nextHop"], now["hopDueAt"]) == (None, before["hopDueAt"])


async def test_both_clocks_go_on_where_they_stood(own: Site) -> None:
    """Two days of talk are two days more, to the microsecond, for the case and for the hop."""
    ticket, before, paused = await deliberated(own)
    await own.owner.execute(BACK, key_of(ticket), TWO_DAYS)
    await does(own, "ticketResume", CHIEF, ticket)
    after = await standing(own, ticket)
    resumed = moment(after["events"]["nodes"][-1]["at"])
    stood = resumed - (moment(paused["pausedAt"]) - TWO_DAYS)
    assert stood > TWO_DAYS
    assert after["pausedAt"] is None
    assert moment(after["dueAt"]) == moment(paused["dueAt"]) - TWO_DAYS + stood
    assert after["hopDueAt"] == after["nextHop"]["dueAt"] == after["escalationChain"][-1]["dueAt"]
    assert moment(after["hopDueAt"]) == moment(before["hopDueAt"]) - TWO_DAYS + stood


async def test_a_step_out_of_the_talks_ends_the_pause(own: Site) -> None:
    ticket, _, paused = await deliberated(own)
    await own.owner.execute(BACK, key_of(ticket), TWO_DAYS)
    await done(own, "ticketEscalate", CHIEF, ticketId=ticket, reason="谈不拢")
    after = await standing(own, ticket)
    stood = moment(after["events"]["nodes"][-1]["at"]) - (moment(paused["pausedAt"]) - TWO_DAYS)
    assert after["pausedAt"] is None
    assert moment(after["dueAt"]) == moment(paused["dueAt"]) - TWO_DAYS + stood
    (*_, hop) = after["escalationChain"]
    assert after["hopDueAt"] == hop["dueAt"] == after["nextHop"]["dueAt"] > hop["at"]


@pytest.mark.parametrize("status", ["TABLED", "JOINT", "EXTENDED"])
async def test_the_place_pauses_for_nothing_else(shop: Site, status: str) -> None:
    read = await standing(shop, await lived(shop, status), TOWN)
    assert read["pausedAt"] is None
    assert read["nextHop"] is not None
