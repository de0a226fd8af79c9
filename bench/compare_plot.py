"""A plot of a comparison: requests a second with 16 clients, as parts of what SQL by hand does."""

import math
from html import escape
from typing import Any

from bench.compare_table import NAMES, REQUESTS, cell, middle

WIDTH, BAR, GAP, LEFT, RIGHT = 760, 17, 34, 250, 90
LEAST = 0.001
"""Where the logarithmic scale begins."""
COLOURS = {"a": "#9aa0a6", "b": "#c2410c"}
OTHERS = "#4a7fb5"


def plot(kept: dict[str, Any]) -> str:
    """The plot as SVG."""
    parts: list[str] = []
    top = 36.0
    for request in REQUESTS:
        parts.append(f'<text x="8" y="{top}" font-weight="bold">{request}</text>')
        top += 6
        best = middle(rounds, "per_second") if (rounds := cell(kept, "a", request, 16)) else 1
        for key in NAMES:
            if rounds := cell(kept, key, request, 16):
                parts.append(_bar(key, middle(rounds, "per_second"), best, top))
                top += BAR
        top += GAP
    title = "Requests a second, 16 clients (logarithmic; SQL by hand = 1)"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top:.0f}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f'<text x="8" y="16" font-size="14">{title}</text>{"".join(parts)}</svg>\n'
    )


def _bar(key: str, rate: float, best: float, top: float) -> str:
    part = max(rate / best, LEAST)
    width = (WIDTH - LEFT - RIGHT) * (1 - math.log(min(part, 1)) / math.log(LEAST))
    name = escape(NAMES[key])
    return (
        f'<text x="{LEFT - 8}" y="{top + 12}" text-anchor="end">{name}</text>'
        f'<rect x="{LEFT}" y="{top + 2}" width="{width:.1f}" height="{BAR - 4}" '
        f'fill="{COLOURS.get(key, OTHERS)}"/>'
        f'<text x="{LEFT + width + 5:.1f}" y="{top + 12}">{rate:,.{1 if rate < 100 else 0}f}</text>'
    )
