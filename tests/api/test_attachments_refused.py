"""Addresses that do not hold, bodies that are not taken, stores that fail."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import asyncpg
import pytest
from obstore.store import LocalStore

from db.signing import PERIOD, Signer, to_read, to_store
from resolvers import attachment_write
from server import attachments as routes
from server.app import make_app
from server.photo import LARGEST_FILE
from tests.api.acting import CHIEF, COMMUNITY, RESIDENT, SIBLING, SIBLING_GRID, done, reported
from tests.api.photographs import attached, attachments, fetched, picture, put, requested
from tests.api.served import KEY, Site, key_of


def with_store(site: Site, folder: Path, public_url: str = "") -> Site:
    """The same places served with photographs kept in a folder."""
    twin = Site(site.scratch, site.database, site.owner)
    twin.app = make_app(
        site.database, KEY, store=LocalStore(folder), public_url=public_url, demo=True
    )
    return twin


def changed(address: str, **parts: str) -> str:
    """An address with parts of it replaced."""
    split = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(split.query).items()}
    path = parts.pop("path", split.path)
    return f"{path}?{urlencode(query | parts)}"


def signed(signer: Signer, photograph: str, person: object, until: int | None = None) -> str:
    """An address as the server itself would sign it; to store, if there is an end to it."""
    if until is None:
        signature = signer.signature(to_read(photograph, person))
        return f"/attachments/{photograph}?by={person}&signature={signature}"
    signature = signer.signature(to_store(photograph, person, until))
    return f"/attachments/{photograph}?by={person}&until={until}&signature={signature}"


def ago(seconds: float, secret: bytes = KEY.raw_value) -> Signer:
    """A signer of some time ago."""
    return Signer(secret, clock=lambda: time.time() - seconds)


async def test_every_address_that_does_not_hold_has_one_answer(shop: Site) -> None:
    ticket, other = await reported(shop), await reported(shop)
    stored, strange = await attached(shop, ticket, RESIDENT), await attached(shop, other, RESIDENT)
    awaited = await requested(shop, ticket, RESIDENT)
    me, them = (await shop.person(RESIDENT)).person, (await shop.person(SIBLING)).person
    url, upload, photograph = stored["url"], awaited["uploadUrl"], stored["id"]
    unknown = f"{photograph[:-4]}0000"
    gone = [
        "/attachments/none",
        f"/attachments/{photograph}",
        changed(url, signature=""),
        changed(url, signature="é"),
        changed(url, signature="0" * 64),
        changed(url, by=str(them)),
        changed(url, by="me"),
        changed(url, path=urlsplit(strange["url"]).path),
        changed(url, path=f"/attachments/{ticket}"),
        changed(url, signature=strange["url"].rpartition("=")[2]),
        changed(upload, until="9999999999"),
        changed(upload, until="1" * 5_000),
        upload,
        signed(ago(0), photograph, them),
        signed(ago(0), unknown, me),
        signed(ago(0), awaited["attachment"]["id"], me),
        signed(ago(0), photograph.replace("weibin", "huazhou"), me),
        signed(ago(0), photograph.replace("weibin", "nowhere"), me),
        signed(ago(0, b"another secret"), photograph, me),
        signed(ago(2 * PERIOD), photograph, me),
        signed(ago(-PERIOD), photograph, me),
    ]
    answers = [await fetched(shop, address) for address in gone]
    unread = [
        url,
        changed(upload, until=str(int(time.time()) + 9_999)),
        changed(upload, by=str(them)),
        signed(ago(0), awaited["attachment"]["id"], me, int(time.time()) - 1),
        signed(ago(0), awaited["attachment"]["id"], them, int(time.time()) + 60),
        signed(ago(0), unknown, me, int(time.time()) + 60),
    ]
    answers += [await put(shop, address, picture()) for address in unread]
    told = {(answer.status_code, answer.content) for answer in answers}
    assert len(told) == 1, [answer.status_code for answer in answers]
    assert answers[0].status_code == 404
    assert answers[0].json()["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    # What the clock alone took away was good before.
    assert (await fetched(shop, signed(ago(PERIOD), photograph, me))).status_code == 200
    assert (await put(shop, upload, picture())).status_code == 200


async def test_an_address_ends_when_the_ticket_is_no_longer_seen(shop: Site) -> None:
    ticket = await reported(shop)
    await attached(shop, ticket, RESIDENT)
    sibling = await shop.unit("weibin", SIBLING_GRID)
    await done(shop, "ticketAccept", CHIEF, ticketId=ticket)
    await done(shop, "ticketDispatch", COMMUNITY, ticketId=ticket, unitId=sibling)
    (seen,) = await attachments(shop, ticket, SIBLING)
    awaited = await requested(shop, ticket, SIBLING)
    assert (await fetched(shop, seen["url"])).status_code == 200
    await done(shop, "ticketEscalate", SIBLING, ticketId=ticket, reason="须社区协调")
    assert (await fetched(shop, seen["url"])).status_code == 404
    assert (await put(shop, awaited["uploadUrl"], picture())).status_code == 404


async def chunks(size: int, taken: list[int]) -> AsyncIterator[bytes]:
    """A body without an end, counting what was asked of it."""
    while True:
        taken.append(size)
        yield bytes(size)


async def test_a_large_body_is_refused_by_its_length(shop: Site) -> None:
    payload = await requested(shop, await reported(shop))
    taken: list[int] = []
    length = {"content-length": str(LARGEST_FILE + 1)}
    answer = await put(shop, payload["uploadUrl"], chunks(1_000, taken), **length)
    assert (answer.status_code, taken) == (413, [])
    assert answer.json()["errors"][0]["extensions"]["code"] == "BODY_TOO_LARGE"


async def test_a_large_body_is_refused_as_it_comes(shop: Site) -> None:
    payload = await requested(shop, await reported(shop))
    taken: list[int] = []
    answer = await put(shop, payload["uploadUrl"], chunks(1_000_000, taken))
    assert answer.status_code == 413
    assert sum(taken) == LARGEST_FILE + 1_000_000


async def test_a_slow_body_is_refused(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    payload = await requested(shop, await reported(shop))
    monkeypatch.setattr(routes, "BODY_SECONDS", 0.05)

    async def never() -> AsyncIterator[bytes]:
        yield b"\xff\xd8\xff"
        await asyncio.Event().wait()

    answer = await put(shop, payload["uploadUrl"], never())
    assert answer.status_code == 408
    monkeypatch.undo()
    assert (await put(shop, payload["uploadUrl"], picture())).status_code == 200


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"<svg/>", 415, "NOT_A_PHOTOGRAPH"),
        (b"", 415, "NOT_A_PHOTOGRAPH"),
        (b"\0\0\0\x18ftypheic" + bytes(40), 415, "HEIC_NOT_TAKEN"),
        (picture()[:600], 422, "PHOTOGRAPH_DAMAGED"),
    ],
)
async def test_what_is_no_photograph_is_refused(
    shop: Site, sent: bytes, status: int, code: str
) -> None:
    """Whatever its name and its header say; and another may be sent instead."""
    ticket = await reported(shop)
    payload = await requested(shop, ticket, name="photo.jpg")
    answer = await put(shop, payload["uploadUrl"], sent, **{"content-type": "image/jpeg"})
    assert answer.status_code == status
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": code}
    assert "PIL" not in error["message"]
    assert (await put(shop, payload["uploadUrl"], picture())).status_code == 200


@pytest.mark.parametrize("same", [True, False], ids=["address", "person"])
async def test_nobody_has_more_than_half_of_the_places(
    shop: Site, monkeypatch: pytest.MonkeyPatch, *, same: bool
) -> None:
    """Whoever sends many at once, or one to an address again and again, is told to wait; others send."""
    payloads = [await requested(shop, await reported(shop)) for _ in range(3)]
    payloads = payloads[:1] * 3 if same else payloads
    other = await requested(shop, await reported(shop), CHIEF)
    monkeypatch.setattr(routes, "MOST_UPLOADS", 4)
    site = Site(shop.scratch, shop.database, shop.owner)
    begun, go = asyncio.Semaphore(0), asyncio.Event()

    async def held() -> AsyncIterator[bytes]:
        begun.release()
        await go.wait()
        yield picture()

    waiting = [asyncio.create_task(put(site, p["uploadUrl"], held())) for p in payloads[:2]]
    for _ in waiting:
        await asyncio.wait_for(begun.acquire(), 10)
    busy = await put(site, payloads[2]["uploadUrl"], picture())
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
    assert busy.json()["errors"][0]["extensions"] == {"code": "BUSY", "retryAfter": 2}
    assert (await put(site, other["uploadUrl"], picture())).status_code == 200
    go.set()
    assert [answer.status_code for answer in await asyncio.gather(*waiting)] == [200, 200]
    assert (await put(site, payloads[2]["uploadUrl"], picture())).status_code == 200


async def test_a_crash_before_the_row_leaves_no_photograph(
    shop: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bytes without a row are lost; a row without bytes there never is; a retry works."""
    site = with_store(shop, tmp_path)
    ticket = await reported(site)
    payload = await requested(site, ticket)

    async def crash(*_given: Any) -> bool:
        raise asyncpg.ConnectionDoesNotExistError

    monkeypatch.setattr(attachment_write, "keep", crash)
    answer = await put(site, payload["uploadUrl"], picture())
    assert answer.status_code == 503
    assert answer.json()["errors"][0]["extensions"]["code"] == "DATABASE_UNAVAILABLE"
    assert len(kept(tmp_path)) == 1
    assert await attachments(site, ticket, CHIEF) == []
    monkeypatch.undo()
    assert (await put(site, payload["uploadUrl"], picture())).status_code == 200
    (stored,) = await attachments(site, ticket, CHIEF)
    assert (await fetched(site, stored["url"])).status_code == 200


def kept(folder: Path) -> list[Path]:
    """The files of a store."""
    return [each for each in folder.rglob("*") if each.is_file()]


async def test_the_loser_of_a_race_leaves_no_bytes(shop: Site, tmp_path: Path) -> None:
    site = with_store(shop, tmp_path)
    ticket = await reported(site)
    payload = await requested(site, ticket)
    sent = [put(site, payload["uploadUrl"], picture()) for _ in range(4)]
    assert {answer.status_code for answer in await asyncio.gather(*sent)} == {200}
    (file,) = kept(tmp_path)
    assert key_of(ticket).hex not in str(file)
    assert key_of(payload["attachment"]["id"]).hex not in str(file)


async def test_what_a_closed_ticket_refused_is_not_kept(shop: Site, tmp_path: Path) -> None:
    site = with_store(shop, tmp_path)
    ticket = await reported(site)
    payload = await requested(site, ticket, RESIDENT)
    await done(site, "ticketReject", CHIEF, ticketId=ticket, reason="重复反映")
    assert (await put(site, payload["uploadUrl"], picture())).status_code == 409
    assert kept(tmp_path) == []


def remove(folder: Path) -> None:
    for each in kept(folder):
        each.unlink()


def break_(folder: Path) -> None:
    """A file where the folder was: neither to be written nor read."""
    remove(folder)
    for each in folder.iterdir():
        each.rmdir()
    folder.rmdir()
    folder.write_text("")


@pytest.mark.parametrize(
    ("happens", "status", "code"),
    [(remove, 404, "NOT_FOUND"), (break_, 503, "STORE_UNAVAILABLE")],
)
async def test_a_store_that_fails(
    shop: Site, tmp_path: Path, happens: Callable[[Path], None], status: int, code: str
) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    site = with_store(shop, folder)
    ticket = await reported(site)
    stored, awaited = await attached(site, ticket), await requested(site, ticket)
    happens(folder)
    answer = await fetched(site, stored["url"])
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert str(tmp_path) not in answer.text
    sent = await put(site, awaited["uploadUrl"], picture())
    assert sent.status_code == (200 if happens is remove else 503)


async def test_addresses_are_whole_where_the_server_knows_its_own(
    shop: Site, tmp_path: Path
) -> None:
    site = with_store(shop, tmp_path, "https://linli.example")
    ticket = await reported(site)
    stored = await attached(site, ticket)
    assert stored["url"].startswith("https://linli.example/attachments/attachment_weibin_")
    assert (await attachments(shop, ticket, CHIEF))[0]["url"].startswith("/attachments/")
