"""What is refused is paid for too, and is looked up by few at a time."""

import asyncio
import time
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import httpx
import pytest

from db.credential import Holder
from db.listen import Standing
from domain.identity import access_token
from schema.api import API
from server import bearers, jwks
from server.bearers import SEEKING, Bearers
from server.bucket import InDatabase, InMemory, Rates, maximum
from server.callers import Caller
from server.desk import Desk, Failed
from server.issuers import Issuer
from server.jwks import Keys, UnavailableError
from server.limits import Limits
from server.operation import Operation
from server.purse import Purse, Purses
from server.tokens import TokenError
from tests.api.served import KEY

NOBODY: Any = None
ME, OTHER = (UUID(int=at) for at in (1, 2))
SECONDS = 10


def limits() -> Limits:
    """A thousand points that time does not restore."""
    return Limits(Rates(anonymous=1, person=1), InMemory(lambda: 0.0))


def knowing(held: Limits, demo: Any = None) -> Bearers:
    return Bearers(NOBODY, (), demo, Purses(held, KEY.raw_value))


async def refusal(desk: Desk, text: str) -> str:
    with pytest.raises(Failed) as found:
        await desk.prepare(Operation(text, {}, None), Caller(None, "en"))
    return found.value.failures[0]["extensions"]["code"]


async def test_refused_documents_are_paid_for() -> None:
    callers: Any = SimpleNamespace(key=KEY)
    desk = Desk(API, callers, limits=limits())
    sound = Operation("{ localities { slug } }", {}, None)
    for _ in range(5):  # sound ones are paid later, and only once
        await desk.prepare(sound, Caller(None, "en"))
    codes = [await refusal(desk, f"{{ a{at} }}") for at in range(1_001)]
    assert set(codes[:1_000]) == {"GRAPHQL_VALIDATION_FAILED"}
    assert codes[1_000] == "RATE_LIMITED"
    assert await refusal(desk, sound.query) == "RATE_LIMITED"


async def test_a_long_document_is_paid_for_by_its_length() -> None:
    callers: Any = SimpleNamespace(key=KEY)
    desk = Desk(API, callers, limits=limits())
    codes = [await refusal(desk, "{ a }" + " " * 20_000) for _ in range(5)]
    assert [code == "RATE_LIMITED" for code in codes] == [False] * 4 + [True]


async def test_made_up_tokens_are_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before they are looked up, by few at a time; a known one pays nothing."""
    good, asked, under_way, most = access_token("weibin", "0" * 32), 0, 0, 0

    async def bearer(_database: Any, locality: str, digest: bytes) -> Holder | None:
        nonlocal asked, under_way, most
        asked, under_way = asked + 1, under_way + 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        return Holder(locality, ME) if digest == bearers.token_digest(good) else None

    monkeypatch.setattr(bearers, "bearer", bearer)
    known = knowing(limits())
    assert (await known.identity(good, None)).person == ME
    tokens = [access_token("weibin", f"{at:032}") for at in range(1, 301)]
    tries = (known.identity(each, None) for each in tokens)
    found = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(each, TokenError) for each in found) == asked - 1 == 100
    assert sum(isinstance(each, Failed) for each in found) == 200
    assert most == SEEKING
    assert (await known.identity(good, None)).person == ME
    assert asked == 101


async def test_only_what_stands_for_them_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[UUID] = []
    whose = {access_token("weibin", f"{who.int:032}"): who for who in (ME, OTHER)}
    by_digest = {bearers.token_digest(token): who for token, who in whose.items()}

    async def bearer(_database: Any, locality: str, digest: bytes) -> Holder:
        asked.append(by_digest[digest])
        return Holder(locality, by_digest[digest])

    monkeypatch.setattr(bearers, "bearer", bearer)
    known = knowing(limits())
    told: list[tuple[Standing | None, list[UUID]]] = [
        (Standing("weibin", ME), [ME]),
        (Standing("huazhou", OTHER), []),
        (None, [ME, OTHER]),
    ]
    for token in whose:
        await known.identity(token, None)
    for standing, anew in told:
        asked.clear()
        known.forget(standing)
        for token in [*whose, *whose]:
            await known.identity(token, None)
        assert asked == anew, standing


async def test_events_dearer_than_a_bucket_are_paid_with_all_it_holds() -> None:
    held = InMemory(lambda: 0.0)
    purse = Purse(b"me", "me", 1, held)
    async with asyncio.timeout(SECONDS):
        await purse.settle(maximum(1) + 1, asyncio.Event())
    assert (await held.charge(b"me", 0, 1)).available == 0


async def test_stopping_wakes_who_waits_to_pay() -> None:
    purse, stopping = Purse(b"me", "me", 1, InMemory(lambda: 0.0)), asyncio.Event()
    await purse.pay(maximum(1))
    paying = asyncio.create_task(purse.settle(900, stopping))
    await asyncio.sleep(0)
    stopping.set()
    async with asyncio.timeout(SECONDS):
        await paying


async def test_what_is_owed_outlasts_a_charge_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    charged: list[float] = []
    begun, going_on, failing = asyncio.Event(), asyncio.Event(), True

    async def charge(_database: Any, _who: bytes, points: float, *_: Any) -> tuple[float, bool]:
        begun.set()
        await going_on.wait()
        if failing:
            raise ConnectionError
        charged.append(points)
        return 0.0, True

    monkeypatch.setattr("server.bucket.bucket.charge", charge)
    shared = InDatabase(NOBODY, clock=lambda: 0.0)
    shared.give_back(b"me", 300, 1)
    going_on.set()
    with pytest.raises(ConnectionError):
        await shared.charge(b"me", 400, 1)
    failing = False
    begun.clear()
    going_on.clear()
    # Who leaves in the middle of it has paid, once, and is owed nothing twice.
    leaving = asyncio.create_task(shared.charge(b"me", 400, 1))
    await begun.wait()
    leaving.cancel()
    await asyncio.wait([leaving])
    going_on.set()
    await shared.charge(b"me", 400, 1)
    assert charged == [100, 400]


async def test_an_issuer_whose_address_is_none_is_unavailable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def download(url: str) -> bytes:
        raise httpx.InvalidURL(url)

    made: list[float] = []
    monkeypatch.setattr(jwks, "_trust", lambda: made.append(time.time()))
    monkeypatch.setattr(jwks, "download", download)
    keys = Keys(Issuer("https://x.example", ("x",), None, ("RS256",)))
    assert made, "made at the first use"
    with pytest.raises(UnavailableError):
        await keys.find("a", "RS256")
