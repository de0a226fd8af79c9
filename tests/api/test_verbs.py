"""A ticket from its report to its end through the API, read back as clients read it."""

from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from db.scope import PUBLIC, Scope
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
    act,
    done,
    refused,
    reported,
    standing,
    verbs,
)
from tests.api.living import does, lived
from tests.api.served import Site, key_of


def hours(start: str, end: str) -> float:
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)) / timedelta(hours=1)


async def name(site: Site, who: str) -> str:
    return (await site.person(who)).name


async def test_a_report_starts_both_clocks_and_one_event(shop: Site) -> None:
    unit = await shop.unit("weibin", GRID)
    given = {"title": " 楼道灯不亮 ", "body": "三楼", "category": "utilities", "channel": "HOTLINE"}
    made = await done(shop, "ticketReport", RESIDENT, unitId=unit, appealType="COMPLAINT", **given)
    ticket = await standing(shop, made["id"], RESIDENT)
    expected = {
        "title": "楼道灯不亮",
        "body": "三楼",
        "status": "REPORTED",
        "open": True,
        "severity": "HARD",
        "channel": "HOTLINE",
        "appealType": "COMPLAINT",
        "orgUnit": {"name": GRID},
        "handler": {"name": GRID},
        "reporter": {"name": await name(shop, RESIDENT)},
        "category": {"code": "utilities", "hours": 24},
        "escalationChain": [],
        "resolution": None,
        "verdict": None,
        "closedAt": None,
    }
    assert {field: ticket[field] for field in expected} == expected
    assert hours(ticket["createdAt"], ticket["dueAt"]) == 24
    ahead = ticket["nextHop"]
    assert (ahead["route"], ahead["rule"], ahead["toUnit"]["name"]) == (
        "UP",
        "grid_hard",
        "姜谭路西社区",
    )
    assert hours(ticket["createdAt"], ahead["dueAt"]) == 4
    (event,) = ticket["events"]["nodes"]
    assert (event["sequence"], event["verb"], event["fromStatus"]) == (1, "REPORT", None)
    assert event["at"] == ticket["createdAt"]
    assert event["note"] == "三楼"


async def test_how_hard_it_is_say_those_who_serve_there(shop: Site) -> None:
    """It decides who gets the ticket; whoever only reports it leaves it to the category."""
    for who in (CHIEF, COMMUNITY):
        ticket = await standing(shop, await reported(shop, by=who, severity="KEY_PROBLEM"))
        assert (ticket["severity"], ticket["category"]["code"]) == ("KEY_PROBLEM", "yard")
        assert ticket["nextHop"]["rule"] == "grid_hard"
    plain = await standing(shop, await reported(shop))
    assert (plain["severity"], plain["nextHop"]["rule"]) == ("MINOR", "grid_minor")
    new = {"unitId": await shop.unit("weibin", GRID), "title": "试", "category": "yard"}
    for who in (RESIDENT, SIBLING):
        answer = await refused(shop, "ticketReport", who, **new, severity="MINOR")
        assert answer == ("FORBIDDEN", "severity")


async def worked_through(site: Site) -> str:
    """A ticket from the report to the end, each step by whose business it is."""
    ticket = await reported(site)
    await done(site, "ticketAccept", CHIEF, ticketId=ticket, note="看过")
    grid = await site.unit("weibin", GRID)
    await done(site, "ticketDispatch", COMMUNITY, ticketId=ticket, unitId=grid, note="先试")
    await done(site, "ticketEscalate", CHIEF, ticketId=ticket, reason="人手不够")
    await done(site, "ticketSign", COMMUNITY, ticketId=ticket)
    record = {"kind": "REPAIR", "ticketId": ticket, "note": "修好"}
    await done(site, "serviceRecordAdd", WORKER, **record)
    await done(site, "ticketResolve", COMMUNITY, ticketId=ticket, resolution="已整理")
    await done(site, "ticketVerify", TOWN, ticketId=ticket, note="属实")
    heard = {"verdict": "PARTLY_SATISFIED", "note": "还差一角"}
    await done(site, "ticketFollowUp", RESIDENT, ticketId=ticket, **heard)
    await done(site, "ticketClose", COMMUNITY, ticketId=ticket, note="归档")
    return ticket


async def test_the_whole_way_reads_back(shop: Site) -> None:
    ticket = await standing(shop, await worked_through(shop), RESIDENT)
    events = ticket["events"]["nodes"]
    chief, community, town = [await name(shop, who) for who in (CHIEF, COMMUNITY, TOWN)]
    resident = await name(shop, RESIDENT)
    assert [(e["verb"], e["toStatus"], e["note"], e["actor"]["name"]) for e in events] == [
        ("REPORT", "REPORTED", None, resident),
        ("ACCEPT", "ACCEPTED", "看过", chief),
        ("DISPATCH", "DISPATCHED", "先试", community),
        ("ESCALATE", "DISPATCHED", "人手不够", chief),
        ("SIGN", "IN_PROGRESS", None, community),
        ("RESOLVE", "RESOLVED", "已整理", community),
        ("VERIFY", "VERIFIED", "属实", town),
        ("FOLLOW_UP", "FOLLOWED_UP", "还差一角", resident),
        ("CLOSE", "CLOSED", "归档", community),
    ]
    assert [e["verdict"] for e in events] == [None] * 7 + ["PARTLY_SATISFIED", None]
    assert [e["sequence"] for e in events] == list(range(1, 10))
    assert [e["fromStatus"] for e in events[1:]] == [e["toStatus"] for e in events[:-1]]
    assert [e["at"] for e in events] == sorted(e["at"] for e in events)
    assert (ticket["status"], ticket["open"], ticket["nextHop"]) == ("CLOSED", False, None)
    assert (ticket["verdict"], ticket["resolution"]) == ("PARTLY_SATISFIED", "已整理")
    assert ticket["resolvedAt"] == events[5]["at"]
    assert ticket["verifiedAt"] == events[6]["at"]
    assert ticket["closedAt"] == events[8]["at"]
    (service,) = ticket["serviceRecords"]["nodes"]
    assert service == {
        "kind": "REPAIR",
        "note": "修好",
        "person": {"name": await name(shop, WORKER)},
        "recipient": {"name": resident},
    }


@pytest.mark.parametrize("again", ["ticketRework", "ticketReopen"])
async def test_done_again_it_is_no_longer_said_to_be_solved(shop: Site, again: str) -> None:
    """The ticket says what holds now; its history keeps what was claimed, checked and said."""
    before, by = ("RESOLVED", COMMUNITY) if again == "ticketRework" else ("FOLLOWED_UP", RESIDENT)
    ticket = await lived(shop, before)
    claimed = await standing(shop, ticket)
    assert (claimed["resolution"], bool(claimed["resolvedAt"])) == ("已整理", True)
    assert bool(claimed["verifiedAt"]) == (before == "FOLLOWED_UP")
    await does(shop, again, by, ticket)
    after = await standing(shop, ticket)
    assert [after[fact] for fact in ("resolution", "resolvedAt", "verifiedAt")] == [None] * 3
    history = after["events"]["nodes"]
    assert history[:-1] == claimed["events"]["nodes"]
    assert "已整理" in [event["note"] for event in history]


async def test_the_chain_tells_every_stay(shop: Site) -> None:
    ticket = await standing(shop, await worked_through(shop))
    first, second = ticket["escalationChain"]
    assert (first["sequence"], first["route"], first["rule"]) == (1, "DISPATCH", None)
    assert (first["fromUnit"]["name"], first["toUnit"]["name"]) == (GRID, GRID)
    assert first["toPost"]["title"] == "基础网格长"
    assert first["actor"]["name"] == await name(shop, COMMUNITY)
    assert (second["sequence"], second["route"], second["rule"]) == (2, "UP", "grid_minor")
    assert (second["reason"], second["fromUnit"]["name"]) == ("人手不够", GRID)
    assert second["toUnit"]["name"] == ticket["handler"]["name"] == "姜谭路西社区"
    assert second["toPost"]["holder"]["name"] == await name(shop, COMMUNITY)
    assert first["leftAt"] == second["at"]
    assert second["leftAt"] == ticket["closedAt"]


async def test_a_hop_s_clock_is_the_rule_s_and_the_case_clock_stands(shop: Site) -> None:
    ticket = await reported(shop)
    before = await standing(shop, ticket)
    await done(shop, "ticketAccept", CHIEF, ticketId=ticket)
    assert (await standing(shop, ticket))["nextHop"] == before["nextHop"]
    given = [("姜谭路西社区", 72), ("姜谭街道", 120), ("渭滨区", None)]
    for at, (unit, rule_hours) in enumerate(given):
        await done(shop, "ticketEscalate", DISTRICT, ticketId=ticket, reason="上报")
        after = await standing(shop, ticket)
        hop = after["escalationChain"][at]
        assert hop["toUnit"]["name"] == unit
        assert after["dueAt"] == before["dueAt"]
        if rule_hours is None:
            assert (hop["dueAt"], after["nextHop"]) == (None, None)
        else:
            assert hours(hop["at"], hop["dueAt"]) == rule_hours
            assert after["nextHop"]["dueAt"] == hop["dueAt"]


async def test_a_ticket_sent_to_another_grid_is_worked_on_there(shop: Site) -> None:
    ticket = await reported(shop)
    await done(shop, "ticketAccept", CHIEF, ticketId=ticket)
    there = await shop.unit("weibin", SIBLING_GRID)
    sent = {"ticketId": ticket, "unitId": there}
    after = await done(shop, "ticketDispatch", COMMUNITY, "orgUnit{name} handler{name}", **sent)
    assert after == {"orgUnit": {"name": GRID}, "handler": {"name": SIBLING_GRID}}
    record = {"kind": "VISIT", "ticketId": ticket}
    added = await done(shop, "serviceRecordAdd", SIBLING, "orgUnit { name }", **record)
    assert added == {"orgUnit": {"name": GRID}}
    await does(shop, "ticketSign", SIBLING, ticket)
    await does(shop, "ticketResolve", SIBLING, ticket)
    assert verbs(await standing(shop, ticket, CHIEF))[-2:] == ["SIGN", "RESOLVE"]


async def test_whoever_passes_a_ticket_on_out_of_sight_sees_it_no_longer(shop: Site) -> None:
    """Dispatched to another grid and passed up from there: that grid sees it no longer."""
    ticket = await reported(shop)
    await done(shop, "ticketAccept", CHIEF, ticketId=ticket)
    there = await shop.unit("weibin", SIBLING_GRID)
    await done(shop, "ticketDispatch", COMMUNITY, ticketId=ticket, unitId=there)
    payload = await act(shop, "ticketEscalate", SIBLING, ticketId=ticket, reason="上报")
    assert (await standing(shop, ticket))["handler"]["name"] == "姜谭路西社区"
    assert payload["ticket"] is None
    assert payload["userErrors"] == []


async def test_the_labels_of_all_its_rows_follow_the_ticket(shop: Site) -> None:
    ticket = await worked_through(shop)
    own = await shop.owner.fetchrow(
        "SELECT unit_path, handler_path FROM ticket WHERE id = $1", key_of(ticket)
    )
    assert own is not None
    assert own["unit_path"] != own["handler_path"]
    for table, rows in (("ticket_event", 9), ("escalation_hop", 2), ("service_record", 1)):
        labels = await shop.owner.fetch(
            f"SELECT unit_path, handler_path FROM {table} WHERE ticket_id = $1", key_of(ticket)
        )
        assert [tuple(label) for label in labels] == [tuple(own)] * rows, table


EVENT_FACTS = """
SELECT id, sequence, verb, from_status, to_status, at, actor_id, note FROM ticket_event
WHERE ticket_id = $1 ORDER BY sequence
"""


async def test_events_are_only_ever_added(shop: Site) -> None:
    ticket = await reported(shop)
    await done(shop, "ticketAccept", CHIEF, ticketId=ticket)
    before = await shop.owner.fetch(EVENT_FACTS, key_of(ticket))
    await does(shop, "ticketEscalate", CHIEF, ticket)
    await does(shop, "ticketSign", COMMUNITY, ticket)
    await does(shop, "ticketResolve", COMMUNITY, ticket)
    after = await shop.owner.fetch(EVENT_FACTS, key_of(ticket))
    assert after[: len(before)] == before
    assert len(after) == len(before) + 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ticket_event SET note = 'x'",
        "UPDATE ticket_event SET at = now()",
        "DELETE FROM ticket_event",
        "DELETE FROM escalation_hop",
        "UPDATE escalation_hop SET to_unit_id = from_unit_id",
        "UPDATE service_record SET person_id = recipient_id",
        "UPDATE service_record_event SET note = 'x'",
        "UPDATE change SET verb = 'x'",
        "UPDATE client_mutation SET answer = '{}'",
        "DELETE FROM ticket",
    ],
)
async def test_the_server_s_role_cannot_rewrite_history(shop: Site, statement: str) -> None:
    district = await shop.person(DISTRICT)
    scope = Scope("weibin", district.person, ("0000",))
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with shop.database.transaction(scope, write=True) as connection:
            await connection.execute(statement)


async def test_answers_remembered_are_let_go_by_the_server_alone(shop: Site) -> None:
    """It may delete them, when they are old; nobody's request may, not even one's own."""
    await reported(shop, clientMutationKey="to be remembered")
    resident = await shop.person(RESIDENT)
    before = await shop.count("client_mutation")
    statement = "DELETE FROM client_mutation"
    for scope in (PUBLIC, *(Scope(place, resident.person) for place in ("weibin", "huazhou"))):
        async with shop.database.transaction(scope, write=True) as connection:
            assert await connection.execute(statement) == "DELETE 0"
    bare = await asyncpg.connect(shop.scratch.app_dsn)
    assert await bare.execute(statement) == "DELETE 0"
    await bare.close()
    assert await shop.count("client_mutation") == before > 0


async def test_a_service_without_a_ticket(shop: Site) -> None:
    unit = await shop.unit("weibin", GRID)
    home = await shop.person(RESIDENT)
    given: dict[str, Any] = {
        "kind": "TALK",
        "unitId": unit,
        "recipientId": f"person_weibin_{home.person}",
        "at": "2026-01-31T08:00:00+08:00",
        "note": "法律大讲堂",
    }
    asked = "kind at note orgUnit{name} person{name} recipient{name} ticket{id}"
    assert await done(shop, "serviceRecordAdd", WORKER, asked, **given) == {
        "kind": "TALK",
        "at": "2026-01-31T00:00:00+00:00",
        "note": "法律大讲堂",
        "orgUnit": {"name": GRID},
        "person": {"name": await name(shop, WORKER)},
        "recipient": {"name": home.name},
        "ticket": None,
    }
