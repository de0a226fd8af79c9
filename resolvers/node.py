"""Any noun by its global id."""

from typing import Annotated, Any

import strawberry
from sqlalchemy import ColumnElement, Text, Uuid, column, func, literal_column, select
from sqlmodel import col

from compiler.arguments import Ref, Refs
from compiler.fields import Choice, Scoped
from compiler.scope import ScopeBinds
from db.tables import (
    AccessToken,
    Attachment,
    Meeting,
    Office,
    OrgUnit,
    Person,
    Post,
    ServiceRecord,
    Ticket,
    Webhook,
    WebhookDelivery,
)
from resolvers.attachment import TAG

NODES: dict[str, tuple[str, type[Any]]] = {
    "OrgUnit": ("unit", OrgUnit),
    "Person": ("person", Person),
    "Post": ("post", Post),
    "Ticket": ("ticket", Ticket),
    "ServiceRecord": ("record", ServiceRecord),
    "Attachment": (TAG, Attachment),
    "Meeting": ("meeting", Meeting),
    "Webhook": ("webhook", Webhook),
    "WebhookDelivery": ("delivery", WebhookDelivery),
    "AccessToken": ("token", AccessToken),
    "Office": ("office", Office),
}
"""GraphQL type to the tag of its ids and its table."""


def _options(key: Any, locality: Any) -> dict[str, tuple[str, Scoped]]:
    return {
        name: (tag, Scoped(select(row).where(col(row.id) == key), locality))
        for name, (tag, row) in NODES.items()
    }


def by_id(
    scope: ScopeBinds, id: Annotated[Ref, strawberry.argument(description="Any id given out.")]
) -> Choice:
    """Whatever has that id."""
    return Choice(id.tag, _options(id.key, id.locality))


def by_ids(
    scope: ScopeBinds,
    ids: Annotated[list[Ref], strawberry.argument(description="At most 100 ids.")],
) -> Choice:
    """Whatever has those ids, in their order; null where there is nothing to see."""
    refs: Refs = ids  # pyright: ignore[reportAssignmentType]  # the compiler hands lists of ids over whole
    asked = (
        func.unnest(refs.tags, refs.localities, refs.keys)
        .table_valued(
            column("tag", Text),
            column("locality", Text),
            column("key", Uuid),
            with_ordinality="place",
        )
        .render_derived(name="asked")
    )
    tag: ColumnElement[str] = literal_column("asked.tag")
    found = _options(literal_column("asked.key"), literal_column("asked.locality"))
    return Choice(tag, found, asked)
