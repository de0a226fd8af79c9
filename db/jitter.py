"""Waits drawn anew each time, so that those who failed together do not come back together."""

import random


def between(low: float, high: float) -> float:
    """Some number of seconds between two."""
    return random.uniform(low, high)  # noqa: S311  # nobody gains by guessing it
