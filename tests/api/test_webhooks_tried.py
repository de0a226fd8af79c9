"""What is not taken: tried again, given up, replayed, switched off."""

from datetime import timedelta

from domain.webhook import PATIENCE as WEBHOOK_PATIENCE, WAITS
from tests.api.acting import CHIEF, DISTRICT, GRID, done, reported
from tests.api.hooks import Receiver, Worker, deliveries, hooked, read, receiving, send
from tests.api.served import Site

LONG = timedelta(days=2)
"""Longer than any wait between two attempts."""


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
    async with receiving(own) as elsewhere:
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
