"""Every refusal the verbs can give: its code, the input field at fault, and nothing done."""

from typing import Any

import httpx
import pytest

from domain.refusal import RefusalCode
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    ELSEWHERE,
    GRID,
    NEIGHBOUR,
    RESIDENT,
    SIBLING,
    SIBLING_GRID,
    WORKER,
    done,
    mutation,
    refused,
    reported,
    standing,
)
from tests.api.living import does, lived, told
from tests.api.served import Site, key_of

NOBODY_S = "019b71b5-3660-7a96-b208-76e3beb113d7"
LONG = "长" * 4001

ON_TICKETS: list[tuple[str, dict[str, Any]]] = [
    ("ticketAccept", {}),
    ("ticketDispatch", {"unitId": None}),
    ("ticketEscalate", {"reason": "上报"}),
    ("ticketResolve", {"resolution": "办好"}),
    ("ticketClose", {}),
    ("serviceRecordAdd", {"kind": "VISIT"}),
]
each_on_tickets = pytest.mark.parametrize(
    ("field", "given"), ON_TICKETS, ids=[field for field, _ in ON_TICKETS]
)

TRACES = ("ticket", "ticket_event", "escalation_hop", "service_record", "client_mutation")


async def traces(site: Site) -> list[int]:
    return [await site.count(table) for table in TRACES]


async def filled(site: Site, given: dict[str, Any]) -> dict[str, Any]:
    """The input with the id of a unit, where one is wanted."""
    if "unitId" in given:
        return {**given, "unitId": await site.unit("weibin", GRID)}
    return given


def told_in(answer: httpx.Response) -> dict[str, str]:
    """The headers of an answer, but for the name that each request has of its own."""
    headers = dict(answer.headers)
    assert headers.pop("x-request-id")
    return headers


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"title": ""}, ("TITLE_REQUIRED", "title")),
        ({"title": " 　 "}, ("TITLE_REQUIRED", "title")),
        ({"title": "长" * 201}, ("TEXT_TOO_LONG", "title")),
        ({"body": LONG}, ("TEXT_TOO_LONG", "body")),
        ({"category": "none"}, ("CATEGORY_UNKNOWN", "category")),
        ({"category": "drainage"}, ("CATEGORY_UNKNOWN", "category")),
        ({"unitId": f"unit_weibin_{NOBODY_S}"}, ("UNIT_UNKNOWN", "unitId")),
        ({"unitId": f"unit_nowhere_{NOBODY_S}"}, ("UNIT_UNKNOWN", "unitId")),
    ],
)
async def test_a_report_is_refused(
    shop: Site, given: dict[str, Any], expected: tuple[str, str]
) -> None:
    before = await traces(shop)
    sound = {"unitId": await shop.unit("weibin", GRID), "title": "试", "category": "yard"}
    assert await refused(shop, "ticketReport", RESIDENT, **{**sound, **given}) == expected
    assert await traces(shop) == before


async def test_texts_of_the_greatest_length_are_taken(shop: Site) -> None:
    ticket = await reported(shop, title="长" * 200, body="长" * 4000)
    await done(shop, "ticketEscalate", CHIEF, ticketId=ticket, reason="长" * 4000)
    await done(shop, "serviceRecordAdd", CHIEF, ticketId=ticket, kind="TALK", note="长" * 4000)


async def test_a_unit_of_another_place_is_unknown(shop: Site) -> None:
    there = await shop.unit("huazhou", "大街社区")
    expected = ("UNIT_UNKNOWN", "unitId")
    new = {"unitId": there, "title": "试", "category": "yard"}
    assert await refused(shop, "ticketReport", RESIDENT, **new) == expected
    ticket = await reported(shop)
    await done(shop, "ticketAccept", CHIEF, ticketId=ticket)
    sent = {"ticketId": ticket, "unitId": there}
    assert await refused(shop, "ticketDispatch", CHIEF, **sent) == expected
    assert await refused(shop, "ticketEscalate", CHIEF, reason="上报", **sent) == expected
    assert await refused(shop, "serviceRecordAdd", CHIEF, kind="VISIT", unitId=there) == expected


@each_on_tickets
async def test_what_one_may_not_see_is_what_is_not_there(
    shop: Site, field: str, given: dict[str, Any]
) -> None:
    """The same bytes for a ticket out of sight, of another place, and of none."""
    mine = await reported(shop)
    given = await filled(shop, given)
    before = await traces(shop)

    async def answer(ticket: str, by: str = SIBLING) -> httpx.Response:
        return await shop.post(mutation(field), {"input": {**given, "ticketId": ticket}}, by)

    absent = await answer(f"ticket_weibin_{NOBODY_S}")
    assert absent.json()["data"][field]["userErrors"] == [
        {"code": "NOT_FOUND", "message": RefusalCode.NOT_FOUND.meaning, "field": "ticketId"}
    ]
    for other in (
        await answer(mine),
        await answer(mine, NEIGHBOUR),
        await answer(mine, ELSEWHERE),
        await answer(f"ticket_nowhere_{NOBODY_S}"),
        await answer(await shop.ticket("育红路小区下水堵塞")),
    ):
        assert other.content == absent.content
        assert other.status_code == absent.status_code
        assert told_in(other) == told_in(absent)
    assert await traces(shop) == before


@each_on_tickets
async def test_seeing_is_not_enough(shop: Site, field: str, given: dict[str, Any]) -> None:
    """Neither whoever reported it, nor the unit that passed it up, nor where it arose may act."""
    there = await shop.unit("weibin", SIBLING_GRID)
    given = await filled(shop, given)
    sent_away = await reported(shop)
    await done(shop, "ticketAccept", CHIEF, ticketId=sent_away)
    await done(shop, "ticketDispatch", COMMUNITY, ticketId=sent_away, unitId=there)
    fresh, passed_up = await reported(shop), await reported(shop)
    await done(shop, "ticketEscalate", CHIEF, ticketId=passed_up, reason="上报")
    by_sibling = await reported(shop, by=SIBLING)
    asked = [(fresh, RESIDENT), (by_sibling, SIBLING), (sent_away, CHIEF), (passed_up, WORKER)]
    before = await traces(shop)
    for ticket, who in asked:
        if field in ("serviceRecordAdd", "ticketClose") and who in (CHIEF, WORKER):
            continue  # where it arose one may serve for it, and see it through
        assert (await standing(shop, ticket, who))["id"] == ticket
        expected = ("FORBIDDEN", None)
        assert await refused(shop, field, who, ticketId=ticket, **given) == expected
    assert await traces(shop) == before


@pytest.mark.parametrize(
    ("field", "given", "expected"),
    [
        ("ticketAccept", {}, ("NOT_ALLOWED_FROM_STATUS", None)),
        ("ticketClose", {}, ("NOT_ALLOWED_FROM_STATUS", None)),
        ("ticketEscalate", {"reason": ""}, ("REASON_REQUIRED", "reason")),
        ("ticketEscalate", {"reason": " \n"}, ("REASON_REQUIRED", "reason")),
        ("ticketEscalate", {"reason": LONG}, ("TEXT_TOO_LONG", "reason")),
        ("ticketDispatch", {"unitId": f"unit_weibin_{NOBODY_S}"}, ("UNIT_UNKNOWN", "unitId")),
        (
            "ticketEscalate",
            {"unitId": f"unit_weibin_{NOBODY_S}", "reason": "上报"},
            ("UNIT_UNKNOWN", "unitId"),
        ),
        (
            "serviceRecordAdd",
            {"kind": "VISIT", "at": "2999-01-01T00:00:00Z"},
            ("AT_IN_FUTURE", "at"),
        ),
        ("serviceRecordAdd", {"kind": "VISIT", "note": LONG}, ("TEXT_TOO_LONG", "note")),
        (
            "serviceRecordAdd",
            {"kind": "VISIT", "recipientId": f"person_weibin_{NOBODY_S}"},
            ("NOT_FOUND", "recipientId"),
        ),
    ],
)
async def test_a_verb_on_an_accepted_ticket_is_refused(
    shop: Site, field: str, given: dict[str, Any], expected: tuple[str, str | None]
) -> None:
    ticket = await reported(shop)
    await done(shop, "ticketAccept", CHIEF, ticketId=ticket)
    before = await traces(shop), await standing(shop, ticket)
    assert await refused(shop, field, CHIEF, ticketId=ticket, **given) == expected
    assert (await traces(shop), await standing(shop, ticket)) == before


async def test_a_ticket_is_closed_once_the_resident_was_heard(shop: Site) -> None:
    ticket = await lived(shop, "VERIFIED")
    early = await refused(shop, "ticketClose", COMMUNITY, ticketId=ticket)
    assert early == ("NOT_ALLOWED_FROM_STATUS", None)
    await does(shop, "ticketFollowUp", RESIDENT, ticket, verdict="DISSATISFIED")
    for note in ("", " \n"):
        answer = await refused(shop, "ticketClose", COMMUNITY, ticketId=ticket, note=note)
        assert answer == ("REASON_REQUIRED", "note")
    await done(shop, "ticketClose", COMMUNITY, ticketId=ticket, note="条件所限")
    expected = ("NOT_ALLOWED_FROM_STATUS", None)
    for field, given in ON_TICKETS[:-1]:
        sent = {**await filled(shop, given), "ticketId": ticket}
        assert await refused(shop, field, DISTRICT, **sent) == expected


async def test_only_a_unit_above_has_it_passed_up(shop: Site) -> None:
    ticket = await reported(shop)
    none, same = ("NO_HIGHER_LEVEL", "unitId"), ("SAME_UNIT", "unitId")

    async def answer(who: str, unit: str | None) -> tuple[str, str | None]:
        sent = await told(shop, "ticketEscalate", unitId=unit)
        return await refused(shop, "ticketEscalate", who, ticketId=ticket, **sent)

    for name in (SIBLING_GRID, "长岭社区", "清姜街道"):
        assert await answer(CHIEF, name) == ("NOT_ABOVE", "unitId")
    assert await answer(CHIEF, GRID) == same
    await does(shop, "ticketEscalate", CHIEF, ticket, unitId="渭滨区")
    assert await answer(DISTRICT, None) == none
    assert await answer(DISTRICT, "姜谭街道") == ("NOT_ABOVE", "unitId")
    assert await answer(DISTRICT, "渭滨区") == same


async def test_a_service_is_for_a_unit_one_serves_in(shop: Site) -> None:
    there = await shop.unit("weibin", SIBLING_GRID)
    visit = {"kind": "VISIT"}
    assert await refused(shop, "serviceRecordAdd", CHIEF, **visit) == ("UNIT_REQUIRED", "unitId")
    for who in (CHIEF, RESIDENT, NEIGHBOUR):
        answer = await refused(shop, "serviceRecordAdd", who, unitId=there, **visit)
        assert answer == ("FORBIDDEN", None)
    hidden = await shop.person(NEIGHBOUR)
    recipient = {"recipientId": f"person_weibin_{hidden.person}"}
    grid = await shop.unit("weibin", GRID)
    answer = await refused(shop, "serviceRecordAdd", CHIEF, unitId=grid, **visit, **recipient)
    assert answer == ("NOT_FOUND", "recipientId")


async def test_a_closed_unit_gets_nothing(own: Site) -> None:
    ticket = await reported(own)
    await done(own, "ticketAccept", CHIEF, ticketId=ticket)
    there = await own.unit("weibin", SIBLING_GRID)
    await own.owner.execute(
        "UPDATE org_unit SET valid_to = CURRENT_DATE WHERE id = $1", key_of(there)
    )
    expected = ("UNIT_CLOSED", "unitId")
    new = {"unitId": there, "title": "试", "category": "yard"}
    assert await refused(own, "ticketReport", RESIDENT, **new) == expected
    sent = {"ticketId": ticket, "unitId": there}
    assert await refused(own, "ticketDispatch", COMMUNITY, **sent) == expected


@pytest.mark.parametrize(
    ("languages", "chinese"),
    [
        ("zh-Hans", True),
        ("zh-CN,zh;q=0.9,en;q=0.8", True),
        ("ZH", True),
        ("en-GB,zh;q=0.9", False),
        ("", False),
        ("fr", False),
    ],
)
async def test_messages_are_in_the_client_s_language(
    shop: Site, languages: str, chinese: bool
) -> None:
    asked = {"input": {"ticketId": f"ticket_weibin_{NOBODY_S}"}}
    headers = {"accept-language": languages}
    answer = await shop.post(mutation("ticketAccept"), asked, CHIEF, headers)
    (error,) = answer.json()["data"]["ticketAccept"]["userErrors"]
    code = RefusalCode.NOT_FOUND
    assert error["message"] == (code.zh if chinese else code.meaning)


async def test_messages_say_how_much_and_where_it_stands(shop: Site) -> None:
    ticket, status = await reported(shop), RefusalCode.NOT_ALLOWED_FROM_STATUS
    for field, given, english, chinese in (
        ("ticketVerify", {}, "while it is REPORTED;", "当前状态为“上报”"),
        ("ticketReject", {"reason": LONG}, "at most 4000 characters", "4000 字以内"),
    ):
        for language, said in (("en", english), ("zh-CN", chinese)):
            sent = {"input": {"ticketId": ticket, **given}}
            headers = {"accept-language": language}
            answer = await shop.post(mutation(field), sent, CHIEF, headers)
            (error,) = answer.json()["data"][field]["userErrors"]
            assert said in error["message"]
            assert ("allowedVerbs" in error["message"]) == (error["code"] == status)


@pytest.mark.parametrize("field", ["ticketReport", *(field for field, _ in ON_TICKETS)])
async def test_the_public_does_nothing(shop: Site, field: str) -> None:
    before = await traces(shop)
    given: dict[str, Any] = {"title": "试", "category": "yard"} if field == "ticketReport" else {}
    given |= await filled(shop, dict(ON_TICKETS).get(field, {"unitId": None}))
    if field != "ticketReport":
        given["ticketId"] = await shop.ticket("育红路小区下水堵塞")
    (error,) = await shop.errors(mutation(field), input=given)
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert await traces(shop) == before
