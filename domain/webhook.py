"""Webhooks: what is signed, which changes are told, when to try again and when to stop."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.terms import ChangedNoun, Term


class DeliveryStatus(Term):
    """Where the telling of one change stands."""

    PENDING = "PENDING", "待投递", "It is still to be told, or to be tried again."
    DELIVERED = "DELIVERED", "已送达", "The receiver took it."
    FAILED = "FAILED", "投递失败", "Every attempt failed; it can be replayed."
    WITHHELD = (
        "WITHHELD",
        "不予投递",
        "The webhook's owner may not see it any more: nothing was told.",
    )


class DeliveryError(Term):
    """Why an attempt to tell failed."""

    ADDRESS = "ADDRESS", "地址不允许", "The URL or the address of its host is not allowed."
    UNKNOWN_HOST = "UNKNOWN_HOST", "域名无法解析", "The host's name leads to no address."
    CONNECTION = "CONNECTION", "连接失败", "There was no connection, or it broke."
    CERTIFICATE = "CERTIFICATE", "证书无效", "The receiver could not prove who it is."
    TIMEOUT = "TIMEOUT", "超时", "There was no answer in time."
    REDIRECT = "REDIRECT", "重定向", "The receiver pointed elsewhere, where nothing is sent."
    STATUS = "STATUS", "响应异常", "The receiver answered that it did not take it."


class WebhookEnd(Term):
    """Why a webhook tells nothing."""

    BY_HAND = "BY_HAND", "手动停用", "Somebody switched it off."
    OWNER = "OWNER", "所有者离任", "Its owner holds no post any more."
    GONE = "GONE", "接收方注销", "The receiver answered that it is gone for good (410)."
    FAILING = "FAILING", "持续失败", "Nothing got through for five days."


MOST_WEBHOOKS = 20
"""Of one place."""

SECRET_BYTES = 32
SECRET_PREFIX = "whsec_"  # noqa: S105  # the prefix, not a secret
ROTATION = timedelta(hours=24)
"""How long the former secret signs beside the new one."""

WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
"""After the first, second, … failure; after as many and one more it is given up."""

SPREAD = 0.2
"""How much a wait may be shorter or longer, so that many do not come back at once."""

PATIENCE = timedelta(days=5)
"""How long nothing may get through before a webhook is switched off."""

GONE = 410


def secret_text(secret: bytes) -> str:
    """A secret as the receiver is told it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def headers(id: str, at: datetime, body: bytes, secrets: Iterable[bytes]) -> dict[str, str]:
    """What proves a message: its id, when it was sent, and one signature a secret."""
    moment = str(int(at.timestamp()))
    content = b".".join((id.encode(), moment.encode(), body))
    signatures = (_signature(secret, content) for secret in secrets)
    return {
        "webhook-id": id,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: bytes, content: bytes) -> str:
    digest = hmac.new(secret, content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"


TYPES = {
    ChangedNoun.TICKET: ("ticket.changed", "ticket"),
    ChangedNoun.SERVICE_RECORD: ("serviceRecord.changed", "record"),
}
"""What a message is called, and the tag of the id it holds."""


@dataclass(frozen=True, slots=True)
class Told:
    """One change as a message tells it: ids and words of closed lists, nothing about a person."""

    noun: ChangedNoun
    locality: str
    key: str
    verb: str | None
    status: str | None
    """The ticket's, when it is sent; a service record has none."""
    at: datetime

    def body(self) -> bytes:
        """The message's bytes, as they are signed and sent."""
        type_, tag = TYPES[self.noun]
        data = {
            "id": f"{tag}_{self.locality}_{self.key}",
            "locality": self.locality,
            "verb": self.verb,
            **({"status": self.status} if self.status else {}),
        }
        message = {"type": type_, "timestamp": self.at.isoformat(), "data": data}
        return json.dumps(message, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which changes a webhook tells: of what, by which verbs, in which subtree."""

    nouns: Sequence[str]
    verbs: Sequence[str] | None
    """Of tickets; None for all."""
    unit_path: str

    def takes(self, noun: str, verb: str | None, paths: Iterable[str]) -> bool:
        """Whether a change at those places is one of them."""
        if noun not in self.nouns:
            return False
        if noun == ChangedNoun.TICKET.value and self.verbs is not None and verb not in self.verbs:
            return False
        return any(path.startswith(self.unit_path) for path in paths)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt."""

    code: int | None = None
    error: DeliveryError | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from an attempt."""

    status: DeliveryStatus
    next_attempt_at: datetime | None = None
    failing_since: datetime | None = None
    end: WebhookEnd | None = None


def judge(
    answer: Answer, tries: int, failing_since: datetime | None, now: datetime, chance: float
) -> Outcome:
    """What follows from the `tries`th attempt; `chance`, from 0 to 1, spreads the next one."""
    if answer.error is None:
        return Outcome(DeliveryStatus.DELIVERED)
    since = failing_since or now
    end = WebhookEnd.FAILING if now - since >= PATIENCE else None
    if answer.code == GONE:
        return Outcome(DeliveryStatus.FAILED, None, since, WebhookEnd.GONE)
    if tries > len(WAITS):
        return Outcome(DeliveryStatus.FAILED, None, since, end)
    wait = WAITS[tries - 1] * (1 + SPREAD * (2 * chance - 1))
    return Outcome(DeliveryStatus.PENDING, now + wait, since, end)
