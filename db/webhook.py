"""Webhooks, what each has to tell, and every attempt to tell it."""

from sqlalchemy import ARRAY, BigInteger, Index, text
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import (
    C_TEXT,
    UUID,
    datetime,
    key,
    line,
    moment,
    one_of,
    path,
    paths,
    place,
    refers,
)
from domain.terms import ChangedNoun
from domain.webhook import DeliveryError, DeliveryStatus, WebhookEnd


class Webhook(PlaceRow, table=True):
    """Where changes in a subtree are told, on whose behalf, and how far that has got."""

    __table_args__ = (
        Index(None, "locality_id", "created_at", "id"),
        one_of("ended", WebhookEnd),
        refers("owner_id", "person"),
        refers("unit_id", "org_unit"),
    )

    locality_id: str = place()
    id: UUID = key()
    name: str = line()
    url: str = line()
    owner_id: UUID
    """Whose sight decides what may be told."""
    unit_id: UUID
    unit_path: str = path()
    root_path: str = path()
    """The top of the unit's tree: whoever serves there looks after the webhook."""
    nouns: list[str] = Field(sa_type=ARRAY(C_TEXT))
    verbs: list[str] | None = paths()
    secret: bytes
    former_secret: bytes | None = None
    """Signs too, until the receiver knows the new one."""
    former_until: datetime | None = moment(default=None)
    seen_epoch: str = line()
    seen_tx: int = Field(sa_type=BigInteger)
    seen_id: UUID
    """Its place in the outbox: of every change up to here there is a delivery, if it is wanted.
    The epoch is the numbering of transactions that the place belongs to."""
    created_at: datetime = moment()
    failing_since: datetime | None = moment(default=None)
    """The first failure since something last got through."""
    ended: WebhookEnd | None = line(default=None)
    ended_at: datetime | None = moment(default=None)


class WebhookDelivery(PlaceRow, table=True):
    """One change to be told to one webhook."""

    __table_args__ = (
        Index(None, "locality_id", "webhook_id", "at", "id"),
        Index(
            "ix_webhook_delivery_due",
            "locality_id",
            "webhook_id",
            "next_attempt_at",
            postgresql_where=text("next_attempt_at IS NOT NULL"),
        ),
        one_of("noun", ChangedNoun),
        one_of("status", DeliveryStatus),
        refers("webhook_id", "webhook"),
        refers("ticket_id", "ticket"),
        refers("service_record_id", "service_record"),
    )

    locality_id: str = place()
    id: UUID = key()
    webhook_id: UUID
    noun: ChangedNoun = Field(sa_type=C_TEXT)
    ticket_id: UUID | None = None
    service_record_id: UUID | None = None
    verb: str | None = Field(default=None, sa_type=C_TEXT)
    at: datetime = moment()
    """When the change happened."""
    status: DeliveryStatus = line()
    attempts: int
    """Begun so far. Whoever claims it counts up, and may only finish while that still holds."""
    replayed_after: int
    """Attempts before the last replay: the back-off begins anew after them."""
    next_attempt_at: datetime | None = moment(default=None)
    """When it is due; while it is being attempted, when the attempt counts as lost."""
    owner_id: UUID
    root_path: str = path()


class WebhookAttempt(PlaceRow, table=True):
    """One attempt to tell, and what came of it."""

    __table_args__ = (
        one_of("error", DeliveryError),
        refers("delivery_id", "webhook_delivery"),
    )

    locality_id: str = place()
    delivery_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    at: datetime = moment()
    milliseconds: int
    response_code: int | None = None
    error: DeliveryError | None = line(default=None)
    owner_id: UUID
    root_path: str = path()
