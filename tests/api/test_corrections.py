"""Corrections of service records: by whom they may be made, and what they keep."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    ELSEWHERE,
    NEIGHBOUR,
    RESIDENT,
    SIBLING,
    SIBLING_GRID,
    WORKER,
    act,
    done,
    refused,
    reported,
)
from tests.api.records import LONG, SAID, added, person, read
from tests.api.served import Site


async def test_a_correction_keeps_what_was_said_before(shop: Site) -> None:
    at = "2026-01-01T00:00:00+00:00"
    made = (await added(shop, kind="TALK", at=at, note="宣传防火"))["id"]
    later = "2026-01-02T00:00:00+00:00"
    first = {"recordId": made, "kind": "REPAIR", "at": later, "reason": "记错了"}
    assert await done(shop, "serviceRecordCorrect", WORKER, SAID, **first) == {
        "kind": "REPAIR",
        "at": later,
        "note": "宣传防火",
        "duty": None,
        "recipient": None,
        "visit": None,
        "corrections": [{"sequence": 1}],
    }
    second = {"recordId": made, "note": "", "reason": "不必写"}
    await done(shop, "serviceRecordCorrect", COMMUNITY, **second)
    record = await read(shop, made, CHIEF)
    assert (record["kind"], record["at"], record["note"]) == ("REPAIR", later, None)
    kept = [
        {name: each[name] for name in ("sequence", "reason", "kind", "servedAt", "note")}
        for each in record["corrections"]
    ]
    assert kept == [
        {"sequence": 1, "reason": "记错了", "kind": "TALK", "servedAt": at, "note": "宣传防火"},
        {
            "sequence": 2,
            "reason": "不必写",
            "kind": "REPAIR",
            "servedAt": later,
            "note": "宣传防火",
        },
    ]
    actors = [each["actor"]["name"] for each in record["corrections"]]
    assert actors == [(await shop.person(who)).name for who in (WORKER, COMMUNITY)]
    assert record["corrections"][0]["at"] < record["corrections"][1]["at"]


async def test_who_may_correct(shop: Site) -> None:
    """Whoever gave the service and those who serve there or above; not whom it was for."""
    made = (await added(shop, recipientId=await person(shop, RESIDENT)))["id"]
    given = {"recordId": made, "note": "改", "reason": "改"}
    assert await refused(shop, "serviceRecordCorrect", RESIDENT, **given) == ("FORBIDDEN", None)
    for who in (SIBLING, NEIGHBOUR, ELSEWHERE):
        answer = await refused(shop, "serviceRecordCorrect", who, **given)
        assert answer == ("NOT_FOUND", "recordId")
    foreign = {**given, "recordId": made.replace("weibin", "huazhou")}
    for who in (WORKER, ELSEWHERE):
        answer = await refused(shop, "serviceRecordCorrect", who, **foreign)
        assert answer == ("NOT_FOUND", "recordId")
    for at, who in enumerate((WORKER, CHIEF, DISTRICT)):
        await done(shop, "serviceRecordCorrect", who, **{**given, "note": f"改{at}"})
    assert len((await read(shop, made, RESIDENT))["corrections"]) == 3


async def test_a_handler_elsewhere_sees_and_does_not_correct(shop: Site) -> None:
    """Until the ticket is with others again; what one gave oneself stays one's own to correct."""
    ticket = await reported(shop)
    await done(shop, "ticketAccept", CHIEF, ticketId=ticket)
    unit = await shop.unit("weibin", SIBLING_GRID)
    await done(shop, "ticketDispatch", COMMUNITY, ticketId=ticket, unitId=unit)
    made = (await added(shop, WORKER, ticketId=ticket, note="看过"))["id"]
    assert (await read(shop, made, SIBLING))["note"] == "看过"
    given = {"recordId": made, "note": "改", "reason": "改"}
    assert await refused(shop, "serviceRecordCorrect", SIBLING, **given) == ("FORBIDDEN", None)
    theirs = (await added(shop, SIBLING, ticketId=ticket, note="看过"))["id"]
    await done(shop, "ticketEscalate", SIBLING, ticketId=ticket, reason="管不了")
    assert await read(shop, made, SIBLING) is None
    assert (await read(shop, theirs, SIBLING))["ticket"] is None
    await done(shop, "serviceRecordCorrect", SIBLING, **{**given, "recordId": theirs})


async def test_corrections_that_are_refused(shop: Site) -> None:
    visit = (await added(shop, note="走访", visit={"needs": "扶手"}))["id"]
    soon = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    cases: list[tuple[dict[str, Any], tuple[str, str | None]]] = [
        ({"note": "改", "reason": " "}, ("REASON_REQUIRED", "reason")),
        ({"note": "改", "reason": LONG}, ("TEXT_TOO_LONG", "reason")),
        ({"note": LONG, "reason": "改"}, ("TEXT_TOO_LONG", "note")),
        ({"at": soon, "reason": "改"}, ("AT_IN_FUTURE", "at")),
        ({"kind": "TALK", "reason": "改"}, ("NOT_A_VISIT", "kind")),
        ({"reason": "改"}, ("NOTHING_CHANGED", None)),
        ({"note": "走访", "reason": "改"}, ("NOTHING_CHANGED", None)),
    ]
    for given, answer in cases:
        sent = {"recordId": visit, **given}
        assert await refused(shop, "serviceRecordCorrect", WORKER, **sent) == answer
    assert (await read(shop, visit, WORKER))["corrections"] == []
    plain = (await added(shop))["id"]
    given = {"recordId": plain, "kind": "TALK", "reason": "记错"}
    assert (await done(shop, "serviceRecordCorrect", CHIEF, "kind", **given)) == {"kind": "TALK"}


async def test_the_same_key_corrects_once(shop: Site) -> None:
    made = (await added(shop, note="一"))["id"]
    sent = {"recordId": made, "note": "二", "reason": "改", "clientMutationKey": f"fix {made}"}
    first = await act(shop, "serviceRecordCorrect", WORKER, SAID, **sent)
    assert await act(shop, "serviceRecordCorrect", WORKER, SAID, **sent) == first
    assert first["serviceRecord"]["corrections"] == [{"sequence": 1}]
    other = {**sent, "note": "三"}
    answer = await refused(shop, "serviceRecordCorrect", WORKER, **other)
    assert answer == ("KEY_REUSED", "clientMutationKey")


async def test_twenty_who_correct_at_once_lose_nothing(shop: Site) -> None:
    made = (await added(shop, note="原文"))["id"]
    calls = [
        done(shop, "serviceRecordCorrect", who, recordId=made, note=f"改{at}", reason="改")
        for at, who in enumerate([WORKER, CHIEF, COMMUNITY, DISTRICT] * 5)
    ]
    await asyncio.gather(*calls)
    record = await read(shop, made, WORKER)
    kept = record["corrections"]
    assert [each["sequence"] for each in kept] == list(range(1, 21))
    assert kept[0]["note"] == "原文"
    said = [each["note"] for each in kept[1:]] + [record["note"]]
    assert sorted(said) == sorted(f"改{at}" for at in range(20))
    moments = [each["at"] for each in kept]
    assert moments == sorted(moments)
