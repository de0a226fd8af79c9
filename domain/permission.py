"""Who may act on a ticket (DOMAIN §8, need to know: subtree and duty; fail closed)."""

from collections.abc import Sequence


def may_act(handler_path: str, serves: Sequence[str]) -> bool:
    """Whoever serves in the unit that answers for it now, or in one above; seeing is not enough."""
    return any(handler_path.startswith(path) for path in serves)
