"""A subscription's answers: taken apart once for all who have the same, and then each on its own."""

from base64 import urlsafe_b64encode
from uuid import UUID

import orjson
import pytest

from compiler import live
from compiler.disclosure import Paths
from compiler.live import LONG, Live
from compiler.statement import Statement

CHANGE = UUID(int=7)


def cursor(tx: int) -> str:
    plain = f"feed|epoch|{tx}|{UUID(int=0)}|2026-01-01 00:00:00+00"
    return urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def answer(title: str, horizon: int = 5) -> bytes:
    """One event of transaction 5, read while that horizon held."""
    event = {"id": CHANGE, "tx": 5, "cursor": cursor(4), "data": {"changed": {"title": title}}}
    return orjson.dumps({"key": "k", "cursor": cursor(horizon), "events": [event]})


def following(disclosures: Paths | None = None) -> Live:
    return Live(Statement("SELECT 1", (), (), {}, disclosures or {}), {}, None)


@pytest.fixture
def taken(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What was taken apart, and not remembered."""
    bodies: list[bytes] = []

    def counted(body: bytes) -> live.Taken:
        bodies.append(body)
        return apart(body)

    apart = live.take_apart
    monkeypatch.setattr(live, "take_apart", counted)
    monkeypatch.setattr(live, "_remembered", live.lru_cache(counted))
    return bodies


def test_the_same_answer_is_taken_apart_once(taken: list[bytes]) -> None:
    body = answer("a lamp")
    many = [following() for _ in range(3)]
    batches = [each.take(bytes(bytearray(body))) for each in many]
    assert taken == [body]
    assert [list(each.events) for each in batches] == [
        [b'{"data":{"changed":{"title":"a lamp"}}}']
    ] * 3
    # What one of them has been sent since is its own.
    assert many[0].sent == {CHANGE: 5}
    many[0].take(answer("a lamp", horizon=6))
    assert (many[0].sent, many[1].sent) == ({}, {CHANGE: 5})


@pytest.mark.parametrize(
    ("title", "disclosures"), [("x" * LONG, None), ("a name", {"events": None})]
)
def test_what_is_long_or_personal_is_not_remembered(
    taken: list[bytes], title: str, disclosures: Paths | None
) -> None:
    body = answer(title)
    for _ in range(2):
        following(disclosures).take(body)
    assert taken == [body, body]
