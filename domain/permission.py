"""Who may act on a ticket (DOMAIN §8, need to know: subtree and duty; fail closed)."""

from collections.abc import Collection, Mapping, Sequence
from enum import Enum, auto

from domain.terms import TicketVerb

V = TicketVerb


class Tie(Enum):
    """How somebody is tied to a ticket."""

    HANDLER = auto()
    """Serves in the unit that answers for it now, or in one above."""
    ABOVE = auto()
    """Serves above that unit; in the topmost one, where there is none above."""
    REPORTER = auto()
    """Made it known."""
    PLACE = auto()
    """Serves where the need arose, or above."""


BY_HANDLER = frozenset({Tie.HANDLER})
BY_HANDLER_OR_PLACE = frozenset({Tie.HANDLER, Tie.PLACE})
WHO: Mapping[TicketVerb, frozenset[Tie]] = {
    **{verb: BY_HANDLER for verb in V if verb is not V.REPORT},
    # The unit that disputes cannot settle its own dispute.
    V.RULE: frozenset({Tie.ABOVE}),
    V.WITHDRAW: frozenset({Tie.REPORTER}),
    # Who received it sees it through (首接负责): the unit where it arose may check, ask and file
    # it whoever answers for it by then (在随后的走访中, article 004).
    V.VERIFY: BY_HANDLER_OR_PLACE,
    V.CLOSE: BY_HANDLER_OR_PLACE,
    # The verdict is the resident's, given at first hand or told to a worker.
    V.FOLLOW_UP: BY_HANDLER_OR_PLACE | {Tie.REPORTER},
    V.REOPEN: BY_HANDLER_OR_PLACE | {Tie.REPORTER},
}
"""Whose verb it is; anyone may report."""


def may_act(path: str, serves: Sequence[str]) -> bool:
    """Whether somebody serves in a unit or in one above it; seeing is not enough."""
    return any(path.startswith(each) for each in serves)


def serves_for(
    unit_path: str, handler_path: str, called: Collection[str], serves: Sequence[str]
) -> bool:
    """Whether somebody serves at or above a ticket's place or its handler, or was called to help.

    `called`: paths of the units called to help, and of all above them.
    """
    near = may_act(unit_path, serves) or may_act(handler_path, serves)
    return near or not set(called).isdisjoint(serves)


def ties(
    handler_path: str, serves: Sequence[str], *, top: bool, reporter: bool, place: bool = False
) -> frozenset[Tie]:
    """How somebody is tied to a ticket; `top`: nothing is above its handler."""
    above = [each for each in serves if top or each != handler_path]
    held = {
        Tie.HANDLER: may_act(handler_path, serves),
        Tie.ABOVE: may_act(handler_path, above),
        Tie.REPORTER: reporter,
        Tie.PLACE: place,
    }
    return frozenset(tie for tie, holds in held.items() if holds)


def may(verb: TicketVerb, held: frozenset[Tie]) -> bool:
    """Whether somebody so tied may use the verb."""
    return bool(WHO[verb] & held)
