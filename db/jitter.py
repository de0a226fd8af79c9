"""Waits drawn anew each time, so that those who failed together do not come back together."""

import random

CHANCE = random.SystemRandom()


def between(low: float, high: float) -> float:
    """Some number of seconds between two."""
    return CHANCE.uniform(low, high)
