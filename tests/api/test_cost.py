"""What operations are said to cost, against what they come to in places of real sizes."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from compiler.cost import objects_in
from schema.api import API
from tests.api.served import Site

EXAMPLES = Path(__file__).parents[2] / "server" / "examples"
PROBES = {
    "tree": (EXAMPLES / "tree.graphql").read_text(),
    "children": "query($id: ID!) { orgUnit(id: $id) { children { id } } }",
    "posts": "query($id: ID!) { orgUnit(id: $id) { posts { holder { id } } } }",
    "covered by": "query($id: ID!) { orgUnit(id: $id) { coveredBy { holder { id } } } }",
    "ancestors": "query($id: ID!) { orgUnit(id: $id) { ancestors { level { code } } } }",
    "posts of posts": "query($id: ID!) { orgUnit(id: $id) { posts { unit { posts { id } } } } }",
    "down and up": "query($id: ID!) { orgUnit(id: $id) { children { parent { children { id } } } } }",
    "place": "query($id: ID!) { orgUnit(id: $id) { locality { levels { code } categories { code } roots { id } profile { body } } } }",
}
EXTREMES = """
WITH sized AS (
    SELECT u.locality_id, u.id,
        (SELECT count(*) FROM org_unit c
            WHERE c.locality_id = u.locality_id AND c.parent_id = u.id) AS units,
        (SELECT count(*) FROM post p
            WHERE p.locality_id = u.locality_id AND p.unit_id = u.id) AS posts
    FROM org_unit u)
, ranked AS (
    SELECT locality_id, id,
        row_number() OVER (PARTITION BY locality_id ORDER BY units DESC, id) AS by_units,
        row_number() OVER (PARTITION BY locality_id ORDER BY posts DESC, id) AS by_posts
    FROM sized)
SELECT locality_id, id FROM ranked WHERE by_units <= 2 OR by_posts <= 2
"""


@pytest.mark.trust(10)
async def test_estimates_are_not_far_below_what_comes(demo: Site, record_property: Any) -> None:
    """Of each place, the units with the most units below and those with the most posts."""
    ratios: dict[str, float] = {}
    for row in await demo.owner.fetch(EXTREMES):
        variables = {"id": f"unit_{row['locality_id']}_{row['id']}"}
        for name, text in PROBES.items():
            prepared = API.prepare(text, None, variables)
            assert not isinstance(prepared, list)
            data = await demo.ask(text, **variables)
            held = objects_in(orjson.dumps(data)) - 1
            ratios[name] = max(ratios.get(name, 0), held / (10 * prepared.cost))
    assert max(ratios.values()) < 4, ratios
    record_property("figure", f"at most {max(ratios.values()):.1f} times what was asked for")
