"""A ticket's life in 渭滨: for each verb an input that lacks nothing, and the way to each status."""

from typing import Any

from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    GRID,
    RESIDENT,
    SIBLING_GRID,
    done,
    reported,
)
from tests.api.served import Site

FAR_OFF = "2099-01-01T00:00:00+00:00"
WHY = {"reason": "网格办不了"}

INPUTS: dict[str, dict[str, Any]] = {
    "ticketAccept": {},
    "ticketReject": {"reason": "不属受理范围"},
    "ticketMerge": {"intoId": None},
    "ticketWithdraw": {},
    "ticketDispatch": {"unitId": GRID},
    "ticketDispute": {"reason": "不归本网格"},
    "ticketRule": {"unitId": GRID, "reason": "就在该网格"},
    "ticketSign": {},
    "ticketEscalate": WHY,
    "ticketReturn": {"unitId": GRID, "reason": "网格能办"},
    "ticketJoin": {"unitIds": [SIBLING_GRID], **WHY},
    "ticketTable": WHY,
    "ticketDeliberate": {"reason": "居民意见不一"},
    "ticketResume": {"resolution": "会上定了"},
    "ticketExtend": {"dueAt": FAR_OFF, "reason": "等材料"},
    "ticketExplain": {"reason": "产权不清"},
    "ticketResolve": {"resolution": "已整理"},
    "ticketRework": {"reason": "没修好"},
    "ticketVerify": {},
    "ticketFollowUp": {"verdict": "SATISFIED"},
    "ticketReopen": {"reason": "又坏了"},
    "ticketClose": {},
}
"""What each verb is told; units by name, the ticket that carries another on by nothing."""

# status: (the status before, the verb, whose verb it is)
LIFE = {
    "ACCEPTED": ("REPORTED", "ticketAccept", CHIEF),
    "REJECTED": ("REPORTED", "ticketReject", CHIEF),
    "MERGED": ("REPORTED", "ticketMerge", CHIEF),
    "WITHDRAWN": ("REPORTED", "ticketWithdraw", RESIDENT),
    "DISPATCHED": ("ACCEPTED", "ticketDispatch", COMMUNITY),
    "DISPUTED": ("DISPATCHED", "ticketDispute", CHIEF),
    "IN_PROGRESS": ("DISPATCHED", "ticketSign", CHIEF),
    "JOINT": ("IN_PROGRESS", "ticketJoin", CHIEF),
    "TABLED": ("IN_PROGRESS", "ticketTable", CHIEF),
    "DELIBERATING": ("IN_PROGRESS", "ticketDeliberate", CHIEF),
    "EXTENDED": ("IN_PROGRESS", "ticketExtend", CHIEF),
    "EXPLAINED": ("IN_PROGRESS", "ticketExplain", CHIEF),
    "RESOLVED": ("IN_PROGRESS", "ticketResolve", CHIEF),
    "VERIFIED": ("RESOLVED", "ticketVerify", COMMUNITY),
    "FOLLOWED_UP": ("VERIFIED", "ticketFollowUp", RESIDENT),
    "REOPENED": ("FOLLOWED_UP", "ticketReopen", RESIDENT),
    "CLOSED": ("FOLLOWED_UP", "ticketClose", COMMUNITY),
}


async def told(site: Site, field: str, **other: Any) -> dict[str, Any]:
    """A verb's input with the ids of what it names."""
    given = {**INPUTS[field], **other}
    for name in ("unitId", "leadId"):
        if given.get(name):
            given[name] = await site.unit("weibin", given[name])
    if "unitIds" in given:
        given["unitIds"] = [await site.unit("weibin", each) for each in given["unitIds"]]
    if "intoId" in given and given["intoId"] is None:
        given["intoId"] = await reported(site)
    return given


async def does(site: Site, field: str, by: str, ticket: str, **other: Any) -> str:
    """Carry a verb out with a sound input; the ticket."""
    return (await done(site, field, by, ticketId=ticket, **await told(site, field, **other)))["id"]


async def lived(site: Site, until: str = "CLOSED", **new: Any) -> str:
    """A ticket that has come to a status by the verbs of those whose business it was."""
    if until == "REPORTED":
        return await reported(site, **new)
    before, field, by = LIFE[until]
    return await does(site, field, by, await lived(site, before, **new))
