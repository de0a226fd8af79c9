"""What a comparison came to, as text for a terminal and as Markdown."""

import statistics
from typing import Any, TypeAlias

Kept: TypeAlias = dict[str, Any]

NAMES = {
    "a": "SQL by hand behind a bare route",
    "b": "Linli",
    "c": "Strawberry with SQLAlchemy and data loaders",
    "d": "PostGraphile 5",
    "e": "Mercurius with JIT and loaders",
    "f": "strawchemy",
}
REQUESTS = ("tree", "board", "chain", "list")
GOALS: dict[str, tuple[float, ...]] = {
    "a": (0.95, 0.9, 0.7, 0.95),
    "d": (3, 3, 2.5, 1.8),
    "e": (3, 3, 3, 1.4),
    "c": (50, 40, 35, 8),
    "f": (70, 45, 90, 12),
}
"""Linli's throughput over another's with 16 clients, by request."""

WORK = (
    "Processor time of server and PostgreSQL together, with 16 clients, depends least on what else "
    "the machine does:"
)

LACKS = {
    "ancestors": "the units above a unit: its chain is asked for without them",
    "pageInfo": "pages with cursors, nor a client's filter on a related list: its list is asked for "
    "with an offset, the statuses in the model",
}


def cell(kept: Kept, key: str, request: str, clients: int) -> list[dict[str, float]]:
    """The rounds of a cell; none if it was left out."""
    for each in kept["cells"]:
        if (each["key"], each["request"], each["clients"]) == (key, request, clients):
            return each["rounds"]
    return []


def middle(rounds: list[dict[str, float]], what: str) -> float:
    """The median of the rounds."""
    return statistics.median(each[what] for each in rounds)


def ratios(kept: Kept, key: str, request: str, clients: int = 16) -> list[float]:
    """Linli's throughput over another's, by round; one that was measured once is the same in all."""
    ours, theirs = (cell(kept, each, request, clients) for each in ("b", key))
    if not ours or not theirs:
        return []
    theirs = [*theirs, *[theirs[0]] * (len(ours) - len(theirs))]
    return [o["per_second"] / t["per_second"] for o, t in zip(ours, theirs, strict=True)]


def reached(kept: Kept, key: str, at: int) -> str:
    """One field of the table of goals: the goal, what was reached with its spread, and whether."""
    found, goal = ratios(kept, key, REQUESTS[at]), GOALS[key][at]
    if not found:
        return f"≥ {goal:g}: not measured"
    ratio = statistics.median(found)
    mark = "pass" if ratio >= goal else "**miss**"
    return f"≥ {goal:g}: {_short(ratio)} ({_short(min(found))}–{_short(max(found))}) {mark}"


def _short(number: float) -> str:
    return f"{number:.2f}" if number < 10 else f"{number:.0f}"


def goals(kept: Kept) -> list[list[str]]:
    """The table of goals."""
    head = ["Linli's throughput over that of", *REQUESTS]
    rows = [
        [f"({key}) {NAMES[key]}", *(reached(kept, key, at) for at in range(len(REQUESTS)))]
        for key in GOALS
    ]
    return [head, *rows]


def work(kept: Kept) -> list[list[str]]:
    """Processor time of a request over Linli's, server and PostgreSQL together."""
    rows = [
        [f"({key}) {NAMES[key]}", *(_work(kept, key, each) for each in REQUESTS)] for key in GOALS
    ]
    return [["Processor time of a request over Linli's", *REQUESTS], *rows]


def _work(kept: Kept, key: str, request: str) -> str:
    ours, theirs = (cell(kept, each, request, 16) for each in ("b", key))
    return _short(_processor(theirs) / _processor(ours)) if ours and theirs else "not measured"


def _processor(rounds: list[dict[str, float]]) -> float:
    return middle(rounds, "server_cpu_ms") + middle(rounds, "postgres_cpu_ms")


def figures(kept: Kept, clients: int) -> list[list[str]]:
    """All figures of all contestants with so many clients."""
    head = ["", "", "a second", "p50 ms", "p99 ms", "server CPU ms", "PostgreSQL CPU ms", "errors"]
    rows = [
        [request, f"({key}) {NAMES[key]}", *_figures(rounds)]
        for request in REQUESTS
        for key in NAMES
        if (rounds := cell(kept, key, request, clients))
    ]
    return [head, *rows]


def _figures(rounds: list[dict[str, float]]) -> list[str]:
    return [
        f"{middle(rounds, 'per_second'):,.1f}",
        *(f"{middle(rounds, what):,.2f}" for what in ("p50", "p99")),
        *(f"{middle(rounds, what):,.2f}" for what in ("server_cpu_ms", "postgres_cpu_ms")),
        f"{sum(each['bad'] for each in rounds):g}",
    ]


def memory(kept: Kept) -> list[list[str]]:
    """Resident memory."""
    idle, after = kept["memory_idle_mb"], kept["memory_after_mb"]
    rows = [[f"({key}) {NAMES[key]}", f"{idle[key]}", f"{after[key]}"] for key in idle]
    return [["", "MB when ready", "MB after the load"], *rows]


def said(kept: Kept) -> list[str]:
    """What has to be known of the figures, in sentences."""
    on, at = kept["machine"], kept["at"]
    found = [
        f"{at}: a place of {kept['tickets']:,} tickets and {kept['units']:,} units; {on['cores']} "
        f"cores, shared by PostgreSQL {on['postgresql']}, the server and the clients; load of the "
        f"machine at the end {on['load'][0]} (the measurement's own included). {kept['rounds']} "
        f"rounds of {kept['seconds']:g} s for each figure, medians; in brackets the lowest and the "
        "highest round.",
        "All answers were the same."
        if kept["agree"]
        else "**Not all answers were the same**: see what the run printed.",
    ]
    for key, lacks in kept["lacks"].items():
        found += [f"{NAMES[key]} cannot express {LACKS[lack]}." for lack in lacks]
    found += [f"Left out: {NAMES[key]}: {why}." for key, why in kept["left_out"].items()]
    if not kept["wrk"]:
        found.append("Without wrk: clients in Python, which take processor time from the servers.")
    return found


def text(kept: Kept) -> str:
    """For a terminal."""
    parts = [*said(kept), _columns(figures(kept, 1)), _columns(figures(kept, 16))]
    last = [_columns(rows) for rows in (memory(kept), work(kept), goals(kept))]
    return "\n\n".join([*parts, *last])


def page(kept: Kept) -> str:
    """For the page."""
    versions = ", ".join(f"{name} {version}" for name, version in kept["versions"].items())
    parts = [" ".join(said(kept)), f"On: {versions}.", _markdown(goals(kept)), WORK]
    parts.append(_markdown(work(kept)))
    for clients in (1, 16):
        parts += [f"With {clients} client{'s' * (clients > 1)}:", _markdown(figures(kept, clients))]
    return "\n\n".join([*parts, "Resident memory of the server process:", _markdown(memory(kept))])


def _markdown(rows: list[list[str]]) -> str:
    rule = ["---" if at == 0 else "--:" for at in range(len(rows[0]))]
    return "\n".join(f"| {' | '.join(row)} |" for row in [rows[0], rule, *rows[1:]])


def _columns(rows: list[list[str]]) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ("  ".join(f"{each:<{w}}" for each, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
