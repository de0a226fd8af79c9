"""A feed: rows in the order in which they became final, read on from a cursor.

A row's place is (transaction, id). Transactions may commit in another order than they began, so a
cursor never says more than "all below the oldest transaction still running": the horizon.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Text,
    Uuid,
    all_,
    case,
    exists,
    false,
    literal_column,
    select,
    tuple_,
)

from compiler.binds import Binds, Convert, FromScope, Source, source_of
from compiler.errors import InputError
from compiler.fields import Scoped
from compiler.json_sql import JsonObject, json_list
from compiler.order import MOST_CHANGES, USUAL_CHANGES, coded, decoded, exact_key, whole
from compiler.output import bare
from compiler.paging import page_size

if TYPE_CHECKING:
    from compiler.build import Build, Frame

BATCH = 100
"""Events that one read of a subscription yields at most."""

TAG = "feed"
NOWHERE = literal_column("'00000000-0000-0000-0000-000000000000'::uuid", Uuid)


@dataclass(frozen=True)
class Place:
    """Where a reader stands: all up to here has been read."""

    epoch: str
    tx: int
    id: UUID
    at: datetime


def read_place(text: str) -> Place:
    """The place a cursor of a feed names; anything else is a BAD_CURSOR error."""
    try:
        tag, epoch, tx, key, at = decoded(text).split("|")
        place = Place(epoch, whole(tx, 64), exact_key(key), datetime.fromisoformat(at))
        if tag != TAG or "\x00" in epoch or place.tx < 0 or not place.at.tzinfo:
            raise ValueError("not a cursor of a feed")
    except (ValueError, OverflowError) as error:
        raise InputError("BAD_CURSOR", "This is not a cursor of changes.") from error
    return place


@cache
def place_part(name: str) -> Convert:
    """A conversion from a cursor to one part of its place; null for no cursor."""
    return lambda text: None if text is None else getattr(read_place(text), name)


@dataclass(frozen=True)
class Feed:
    """What a resolver returns: the feed's rows, and what the database says of cursors."""

    rows: Scoped
    row: Any
    """The table's class, with `tx`, `id` and `at`."""
    horizon: ColumnElement[int]
    newest: ColumnElement[int]
    """No transaction has this number yet, nor a higher one."""
    epoch: ColumnElement[str]
    """Differs once the database was restored: numbers of transactions begin anew."""
    oldest_at: ColumnElement[datetime]
    """What changed before may be forgotten."""
    state: Mapping[str, ColumnElement[Any]] = field(default_factory=dict[str, ColumnElement[Any]])
    """For a subscription: what the server needs to know which changes concern it."""

    @property
    def place(self) -> tuple[Any, Any]:
        """The columns that order the rows."""
        return self.row.tx, self.row.id

    def cursor(self, row: Any) -> ColumnElement[str]:
        """The cursor that continues after a row, or at the horizon if the row lies beyond it."""
        final = row.tx < self.horizon
        horizon = self.horizon, NOWHERE, _now()
        parts = zip((row.tx, row.id, row.at), horizon, strict=True)
        return self._coded(*(case((final, own), else_=instead) for own, instead in parts))

    def now(self) -> ColumnElement[str]:
        """The cursor of somebody who has read all there is."""
        return self._coded(self.horizon, NOWHERE, _now())

    def _coded(self, *parts: ColumnElement[Any]) -> ColumnElement[str]:
        return coded(TAG, (self.epoch, *parts))

    def after(self, binds: Binds, source: Source) -> ColumnElement[bool]:
        """Whether a row comes after a cursor, which must still hold."""
        epoch = binds.add(source, Text(), place_part("epoch"))
        tx = binds.add(source, BigInteger(), place_part("tx"))
        key = binds.add(source, Uuid(), place_part("id"))
        at = binds.add(source, DateTime(timezone=True), place_part("at"))
        holds = (epoch == self.epoch) & (tx <= self.newest) & (at > self.oldest_at)
        said = "Too much has happened since this cursor: load afresh, then follow from a new one."
        binds.demand(holds, "CURSOR_EXPIRED", said)
        return tuple_(*self.place) > tuple_(tx, key)


def _now() -> ColumnElement[datetime]:
    return literal_column("now()", DateTime(timezone=True))


def feed_page(
    build: "Build",
    feed: Feed,
    paging: Mapping[str, Any],
    type_: GraphQLObjectType,
    asked: list[FieldDetails],
    frame: "Frame",
) -> ColumnElement[Any]:
    """The JSON object of a page: its rows, where it ends, and whether more is there already."""
    since = paging["since"]
    size = source_of(USUAL_CHANGES if paging["first"] is None else paging["first"])
    build.binds.check(size, page_size(MOST_CHANGES, 0))
    past = false() if since is None else feed.after(build.binds, source_of(since))
    rows = feed.rows.select.where(past, feed.row.tx < feed.horizon).order_by(*feed.place)
    node = bare(type_.fields["nodes"].type)
    seen = build.visible(Scoped(rows, feed.rows.locality), node)
    limit = build.binds.add(size, Integer(), page_size(MOST_CHANGES, 0))
    more = exists(seen.offset(limit))
    last = seen.with_only_columns(feed.cursor(feed.row), maintain_column_froms=True)
    last = last.offset(build.binds.add(size, Integer(), page_size(MOST_CHANGES, -1))).limit(1)

    def member(wanted: list[FieldDetails]) -> ColumnElement[Any]:
        match wanted[0].node.name.value:
            case "nodes":
                page = Scoped(rows.limit(limit), feed.rows.locality)
                return build.rows(page, node, wanted, frame, many=True)
            case "cursor":
                return case((more, last.scalar_subquery()), else_=feed.now())
            case "hasMore":
                return more
            case _:
                return literal_column(f"'{type_.name}'", Text)

    selected = build.request.fields(type_, asked)
    members: dict[str, ColumnElement[Any]] = {}
    for name, wanted in selected.items():
        with build.binds.within(name):
            members[name] = member(wanted)
    return JsonObject(members)


def feed_events(
    build: "Build", feed: Feed, name: str, asked: list[FieldDetails], node: Any, frame: "Frame"
) -> ColumnElement[Any]:
    """What a subscription reads when it wakes: events after its place that it has not sent yet."""
    past = feed.after(build.binds, FromScope("since"))
    sent = build.binds.add(FromScope("sent"), ARRAY(Uuid()))
    rows = feed.rows.select.where(past, feed.row.id != all_(sent)).order_by(*feed.place)
    page = Scoped(rows.limit(literal_column(str(BATCH))), feed.rows.locality)
    row = build.new_row(node, page)
    event = JsonObject({name: build.object(node, asked, build.enter(frame, row))})
    marks = {"tx": row.tx, "id": row.id, "cursor": feed.cursor(row)}
    item = JsonObject({**marks, "data": event})
    events = select(json_list(item)).select_from(row.source(row.narrow(build.visible(page, node))))
    return JsonObject({**feed.state, "cursor": feed.now(), "events": events.scalar_subquery()})
