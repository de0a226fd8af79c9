"""`changes`: how an app that was offline catches up."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from db.migrate import migrate
from db.outbox import KEPT_DAYS, tell
from domain.terms import ChangedNoun
from tests.api.acting import COMMUNITY, ELSEWHERE, RESIDENT, SIBLING, SIBLING_GRID, done, reported
from tests.api.served import Site, key_of
from tests.api.telling import CHANGES, changes, now_of, said_of, telling, told
from tests.conftest import Scratch


async def test_it_begins_with_the_cursor_of_now(shop: Site) -> None:
    await told(shop, await reported(shop))
    page = await changes(shop, COMMUNITY)
    assert page == {"nodes": [], "cursor": page["cursor"], "hasMore": False}


async def test_what_changed_comes_page_by_page_and_once(shop: Site) -> None:
    one, other = await reported(shop), await reported(shop)
    cursor = await now_of(shop, COMMUNITY)
    expected = [await told(shop, ticket) for ticket in (one, other, one)]
    found: list[Any] = []
    for more in (True, True, False):
        page = await changes(shop, COMMUNITY, cursor, first=1)
        cursor, found = page["cursor"], [*found, *page["nodes"]]
        assert page["hasMore"] is more
    assert [each["id"] for each in found] == expected
    assert [each["nodeId"] for each in found] == [one, other, one]
    assert [each["node"]["__typename"] for each in found] == ["Ticket"] * 3
    assert (await changes(shop, COMMUNITY, cursor))["nodes"] == []


async def test_it_shows_what_is_there_now(shop: Site) -> None:
    ticket = await reported(shop)
    cursor = await now_of(shop, COMMUNITY)
    await told(shop, ticket, "ESCALATE")
    (change,) = (await changes(shop, COMMUNITY, cursor))["nodes"]
    node = {"__typename": "Ticket", "id": ticket, "title": "花坛需要整理"}
    assert change["verb"] == "ESCALATE"
    assert (change["node"], change["gone"]) == (node, False)


async def test_a_service_record_changes_too(shop: Site) -> None:
    given = {"unitId": await shop.unit("weibin", "宝氮二区网格"), "kind": "TALK", "note": "谈心"}
    record = (await done(shop, "serviceRecordAdd", COMMUNITY, **given))["id"]
    cursor = await now_of(shop, COMMUNITY)
    ticket = await reported(shop)
    thing = {"noun": ChangedNoun.SERVICE_RECORD, "key": key_of(record)}
    said = await said_of(shop, ticket, "CORRECT", **thing)
    async with telling(shop) as connection:
        await tell(connection, "weibin", [said])
    change = (await changes(shop, COMMUNITY, cursor))["nodes"][-1]
    assert change["nodeId"] == change["node"]["id"] == record
    assert change["node"]["__typename"] == "ServiceRecord"


async def test_what_left_ones_sight_is_gone(shop: Site) -> None:
    ticket = await reported(shop)
    sibling = await shop.owner.fetchval("SELECT path FROM org_unit WHERE name = $1", SIBLING_GRID)
    before = {who: await now_of(shop, who) for who in (SIBLING, COMMUNITY)}
    await told(shop, ticket, was_handler_path=sibling)
    (theirs,) = (await changes(shop, SIBLING, before[SIBLING]))["nodes"]
    assert (theirs["nodeId"], theirs["node"], theirs["gone"]) == (ticket, None, True)
    (ours,) = (await changes(shop, COMMUNITY, before[COMMUNITY]))["nodes"]
    assert (ours["node"]["id"], ours["gone"]) == (ticket, False)


@pytest.mark.parametrize("stranger", [SIBLING, ELSEWHERE, None])
async def test_strangers_learn_nothing(shop: Site, stranger: str | None) -> None:
    ticket = await reported(shop)
    cursor = (await changes(shop, stranger))["cursor"]
    await told(shop, ticket)
    page = await changes(shop, stranger, cursor)
    assert (page["nodes"], page["hasMore"]) == ([], False)


async def test_the_reporter_hears_of_it(shop: Site) -> None:
    ticket = await reported(shop)
    cursor = await now_of(shop, RESIDENT)
    await told(shop, ticket)
    assert [each["nodeId"] for each in (await changes(shop, RESIDENT, cursor))["nodes"]] == [ticket]


async def test_commits_out_of_order_lose_nothing(shop: Site) -> None:
    early, late = await reported(shop), await reported(shop)
    cursor = await now_of(shop, COMMUNITY)
    said = await said_of(shop, early, "RESUME")
    async with telling(shop) as connection:
        await tell(connection, "weibin", [said])
        await told(shop, late)
        # The later one has committed, but its place in the order is not yet known to be final.
        page = await changes(shop, COMMUNITY, cursor)
        assert (page["nodes"], page["hasMore"]) == ([], False)
    found = (await changes(shop, COMMUNITY, page["cursor"]))["nodes"]
    assert [each["nodeId"] for each in found] == [early, late]


def made(epoch: str, tx: int, at: datetime) -> str:
    plain = f"feed|{epoch}|{tx}|00000000-0000-0000-0000-000000000000|{at.isoformat()}"
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


async def code_of(site: Site, **variables: Any) -> str:
    (error,) = await site.errors(CHANGES, COMMUNITY, **variables)
    return error["extensions"]["code"]


async def test_a_cursor_expires(shop: Site) -> None:
    padded = await now_of(shop, COMMUNITY)
    _, epoch, tx, *_ = base64.urlsafe_b64decode(padded + "==").decode().split("|")
    now = datetime.now(UTC)
    days = timedelta(days=KEPT_DAYS)
    minute = timedelta(minutes=1)
    assert (await changes(shop, COMMUNITY, made(epoch, int(tx), now - days + minute)))["cursor"]
    for expired in (
        made(epoch, int(tx), now - days - minute),
        made(epoch, int(tx) + 1_000_000, now),
        made(epoch, 2**63 - 1, now),
        made("00000000", int(tx), now),
    ):
        assert await code_of(shop, since=expired) == "CURSOR_EXPIRED"


MALFORMED = [
    "",
    "?",
    "ä",
    "AAAA",
    base64.urlsafe_b64encode(b"feed|a|b|c|d").decode(),
    made("a", -1, datetime.now(UTC)),
    made("a", 2**63, datetime.now(UTC)),
    made("a\x00", 1, datetime.now(UTC)),
    made("a", 1, datetime.now(UTC).replace(tzinfo=None)),
    made("a", 1, datetime.now(UTC)) + "A" * 5,
]


@pytest.mark.parametrize("cursor", MALFORMED)
async def test_a_malformed_cursor_is_refused(shop: Site, cursor: str) -> None:
    assert await code_of(shop, since=cursor) == "BAD_CURSOR"


async def test_a_list_s_cursor_is_refused(shop: Site) -> None:
    listed = await shop.ask("{ tickets(first: 1) { pageInfo { endCursor } } }", COMMUNITY)
    cursor = listed["tickets"]["pageInfo"]["endCursor"]
    assert await code_of(shop, since=cursor) == "BAD_CURSOR"


@pytest.mark.parametrize("size", [-1, 0, 501])
async def test_a_page_has_a_size(shop: Site, size: int) -> None:
    assert await code_of(shop, first=size) == "BAD_PAGE_SIZE"
    cursor = await now_of(shop, COMMUNITY)
    assert await code_of(shop, since=cursor, first=size) == "BAD_PAGE_SIZE"


async def test_an_alias_and_a_fragment_are_answered(shop: Site) -> None:
    ticket = await reported(shop)
    cursor = await now_of(shop, COMMUNITY)
    await told(shop, ticket)
    query = """query($since: String) {
      __schema { subscriptionType { name } }
      now: changes { __typename end: cursor }
      then: changes(since: $since, first: null) { ...Page }
    }
    fragment Page on ChangePage { more: hasMore nodes { __typename it: node { __typename } } }"""
    found = await shop.ask(query, COMMUNITY, since=cursor)
    assert found["now"]["__typename"] == "ChangePage"
    seen = {"__typename": "Change", "it": {"__typename": "Ticket"}}
    assert found["then"] == {"more": False, "nodes": [seen]}


async def test_a_migration_forgets_changes_of_another_numbering(
    scratch: Scratch, owner: Any
) -> None:
    """A dump brings transaction numbers that this cluster has yet to reach."""
    row = (
        "INSERT INTO change (locality_id, tx, id, noun, key, at, unit_path, handler_path, "
        "was_handler_path) VALUES ('weibin', $1, gen_random_uuid(), 'TICKET', gen_random_uuid(), "
        "now(), '', '', '')"
    )
    for tx in (1, 10**15):
        await owner.execute(row, tx)
    await migrate(scratch.owner_dsn)
    assert [each["tx"] for each in await owner.fetch("SELECT tx FROM change")] == [1]


async def test_one_of_two_cursors_that_expired_is_enough(shop: Site) -> None:
    good = await now_of(shop, COMMUNITY)
    expired = made("00000000", 1, datetime.now(UTC))
    both = "query($a: String, $b: String) {a: changes(since: $a) {cursor} b: changes(since: $b) {cursor}}"
    for first, second in ((expired, good), (good, expired)):
        (error,) = await shop.errors(both, COMMUNITY, a=first, b=second)
        assert error["extensions"]["code"] == "CURSOR_EXPIRED"
