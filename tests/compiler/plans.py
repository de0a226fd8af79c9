"""The plans that PostgreSQL makes of reads on a simulated place, and what is wrong with them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from bench.growth_lists import lists
from bench.place import HEADS, IDS, PLACE, Request, requests
from db.load.copy import Owner
from db.pool import Database
from db.scope import Scope
from schema.api import API

LARGE = {
    "org_unit",
    "post",
    "appointment",
    "person",
    "ticket",
    "ticket_scope",
    "escalation_hop",
    "service_record",
}
"""The tables that grow with a place."""

LISTS = {"pk_org_unit", "pk_ticket_scope", "pk_person"}
STANDING = {"pk_org_unit", "ix_ticket_scope_status"}
HOLDERS = {
    "ix_post_locality_id_unit_id_position",
    "ix_appointment_locality_id_post_id_capacity",
    "pk_person",
}
CHILDREN = "ix_org_unit_locality_id_parent_id_position"
RECORDS = "ix_service_record_locality_id_ticket_id_at"

NEEDED: Mapping[str, set[str]] = {
    "tree": {"pk_org_unit", CHILDREN, *HOLDERS},
    "board": {"pk_org_unit", CHILDREN, "ix_ticket_scope_open", RECORDS, "pk_person"},
    "chain": {
        "pk_ticket",
        "pk_org_unit",
        "uq_org_unit_locality_id_path",
        "pk_escalation_hop",
        RECORDS,
        *HOLDERS,
    },
    "list": {*STANDING, "pk_person"},
    "whole place": LISTS,
    "one building": LISTS,
    "rare status": STANDING,
    "rare status of the locality": {"ix_ticket_status"},
    "rare status, oldest first": STANDING,
    "deep in the whole place": LISTS,
}
"""The indexes that each request is answered by."""

FIRST = 10
"""Rows of a page of the lists."""

PLANNERS = ("force_custom_plan", "force_generic_plan")
"""For the values at hand, and for any: a connection uses the latter once it has seen a few."""


@dataclass(frozen=True)
class Plan:
    """One statement's plan."""

    root: dict[str, Any]

    @classmethod
    def parsed(cls, told: str) -> Self:
        """From EXPLAIN's JSON."""
        return cls(json.loads(told)[0]["Plan"])

    def nodes(self, start: dict[str, Any] | None = None, *, whole: bool = True) -> Iterator[Any]:
        """A node and all below it; not `whole`: without the plans of its sub-selects, and what comes
        through a limit, which is a page at most."""
        node = start or self.root
        yield node
        for below in node.get("Plans", ()):
            apart = below["Parent Relationship"] in ("SubPlan", "InitPlan")
            paged = below["Node Type"] == "Limit" or _of_a_page(below)
            if whole or not (apart or paged):
                yield from self.nodes(below, whole=whole)

    @property
    def indexes(self) -> set[str]:
        """The indexes that it uses."""
        return {node["Index Name"] for node in self.nodes() if "Index Name" in node}

    @property
    def read(self) -> int:
        """How many rows its scans came by, those thrown away included."""
        tables = {node["Relation Name"] for node in self.nodes() if "Relation Name" in node}
        return sum(self.looked_at(each) for each in tables)

    def looked_at(self, table: str) -> int:
        """How many rows of a table it came by."""
        scans = (node for node in self.nodes() if node.get("Relation Name") == table)
        return round(sum(each["Actual Loops"] * _came_by(each) for each in scans))

    def faults(self, needed: set[str]) -> list[str]:
        """Why it would grow with the place."""
        lacking = [f"{name} is not used" for name in sorted(needed - self.indexes)]
        return [*lacking, *self._read_whole(), *self._sorted_whole()]

    def _read_whole(self) -> Iterator[str]:
        for node in self.nodes():
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE:
                yield f"{node['Relation Name']} is read from end to end"

    def _sorted_whole(self) -> Iterator[str]:
        for node in self.nodes():
            if node["Node Type"] in ("Sort", "Incremental Sort"):
                below = {each.get("Relation Name") for each in self.nodes(node, whole=False)}
                yield from (
                    f"all of {name} is sorted" for name in below & {"ticket", "ticket_scope"}
                )


def _of_a_page(node: dict[str, Any]) -> bool:
    """Whether it looks up the rows of a page, each by its key."""
    if node["Node Type"] != "Nested Loop":
        return False
    outer, inner = node["Plans"][:2]
    while outer["Node Type"] == "Subquery Scan":
        (outer,) = outer["Plans"]
    return outer["Node Type"] == "Limit" and inner["Actual Rows"] <= 1


def _came_by(scan: dict[str, Any]) -> float:
    thrown = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    return scan["Actual Rows"] + sum(scan.get(name, 0) for name in thrown)


async def all_requests(owner: Owner, position: int) -> list[Request]:
    """The four requests, the lists of the whole place and of a building, and a page deep in it."""
    made = requests(dict((await owner.fetch(IDS, PLACE))[0]))
    listed = await lists(owner, {"deep in the whole place": position}, first=FIRST)
    return [*made, *listed, *_rare([each for each in listed if each.name == "rare status"])]


def _rare(listed: list[Request]) -> Iterator[Request]:
    """The list by status in the other direction, and that of all the locality."""
    for each in listed:
        backward = each.query.replace("first: $first", "last: $first")
        yield replace(each, name="rare status, oldest first", query=backward)
        status = {name: each.variables[name] for name in ("status", "first")}
        yield Request("rare status of the locality", OF_ALL, status, [])


OF_ALL = """
query($status: [TicketStatus!], $first: Int!) {
  tickets(first: $first, filter: { status: { in: $status } }) { nodes { number } }
}
"""


async def head_of(owner: Owner, database: Database) -> Scope:
    """Somebody who serves the whole place."""
    scope = await database.scope_of(PLACE, await owner.fetchval(HEADS, PLACE))
    assert scope is not None
    return scope


async def plan(app: Owner, scope: Scope, request: Request, planner: str) -> Plan:
    """The plan of a request within the connection's transaction, carried out."""
    prepared = API.prepare(request.query, None, request.variables)
    assert not isinstance(prepared, list)
    statement = API.statement(prepared)
    values = statement.values(prepared.values.coerced, scope)
    await app.execute(f"{scope.settings()} SET LOCAL plan_cache_mode = {planner}")
    # Where there is an index, even a small table is read by it; so PostgreSQL does where it is large.
    await app.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
    await app.execute(f"PREPARE asked AS {statement.sql}")
    told = "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) EXECUTE asked"
    found = await app.fetchval(f"{told} ({', '.join(map(_literal, values))})")
    await app.execute("DEALLOCATE asked")
    return Plan.parsed(found)


def _literal(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"'{{{','.join(map(str, value))}}}'"
    return f"'{value}'"
