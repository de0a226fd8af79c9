"""From a change to the receiver: signed, tried again, given up, and nothing lost or told amiss."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from db.delivery_store import LEASE
from db.listen import Bell
from db.pool import Database
from db.scope import PUBLIC
from domain.webhook import PATIENCE as WEBHOOK_PATIENCE, WAITS
from jobs.webhooks import SOON, run
from tests.api.acting import CHIEF, DISTRICT, GRID, SIBLING_GRID, done, reported
from tests.api.hooks import (
    PATIENCE,
    Receiver,
    Worker,
    deliveries,
    hooked,
    read,
    receiving,
    send,
)
from tests.api.served import Site, key_of

ROOT = "渭滨区"
LONG = timedelta(days=2)
"""Longer than any wait between two attempts."""


@pytest.fixture(autouse=True)
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINLI_WEBHOOKS_TO_PRIVATE", "1")


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as made:
        yield made


async def root(site: Site) -> str:
    """The name of the unit at the top of 渭滨."""
    sql = (
        "SELECT name FROM org_unit WHERE locality_id = 'weibin' AND length(path) = 4 ORDER BY path"
    )
    return await site.owner.fetchval(sql)


async def test_a_change_is_told_signed_and_thin(own: Site, receiver: Receiver) -> None:
    webhook, secret = await hooked(own, DISTRICT, await root(own), receiver.url)
    ticket = await reported(own, title="张三家漏水")
    await Worker(own).work()
    (message,) = receiver.got
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    assert message.signed_by(secret)
    assert message.id == str(key_of(delivery["id"]))
    assert message.headers["content-type"] == "application/json"
    assert message.data == {
        "id": ticket,
        "locality": "weibin",
        "verb": "REPORT",
        "status": "REPORTED",
    }
    assert (delivery["status"], delivery["nextAttemptAt"]) == ("DELIVERED", None)
    assert delivery["ticket"] == {"id": ticket}
    assert delivery["webhook"] == {"id": webhook}
    (attempt,) = delivery["attempts"]
    assert (attempt["number"], attempt["responseCode"], attempt["error"]) == (1, 204, None)


async def test_a_service_record_is_told_without_a_status(own: Site, receiver: Receiver) -> None:
    top = await root(own)
    webhook, _ = await hooked(own, DISTRICT, top, receiver.url, nouns=["SERVICE_RECORD"])
    await reported(own)
    unit = await own.unit("weibin", GRID)
    record = await done(own, "serviceRecordAdd", CHIEF, kind="VISIT", unitId=unit)
    await Worker(own).work()
    (message,) = receiver.got
    assert message.data == {"id": record["id"], "locality": "weibin", "verb": "ADD"}
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    assert (delivery["noun"], delivery["verb"]) == ("SERVICE_RECORD", "ADD")
    assert delivery["serviceRecord"] == {"id": record["id"]}


async def test_only_the_verbs_and_the_subtree_asked_for_are_told(
    own: Site, receiver: Receiver
) -> None:
    await hooked(own, DISTRICT, GRID, receiver.url, verbs=["ACCEPT", "REJECT"])
    ticket = await reported(own)
    await done(own, "ticketAccept", CHIEF, ticketId=ticket)
    other = await reported(own, by=DISTRICT, grid=SIBLING_GRID)
    await done(own, "ticketAccept", DISTRICT, ticketId=other)
    await Worker(own).work()
    assert [(each.data["id"], each.data["verb"]) for each in receiver.got] == [(ticket, "ACCEPT")]


async def test_nothing_is_told_of_before_the_webhook_was_made(
    own: Site, receiver: Receiver
) -> None:
    await reported(own)
    await hooked(own, DISTRICT, GRID, receiver.url)
    later = await reported(own)
    await Worker(own).work()
    assert [each.data["id"] for each in receiver.got] == [later]


async def test_what_fails_is_tried_again_when_it_is_due(own: Site, receiver: Receiver) -> None:
    webhook, secret = await hooked(own, DISTRICT, GRID, receiver.url)
    ticket = await reported(own)
    receiver.answers = ["500 Internal Server Error"]
    worker = Worker(own)
    await worker.work()
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    assert (delivery["status"], len(receiver.got)) == ("PENDING", 1)
    assert (await read(own, webhook, DISTRICT))["failingSince"] is not None
    await worker.work()
    assert len(receiver.got) == 1, "it is not due yet"
    await done(own, "ticketAccept", CHIEF, ticketId=ticket)
    worker.ahead = LONG
    await worker.work()
    first, again, accepted = sorted(receiver.got, key=lambda each: each.data["verb"], reverse=True)
    assert first.id == again.id != accepted.id
    # The status is the one the ticket has when it is told.
    assert (first.data["status"], again.data["status"]) == ("REPORTED", "ACCEPTED")
    assert again.signed_by(secret)
    assert again.headers["webhook-timestamp"] > first.headers["webhook-timestamp"]
    shown = await read(own, webhook, DISTRICT)
    assert shown["failingSince"] is None
    outcomes = [
        [(each["number"], each["responseCode"], each["error"]) for each in delivery["attempts"]]
        for delivery in shown["deliveries"]["nodes"]
    ]
    assert outcomes == [[(1, 204, None)], [(1, 500, "STATUS"), (2, 204, None)]]


async def test_it_is_given_up_after_the_last_wait_and_can_be_replayed(
    own: Site, receiver: Receiver
) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    await reported(own)
    receiver.answers = ["503 Service Unavailable"] * (len(WAITS) + 1)
    worker = Worker(own)
    await worker.work()
    for wait in WAITS:
        worker.ahead += wait * 1.01
        await worker.work()
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    assert (delivery["status"], delivery["nextAttemptAt"]) == ("FAILED", None)
    assert [each["number"] for each in delivery["attempts"]] == list(range(1, len(WAITS) + 2))
    worker.ahead += LONG
    await worker.work()
    assert len(receiver.got) == len(WAITS) + 1
    asked = "delivery { status }"
    given = {"by": DISTRICT, "asked": asked, "deliveryId": delivery["id"]}
    payload = await send(own, "webhookDeliveryReplay", **given)
    assert payload == {"delivery": {"status": "PENDING"}, "userErrors": []}
    payload = await send(own, "webhookDeliveryReplay", **given)
    assert payload["userErrors"][0]["code"] == "NOT_ALLOWED_FROM_STATUS"
    receiver.answers = ["500 Internal Server Error"]
    await worker.work()
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    assert delivery["status"] == "PENDING", "the waits begin anew"
    worker.ahead += WAITS[0] * 1.01
    await worker.work()
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    assert delivery["status"] == "DELIVERED"
    assert len({each.id for each in receiver.got}) == 1


async def test_a_webhook_that_fails_for_days_is_switched_off_and_on_again(
    own: Site, receiver: Receiver
) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    await reported(own)
    receiver.answers = ["500 No", "500 No"]
    worker = Worker(own)
    await worker.work()
    worker.ahead = WEBHOOK_PATIENCE + LONG
    await worker.work()
    shown = await read(own, webhook, DISTRICT)
    assert shown["ended"] == "FAILING"
    assert shown["endedAt"] is not None
    missed = await reported(own)
    worker.ahead += LONG
    await worker.work()
    assert len(receiver.got) == 2
    await send(own, "webhookUpdate", DISTRICT, "webhook { ended }", webhookId=webhook, enabled=True)
    await worker.work()
    assert len(receiver.got) == 4
    assert missed in {each.data["id"] for each in receiver.got}
    assert (await read(own, webhook, DISTRICT))["ended"] is None


async def test_a_receiver_that_is_gone_is_told_nothing_more(own: Site, receiver: Receiver) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    receiver.answers = ["410 Gone"]
    await reported(own)
    worker = Worker(own)
    await worker.work()
    await reported(own)
    worker.ahead = LONG
    await worker.work()
    assert len(receiver.got) == 1
    shown = await read(own, webhook, DISTRICT)
    assert (shown["ended"], shown["deliveries"]["totalCount"]) == ("GONE", 1)


async def test_a_redirect_is_not_followed(own: Site, receiver: Receiver) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    async with receiving() as elsewhere:
        receiver.answers = [f"307 Temporary Redirect\r\nLocation: {elsewhere.url}"]
        await reported(own)
        await Worker(own).work()
        assert elsewhere.got == []
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    assert [each["error"] for each in delivery["attempts"]] == ["REDIRECT"]


async def test_an_address_that_became_private_is_not_connected_to(
    own: Site, receiver: Receiver
) -> None:
    """The URL was allowed when it was given; each attempt looks again."""
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    await reported(own)
    worker = Worker(own, private=False)
    await worker.work()
    assert receiver.got == []
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    assert [each["error"] for each in delivery["attempts"]] == ["ADDRESS"]


async def test_whoever_lost_the_post_is_told_nothing(own: Site, receiver: Receiver) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    await reported(own)
    owner = (await own.person(DISTRICT)).person
    await own.owner.execute(
        "UPDATE appointment SET valid_to = CURRENT_DATE WHERE person_id = $1", owner
    )
    await Worker(own).work()
    assert receiver.got == []
    shown = await read(own, webhook, DISTRICT)
    assert (shown["ended"], [each["attempts"] for each in shown["deliveries"]["nodes"]]) == (
        "OWNER",
        [[]],
    )


async def test_what_the_owner_sees_no_more_is_withheld(own: Site, receiver: Receiver) -> None:
    """Moved from the top to one grid: of the other it tells nothing from that moment."""
    webhook, _ = await hooked(own, DISTRICT, await root(own), receiver.url)
    hidden = await reported(own)
    shown = await reported(own, by=DISTRICT, grid=SIBLING_GRID)
    await own.owner.execute(
        "UPDATE appointment a SET unit_path = u.path FROM org_unit u "
        "WHERE u.locality_id = 'weibin' AND u.name = $1 AND a.person_id = $2",
        SIBLING_GRID,
        (await own.person(DISTRICT)).person,
    )
    await Worker(own).work()
    assert [each.data["id"] for each in receiver.got] == [shown]
    rows = await own.owner.fetch("SELECT ticket_id, status FROM webhook_delivery")
    found = {row["ticket_id"]: row["status"] for row in rows}
    assert found == {key_of(hidden): "WITHHELD", key_of(shown): "DELIVERED"}
    assert (await read(own, webhook, DISTRICT))["ended"] is None


async def test_two_workers_share_without_doubling(own: Site, receiver: Receiver) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    for _ in range(20):
        await reported(own)
    workers = [Worker(own) for _ in range(3)]
    await asyncio.gather(*(worker.work() for worker in workers))
    assert len(receiver.got) == len({each.data["id"] for each in receiver.got}) == 20
    assert (await read(own, webhook, DISTRICT))["deliveries"]["totalCount"] == 20


async def test_what_a_dead_worker_had_claimed_is_told_by_another(
    own: Site, receiver: Receiver
) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    await reported(own)
    receiver.held = asyncio.Event()
    dead = Worker(own)
    await dead.courier.start()
    await asyncio.wait_for(receiver.reached.wait(), PATIENCE)
    await dead.courier.stop()
    receiver.held.set()
    worker = Worker(own)
    await worker.work()
    assert len(receiver.got) == 1, "it is still claimed"
    worker.ahead = LEASE + timedelta(seconds=1)
    await worker.work()
    first, again = receiver.got
    assert first.id == again.id
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    assert delivery["status"] == "DELIVERED"
    assert [each["number"] for each in delivery["attempts"]] == [2]


async def test_a_worker_that_was_taken_for_dead_changes_nothing(
    own: Site, receiver: Receiver
) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
    await reported(own)
    receiver.held = asyncio.Event()
    receiver.answers = ["204 No Content", "500 Too late"]
    slow = Worker(own)
    await slow.courier.start()
    await asyncio.wait_for(receiver.reached.wait(), PATIENCE)
    receiver.reached.clear()
    other = Worker(own)
    other.ahead = LEASE + timedelta(seconds=1)
    await other.courier.start()
    await asyncio.wait_for(receiver.reached.wait(), PATIENCE)
    receiver.held.set()
    await asyncio.gather(slow.courier.rest(), other.courier.rest())
    (delivery,) = await deliveries(own, webhook, DISTRICT)
    codes = {each["number"]: each["responseCode"] for each in delivery["attempts"]}
    # Whichever got which answer, the one that holds the claim decides.
    assert sorted(codes.values()) == [204, 500]
    assert delivery["status"] == ("DELIVERED" if codes[2] == 204 else "PENDING")


async def test_a_change_waits_for_those_that_may_yet_come_before_it(
    own: Site, receiver: Receiver
) -> None:
    await hooked(own, DISTRICT, GRID, receiver.url)
    transaction = own.owner.transaction()
    await transaction.start()
    await own.owner.fetchval("SELECT pg_current_xact_id()")
    await reported(own)
    worker = Worker(own)
    assert await worker.courier.start() == SOON
    await worker.courier.rest()
    assert receiver.got == []
    await transaction.rollback()
    await worker.work()
    assert len(receiver.got) == 1


async def test_both_secrets_sign_until_the_former_runs_out(own: Site, receiver: Receiver) -> None:
    webhook, former = await hooked(own, DISTRICT, GRID, receiver.url)
    asked = "webhook { formerUntil } secret"
    payload = await send(own, "webhookRotateSecret", DISTRICT, asked, webhookId=webhook)
    assert payload["webhook"]["formerUntil"] is not None
    await reported(own)
    worker = Worker(own)
    await worker.work()
    await own.owner.execute("UPDATE webhook SET former_until = now()")
    await reported(own)
    await worker.work()
    both, one = receiver.got
    assert [both.signed_by(each) for each in (former, payload["secret"])] == [True, True]
    assert [one.signed_by(each) for each in (former, payload["secret"])] == [False, True]


async def test_after_a_restore_it_goes_on_from_there(own: Site, receiver: Receiver) -> None:
    """Transactions are numbered anew: the old place must not hide what comes."""
    await hooked(own, DISTRICT, GRID, receiver.url)
    await own.owner.execute("UPDATE webhook SET seen_epoch = 'another', seen_tx = 2^60::bigint")
    worker = Worker(own)
    await worker.work()
    ticket = await reported(own)
    await worker.work()
    assert [each.data["id"] for each in receiver.got] == [ticket]


async def test_the_bell_wakes_it_and_it_outlives_its_connections(
    own: Site, receiver: Receiver
) -> None:
    await hooked(own, DISTRICT, GRID, receiver.url)
    database, bell = await Database.connect(own.scratch.app_dsn, size=1), Bell(own.scratch.app_dsn)
    tasks = [asyncio.create_task(work) for work in (bell.run(), run(database, bell))]
    try:
        for again in (True, True, False):
            receiver.reached.clear()
            ticket = await reported(own)
            await asyncio.wait_for(receiver.reached.wait(), PATIENCE)
            assert receiver.got[-1].data["id"] == ticket
            if again:
                async with database.transaction(PUBLIC) as connection:
                    mine = await connection.fetchval("SELECT pg_backend_pid()")
                async with own.database.transaction(PUBLIC) as connection:
                    assert await connection.fetch(KILL, mine)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await database.close()


KILL = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND (pid = $1 OR application_name = 'linli bell')
"""
