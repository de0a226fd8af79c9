"""Photographs of a ticket, from the request to the fetched picture."""

import asyncio
import io
from datetime import UTC, datetime, timedelta

from PIL import Image

from domain.attachment import MOST
from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    ELSEWHERE,
    NEIGHBOUR,
    RESIDENT,
    SIBLING,
    SIBLING_GRID,
    TOWN,
    WORKER,
    done,
    reported,
)
from tests.api.photographs import (
    PLACE,
    attached,
    attachments,
    fetched,
    picture,
    put,
    requested,
)
from tests.api.served import Site, key_of


async def test_a_photograph_is_sent_and_fetched(shop: Site) -> None:
    ticket = await reported(shop)
    payload = await requested(shop, ticket, RESIDENT, clientMutationKey="photo 1")
    awaited = payload["attachment"]
    assert payload["clientMutationKey"] == "photo 1"
    assert awaited["phase"] == "BEFORE"
    assert awaited["url"] is awaited["storedAt"] is awaited["size"] is None
    left = datetime.fromisoformat(payload["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=9) < left < timedelta(minutes=10, seconds=2)
    assert await attachments(shop, ticket, RESIDENT) == []

    answer = await put(shop, payload["uploadUrl"], picture(), **{"content-type": "text/html"})
    assert answer.status_code == 200, answer.text
    (stored,) = await attachments(shop, ticket, RESIDENT)
    assert stored["id"] == awaited["id"]
    assert stored["name"] == "花坛.jpg"
    assert stored["mediaType"] == "image/jpeg"
    assert (stored["width"], stored["height"]) == (60, 40)
    assert stored["uploader"]["name"] == (await shop.person(RESIDENT)).name

    photo = await fetched(shop, stored["url"])
    assert photo.status_code == 200
    assert len(photo.content) == stored["size"] == int(photo.headers["content-length"])
    assert photo.headers["content-type"] == "image/jpeg"
    assert photo.headers["content-disposition"] == "inline"
    assert photo.headers["x-content-type-options"] == "nosniff"
    assert photo.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert photo.headers["cache-control"].startswith("private")
    assert Image.open(io.BytesIO(photo.content)).format == "JPEG"

    again = await fetched(shop, stored["url"], **{"if-none-match": photo.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


async def test_nothing_but_the_picture_is_kept(shop: Site) -> None:
    """Place, words and a page after the last byte are gone; the picture stands upright."""
    ticket = await reported(shop)
    payload = await requested(shop, ticket)
    sent = picture(orientation=6) + b"<html><script>alert(1)</script></html>"
    assert PLACE in sent
    assert (await put(shop, payload["uploadUrl"], sent)).status_code == 200
    (stored,) = await attachments(shop, ticket, WORKER)
    assert (stored["width"], stored["height"]) == (40, 60)
    kept = (await fetched(shop, stored["url"])).content
    assert PLACE not in kept
    assert b"script" not in kept
    image = Image.open(io.BytesIO(kept))
    assert not image.getexif()
    assert "exif" not in image.info
    assert "comment" not in image.info
    # Turned to the right, what was on the left is on top.
    assert image.crop((20, 5, 21, 6)).tobytes()[0] > 150
    assert image.crop((20, 55, 21, 56)).tobytes()[0] < 150


async def test_photographs_come_before_first_then_in_time(shop: Site) -> None:
    ticket = await reported(shop)
    for phase in ("AFTER", "BEFORE", "AFTER", "BEFORE"):
        await attached(shop, ticket, phase=phase)
    found = await attachments(shop, ticket, COMMUNITY)
    assert [each["phase"] for each in found] == ["BEFORE", "BEFORE", "AFTER", "AFTER"]
    assert found[0]["storedAt"] < found[1]["storedAt"]
    assert found[2]["storedAt"] < found[3]["storedAt"]


async def test_only_those_who_see_the_ticket_see_its_photographs(shop: Site) -> None:
    ticket = await reported(shop)
    stored = await attached(shop, ticket, RESIDENT)
    for by in (RESIDENT, WORKER, CHIEF, COMMUNITY, TOWN, DISTRICT):
        (seen,) = await attachments(shop, ticket, by)
        assert (await fetched(shop, seen["url"])).status_code == 200
    node = "query($id: ID!) { node(id: $id) { id ... on Attachment { name url } } }"
    for by in (NEIGHBOUR, SIBLING, ELSEWHERE, None):
        assert (await shop.ask(node, by, id=stored["id"]))["node"] is None
        assert (await shop.ask("query($id: ID!) { ticket(id: $id) { id } }", by, id=ticket))[
            "ticket"
        ] is None
    assert (await shop.ask(node, CHIEF, id=stored["id"]))["node"]["name"] == "花坛.jpg"


async def test_only_those_who_see_the_ticket_may_attach(shop: Site) -> None:
    ticket = await reported(shop)
    gone = f"{ticket[:-4]}0000"
    for by in (NEIGHBOUR, SIBLING, ELSEWHERE):
        refused = await requested(shop, ticket, by)
        assert refused["attachment"] is refused["uploadUrl"] is refused["expiresAt"] is None
        assert refused["userErrors"] == (await requested(shop, gone, by))["userErrors"]
        assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
    sent = {"ticketId": ticket, "phase": "AFTER", "name": ""}
    mutation = "mutation($input: AttachmentRequestInput!) { attachmentRequest(input: $input) { uploadUrl } }"
    (error,) = await shop.errors(mutation, None, input=sent)
    assert error["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_closed_ticket_takes_no_photographs(shop: Site) -> None:
    ticket = await reported(shop)
    payload = await requested(shop, ticket, RESIDENT)
    await done(shop, "ticketReject", CHIEF, ticketId=ticket, reason="重复反映")
    refused = await requested(shop, ticket, RESIDENT)
    assert refused["userErrors"][0]["code"] == "NOT_ALLOWED_FROM_STATUS"
    late = await put(shop, payload["uploadUrl"], picture(), **{"accept-language": "zh-CN"})
    assert late.status_code == 409
    (error,) = late.json()["errors"]
    assert error["extensions"]["code"] == "NOT_ALLOWED_FROM_STATUS"
    assert error["message"] == "当前状态为“不予受理”，不能这样办理；工单可办事项见 allowedVerbs"
    assert await attachments(shop, ticket, RESIDENT) == []


async def test_a_ticket_has_at_most_twenty_photographs(shop: Site) -> None:
    ticket = await reported(shop)
    for _ in range(MOST):
        assert (await requested(shop, ticket))["userErrors"] == []
    full = await requested(shop, ticket)
    assert [error["code"] for error in full["userErrors"]] == ["ATTACHMENTS_FULL"]
    # What was announced and never came gives its place up.
    await shop.owner.execute(
        "UPDATE attachment SET requested_at = requested_at - interval '16 minutes' "
        "WHERE ticket_id = $1",
        key_of(ticket),
    )
    late = await requested(shop, ticket)
    assert late["userErrors"] == []
    # Asked for again, those that came late may have come first after all.
    await shop.owner.execute(
        "UPDATE attachment SET stored_at = now() WHERE ticket_id = $1 AND id <> $2",
        key_of(ticket),
        key_of(late["attachment"]["id"]),
    )
    answer = await put(shop, late["uploadUrl"], picture())
    assert answer.status_code == 409
    assert answer.json()["errors"][0]["extensions"]["code"] == "ATTACHMENTS_FULL"
    assert await changes(shop, ticket) == 0


async def test_twenty_at_once_are_twenty(shop: Site) -> None:
    ticket = await reported(shop)
    asked = [requested(shop, ticket) for _ in range(MOST + 4)]
    refused = [payload["userErrors"] for payload in await asyncio.gather(*asked)]
    assert sum(bool(errors) for errors in refused) == 4


async def test_a_name_is_not_too_long(shop: Site) -> None:
    ticket = await reported(shop)
    refused = await requested(shop, ticket, name="长" * 201)
    (error,) = refused["userErrors"]
    assert (error["code"], error["field"]) == ("TEXT_TOO_LONG", "name")


async def test_a_repeated_request_gives_the_same_photograph(shop: Site) -> None:
    ticket = await reported(shop)
    first = await requested(shop, ticket, clientMutationKey="again")
    second = await requested(shop, ticket, clientMutationKey="again")
    assert first["attachment"]["id"] == second["attachment"]["id"]
    assert (await put(shop, second["uploadUrl"], picture())).status_code == 200
    assert len(await attachments(shop, ticket, WORKER)) == 1


async def test_a_double_tap_stores_once(shop: Site) -> None:
    ticket = await reported(shop)
    payload = await requested(shop, ticket)
    assert (await put(shop, payload["uploadUrl"], picture())).status_code == 200
    before = await attachments(shop, ticket, WORKER)
    assert (await put(shop, payload["uploadUrl"], picture(80, 80))).status_code == 200
    assert await attachments(shop, ticket, WORKER) == before
    assert await changes(shop, ticket) == 1


async def test_the_same_upload_at_once_stores_once(shop: Site) -> None:
    ticket = await reported(shop)
    payload = await requested(shop, ticket)
    sent = [put(shop, payload["uploadUrl"], picture(60 + at, 40)) for at in range(8)]
    assert {answer.status_code for answer in await asyncio.gather(*sent)} == {200}
    (stored,) = await attachments(shop, ticket, WORKER)
    photo = await fetched(shop, stored["url"])
    assert Image.open(io.BytesIO(photo.content)).width == stored["width"]
    assert await changes(shop, ticket) == 1


async def changes(site: Site, ticket: str) -> int:
    """How often the outbox told of a photograph of the ticket."""
    told = "SELECT count(*) FROM change WHERE key = $1 AND verb = 'ATTACH' AND noun = 'TICKET'"
    return await site.owner.fetchval(told, key_of(ticket))


async def test_photographs_go_where_the_ticket_goes(shop: Site) -> None:
    """Another handler sees them from then on, also one announced before and sent after."""
    ticket = await reported(shop)
    await attached(shop, ticket, RESIDENT)
    awaited = await requested(shop, ticket, RESIDENT)
    assert await attachments(shop, ticket, SIBLING) is None
    sibling = await shop.unit("weibin", SIBLING_GRID)
    await done(shop, "ticketAccept", CHIEF, ticketId=ticket)
    await done(shop, "ticketDispatch", COMMUNITY, ticketId=ticket, unitId=sibling)
    assert (await put(shop, awaited["uploadUrl"], picture())).status_code == 200
    seen = await attachments(shop, ticket, SIBLING)
    assert len(seen) == 2
    assert (await fetched(shop, seen[0]["url"])).status_code == 200
