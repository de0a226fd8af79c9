"""What changed (变更), for apps that keep copies."""

from datetime import datetime

import strawberry

from compiler.fields import column, entity, link, value
from db import tables
from resolvers import change as read_change
from schema.node import Node
from schema.ticket import Ticket

CHANGES = (
    "What changed since a cursor, among the tickets and service records of your place that you see "
    "or saw: how an app that was offline catches up. To begin, ask without `since` for the cursor "
    "of now, then load your lists; from then on ask with the cursor of the page before, and again "
    "at once while `hasMore`. A cursor holds for 30 days; CURSOR_EXPIRED means to begin anew. Load "
    "your lists afresh too when your posts change."
)

ID = "Id of this change: the same change may be told more than once."
NODE_ID = "Global id of what changed, to find it among your copies."
VERB = (
    "What was done, as the name of the action; `ESCALATE`, for instance. Null if that is not known."
)
GONE = "Whether it has passed out of your sight: remove your copy."


@entity(tables.Change, "That something changed, with what it is now (变更).")
class Change:
    id: strawberry.ID = value(read_change.change_id, ID)
    at: datetime = column("When it changed.")
    verb: str | None = column(VERB)
    node_id: strawberry.ID = value(read_change.node_id, NODE_ID)
    node: Node | None = link(read_change.node, "The thing as it is now; null if it is gone.")
    gone: bool = value(read_change.gone, GONE)


@strawberry.type(description="What changed since a cursor, oldest first.")
class ChangePage:
    nodes: list[Change] = column(
        "The changes of this page; what changed several times may be there several times."
    )
    cursor: str = column("Where this page ends: the next one's `since`.")
    has_more: bool = column("Whether more changed already after this page.")


@entity(tables.Change, "That a ticket changed, with what it is now (工单变更).")
class TicketChange:
    id: strawberry.ID = value(read_change.change_id, ID)
    at: datetime = column("When it changed.")
    verb: str | None = column(VERB)
    cursor: str = value(read_change.cursor, "Give it as `after` to miss nothing after a break.")
    ticket_id: strawberry.ID = value(read_change.node_id, NODE_ID)
    ticket: Ticket | None = link(read_change.ticket, "The ticket as it is now; null if it is gone.")
    gone: bool = value(read_change.gone, GONE)
