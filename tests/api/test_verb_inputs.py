"""What each verb must be told: what is missing or wrong is refused, with the name of its own field."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    GRID,
    SIBLING_GRID,
    TOWN,
    mutation,
    refused,
    standing,
)
from tests.api.living import INPUTS, LIFE, WHY, does, lived, told
from tests.api.served import Site, key_of

NOBODY_S = "019b71b5-3660-7a96-b208-76e3beb113d7"
LONG = "长" * 4001

BEFORE = {field: before for before, field, _ in LIFE.values()} | {
    "ticketEscalate": "REPORTED",
    "ticketReturn": "IN_PROGRESS",
    "ticketRule": "DISPUTED",
    "ticketResume": "TABLED",
    "ticketRework": "RESOLVED",
}
"""For each verb a status in which it is one."""

WORDS = {
    field: next((name for name in ("reason", "resolution") if name in given), "note")
    for field, given in INPUTS.items()
}
"""What the verb's input calls its words; those that need none call them a note."""


def by(field: str) -> str:
    return next((who for _, each, who in LIFE.values() if each == field), DISTRICT)


async def ready(site: Site, field: str) -> str:
    """A ticket on which the verb could be used."""
    ticket = await lived(site, BEFORE[field])
    if field == "ticketReturn":
        for each in ("ticketEscalate", "ticketSign"):
            await does(site, each, DISTRICT, ticket)
    return ticket


@pytest.mark.parametrize("field", [f for f, name in WORDS.items() if name != "note"])
async def test_a_verb_that_needs_words_is_not_carried_out_without(shop: Site, field: str) -> None:
    ticket = await ready(shop, field)
    given = {"ticketId": ticket, **await told(shop, field)}
    for nothing in ("", " \n\t　"):
        answer = await refused(shop, field, by(field), **{**given, WORDS[field]: nothing})
        asked = WORDS[field].upper()
        assert answer == (f"{asked}_REQUIRED", WORDS[field])


@pytest.mark.parametrize("field", INPUTS)
async def test_words_may_be_only_so_long(shop: Site, field: str) -> None:
    ticket = await ready(shop, field)
    given = {"ticketId": ticket, **await told(shop, field)}
    answer = await refused(shop, field, by(field), **{**given, WORDS[field]: LONG})
    assert answer == ("TEXT_TOO_LONG", WORDS[field])
    await does(shop, field, by(field), ticket, **{WORDS[field]: LONG[1:]})


@pytest.mark.parametrize(
    ("status", "needed"),
    [("TABLED", True), ("DELIBERATING", True), ("JOINT", False), ("EXTENDED", False)],
)
async def test_back_from_a_meeting_with_what_it_resolved(
    shop: Site, status: str, needed: bool
) -> None:
    ticket = await lived(shop, status)
    if needed:
        answer = await refused(shop, "ticketResume", CHIEF, ticketId=ticket)
        assert answer == ("RESOLUTION_REQUIRED", "resolution")
    said = "会上定了" if needed else ""
    await does(shop, "ticketResume", CHIEF, ticket, resolution=said)
    (*_, event) = (await standing(shop, ticket))["events"]["nodes"]
    assert (event["verb"], event["note"]) == ("RESUME", said or None)


NEEDED = {
    "ticketReport": ("unitId", "title", "category"),
    "ticketMerge": ("intoId",),
    "ticketDispatch": ("unitId",),
    "ticketReturn": ("unitId", "reason"),
    "ticketJoin": ("unitIds", "reason"),
    "ticketExtend": ("dueAt", "reason"),
    "ticketResolve": ("resolution",),
    "ticketFollowUp": ("verdict",),
}


@pytest.mark.parametrize(("field", "name"), [(f, name) for f, ns in NEEDED.items() for name in ns])
async def test_what_must_be_given_is_required_by_the_schema(
    shop: Site, field: str, name: str
) -> None:
    given: dict[str, Any] = {"ticketId": f"ticket_weibin_{NOBODY_S}"}
    if field == "ticketReport":
        given = {"unitId": f"unit_weibin_{NOBODY_S}", "title": "试", "category": "yard"}
    else:
        given |= await told(shop, field)
    del given[name]
    answer = await shop.post(mutation(field), {"input": given}, CHIEF)
    (error,) = answer.json()["errors"]
    assert name in error["message"]
    assert error["extensions"]["code"] == "BAD_VARIABLE"


@pytest.mark.parametrize("field", INPUTS)
async def test_an_id_of_another_kind_of_thing_is_no_ticket(shop: Site, field: str) -> None:
    unit = await shop.unit("weibin", GRID)
    for wrong in (unit, unit.replace("unit_", "person_"), "x", ""):
        sent = {**await told(shop, field), "ticketId": wrong}
        (error,) = await shop.errors(mutation(field), CHIEF, input=sent)
        assert error["extensions"]["code"] == "BAD_ID"


PARTS = [
    ("ticketDispatch", "unitId"),
    ("ticketRule", "unitId"),
    ("ticketEscalate", "unitId"),
    ("ticketReturn", "unitId"),
    ("ticketJoin", "unitIds"),
    ("ticketJoin", "leadId"),
    ("ticketMerge", "intoId"),
    ("ticketTable", "meetingId"),
]


async def with_part(site: Site, field: str, name: str, value: str) -> dict[str, Any]:
    """A verb's input with one id in it replaced."""
    return {**await told(site, field), name: [value] if name == "unitIds" else value}


@pytest.mark.parametrize(("field", "name"), PARTS)
async def test_ids_of_another_kind_in_the_other_parts(shop: Site, field: str, name: str) -> None:
    ticket = await ready(shop, field)
    sent = await with_part(shop, field, name, f"person_weibin_{NOBODY_S}")
    (error,) = await shop.errors(mutation(field), DISTRICT, input={**sent, "ticketId": ticket})
    assert error["extensions"]["code"] == "BAD_ID"


@pytest.mark.parametrize(("field", "name"), PARTS)
async def test_what_is_named_is_of_the_same_place_and_exists(
    shop: Site, field: str, name: str
) -> None:
    ticket = await ready(shop, field)
    tag = {"intoId": "ticket", "meetingId": "meeting"}.get(name, "unit")
    if tag == "ticket":
        there = await shop.ticket("育红路小区下水堵塞")
    else:
        there = (await shop.unit("huazhou", "大街社区")).replace("unit_", f"{tag}_")
    before = await standing(shop, ticket)
    for wrong in (there, f"{tag}_weibin_{NOBODY_S}", f"{tag}_nowhere_{NOBODY_S}"):
        sent = await with_part(shop, field, name, wrong)
        answer = await refused(shop, field, DISTRICT, ticketId=ticket, **sent)
        assert answer == ("UNIT_UNKNOWN" if tag == "unit" else "NOT_FOUND", name)
    assert await standing(shop, ticket) == before


@pytest.mark.parametrize(("field", "name"), [each for each in PARTS if "nit" in each[1]])
async def test_a_closed_unit_is_sent_nothing(own: Site, field: str, name: str) -> None:
    ticket = await ready(own, field)
    unit = await own.unit("weibin", "姜谭街道" if field == "ticketEscalate" else SIBLING_GRID)
    closing = "UPDATE org_unit SET valid_to = CURRENT_DATE WHERE id = $1"
    await own.owner.execute(closing, key_of(unit))
    sent = await with_part(own, field, name, unit)
    answer = await refused(own, field, DISTRICT, ticketId=ticket, **sent)
    assert answer == ("UNIT_CLOSED", name)


@pytest.mark.parametrize("field", INPUTS)
async def test_whoever_speaks_of_an_earlier_hop_is_told_so(shop: Site, field: str) -> None:
    ticket = await ready(shop, field)
    before = await standing(shop, ticket)
    given = {"ticketId": ticket, **await told(shop, field)}
    for wrong in (before["hopCount"] + 1, before["hopCount"] - 1):
        answer = await refused(shop, field, by(field), **given, hop=wrong)
        assert answer == ("VERSION_CONFLICT", None)
    assert await standing(shop, ticket) == before
    await does(shop, field, by(field), ticket, hop=before["hopCount"])


async def test_two_phones_that_saw_the_same_hop(shop: Site) -> None:
    """The second one acts on what the first one changed: it must look again."""
    ticket = await lived(shop, "IN_PROGRESS")
    seen = (await standing(shop, ticket))["hopCount"]
    await does(shop, "ticketEscalate", CHIEF, ticket, hop=seen)
    late = {"ticketId": ticket, "hop": seen, **WHY}
    answer = await refused(shop, "ticketEscalate", COMMUNITY, **late)
    assert answer == ("VERSION_CONFLICT", None)
    assert (await standing(shop, ticket))["hopCount"] == seen + 1


async def test_a_deadline_is_only_ever_put_off(shop: Site) -> None:
    ticket = await lived(shop, "IN_PROGRESS")
    due = (await standing(shop, ticket))["dueAt"]
    sooner = (datetime.fromisoformat(due) - timedelta(hours=1)).isoformat()
    for wrong, code in (
        ("2026-01-01T00:00:00Z", "DUE_IN_PAST"),
        (due, "DUE_NOT_LATER"),
        (sooner, "DUE_NOT_LATER"),
    ):
        sent = await told(shop, "ticketExtend", dueAt=wrong)
        answer = await refused(shop, "ticketExtend", CHIEF, ticketId=ticket, **sent)
        assert answer == (code, "dueAt")


async def test_more_time_is_given_with_a_reason_and_kept_in_the_history(shop: Site) -> None:
    ticket = await lived(shop, "IN_PROGRESS")
    before = await standing(shop, ticket)
    later = "2098-07-01T08:00:00+08:00"
    await does(shop, "ticketExtend", CHIEF, ticket, dueAt=later)
    after = await standing(shop, ticket)
    (*_, event) = after["events"]["nodes"]
    assert event["dueAt"] == after["dueAt"] == "2098-07-01T00:00:00+00:00"
    assert (event["note"], event["verdict"]) == ("等材料", None)
    assert (after["status"], after["nextHop"]) == ("EXTENDED", before["nextHop"])
    assert after["hopDueAt"] == before["hopDueAt"]
    await does(shop, "ticketResume", CHIEF, ticket, resolution="")
    assert (await standing(shop, ticket))["dueAt"] == after["dueAt"]


async def test_a_ticket_is_sent_down_only_to_a_unit_below(shop: Site) -> None:
    ticket = await ready(shop, "ticketReturn")
    for name in ("姜谭街道", "渭滨区", "长岭社区", "清姜街道"):
        sent = await told(shop, "ticketReturn", unitId=name)
        answer = await refused(shop, "ticketReturn", TOWN, ticketId=ticket, **sent)
        assert answer == ("NOT_BELOW", "unitId")
    sent = await told(shop, "ticketReturn", unitId="姜谭路西社区")
    answer = await refused(shop, "ticketReturn", TOWN, ticketId=ticket, **sent)
    assert answer == ("SAME_UNIT", "unitId")
    # Below, but not where it came from: it may be another's to solve.
    await does(shop, "ticketReturn", COMMUNITY, ticket, unitId=SIBLING_GRID)
    after = await standing(shop, ticket)
    (*_, hop) = after["escalationChain"]
    assert (hop["route"], hop["toUnit"]["name"]) == ("DOWN", SIBLING_GRID)
    assert after["handler"]["name"] == SIBLING_GRID
