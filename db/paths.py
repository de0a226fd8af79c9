"""Materialised paths: four base-36 digits a level, so prefix is ancestry and length is depth."""

WIDTH = 4
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
ABOVE = "~"
"""Sorts after every digit: a subtree is `path >= p AND path < p || '~'`."""


def lineage(path: str) -> list[str]:
    """The paths from the top of the tree down to this one."""
    return [path[:end] for end in range(WIDTH, len(path) + 1, WIDTH)]


def label(number: int) -> str:
    """The label of a parent's nth child, 0 <= n < 36**4."""
    digits = ""
    for _ in range(WIDTH):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    if number:
        raise ValueError("a unit has more than 1,679,616 children")
    return digits
