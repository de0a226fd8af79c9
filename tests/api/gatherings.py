"""Meetings as tests call and read them, and tickets put before them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.api.acting import (
    CHIEF,
    GRID,
    done,
    reported,
)
from tests.api.served import Site

MEETING = """
id title at heldAt minutes duty createdAt unit { name } caller { name }
agenda { ticket { id } resolution tabledAt resolvedAt }
"""
AGENDA = "id agenda { meeting { id title } resolution tabledAt resolvedAt }"
COMMUNITY_UNIT = "姜谭路西社区"


def moment(**ahead: float) -> str:
    """An instant some time from now."""
    return (datetime.now(UTC) + timedelta(**ahead)).isoformat()


async def calling(site: Site, unit: str = GRID, **given: Any) -> dict[str, Any]:
    """What a meeting is called with: next week, unless said otherwise."""
    where = {"unitId": await site.unit("weibin", unit)}
    return {"title": "例会", "at": moment(days=7), **where, **given}


async def called(site: Site, by: str = CHIEF, unit: str = GRID, **given: Any) -> str:
    """A new meeting; its id."""
    return (await done(site, "meetingCall", by, **await calling(site, unit, **given)))["id"]


async def read(site: Site, meeting: str, by: str | None) -> Any:
    """All there is to read of a meeting."""
    query = f"query($id: ID!) {{ meeting(id: $id) {{ {MEETING} }} node(id: $id) {{ id }} }}"
    found = await site.ask(query, by, id=meeting)
    assert (found["node"] is None) is (found["meeting"] is None)
    return found["meeting"]


async def agenda(site: Site, ticket: str, by: str) -> Any:
    """The meetings a ticket was put before."""
    query = f"query($id: ID!) {{ ticket(id: $id) {{ {AGENDA} }} }}"
    return (await site.ask(query, by, id=ticket))["ticket"]["agenda"]


async def accepted(site: Site) -> str:
    """A ticket that the grid answers for."""
    ticket = await reported(site)
    await done(site, "ticketAccept", CHIEF, ticketId=ticket)
    return ticket


async def tabled(site: Site, ticket: str, by: str = CHIEF, **given: Any) -> None:
    """Put a ticket before a meeting."""
    await done(site, "ticketTable", by, ticketId=ticket, reason="请会议定", **given)
