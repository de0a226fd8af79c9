"""Every edge of the schema, as everybody, to what is theirs and to what is not."""

from typing import Any

import orjson
import pytest

from compiler.fields import ROWS
from db.pool import Database
from schema.api import API
from tests.compiler.world import World
from tests.matrix.asking import Findings, look_as
from tests.matrix.canaries import Allowed, relation
from tests.matrix.documents import COMPUTED, Edge, edges, global_id
from tests.matrix.oracle import PUBLIC
from tests.matrix.people import KINDS

ASKED_ELSEWHERE = {
    *(Edge("Query", name) for name in COMPUTED),
    *(edge for edge in edges("Query") if edge.holder in ("EscalationForecast", "ForecastStep")),
}
"""What is forbidden by tests/matrix/test_verbs.py, what is one's own by tests/api/test_forecast.py."""

RELATIONS = ("own", "sibling", "ancestor", "foreign")


def readable() -> set[Edge]:
    """The edges that the questions must reach: all there are from the root of reads."""
    return edges("Query") - ASKED_ELSEWHERE


@pytest.mark.trust(23)
async def test_nobody_is_told_what_is_not_theirs(
    database: Database, world: World, since: str, record_property: Any
) -> None:
    findings = Findings()
    await look_as(API, database, world, world.viewers, since, findings)
    assert findings.leaks == []
    # Whatever the schema has, somebody was told something by it: no edge is left out.
    assert readable() - findings.reached == set()
    said = f"{len(readable())} edges x {len(world.viewers)} viewers x {len(RELATIONS)} targets"
    record_property("figure", f"{said}, {findings.answers:,} answers, 0 marks of others")


def test_everybody_has_rows_of_every_kind_before_them(world: World) -> None:
    """Own, a sibling's, an ancestor's and another place's: of each type with ids."""
    assert {name for name in world.viewers if not name.endswith("elsewhere")} == set(KINDS)
    serving = [viewer for viewer in world.viewers.values() if viewer.prefixes]
    for type_, table in guarded_types().items():
        if "unit_path" not in world.rows[table][0]:
            continue
        found = {(relation(row, viewer)) for viewer in serving for row in world.of(table)}
        assert found == set(RELATIONS), type_
        assert global_id(type_, world.of(table)[0])


def guarded_types() -> dict[str, str]:
    """The types with ids whose rows not everybody sees, and their tables."""
    possible = API.core.get_possible_types(API.core.type_map["Node"])
    tables = {each.name: str(ROWS[each.name].__tablename__) for each in possible}
    return {name: table for name, table in tables.items() if table not in PUBLIC}


@pytest.mark.trust(23)
def test_a_mark_that_leaks_is_found(world: World) -> None:
    """The looking itself: each mark of a row that is not seen, each id, and each kind of mask."""
    street = Allowed(world, world.viewers["street"])
    elsewhere = Allowed(world, world.viewers["street elsewhere"])
    for table, rows in world.rows.items():
        for number, row in enumerate(rows):
            body = orjson.dumps({str(k): v for k, v in row.items() if isinstance(v, str)})
            if "~" in body.decode() and row["locality_id"] == "riverside":
                assert list(elsewhere.leaks(body)), (table, number)
            if table in ("ticket", "service_record") and number in street.rows[table]:
                assert not list(street.leaks(body)), (table, number)
    for body in (b'"~p0****0003"', b'"~p0003****"', b'{"milliseconds": 77000001}'):
        assert list(Allowed(world, world.viewers["public"]).leaks(body)), body
