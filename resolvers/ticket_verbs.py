"""What the viewer may do to a ticket: the domain's table and ties, as SQL over the row."""

from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Integer,
    Text,
    and_,
    any_,
    column,
    func,
    not_,
    or_,
    select,
    type_coerce,
    values,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import col

from compiler.json_sql import EMPTY_LIST
from compiler.scope import ScopeBinds
from db.paths import WIDTH
from db.tables import Ticket
from db.visibility import under
from domain.permission import WHO, Tie
from domain.terms import TicketVerb
from domain.ticket_check import BOUND
from domain.ticket_table import TRANSITIONS

ORDER = list(TicketVerb)
LINES = [
    (
        str(line.from_status),
        str(line.verb),
        ORDER.index(line.verb),
        line.verb in BOUND,
        *(tie in WHO[line.verb] for tie in Tie),
    )
    for line in TRANSITIONS
    if line.from_status is not None
]


def allowed(ticket: type[Ticket], viewer: ScopeBinds) -> ColumnElement[Any]:
    """The verbs open to the viewer, in the vocabulary's order."""
    named = [column("status", Text), column("verb", Text), column("at", Integer)]
    flags = [column(name, Boolean) for name in ("bound", *(tie.name for tie in Tie))]
    line = values(*named, *flags, name="line", literal_binds=True).data(LINES).c
    ties = or_(*(and_(line[tie.name], held) for tie, held in _ties(ticket, viewer).items()))
    found = select(func.json_agg(aggregate_order_by(line.verb, line.at))).where(
        line.status == ticket.status, or_(not_(line.bound), col(ticket.returnable)), ties
    )
    return func.coalesce(found.scalar_subquery(), EMPTY_LIST)


def _ties(ticket: type[Ticket], viewer: ScopeBinds) -> dict[Tie, ColumnElement[bool]]:
    """The conditions of domain.permission.ties."""
    path = type_coerce(col(ticket.handler_path), Text())
    others = func.array_remove(viewer.prefixes, path, type_=ARRAY(Text()))
    beyond = path.op("^@", is_comparison=True)(any_(others))
    top = and_(func.length(path) == WIDTH, under(ticket.handler_path, viewer))
    return {
        Tie.HANDLER: under(ticket.handler_path, viewer),
        Tie.ABOVE: or_(beyond, top),
        Tie.REPORTER: col(ticket.reporter_id) == viewer.person,
        Tie.PLACE: under(ticket.unit_path, viewer),
    }
