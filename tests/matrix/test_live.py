"""What subscriptions read when they wake: as everybody, of every unit and every ticket."""

from typing import Any

import orjson
import pytest

from db.pool import Database
from schema.api import API
from tests.compiler.world import PLACES, World
from tests.matrix.asking import parts
from tests.matrix.canaries import Allowed
from tests.matrix.documents import TYPES, Edge, edges, inner, selection, some_ids

SELECTED = selection(inner(API.core.subscription_type.fields["ticketChanged"].type), 1)
DOCUMENTS = {
    "id": f"subscription($id: ID!, $after: String) "
    f"{{ ticketChanged(id: $id, after: $after) {SELECTED} }}",
    "unit": f"subscription($id: ID!, $after: String) "
    f"{{ ticketChanged(orgUnitId: $id, after: $after) {SELECTED} }}",
}


async def read(database: Database, viewer: Any, text: str, **variables: Any) -> bytes:
    """What one waking of a subscription reads."""
    prepared = API.prepare(text, None, variables)
    assert not isinstance(prepared, list), prepared
    live = await API.live(prepared)
    return await database.fetch(viewer, live.statement.sql, live.values(viewer))


@pytest.mark.trust(23)
async def test_nobody_hears_of_what_is_not_theirs(
    database: Database, world: World, since: str, record_property: Any
) -> None:
    reached: set[Edge] = set()
    told = 0
    asked = [("id", each) for each in some_ids(world, "ticket")]
    for place in PLACES:
        units = [row for row in world.of("org_unit", place) if row["code"] in ("D", "C2", "B1")]
        asked += [("unit", world.global_id("org_unit", row)) for row in units]
    for viewer in world.viewers.values():
        if not viewer.locality:
            continue  # the public is not let in
        allowed = Allowed(world, viewer)
        for by, id in asked:
            body = await read(database, viewer, DOCUMENTS[by], id=id, after=since)
            events = orjson.dumps(orjson.loads(body)["events"])
            assert not list(allowed.leaks(events)), (viewer, id)
            told += len(orjson.loads(events))
            reached |= {Edge(holder, name) for holder, name, _ in parts(orjson.loads(events))}
    assert told > 20
    own = {edge for edge in edges("Subscription") if edge.holder == "TicketChange"}
    assert own <= reached
    assert edges("Subscription") - own - edges("Query") == {Edge("Subscription", "ticketChanged")}
    record_property("figure", f"{told} events of {len(asked)} subscriptions, 0 of others")


def test_there_are_no_other_subscriptions() -> None:
    assert set(TYPES["Subscription"].fields) == {"ticketChanged"}
