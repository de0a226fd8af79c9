"""Service records as tests make and read them."""

from datetime import UTC, datetime
from typing import Any

from db.keys import new_key
from tests.api.acting import (
    GRID,
    WORKER,
    done,
    refused,
)
from tests.api.served import Site

RECORD = """
id kind at note duty person { name } recipient { name } ticket { id } orgUnit { name }
visit { livingSituation needs skills difficulties }
corrections { sequence at reason kind servedAt note actor { name } }
"""
SAID = "kind at note duty recipient { id } visit { needs } corrections { sequence }"
LONG = "字" * 4001


async def added(site: Site, by: str = WORKER, asked: str = "id", **given: Any) -> Any:
    """A new record of the grid."""
    where = {} if "ticketId" in given else {"unitId": await site.unit("weibin", GRID)}
    return await done(site, "serviceRecordAdd", by, asked, **{"kind": "VISIT", **where, **given})


async def declined(site: Site, by: str = WORKER, **given: Any) -> tuple[str, str | None]:
    """A record of the grid that may not be made, and leaves none."""
    where = {} if "ticketId" in given else {"unitId": await site.unit("weibin", GRID)}
    before = await site.count("service_record")
    answer = await refused(site, "serviceRecordAdd", by, **{"kind": "VISIT", **where, **given})
    assert await site.count("service_record") == before
    return answer


async def read(site: Site, record: str, by: str | None) -> Any:
    """All there is to read of a record; None if there is nothing to see."""
    query = f"query($id: ID!) {{ node(id: $id) {{ ... on ServiceRecord {{ {RECORD} }} }} }}"
    return (await site.ask(query, by, id=record))["node"]


async def person(site: Site, name: str) -> str:
    """The global id of somebody."""
    found = await site.person(name)
    return f"person_{found.locality}_{found.person}"


def minted(locality: str = "weibin") -> str:
    """An id of a client's own."""
    return f"record_{locality}_{new_key(datetime.now(UTC))}"
