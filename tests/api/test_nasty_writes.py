"""Nasty values in what is written: taken, or refused by code; never a 500."""

import json
from typing import Any

import httpx
import pytest

from tests.api.acting import CHIEF, DISTRICT, GRID, refused
from tests.api.living import FAR_OFF
from tests.api.served import Site
from tests.api.test_nasty import FAR, IDS, TEXTS, TIMES, well_behaved

WRITES: list[tuple[str, str, str]] = [
    ("ticketReport", "title", "TicketReportInput"),
    ("ticketReport", "body", "TicketReportInput"),
    ("ticketReport", "category", "TicketReportInput"),
    ("ticketReport", "unitId", "TicketReportInput"),
    ("ticketReport", "severity", "TicketReportInput"),
    ("ticketAccept", "note", "TicketAcceptInput"),
    ("ticketAccept", "ticketId", "TicketAcceptInput"),
    ("ticketDispatch", "unitId", "TicketDispatchInput"),
    ("ticketEscalate", "reason", "TicketEscalateInput"),
    ("ticketEscalate", "unitId", "TicketEscalateInput"),
    ("ticketResolve", "resolution", "TicketResolveInput"),
    ("ticketClose", "note", "TicketCloseInput"),
    ("ticketFollowUp", "verdict", "TicketFollowUpInput"),
    ("ticketMerge", "intoId", "TicketMergeInput"),
    ("ticketJoin", "unitIds", "TicketJoinInput"),
    ("ticketJoin", "leadId", "TicketJoinInput"),
    ("ticketTable", "meetingId", "TicketTableInput"),
    ("ticketExtend", "dueAt", "TicketExtendInput"),
    ("ticketSign", "hop", "TicketSignInput"),
    ("ticketReport", "id", "TicketReportInput"),
    ("serviceRecordAdd", "note", "ServiceRecordAddInput"),
    ("serviceRecordAdd", "recipientId", "ServiceRecordAddInput"),
    ("serviceRecordAdd", "ticketId", "ServiceRecordAddInput"),
    ("serviceRecordAdd", "at", "ServiceRecordAddInput"),
]


async def write(shop: Site, field: str, type_: str, **given: Any) -> httpx.Response:
    """A write that is sound but for what is given; on a closed ticket, so that little happens."""
    ticket = await shop.ticket("宝氮二区与秦川花园之间围墙倾斜")
    unit = await shop.unit("weibin", GRID)
    sound: dict[str, dict[str, Any]] = {
        "ticketReport": {"unitId": unit, "title": "试", "category": "yard"},
        "ticketAccept": {"ticketId": ticket},
        "ticketDispatch": {"ticketId": ticket, "unitId": unit},
        "ticketEscalate": {"ticketId": ticket, "reason": "上报"},
        "ticketResolve": {"ticketId": ticket, "resolution": "办好"},
        "ticketClose": {"ticketId": ticket},
        "ticketFollowUp": {"ticketId": ticket, "verdict": "SATISFIED"},
        "ticketMerge": {"ticketId": ticket, "intoId": ticket},
        "ticketJoin": {"ticketId": ticket, "unitIds": [unit], "reason": "吹哨"},
        "ticketTable": {"ticketId": ticket, "reason": "提交例会"},
        "ticketExtend": {"ticketId": ticket, "dueAt": FAR_OFF, "reason": "等材料"},
        "ticketSign": {"ticketId": ticket},
        "serviceRecordAdd": {"kind": "VISIT", "unitId": unit},
    }
    query = (
        f"mutation($input: {type_}!) {{ {field}(input: $input) {{ userErrors {{ code field }} }} }}"
    )
    return await shop.post(query, {"input": {**sound[field], **given}}, DISTRICT)


@pytest.mark.parametrize(("field", "name", "type_"), WRITES)
async def test_values_in_writes(shop: Site, field: str, name: str, type_: str) -> None:
    for value in [*TEXTS, *IDS, *TIMES[:9], [IDS[0]], 0, -1, 2**31, 1.5, True, [], {}, None]:
        well_behaved(await write(shop, field, type_, **{name: value}), value)


@pytest.mark.parametrize("key", [" ", "'", "👨‍👩‍👧‍👦", "x" * 200, "\ue000"])
async def test_keys_may_be_any_short_text(shop: Site, key: str) -> None:
    answer = await write(shop, "ticketReport", "TicketReportInput", clientMutationKey=key)
    well_behaved(answer, key)
    assert answer.json()["data"]["ticketReport"]["userErrors"] == []


@pytest.mark.parametrize(
    "key", ["a\x00b", "".join(map(chr, range(0x4E00, 0x5E00)))], ids=["nul", "long"]
)
async def test_keys_that_no_row_can_hold(shop: Site, key: str) -> None:
    answer = await write(shop, "ticketReport", "TicketReportInput", clientMutationKey=key)
    well_behaved(answer, key[:5])


@pytest.mark.parametrize("at", ["1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", *FAR[:1]])
async def test_services_before_1970(shop: Site, at: str) -> None:
    well_behaved(await write(shop, "serviceRecordAdd", "ServiceRecordAddInput", at=at), at)


async def test_a_text_with_a_null_byte_is_refused_as_such(shop: Site) -> None:
    """Told by code, not taken and cut short."""
    texts = [each for each in WRITES if each[1] in ("title", "body", "note")]
    for field, name, type_ in texts:
        answer = await write(shop, field, type_, **{name: "a\x00b"})
        assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_TEXT"


async def test_what_came_along_when_pasting_is_kept_out_of_what_is_stored(shop: Site) -> None:
    """By a variable and in the document, in one line and in several."""
    unit = await shop.unit("weibin", GRID)
    pasted = {"title": "\ufeff楼道\n灯坏了\u200b", "body": "三楼\u00ad\r四楼"}
    sent = {"unitId": unit, "category": "yard", **pasted}
    written = ", ".join(
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in sent.items()
    )
    payload = "{ ticket { title events(first: 1) { nodes { note } } } userErrors { code } }"
    for query, variables in (
        (f"mutation($i: TicketReportInput!) {{ ticketReport(input: $i) {payload} }}", {"i": sent}),
        (f"mutation {{ ticketReport(input: {{ {written} }}) {payload} }}", {}),
    ):
        answer = (await shop.post(query, variables, CHIEF)).json()
        assert answer["data"]["ticketReport"] == {
            "ticket": {"title": "楼道 灯坏了", "events": {"nodes": [{"note": "三楼\n四楼"}]}},
            "userErrors": [],
        }


async def test_what_looks_empty_is_no_title(shop: Site) -> None:
    unit = await shop.unit("weibin", GRID)
    for title in ("", " ", "\u3000", "\u200b", "\ufeff\n"):
        given = {"unitId": unit, "title": title, "category": "yard"}
        assert await refused(shop, "ticketReport", CHIEF, **given) == ("TITLE_REQUIRED", "title")
