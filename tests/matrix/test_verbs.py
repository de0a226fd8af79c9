"""Every verb on what is not one's own: the answer is that for what does not exist."""

from collections.abc import Iterator
from typing import Any

import pytest
import pytest_asyncio

from db.embedded import Embedded
from db.pool import Database
from schema.api import API
from tests.compiler.conftest import fill
from tests.compiler.world import Row, World
from tests.conftest import make_scratch
from tests.matrix.asking import ask
from tests.matrix.canaries import Allowed, relation
from tests.matrix.documents import COMPUTED, CORE, TYPES, Edge, edges, inner, selection
from tests.matrix.oracle import Insight
from tests.matrix.people import KINDS

UNKNOWN = "00000000-0000-7000-8000-000000000000"
NAMED = {
    "ticketId": ("ticket", "ticket"),
    "intoId": ("ticket", "ticket"),
    "recordId": ("service_record", "record"),
    "meetingId": ("meeting", "meeting"),
    "recipientId": ("person", "person"),
    "personId": ("person", "person"),
    "webhookId": ("webhook", "webhook"),
    "deliveryId": ("webhook_delivery", "delivery"),
    "accessTokenId": ("access_token", "token"),
    "officeId": ("office", "office"),
}
"""The table and the tag of what an input's ids are of."""
OPEN = {"unitId", "unitIds", "leadId"}
"""Units are known to all."""
OWN = {"id"}
"""Of the client's own making: that it is taken is told, as of 74 bits of chance."""
PLAIN = {"String": "x", "DateTime": "2099-01-01T00:00:00Z", "Int": 0, "Boolean": True}


@pytest_asyncio.fixture(scope="module")
async def shop(server: Embedded, template: str, world: World) -> Any:
    """The neighbourhood, to be written in."""
    scratch = await make_scratch(server, template)
    await fill(scratch, world)
    opened = await Database.connect(scratch.app_dsn, size=2)
    yield opened
    await opened.close()


def verbs() -> Iterator[tuple[str, Any]]:
    """Every mutation, and its input."""
    for name, field in API.core.mutation_type.fields.items():
        yield name, inner(field.args["input"].type)


def document(name: str) -> str:
    """A verb with all that its payload can hold."""
    field = API.core.mutation_type.fields[name]
    below = selection(inner(field.type), 1)
    return f"mutation($input: {field.args['input'].type}) {{ {name}(input: $input) {below} }}"


def hidden(world: World, viewer: Any, table: str) -> list[Row]:
    """A row of each kind that the viewer does not see: of their place, and of the other."""
    sight, found = Insight(world, viewer), dict[str, Row]()
    for row in world.of(table):
        if not sight.sees(table, row):
            found.setdefault(relation(row, viewer), row)
    return list(found.values())


def sound(input_: Any, world: World, viewer: Any) -> dict[str, Any]:
    """An input that lacks nothing, about the viewer's own things where there are any."""
    given: dict[str, Any] = {}
    for name, field in input_.fields.items():
        if not CORE.is_required_input_field(field):
            continue
        type_ = inner(field.type)
        if type_.name == "ID":
            value: Any = of_ones_own(name, world, viewer)
        elif CORE.is_enum_type(type_):
            value = next(iter(type_.values))
        else:
            value = PLAIN[type_.name]
        given[name] = [value] if CORE.is_list_type(CORE.get_nullable_type(field.type)) else value
    return given


def of_ones_own(name: str, world: World, viewer: Any) -> str:
    """The id of something that the viewer sees, or of nothing."""
    table, tag = ("org_unit", "unit") if name in OPEN else NAMED[name]
    sight = Insight(world, viewer)
    seen = [row for row in world.of(table, viewer.locality or None) if sight.sees(table, row)]
    return global_id(tag, seen[0]) if seen else f"{tag}_riverside_{UNKNOWN}"


def global_id(tag: str, row: Row) -> str:
    return f"{tag}_{row['locality_id']}_{row['id']}"


@pytest.mark.trust(23, 24)
@pytest.mark.parametrize("kind", KINDS)
async def test_forbidden_is_as_absent_for_every_verb(
    shop: Database, world: World, kind: str, record_property: Any
) -> None:
    viewer = world.viewers[kind]
    allowed, compared = Allowed(world, viewer), 0
    for verb, input_ in verbs():
        text = document(verb)
        for name, field in input_.fields.items():
            if inner(field.type).name != "ID" or name in OPEN | OWN:
                continue
            table, tag = NAMED[name]
            for row in hidden(world, viewer, table):
                given = {**sound(input_, world, viewer), name: global_id(tag, row)}
                forbidden = await ask(API, shop, viewer, text, input=given)
                given[name] = f"{tag}_{row['locality_id']}_{UNKNOWN}"
                assert forbidden == await ask(API, shop, viewer, text, input=given), (verb, name)
                assert not list(allowed.leaks(forbidden)), (verb, name)
                compared += 1
    assert compared > 20
    record_property("figure", f"{compared} pairs of answers byte-identical")


@pytest.mark.trust(24)
async def test_forbidden_is_as_absent_for_what_is_computed(
    database: Database, world: World
) -> None:
    (name,) = COMPUTED
    field = API.core.query_type.fields[name]
    text = (
        f'query($t: ID!) {{ {name}(ticketId: $t, until: "2027-01-01T00:00:00Z") '
        f"{selection(inner(field.type), 2)} }}"
    )
    for viewer in world.viewers.values():
        for row in hidden(world, viewer, "ticket"):
            absent = f"ticket_{row['locality_id']}_{UNKNOWN}"
            nothing = await ask(API, database, viewer, text, t=absent)
            assert b"errors" not in nothing
            assert await ask(API, database, viewer, text, t=global_id("ticket", row)) == nothing


@pytest.mark.trust(23)
def test_payloads_lead_only_where_reads_lead() -> None:
    """What a verb gives back is read by the very fields of reads: no edge is a payload's own, but
    those that name what the verb made or changed."""
    own = edges("Mutation") - edges("Query") - {Edge("Mutation", name) for name, _ in verbs()}
    assert {edge.holder for edge in own} <= {
        name for name in TYPES if name.endswith("Payload") or name == "UserError"
    }
    leading = {edge for edge in own if not CORE.is_leaf_type(edge.target)}
    assert all(
        edge.target.name in {e.holder for e in edges("Query")}
        for edge in leading
        if edge.field != "userErrors"
    )
