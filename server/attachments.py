"""Photographs by signed address: stored with PUT, fetched with GET, neither with a token.

PUT -> address -> person's scope -> bytes (size, time) -> a picture of our own -> store -> row
GET -> address -> person's scope -> row -> bytes of the store
"""

import asyncio
import secrets
from dataclasses import dataclass
from uuid import UUID

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from compiler.errors import InputError
from compiler.ids import GlobalId, parse_id
from db import attachment_store
from db.attachment_store import Found, Kept
from db.pool import Database
from db.scope import Scope
from db.signing import Signer, to_read, to_store
from domain.refusal import Refusal, RefusalCode
from resolvers import attachment_write
from resolvers.attachment import PATH, TAG
from resolvers.caller import Refused as Declined, Work
from server import errors
from server.body import Refused, read_within
from server.endpoint import JSON, failed
from server.gate import Gate, TurnedAway
from server.language import prefers_chinese
from server.operation import refusal
from server.photo import LARGEST_FILE, Photo, PhotoError, clean

BODY_SECONDS, BODY_PACE = 10, 20_000
"""A photograph has ten seconds, and one more for every 20 kB of it: so much a stairwell's network has."""

STORE_SECONDS = 20
MOST_UPLOADS = 16
"""In one process at a time, each with its file in memory; of one person, half of them."""

MOST_PAINTED = 1
"""Pictures decoded at a time: a large one takes 100 to 300 MB meanwhile, a transparent WebP 400."""

CHUNK = 64 * 1024
HEADERS = {
    "cache-control": "private, max-age=1800",
    "content-disposition": "inline",
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True)
class Address:
    """Which photograph, and in whose name."""

    photograph: GlobalId
    person: UUID


def missing() -> Refused:
    """Never given out, no longer good, not to be seen or not there: one answer."""
    said = "There is no such photograph, or this address no longer holds."
    return Refused(404, "NOT_FOUND", said)


class Photographs:
    """The routes of photographs over one database and one object store."""

    def __init__(self, database: Database, signer: Signer, store: ObjectStore) -> None:
        self._database = database
        self._signer = signer
        self._store = store
        self._uploads = Gate(MOST_UPLOADS, waiting=0)
        self._painting = asyncio.Semaphore(MOST_PAINTED)

    def route(self) -> Route:
        """Where photographs are stored and fetched."""
        return Route(f"{PATH}{{photograph}}", self.answer, methods=["GET", "PUT"])

    async def answer(self, request: Request) -> ASGIApp:
        """Answer one request, whatever happens."""
        try:
            handle = self._take if request.method == "PUT" else self._give
            return await handle(request)
        except Refused as refused:
            return _failed(refused)
        except PhotoError as error:
            code, status, said = error.fault.value
            return _failed(Refused(status, code, said))
        except Declined as declined:
            return _failed(_declined(declined.refusal, request))
        except Exception as error:  # the last line of defence: masked and logged
            failure = errors.unexpected(error)
            return failed(errors.STATUS[failure["extensions"]["code"]], failure, JSON)

    async def _give(self, request: Request) -> Response:
        address = self._address(request)
        _scope, found = await self._find(address)
        if found.object_key is None or found.media_type is None:
            raise missing()
        tag = f'"{found.digest}"'
        headers = {**HEADERS, "etag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        try:
            async with asyncio.timeout(STORE_SECONDS):
                kept = await obstore.get_async(self._store, found.object_key)
        except FileNotFoundError as error:
            raise missing() from error
        except (BaseError, OSError) as error:
            raise _unreachable(error) from error
        headers["content-length"] = str(kept.meta["size"])
        return StreamingResponse(kept.stream(CHUNK), 200, headers, found.media_type)

    async def _take(self, request: Request) -> Response:
        address = self._address(request)
        try:
            async with self._uploads.place(f"{address.photograph.locality}/{address.person}"):
                await self._store_sent(request, address)
        except TurnedAway as error:
            said = "Too many photographs arrive at once; try again shortly."
            raise Refused(503, "BUSY", said) from error
        return JSONResponse({"status": "ok"})

    async def _store_sent(self, request: Request, address: Address) -> None:
        scope, found = await self._find(address)
        if found.stored_at is None:
            length = request.headers.get("content-length", "0")
            sent = await read_within(request.receive, length, LARGEST_FILE, BODY_SECONDS, BODY_PACE)
            await self._keep(scope, address, found, await self._paint(sent))

    def _address(self, request: Request) -> Address:
        """The address, if it is signed for what is asked and still good."""
        asked = request.query_params
        try:
            photograph = parse_id(request.path_params["photograph"], TAG)
            person, until = UUID(asked.get("by", "")), int(asked.get("until", 0))
        except (InputError, ValueError) as error:
            raise missing() from error
        if request.method == "PUT":
            message, late = to_store(str(photograph), person, until), until < self._signer.clock()
        else:
            message, late = to_read(str(photograph), person), False
        if not self._signer.holds(message, asked.get("signature", "")) or late:
            raise missing()
        return Address(photograph, person)

    async def _find(self, address: Address) -> tuple[Scope, Found]:
        """The photograph as the address's person sees it now."""
        scope = await self._database.scope_of(address.photograph.locality, address.person)
        if scope is None:
            raise missing()
        key = address.photograph.key
        found = await self._database.read(
            scope, lambda connection: attachment_store.find(connection, scope, key)
        )
        if found is None:
            raise missing()
        return scope, found

    async def _paint(self, sent: bytes) -> Photo:
        async with self._painting:
            return await asyncio.to_thread(clean, sent)

    async def _keep(self, scope: Scope, address: Address, found: Found, photo: Photo) -> None:
        """Store the bytes, then the row: a crash between leaves bytes without a row, never a row
        without bytes."""
        name = secrets.token_hex(16)
        kept = Kept(
            object_key=f"{name[:2]}/{name}",
            media_type=photo.media_type,
            size=len(photo.data),
            width=photo.width,
            height=photo.height,
            digest=photo.digest,
        )
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await obstore.put_async(
                    self._store, kept.object_key, photo.data, use_multipart=False
                )
        except (BaseError, OSError) as error:
            raise _unreachable(error) from error
        ours = False
        try:
            async with self._database.transaction(scope, write=True) as connection:
                ours = await attachment_write.keep(
                    Work(connection, scope), found.ticket_id, address.photograph.key, kept
                )
        except Declined:
            await self._drop(kept)
            raise
        if not ours:
            await self._drop(kept)

    async def _drop(self, kept: Kept) -> None:
        """Remove bytes that no row names; left alone, they harm nobody."""
        try:
            await obstore.delete_async(self._store, kept.object_key)
        except (BaseError, OSError) as error:
            errors.log.warning("bytes without a row: %s", kept.object_key, exc_info=error)


def _declined(refusal: Refusal, request: Request) -> Refused:
    """A refusal of the ticket's, by the time the bytes came."""
    if refusal.code is RefusalCode.NOT_FOUND:
        return missing()
    chinese = prefers_chinese(request.headers.get("accept-language", ""))
    return Refused(409, refusal.code, refusal.said(chinese=chinese))


def _unreachable(error: Exception) -> Refused:
    errors.log.error("object store failed", exc_info=error)
    said = "Photographs cannot be reached for the moment; try again shortly."
    return Refused(503, "STORE_UNAVAILABLE", said)


def _failed(refused: Refused) -> ASGIApp:
    return failed(refused.status, refusal(refused), JSON)
