"""From a change to the receiver: signed, thin, and only what was asked for and may be seen."""

from tests.api.acting import CHIEF, DISTRICT, GRID, SIBLING_GRID, done, reported
from tests.api.hooks import Receiver, Worker, deliveries, hooked, read, root, send
from tests.api.served import Site, key_of


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
