"""The prices of walls and limits, as `bench.price` keeps them, in words and as a table."""

from typing import Any

from bench.report import RESULTS

PRICES = RESULTS.with_name("price.json")
SERVED = "as served"


def table(kept: dict[str, Any]) -> str:
    """The prices as Markdown."""
    names = [*kept["desk"][SERVED]]
    head = "| | " + " | ".join(f"{name}, {how}" for how in ("desk", "HTTP") for name in names)
    lines = [head + " |", "|---|" + "--:|" * (2 * len(names))]
    for variant in kept["http"]:
        form = "{:.2f}" if variant == SERVED else "{:+.2f}"
        cells = [
            form.format(kept[how][variant][name]) if variant in kept[how] else ""
            for how in ("desk", "http")
            for name in names
        ]
        lines.append(f"| {variant} | {' | '.join(cells)} |")
    load = "/".join(map(str, kept["machine"]["load"]))
    said = (
        f"Milliseconds that each costs, as the median of {kept['rounds']} differences to the same "
        f"request without it, on a place of {kept['tickets']:,} tickets, one request at a time. In "
        "process it is measured at the desk that every operation passes; over HTTP with a server "
        f"in a process of its own for each line. By `python -m bench.price`, {kept['at']}, on "
        f"{kept['machine']['cores']} cores, load {load}: what is smaller than the spread of "
        "repeated runs is not told apart from nothing."
    )
    return said + "\n\n" + "\n".join(lines)
