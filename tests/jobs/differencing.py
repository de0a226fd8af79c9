"""An attacker on published counts: all that is shown, and every way one count follows from others."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from math import exp
from random import Random
from uuid import UUID

from db.statistics_store import Cell
from domain import statistics
from domain.statistics import DOUBT, LEAST, SPREAD, STEP, Breakdown, Measure
from jobs.statistics import shown

PARTS = {
    Breakdown.TOTAL: (("", 1),),
    Breakdown.CATEGORY: (("noise", 8), ("lift", 3), ("water", 2), ("wall", 1), ("care", 1)),
    Breakdown.STATUS: (("CLOSED", 12), ("REJECTED", 2), ("MERGED", 1)),
    Breakdown.LEVEL: (("grid", 6), ("community", 3), ("street", 1)),
    Breakdown.SPAN: (("DAY", 4), ("WEEK", 3), ("MONTH", 1), ("LONGER", 1)),
}
Key = tuple[str, Breakdown, str]
"""A cell: the unit as its path, a letter a level; the breakdown; which part of it."""


@dataclass(frozen=True)
class Town:
    """A tree of three levels, how many tickets truly lie in each cell, and what is shown of it."""

    truth: Counter[Key]
    shown: dict[Key, int]

    def small(self) -> list[Key]:
        """The cells that are to be kept secret."""
        return [key for key in cells() if self.truth[key] < 5]


def units() -> list[str]:
    """A top, three streets, three communities in each."""
    return ["t", *(f"t{a}" for a in "abc"), *(f"t{a}{b}" for a in "abc" for b in "xyz")]


def cells() -> list[Key]:
    """Every cell there is, whether anything lies in it or not."""
    return [(unit, by, code) for unit in units() for by in PARTS for code, _ in PARTS[by]]


def town(random: Random, chance: Callable[[], float]) -> Town:
    """A town of communities large and small, published."""
    truth: Counter[Key] = Counter()
    for community in (unit for unit in units() if len(unit) == 3):
        for _ in range(random.choice((0, 1, 2, 3, 4, 8, 15, 30, 60))):
            parts = {by: _drawn(random, by) for by in PARTS}
            truth.update((community[:n], by, parts[by]) for n in (1, 2, 3) for by in PARTS)
    names = {UUID(int=at): unit for at, unit in enumerate(units())}
    ids = {unit: key for key, unit in names.items()}
    counted = [
        Cell(ids[unit], False, False, by, code, Measure.CLOSED, count, count)
        for (unit, by, code), count in truth.items()
    ]
    rows = shown(counted, chance)
    return Town(
        truth, {(names[r.unit], r.breakdown, r.code): r.counts[Measure.CLOSED] for r in rows}
    )


def _drawn(random: Random, by: Breakdown) -> str:
    codes, weights = zip(*PARTS[by], strict=True)
    return random.choices(codes, weights)[0]


def sums() -> Iterator[tuple[Key, list[Key]]]:
    """Every whole and its parts: of a unit those below it, of a total each breakdown."""
    for unit, by, code in cells():
        if len(unit) < 3:
            below = [each for each in units() if each[:-1] == unit]
            yield (unit, by, code), [(each, by, code) for each in below]
    for unit in units():
        for by in list(Breakdown)[1:]:
            yield (unit, Breakdown.TOTAL, ""), [(unit, by, code) for code, _ in PARTS[by]]


def guesses(made: Town, precision: float) -> dict[Key, int]:
    """The likeliest value of each small cell, by least squares over all that is shown."""
    keys = cells()
    at = {key: index for index, key in enumerate(keys)}
    small = made.small()
    usual = sum(made.truth[key] for key in small) / len(small)
    matrix = [[0.0] * len(keys) for _ in keys]
    right = [0.0] * len(keys)
    for key in keys:
        weight, value = (precision, made.shown[key]) if key in made.shown else (0.5, usual)
        matrix[at[key]][at[key]] += weight
        right[at[key]] += weight * value
    for whole, parts in sums():
        signs = {at[whole]: 1.0, **{at[part]: -1.0 for part in parts}}
        for one, own in signs.items():
            for other, others in signs.items():
                matrix[one][other] += 1e3 * own * others
    found = solved(matrix, right)
    return {key: min(4, max(0, round(found[at[key]]))) for key in small}


def solved(matrix: list[list[float]], right: list[float]) -> list[float]:
    """The solution of a system of linear equations that is positive definite."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at, row in enumerate(rows):
        tail = row[at:]
        for below in rows[at + 1 :]:
            if below[at]:
                factor = below[at] / row[at]
                below[at:] = [b - factor * a for a, b in zip(tail, below[at:], strict=True)]
    values = [0.0] * size
    for at in reversed(range(size)):
        known = sum(rows[at][k] * values[k] for k in range(at + 1, size) if rows[at][k])
        values[at] = (rows[at][size] - known) / rows[at][at]
    return values


@cache
def at_least(least: int, scale: float) -> float:
    """How likely the noise of a scale is to come to so many or more."""
    tail = exp(-max(least, 1 - least) / scale) / (1 + exp(-1 / scale))
    return tail if least > 0 else 1 - tail


@cache
def likelihood(number: int | None, count: int, margin: int) -> float:
    """How likely so many tickets of as many people are to be shown so, or not to be (None)."""
    known = at_least(LEAST + margin - count, DOUBT) if count >= LEAST else 0.0
    if number is None:
        return 1 - known * at_least(LEAST - STEP // 2 - count, SPREAD)
    low, high = number - STEP // 2 - count, number + STEP // 2 + 1 - count
    return known * (at_least(low, SPREAD) - at_least(high, SPREAD))


def belief(made: Town, key: Key) -> list[float]:
    """What one who knows every other ticket must think of a small cell: 0 to 4, each how likely."""
    unit, by, code = key
    weights = [1.0] * 5
    # At worst they are all of one kind in every other breakdown too, and that is known.
    kinds = {other: PARTS[other][0][0] for other in PARTS} | {by: code}
    for above in (unit[:n] for n in range(1, len(unit) + 1)):
        for cell in ((above, *kind) for kind in kinds.items()):
            others = made.truth[cell] - made.truth[key]
            for value in range(5):
                shown = made.shown.get(cell)
                weights[value] *= likelihood(shown, others + value, statistics.MARGIN)
    return [weight / sum(weights) for weight in weights]


def right(made: list[Town], precision: float) -> tuple[float, float]:
    """How often the attacker is right of small cells; and how often without the publication."""
    hits, values = 0, Counter[int]()
    for each in made:
        found = guesses(each, precision)
        hits += sum(each.truth[key] == value for key, value in found.items())
        values.update(each.truth[key] for key in found)
    total = values.total()
    return hits / total, max(values.values()) / total
