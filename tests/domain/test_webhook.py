"""Webhooks as rules: the signature, what is wanted, when to try again, where to go."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from domain.terms import ChangedNoun
from domain.webhook import (
    PATIENCE,
    WAITS,
    Answer,
    DeliveryError,
    DeliveryStatus,
    Told,
    Wanted,
    WebhookEnd,
    headers,
    judge,
    secret_text,
)
from domain.webhook_url import Target, is_public, may_connect, read_url

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FAILED = Answer(500, DeliveryError.STATUS)


def test_the_signature_is_the_standards_own_example() -> None:
    """The reference vector of Standard Webhooks."""
    text = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    secret = base64.b64decode(text.removeprefix("whsec_"))
    assert secret_text(secret) == text
    at = datetime.fromtimestamp(1614265330, UTC)
    assert headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', [secret]) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_secret_signs() -> None:
    one = headers("m", NOW, b"{}", [b"a"])["webhook-signature"]
    two = headers("m", NOW, b"{}", [b"b"])["webhook-signature"]
    assert headers("m", NOW, b"{}", [b"a", b"b"])["webhook-signature"] == f"{one} {two}"
    assert one != two


@pytest.mark.parametrize(
    ("id_", "at", "body"),
    [("n", NOW, b"{}"), ("m", NOW + timedelta(seconds=1), b"{}"), ("m", NOW, b"{ }")],
)
def test_the_signature_covers_id_time_and_body(id_: str, at: datetime, body: bytes) -> None:
    signed = headers("m", NOW, b"{}", [b"a"])["webhook-signature"]
    assert headers(id_, at, body, [b"a"])["webhook-signature"] != signed


def test_the_body_is_thin() -> None:
    told = Told(ChangedNoun.TICKET, "weibin", "k", "SIGN", "IN_PROGRESS", NOW)
    assert json.loads(told.body()) == {
        "type": "ticket.changed",
        "timestamp": "2026-03-02T08:00:00+00:00",
        "data": {
            "id": "ticket_weibin_k",
            "locality": "weibin",
            "verb": "SIGN",
            "status": "IN_PROGRESS",
        },
    }
    told = Told(ChangedNoun.SERVICE_RECORD, "weibin", "k", "ADD", None, NOW)
    assert json.loads(told.body()) == {
        "type": "serviceRecord.changed",
        "timestamp": "2026-03-02T08:00:00+00:00",
        "data": {"id": "record_weibin_k", "locality": "weibin", "verb": "ADD"},
    }


@pytest.mark.parametrize(
    ("nouns", "verbs", "noun", "verb", "paths", "wanted"),
    [
        (["TICKET"], None, "TICKET", "SIGN", ["00010002"], True),
        (["TICKET"], None, "TICKET", None, ["0001"], True),
        (["TICKET"], ["SIGN"], "TICKET", "SIGN", ["0001"], True),
        (["TICKET"], ["SIGN"], "TICKET", "CLOSE", ["0001"], False),
        (["TICKET"], ["SIGN"], "TICKET", None, ["0001"], False),
        (["TICKET"], [], "TICKET", "SIGN", ["0001"], False),
        (["TICKET"], None, "SERVICE_RECORD", "ADD", ["0001"], False),
        (["SERVICE_RECORD"], ["SIGN"], "SERVICE_RECORD", "ADD", ["0001"], True),
        (["TICKET"], None, "TICKET", "SIGN", ["0002", "000"], False),
        (["TICKET"], None, "TICKET", "SIGN", ["0002", "00010001"], True),
        ([], None, "TICKET", "SIGN", ["0001"], False),
    ],
)
def test_what_a_webhook_takes(
    nouns: Any, verbs: Any, noun: str, verb: Any, paths: Any, wanted: bool
) -> None:
    assert Wanted(nouns, verbs, "0001").takes(noun, verb, paths) is wanted


def test_success_ends_the_failing() -> None:
    outcome = judge(Answer(204), 3, NOW - timedelta(days=9), NOW, 0.5)
    assert (outcome.status, outcome.next_attempt_at) == (DeliveryStatus.DELIVERED, None)
    assert (outcome.failing_since, outcome.end) == (None, None)


@pytest.mark.parametrize(("tries", "wait"), list(enumerate(WAITS, 1)))
def test_each_failure_waits_longer(tries: int, wait: timedelta) -> None:
    outcome = judge(FAILED, tries, None, NOW, 0.5)
    assert (outcome.status, outcome.next_attempt_at) == (DeliveryStatus.PENDING, NOW + wait)
    assert (outcome.failing_since, outcome.end) == (NOW, None)
    soonest, latest = (judge(FAILED, tries, None, NOW, each).next_attempt_at for each in (0, 1))
    assert (soonest, latest) == (NOW + wait * 0.8, NOW + wait * 1.2)


def test_the_last_failure_gives_up() -> None:
    outcome = judge(FAILED, len(WAITS) + 1, None, NOW, 0.5)
    assert (outcome.status, outcome.next_attempt_at) == (DeliveryStatus.FAILED, None)
    assert outcome.end is None


@pytest.mark.parametrize(
    ("since", "end"),
    [(NOW - PATIENCE, WebhookEnd.FAILING), (NOW - PATIENCE + timedelta(seconds=1), None)],
)
def test_days_of_failure_end_the_webhook(since: datetime, end: WebhookEnd | None) -> None:
    outcome = judge(FAILED, 1, since, NOW, 0.5)
    assert (outcome.end, outcome.failing_since) == (end, since)


def test_gone_ends_the_webhook_at_once() -> None:
    outcome = judge(Answer(410, DeliveryError.STATUS), 1, None, NOW, 0.5)
    assert (outcome.status, outcome.end) == (DeliveryStatus.FAILED, WebhookEnd.GONE)
    assert outcome.next_attempt_at is None


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://example.com", Target("https", "example.com", 443, "/")),
        ("HTTPS://Example.COM/A?b=C%20d", Target("https", "example.com", 443, "/A?b=C%20d")),
        ("https://example.com?x", Target("https", "example.com", 443, "/?x")),
        ("https://a.example.com:8443/", Target("https", "a.example.com", 8443, "/")),
        ("https://xn--fiq228c.xn--55qx5d/", Target("https", "xn--fiq228c.xn--55qx5d", 443, "/")),
    ],
)
def test_urls_that_a_webhook_may_have(url: str, target: Target) -> None:
    assert read_url(url) == target


REFUSED_URLS = [
    "",
    "example.com",
    "//example.com/",
    "http://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "https://",
    "https:///path",
    "https://user@example.com/",
    "https://user:secret@example.com/",
    "https://example.com@127.0.0.1/",
    "https://example.com\\@127.0.0.1/",
    "https://example.com/#part",
    "https://example.com./",
    "https://.example.com/",
    "https://exa mple.com/",
    "https://example.com/\r\nX: y",
    "https://example.com\t/",
    " https://example.com/",
    "https://示例.公司/",
    "https://example.com/路径",
    "https://ⓔxample.com/",
    "https://example\u017f.com/",
    "https://\u212aelvin.com/",
    "https://example.com/\u017f",
    "https://localhost/",
    "https://localhost:8443/",
    "https://a.localhost/",
    "https://metadata.google.internal/",
    "https://printer.local/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://8.8.8.8/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://[::1]/",
    "https://[2606:4700::1111]/",
    "https://[::ffff:127.0.0.1]/",
    "https://example.com:0/",
    "https://example.com:25/",
    "https://example.com:22/",
    "https://example.com:80/",
    "https://example.com:65536/",
    "https://example.com:443443/",
    "https://example.com:-1/",
    "https://example.com:٤٤٣/",
    f"https://example.com/{'a' * 2000}",
    f"https://{'a' * 64}.com/",
    f"https://{'.'.join(['a' * 60] * 5)}.com/",
]


@pytest.mark.parametrize("url", REFUSED_URLS)
def test_urls_that_no_webhook_has(url: str) -> None:
    assert read_url(url) is None


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    for each in (text, f"https://{text}", f"https://example.com/{text}"):
        found = read_url(each)
        assert found is None or found.host.isascii()


def test_a_trial_may_stay_at_home() -> None:
    assert read_url("http://127.0.0.1:8099/x", private=True) == Target(
        "http", "127.0.0.1", 8099, "/x"
    )
    assert read_url("http://localhost/", private=True) == Target("http", "localhost", 80, "/")
    assert read_url("http://user@localhost/", private=True) is None


PUBLIC = ["8.8.8.8", "1.1.1.1", "114.114.114.114", "2606:4700:4700::1111", "240e::1"]
HOME = ["127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "::1", "fd00::1"]
NOWHERE = [
    "0.0.0.0",
    "0.1.2.3",
    "100.64.0.1",  # shared by a carrier's customers
    "100.100.100.200",  # a cloud's metadata
    "168.63.129.16",  # another's
    "192.0.0.8",
    "192.0.0.192",  # a third one's
    "192.88.99.2",
    "169.254.169.254",  # most others'
    "192.0.0.1",
    "192.88.99.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "::ffff:8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::8.8.8.8",
    "64:ff9b::8.8.8.8",  # NAT64
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo
    "2002:7f00:1::1",  # 6to4
    "2001:db8::1",
    "fd00:ec2::254",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_open_internet_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", [*HOME, *NOWHERE])
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(address)
    assert not may_connect(address)


@pytest.mark.parametrize("address", [*HOME, *PUBLIC])
def test_a_trial_connects_at_home(address: str) -> None:
    assert may_connect(address, private=True)


@pytest.mark.parametrize("address", ["169.254.169.254", "0.0.0.0", "fe80::1", "::", "224.0.0.1"])
def test_not_even_a_trial_connects_there(address: str) -> None:
    assert not may_connect(address, private=True)
