"""What growth came to, as Markdown: each request's median by the size of the place."""

import statistics
from collections.abc import Mapping
from typing import Any

MOST = 1.2
"""What the largest place's median may be of the smallest one's."""

FIRST, DEEP = "whole place", "after the "
"""A list's first page, and how its deep pages' names begin."""


def table(kept: Mapping[str, Any]) -> str:
    """The places beside one another, and whether time grew with them."""
    places, on = kept["places"], kept["machine"]
    head = "".join(f" | {p['tickets']:,} tickets, {p['units']:,} units" for p in places)
    lines = [f"| p50, ms (objects){head} | grown by |", "|---" * (len(places) + 2) + "|"]
    lines += [_row(name, places) for name in places[-1]["took"]]
    said = (
        f"{kept['at']}: one client, medians of {kept['rounds']} interleaved rounds, over HTTP, walls "
        f"and limits on; {on['cores']} cores, load at the end {on['load'][0]}."
    )
    return "\n".join([said, "", *lines, "", *_deep(places[-1])])


def _row(name: str, places: list[dict[str, Any]]) -> str:
    cells = [
        f"{_p50(place, name):.2f} ({place['objects'][name]})" if name in place["took"] else ""
        for place in places
    ]
    having = [place for place in places if name in place["took"]]
    grown = _marked(_p50(having[-1], name) / _p50(having[0], name)) if len(having) > 1 else ""
    return f"| {name} | {' | '.join([*cells, grown])} |"


def _deep(place: dict[str, Any]) -> list[str]:
    """What the deep pages of a place cost beside the first."""
    names = [name for name in place["took"] if name.startswith(DEEP)]
    return [
        f"Of {place['tickets']:,} tickets, the page {name} takes {_p50(place, name) / _p50(place, FIRST):.2f} "
        "times what the first one takes."
        for name in names
    ]


def _marked(ratio: float) -> str:
    return f"≤ {MOST}: {ratio:.2f} {'pass' if ratio <= MOST else '**miss**'}"


def _p50(place: dict[str, Any], name: str) -> float:
    return statistics.median(place["took"][name])
