"""Photographs of a ticket: who may attach them, how many, and until when."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from domain.permission import serves_for

MOST = 20
"""Photographs of one ticket."""

NAME_MAX = 200
"""Letters in a photograph's name."""

GRANTED = timedelta(minutes=10)
"""How long the bytes of a photograph may be awaited."""

AWAITED = GRANTED + timedelta(minutes=5)
"""How long one that was announced is counted: until the last upload begun in time is over."""


def may_attach(
    unit_path: str,
    handler_path: str,
    called: Collection[str],
    serves: Sequence[str],
    *,
    reporter: bool,
) -> bool:
    """Whoever reported the ticket, and those who serve for it."""
    return reporter or serves_for(unit_path, handler_path, called, serves)
