"""Whether all contestants give the same answer: what differs in form only is made alike first."""

import re
from datetime import UTC, datetime
from typing import Any

TAG = re.compile(r"^(unit|ticket)_simulated_")
TIME = re.compile(r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d")
NEXT = {"nextRoute": "route", "nextRule": "rule", "nextDueAt": "dueAt", "nextUnit": "toUnit"}
"""A peer has the next hop's columns on the ticket; the answers have an object or null."""


def alike(data: Any, lacks: tuple[str, ...]) -> Any:
    """An answer in the form in which answers are compared, without what a contestant lacks."""
    if isinstance(data, dict):
        return _object(data, lacks)
    if isinstance(data, list):
        return [alike(each, lacks) for each in data]
    return _text(data) if isinstance(data, str) else data


def root(data: dict[str, Any], lacks: tuple[str, ...]) -> Any:
    """The one thing asked for; a peer whose roots are lists gives a list of one."""
    (found,) = data.values()
    return alike(found[0] if isinstance(found, list) else found, lacks)


def _object(found: dict[str, Any], lacks: tuple[str, ...]) -> Any:
    if found.keys() == {"nodes"}:
        return alike(found["nodes"], lacks)
    if "edges" in found:
        nodes = alike([edge["node"] for edge in found["edges"]], lacks)
        more = found["pageInfo"]["hasNextPage"]
        return nodes if "pageInfo" in lacks else {"nodes": nodes, "more": more}
    if found.keys() >= NEXT.keys():
        found = _with_next_hop(found)
    return {name: alike(found[name], lacks) for name in sorted(found) if name not in lacks}


def _with_next_hop(ticket: dict[str, Any]) -> dict[str, Any]:
    hop = {theirs: ticket[own] for own, theirs in NEXT.items()}
    kept = {name: value for name, value in ticket.items() if name not in NEXT}
    return {**kept, "nextHop": None if hop["route"] is None else hop}


def _text(text: str) -> str:
    if TIME.match(text):
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="microseconds")
    return TAG.sub("", text)


def difference(one: Any, other: Any, path: str = "") -> str | None:
    """Where two answers first differ, if they do."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{path}.{name}", one[name], other[name]) for name in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{path}[{at}]", *both) for at, both in enumerate(zip(one, other, strict=True))]
    else:
        return None if one == other else f"{path}: {str(one)[:120]} is not {str(other)[:120]}"
    return next((found for at, a, b in pairs if (found := difference(a, b, at))), None)
