"""Webhooks, their deliveries and attempts."""

from enum import Enum
from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, Select, select
from sqlmodel import col

from compiler.arguments import Ref
from compiler.fields import Scoped
from compiler.order import OrderDirection, Ordering
from compiler.scope import ScopeBinds
from db.tables import ServiceRecord, Webhook, WebhookAttempt, WebhookDelivery
from domain.webhook import DeliveryStatus
from resolvers.filters import Choices, Locality, among, option
from resolvers.rows import own_or_named

Id = Annotated[Ref, strawberry.argument(description="The webhook's id.")]


@strawberry.enum(description="What webhooks can be sorted by.")
class WebhookOrderField(Enum):
    CREATED_AT = strawberry.enum_value("CREATED_AT", description="When they were made.")


@strawberry.input(description="How webhooks are sorted.")
class WebhookOrder:
    field: WebhookOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.ASC
    )


ORDER = Ordering(
    WebhookOrder,
    {WebhookOrderField.CREATED_AT: ("created_at", "id")},
    (WebhookOrderField.CREATED_AT, OrderDirection.ASC),
)


@strawberry.enum(description="What deliveries can be sorted by.")
class WebhookDeliveryOrderField(Enum):
    AT = strawberry.enum_value("AT", description="When the change happened.")


@strawberry.input(description="How deliveries are sorted.")
class WebhookDeliveryOrder:
    field: WebhookDeliveryOrderField = strawberry.field(description="What they are sorted by.")
    direction: OrderDirection = strawberry.field(
        description="Which way.", default=OrderDirection.DESC
    )


DELIVERY_ORDER = Ordering(
    WebhookDeliveryOrder,
    {WebhookDeliveryOrderField.AT: ("at", "id")},
    (WebhookDeliveryOrderField.AT, OrderDirection.DESC),
)


@strawberry.input(description="Which deliveries to list.")
class WebhookDeliveryFilter:
    status: Choices[DeliveryStatus] | None = option("Where they stand.")


Filter = Annotated[
    WebhookDeliveryFilter | None, strawberry.argument(description="Which deliveries to list.")
]


def by_id(scope: ScopeBinds, id: Id) -> Scoped:
    """The webhook with that id."""
    ref = id.of("webhook")
    return Scoped(select(Webhook).where(col(Webhook.id) == ref.key), ref.locality)


def listed(scope: ScopeBinds, locality: Locality = None) -> Scoped:
    """A locality's webhooks."""
    return Scoped(select(Webhook), own_or_named(scope, locality))


def of_delivery(delivery: Any) -> Select[Webhook]:
    """The webhook that is told."""
    return select(Webhook).where(col(Webhook.id) == delivery.webhook_id)


def service_record(delivery: Any) -> Select[ServiceRecord]:
    """The service record that changed."""
    return select(ServiceRecord).where(col(ServiceRecord.id) == delivery.service_record_id)


def deliveries(webhook: type[Webhook], filter: Filter = None) -> Select[WebhookDelivery]:
    """What the webhook has been told, or is to be."""
    return select(WebhookDelivery).where(
        col(WebhookDelivery.webhook_id) == webhook.id, *_matches(filter)
    )


def attempts(delivery: type[WebhookDelivery]) -> Select[WebhookAttempt]:
    """Every attempt of a delivery, in order."""
    made = select(WebhookAttempt).where(col(WebhookAttempt.delivery_id) == delivery.id)
    return made.order_by(col(WebhookAttempt.number))


def _matches(filter: WebhookDeliveryFilter | None) -> list[ColumnElement[bool]]:
    return [] if filter is None else [*among(WebhookDelivery.status, filter.status)]
