"""Bodies that come slowly: how long they are waited for."""

import asyncio
from typing import Any

import pytest

from server.body import Refused, read_within

SECONDS, PACE, MOST = 10, 20_000, 10_000_000


async def read(monkeypatch: pytest.MonkeyPatch, each: int, every: float, parts: int) -> int:
    """The length of a body of so many parts, each of so many bytes and so many seconds after the other."""
    loop = asyncio.get_running_loop()
    now, left = loop.time(), parts

    async def receive() -> Any:
        nonlocal now, left
        now += every
        left -= 1
        for _ in range(3):  # in which the loop sees what is late
            await asyncio.sleep(0)
        return {"type": "http.request", "body": b"x" * each, "more_body": left > 0}

    monkeypatch.setattr(loop, "time", lambda: now)
    return len(await read_within(receive, "", MOST, SECONDS, PACE))


async def test_a_slow_network_has_the_time_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await read(monkeypatch, 25_000, 1, 120) == 3_000_000


@pytest.mark.trust(6)
@pytest.mark.parametrize(("each", "every"), [(1, 7), (15_000, 1), (0, 3)])
async def test_who_holds_a_place_and_sends_hardly_anything_is_sent_away(
    monkeypatch: pytest.MonkeyPatch, each: int, every: float
) -> None:
    with pytest.raises(Refused) as refused:
        await read(monkeypatch, each, every, 100)
    assert refused.value.code == "BODY_TOO_SLOW"
