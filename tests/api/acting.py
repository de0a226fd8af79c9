"""Verbs sent as a client sends them, and the people of 渭滨 who send them."""

import re
from collections.abc import Mapping
from typing import Any

from tests.api.served import Site

DISTRICT = "weibin"
TOWN = "weibin/姜谭街道"
COMMUNITY = "weibin/姜谭路西社区"
CHIEF = "weibin/宝氮二区网格"
WORKER = "weibin/宝氮二区网格/grid_worker"
RESIDENT = "weibin/宝氮二区网格/resident"
SIBLING = "weibin/秦川花园网格"
NEIGHBOUR = "weibin/秦川花园网格/resident"
ELSEWHERE = "huazhou"

GRID = "宝氮二区网格"
SIBLING_GRID = "秦川花园网格"

PAYLOAD = "userErrors { code message field } clientMutationKey"

TICKET = """
id number title body status open severity channel appealType createdAt dueAt resolution resolvedAt
verifiedAt verdict closedAt orgUnit { name } handler { name } reporter { name }
hopCount hopDueAt pausedAt allowedVerbs mergedInto { id }
category { code hours } nextHop { route rule dueAt toUnit { name } }
escalationChain {
  sequence route reason rule at dueAt leftAt
  fromUnit { name } toUnit { name } toPost { title unit { name } holder { name } cover { name } }
  actor { name }
}
events(first: 100) { nodes {
  sequence verb fromStatus toStatus at note verdict dueAt actor { name }
} }
serviceRecords { nodes { kind note person { name } recipient { name } } }
"""


def noun(field: str) -> str:
    """What the payload of a verb holds."""
    nouns = ("serviceRecord", "meeting")
    return next((each for each in nouns if field.startswith(each)), "ticket")


def mutation(field: str, asked: str = "id") -> str:
    """The document of one verb."""
    input_type = f"{field[0].upper()}{field[1:]}Input"
    return (
        f"mutation($input: {input_type}!) {{ {field}(input: $input) "
        f"{{ {noun(field)} {{ {asked} }} {PAYLOAD} }} }}"
    )


async def act(site: Site, field: str, by: str, asked: str = "id", **given: Any) -> Any:
    """Send one verb; its payload."""
    return (await site.ask(mutation(field, asked), by, input=given))[field]


async def done(site: Site, field: str, by: str, asked: str = "id", **given: Any) -> Any:
    """Send one verb that must be carried out; the ticket or record."""
    payload = await act(site, field, by, asked, **given)
    assert payload["userErrors"] == []
    return payload[noun(field)]


async def refused(site: Site, field: str, by: str, **given: Any) -> tuple[str, str | None]:
    """Send one verb that must be refused; the code and the field."""
    payload = await act(site, field, by, **given)
    assert payload[noun(field)] is None
    (error,) = payload["userErrors"]
    assert error["message"]
    assert not re.search(r"[{}]|None", error["message"]), "something was left open"
    return error["code"], error["field"]


async def reported(site: Site, by: str = RESIDENT, grid: str = GRID, **given: Any) -> str:
    """A new ticket in a grid of 渭滨; its id."""
    new = {"unitId": await site.unit("weibin", grid), "title": "花坛需要整理", "category": "yard"}
    return (await done(site, "ticketReport", by, **{**new, **given}))["id"]


async def standing(site: Site, ticket: str, by: str = DISTRICT) -> Any:
    """All there is to read of a ticket."""
    query = f"query($id: ID!) {{ ticket(id: $id) {{ {TICKET} }} }}"
    return (await site.ask(query, by, id=ticket))["ticket"]


def verbs(ticket: Mapping[str, Any]) -> list[str]:
    """What was done to it, in order."""
    return [event["verb"] for event in ticket["events"]["nodes"]]
