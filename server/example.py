"""The four requests that define the API, ready to try, with ids of the demo's own places."""

from importlib.resources import files

import orjson

from db.paths import label
from db.pool import Database
from db.scope import NOBODY, Scope
from server.pages import Example

TITLES = {
    "tree": "A community's whole tree, with every post and who holds it",
    "board": "A street's communities, each with its newest open tickets",
    "chain": "A ticket, its escalation chain and what happens next",
    "list": "Fifty tickets of a subtree, newest first",
}

DEMO = Scope("weibin", NOBODY, (label(0),))
"""Sees one demo place whole: the public sees no ticket to show."""

# A unit with units two levels below it, and the newest ticket that has climbed.
IDS = """
SELECT json_build_object(
    'unit', (SELECT 'unit_' || u.locality_id || '_' || u.id FROM org_unit u
        WHERE u.locality_id = 'weibin' AND u.tree = 'GRID' AND EXISTS (
            SELECT 1 FROM org_unit c
            JOIN org_unit g ON g.locality_id = c.locality_id AND g.parent_id = c.id
            WHERE c.locality_id = u.locality_id AND c.parent_id = u.id)
        ORDER BY length(u.path) DESC, u.path LIMIT 1),
    'ticket', (SELECT 'ticket_' || h.locality_id || '_' || h.ticket_id FROM escalation_hop h
        WHERE h.locality_id = 'weibin' ORDER BY h.sequence DESC, h.at DESC LIMIT 1))
"""


async def examples(database: Database) -> list[Example]:
    """The four requests, each with variables that give an answer."""
    ids = orjson.loads(await database.fetch(DEMO, IDS, []))
    return [_example(name, title, ids) for name, title in TITLES.items()]


def _example(name: str, title: str, ids: dict[str, str | None]) -> Example:
    query = (files("server") / "examples" / f"{name}.graphql").read_text(encoding="utf-8")
    variables: dict[str, object] = {"id": ids["ticket" if name == "chain" else "unit"]}
    if name == "list":
        variables["status"] = ["DISPATCHED", "IN_PROGRESS"]
    return Example(name, title, query, variables)
