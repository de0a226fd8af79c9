"""Making, changing, ending and replaying webhooks."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.ids import GlobalId
from compiler.scope import ScopeBinds
from db import run
from db.keys import new_key
from db.outbox import NUMBERING
from db.scope import NOBODY
from db.tables import Webhook, WebhookDelivery
from domain.refusal import RefusalCode as Code
from domain.terms import ChangedNoun, TicketVerb
from domain.webhook import (
    MOST_WEBHOOKS,
    ROTATION,
    SECRET_BYTES,
    DeliveryStatus,
    WebhookEnd,
)
from domain.webhook_url import read_url
from resolvers.caller import Refused, Work
from resolvers.places import unit_named

LONGEST_NAME = 100


def written(scope: ScopeBinds) -> Scoped:
    """The webhook that was made or changed."""
    return Scoped(select(Webhook).where(col(Webhook.id) == scope.key), scope.locality)


def replayed(scope: ScopeBinds) -> Scoped:
    """The delivery that is to be made again."""
    found = select(WebhookDelivery).where(col(WebhookDelivery.id) == scope.key)
    return Scoped(found, scope.locality)


@dataclass(frozen=True)
class Given:
    """What is said of a webhook; None leaves it as it is, no verbs are all of them, no nouns none."""

    name: str | None
    url: str | None
    nouns: Sequence[ChangedNoun] | None
    verbs: Sequence[TicketVerb] | None
    enabled: bool | None = None
    to_private: bool = False
    """Whether the URL may lead to http and private addresses."""

    def columns(self) -> dict[str, Any]:
        """The columns that are said, checked."""
        if self.name is not None and len(self.name) > LONGEST_NAME:
            raise Refused(Code.TEXT_TOO_LONG, "name", LONGEST_NAME)
        if self.nouns is not None and not self.nouns:
            raise Refused(Code.NOUNS_REQUIRED, "nouns")
        if self.url is not None and read_url(self.url, private=self.to_private) is None:
            raise Refused(Code.URL_NOT_ALLOWED, "url")
        said = {
            "name": self.name,
            "url": self.url,
            "nouns": None if self.nouns is None else sorted(set(self.nouns)),
        }
        columns: dict[str, Any] = {name: each for name, each in said.items() if each is not None}
        if self.verbs is not None:
            columns["verbs"] = sorted(set(self.verbs)) or None
        return columns


def new_secret() -> bytes:
    """What a webhook's messages are to be signed with."""
    return secrets.token_bytes(SECRET_BYTES)


async def create(work: Work, unit: GlobalId, given: Given, secret: bytes) -> UUID:
    """Make a webhook for a unit at whose tree's top the caller serves."""
    said = given.columns()
    chain = await unit_named(work, unit)
    _check_head(work, chain[-1].path)
    await _check_room(work)
    now = await work.now()
    key = new_key(now)
    facts = {
        "locality_id": work.scope.locality,
        "id": key,
        "owner_id": work.scope.person,
        "unit_id": chain[0].id,
        "unit_path": chain[0].path,
        "root_path": chain[-1].path,
        "secret": secret,
        "created_at": now,
        **await _place(work),
        **said,
    }
    await run.insert(work.connection, "webhook", facts)
    return key


def _check_head(work: Work, root_path: str) -> None:
    if root_path not in work.scope.prefixes:
        raise Refused(Code.FORBIDDEN)


async def _check_room(work: Work) -> None:
    """Refuse one more than a place may have; counted over all its trees, one caller at a time."""
    locality = work.scope.locality
    await run.one_by_one(work.connection, f"webhooks/{locality}")
    async with work.everywhere():
        count = await work.connection.fetchval(COUNT, locality)
    if count >= MOST_WEBHOOKS:
        raise Refused(Code.LIMIT_REACHED, limit=MOST_WEBHOOKS)


async def _place(work: Work) -> dict[str, Any]:
    """The place in the outbox from which it is told: whatever begins after this transaction."""
    found = await work.connection.fetchrow(PLACE)
    return {**dict(found or {}), "seen_id": NOBODY}


@dataclass(frozen=True)
class Held:
    """A webhook under lock, which the caller may change."""

    key: dict[str, Any]
    secret: bytes
    ended: str | None


async def _hold(work: Work, webhook: GlobalId) -> Held:
    """Lock a webhook; NOT_FOUND if the caller may not see it, FORBIDDEN if it may only see it."""
    found = None
    if webhook.locality == work.scope.locality:
        found = await work.connection.fetchrow(LOCK, webhook.locality, webhook.key)
    if found is None:
        raise Refused(Code.NOT_FOUND, "webhook_id")
    _check_head(work, found["root_path"])
    key = {"locality_id": webhook.locality, "id": webhook.key}
    return Held(key, found["secret"], found["ended"])


async def update(work: Work, webhook: GlobalId, given: Given) -> UUID:
    """Change a webhook, or switch it on or off."""
    said = given.columns()
    held = await _hold(work, webhook)
    if given.enabled is True:
        said |= {"ended": None, "ended_at": None, "failing_since": None}
    elif given.enabled is False and held.ended is None:
        said |= {"ended": WebhookEnd.BY_HAND, "ended_at": await work.now()}
    if said:
        await run.update(work.connection, "webhook", said, held.key)
    return webhook.key


async def rotate(work: Work, webhook: GlobalId, secret: bytes) -> UUID:
    """Give a webhook a new secret; the former one signs beside it for a while."""
    held = await _hold(work, webhook)
    said = {
        "secret": secret,
        "former_secret": held.secret,
        "former_until": await work.now() + ROTATION,
    }
    await run.update(work.connection, "webhook", said, held.key)
    return webhook.key


async def delete(work: Work, webhook: GlobalId) -> UUID:
    """Remove a webhook and all its deliveries."""
    await _hold(work, webhook)
    for statement in (DELETE_ATTEMPTS, DELETE_DELIVERIES, DELETE):
        await work.connection.execute(statement, webhook.locality, webhook.key)
    return webhook.key


async def replay(work: Work, delivery: GlobalId) -> UUID:
    """Make a delivery again that has come to its end, with a new row of attempts."""
    found = None
    if delivery.locality == work.scope.locality:
        found = await work.connection.fetchrow(LOCK_DELIVERY, delivery.locality, delivery.key)
    if found is None:
        raise Refused(Code.NOT_FOUND, "delivery_id")
    _check_head(work, found["root_path"])
    if found["ended"] is not None:
        raise Refused(Code.NOT_ALLOWED_FROM_STATUS, status=WebhookEnd(found["ended"]))
    if found["status"] == DeliveryStatus.PENDING.value:
        raise Refused(Code.NOT_ALLOWED_FROM_STATUS, status=DeliveryStatus.PENDING)
    said = {
        "status": DeliveryStatus.PENDING,
        "replayed_after": found["attempts"],
        "next_attempt_at": await work.now(),
    }
    key = {"locality_id": delivery.locality, "id": delivery.key}
    await run.update(work.connection, "webhook_delivery", said, key)
    return delivery.key


COUNT = "SELECT count(*) FROM webhook WHERE locality_id = $1"
PLACE = f"SELECT {NUMBERING} AS seen_epoch, pg_current_xact_id()::text::bigint AS seen_tx"
LOCK = """
SELECT root_path, secret, ended FROM webhook WHERE locality_id = $1 AND id = $2 FOR UPDATE
"""
# Row security leaves out what the caller may not see.
LOCK_DELIVERY = """
SELECT d.root_path, d.status, d.attempts, w.ended
FROM webhook_delivery d JOIN webhook w ON w.locality_id = d.locality_id AND w.id = d.webhook_id
WHERE d.locality_id = $1 AND d.id = $2 FOR UPDATE OF d
"""
DELETE_ATTEMPTS = """
DELETE FROM webhook_attempt WHERE locality_id = $1 AND delivery_id IN (
    SELECT id FROM webhook_delivery WHERE locality_id = $1 AND webhook_id = $2
)
"""
DELETE_DELIVERIES = "DELETE FROM webhook_delivery WHERE locality_id = $1 AND webhook_id = $2"
DELETE = "DELETE FROM webhook WHERE locality_id = $1 AND id = $2"
