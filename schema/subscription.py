"""The roots of every subscription."""

import strawberry

from compiler.fields import live
from resolvers import change as read_change
from schema.change import TicketChange


@strawberry.type(description="Everything that can be followed as it happens.")
class Subscription:
    ticket_changed: TicketChange = live(
        read_change.of_tickets,
        "Changes of one ticket, or of the tickets of a unit: those whose place, handler or former "
        "handler lies there. Give exactly one of `id` and `orgUnitId`. What you may not see does "
        "not arrive; a ticket that leaves your sight arrives once, as gone. An event may arrive "
        "twice, never not at all, if you resume with its `cursor`.",
    )
