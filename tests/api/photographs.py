"""Photographs as phones make them, sent and fetched as a client does."""

import io
from typing import Any

import httpx
from PIL import Image

from tests.api.acting import WORKER
from tests.api.served import Site

REQUEST = """mutation($input: AttachmentRequestInput!) { attachmentRequest(input: $input) {
  attachment { id phase name mediaType size width height storedAt uploader { name } url }
  uploadUrl expiresAt userErrors { code message field } clientMutationKey
} }"""
ATTACHMENTS = """query($id: ID!) { ticket(id: $id) { attachments {
  id phase name mediaType size width height storedAt uploader { name } url
} } }"""
PLACE = b"GPS of the tests"
ORIENTATION, GPS, DESCRIPTION = 0x0112, 0x8825, 0x010E


def picture(
    width: int = 60, height: int = 40, orientation: int | None = None, **options: Any
) -> bytes:
    """A JPEG whose left half is red and right half blue, with what a phone writes into it."""
    image = Image.new("RGB", (width, height), (220, 30, 30))
    image.paste((30, 30, 220), (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[DESCRIPTION] = PLACE.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (34.0, 22.0, 30.5), 3: "E", 4: (107.0, 8.0, 13.0)})
    if orientation is not None:
        exif[ORIENTATION] = orientation
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=PLACE, quality=95, **options)
    return out.getvalue()


def encoded(image: Image.Image, kind: str) -> bytes:
    """The image as a file of that kind."""
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


async def requested(
    site: Site, ticket: str, by: str = WORKER, phase: str = "BEFORE", **given: Any
) -> Any:
    """Ask for an address; the payload."""
    sent = {"ticketId": ticket, "phase": phase, "name": "花坛.jpg", **given}
    return (await site.ask(REQUEST, by, input=sent))["attachmentRequest"]


async def put(site: Site, address: str, data: Any, **headers: str) -> httpx.Response:
    """Send a photograph's bytes, with no token."""
    async with site.client() as client:
        return await client.put(address, content=data, headers=headers)


async def fetched(site: Site, address: str, **headers: str) -> httpx.Response:
    """Fetch a photograph, with no token."""
    async with site.client() as client:
        return await client.get(address, headers=headers)


async def attached(site: Site, ticket: str, by: str = WORKER, **given: Any) -> Any:
    """A photograph announced and sent; as its ticket shows it."""
    payload = await requested(site, ticket, by, **given)
    assert payload["userErrors"] == []
    answer = await put(site, payload["uploadUrl"], picture())
    assert answer.status_code == 200, answer.text
    found = await attachments(site, ticket, by)
    return next(each for each in found if each["id"] == payload["attachment"]["id"])


async def attachments(site: Site, ticket: str, by: str) -> Any:
    """The photographs of a ticket as somebody sees them; None if the ticket is not seen."""
    found = (await site.ask(ATTACHMENTS, by, id=ticket))["ticket"]
    return found and found["attachments"]
