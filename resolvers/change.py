"""What changed: the outbox as a feed, for apps that come back and for those that listen."""

from typing import Annotated, Any

import strawberry
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Select,
    Text,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlmodel import col

from compiler.arguments import Ref
from compiler.errors import InputError
from compiler.feed import Feed
from compiler.fields import Choice, Scoped
from compiler.ids import id_sql
from compiler.scope import ScopeBinds
from db.outbox import EPOCH, KEPT_DAYS, NEWEST, OLDEST
from db.paths import WIDTH
from db.tables import Change, OrgUnit, ServiceRecord, Ticket
from domain.terms import ChangedNoun
from resolvers.guard import guard
from resolvers.node import NODES
from resolvers.rows import inside
from resolvers.ticket import Within

Row = type[Change]

HORIZON: ColumnElement[int] = literal_column(f"(SELECT {OLDEST})", BigInteger)
KINDS = {ChangedNoun.TICKET: "Ticket", ChangedNoun.SERVICE_RECORD: "ServiceRecord"}
"""What a change is of, to the GraphQL type of that."""


def _feed(query: Select[Change], place: Any, **state: ColumnElement[Any]) -> Feed:
    return Feed(
        rows=Scoped(query, place),
        row=Change,
        horizon=HORIZON,
        newest=literal_column(NEWEST, BigInteger),
        epoch=literal_column(EPOCH, Text),
        oldest_at=literal_column(f"now() - interval '{KEPT_DAYS} days'", DateTime(timezone=True)),
        state=state,
    )


def since(scope: ScopeBinds) -> Feed:
    """All changes of the caller's place that the caller may know of."""
    return _feed(select(Change), scope.locality)


def cursor(change: Row) -> ColumnElement[str]:
    """Where a reader stands who has read all up to this change."""
    return _feed(select(Change), None).cursor(change)


def change_id(change: Row) -> ColumnElement[str]:
    """The id of the change itself."""
    return id_sql("change", change.locality_id, change.id)


def node_id(change: Row) -> ColumnElement[str]:
    """The global id of what changed."""
    ids = (
        (col(change.noun) == _said(noun), id_sql(NODES[type_][0], change.locality_id, change.key))
        for noun, type_ in KINDS.items()
    )
    return case(*ids)


def node(change: Row) -> Choice:
    """What changed, as it is now."""
    return Choice(
        col(change.noun),  # pyright: ignore[reportArgumentType]  # an enumeration is text to SQL
        {type_: (noun.value, _thing(type_, change)) for noun, type_ in KINDS.items()},
    )


def ticket(change: Row) -> Scoped:
    """The ticket that changed, as it is now."""
    return _thing("Ticket", change)


def _thing(type_: str, change: Row) -> Scoped:
    table = NODES[type_][1]
    return Scoped(select(table).where(col(table.id) == change.key), change.locality_id)


def gone(change: Row, viewer: ScopeBinds) -> ColumnElement[bool]:
    """Whether what changed is not, or no longer, for the caller to see."""
    seen = (
        and_(col(change.noun) == _said(noun), exists(_seen(NODES[type_][1], change, viewer)))
        for noun, type_ in KINDS.items()
    )
    return ~or_(*seen)


def _seen(table: type[Ticket | ServiceRecord], change: Row, viewer: ScopeBinds) -> Select[Any]:
    guards = guard(table, change.locality_id, viewer)  # pyright: ignore[reportArgumentType]  # a column of a row
    return select(table).where(col(table.id) == change.key, *guards)


def _said(noun: ChangedNoun) -> ColumnElement[str]:
    return literal_column(f"'{noun.value}'", Text)


TICKETS = select(Change).where(col(Change.noun) == _said(ChangedNoun.TICKET))


def of_tickets(
    scope: ScopeBinds,
    id: Annotated[Ref | None, strawberry.argument(description="This one ticket.")] = None,
    org_unit_id: Annotated[
        Ref | None, strawberry.argument(description="Tickets of this unit.")
    ] = None,
    within: Annotated[
        Within, strawberry.argument(description="Whose tickets, seen from that unit.")
    ] = Within.SUBTREE,
) -> Feed:
    """Changes of one ticket, or of those whose place, handler or former handler is in a unit."""
    match id, org_unit_id:
        case Ref(), None:
            return _of_ticket(id.of("ticket"))
        case None, Ref():
            return _of_unit(org_unit_id.of("unit"), within)
        case _:
            said = "Give exactly one of `id` and `orgUnitId`."
            raise InputError("BAD_SUBSCRIPTION", said)


def _of_ticket(ref: Ref) -> Feed:
    changes = TICKETS.where(col(Change.key) == ref.key)
    return _feed(changes, ref.locality, locality=ref.locality, key=ref.key)


def _of_unit(ref: Ref, within: Within) -> Feed:
    path = _path(ref)
    paths = (Change.unit_path, Change.handler_path, Change.was_handler_path)
    near = or_(*(_near(each, path, within) for each in paths))
    return _feed(TICKETS.where(near), ref.locality, locality=ref.locality, path=path)


def _path(ref: Ref) -> ColumnElement[str]:
    """The path of the unit now; null if there is none."""
    found = select(col(OrgUnit.path)).where(
        col(OrgUnit.locality_id) == ref.locality, col(OrgUnit.id) == ref.key
    )
    return found.scalar_subquery()


def _near(path: Any, top: ColumnElement[str], within: Within) -> ColumnElement[bool]:
    match within:
        case Within.SELF:
            return col(path) == top
        case Within.SUBTREE:
            return inside(path, top)
        case Within.CHILDREN:
            return and_(inside(path, top), func.length(path) == func.length(top) + WIDTH)
