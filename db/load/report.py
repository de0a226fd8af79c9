"""What a loader did with every row it read: nothing is lost silently."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

Progress = Callable[[int], None]
"""Called now and then with the number of rows done so far."""

SHOWN = 5
"""Line numbers shown for each reason."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, counted from 1, and what was wrong with it."""

    number: int
    reason: str


@dataclass(slots=True)
class Report:
    """read = loaded + unchanged + refused; a repaired row is also a loaded or unchanged one."""

    read: int = 0
    loaded: int = 0
    unchanged: int = 0
    repaired: list[Line] = field(default_factory=list[Line])
    refused: list[Line] = field(default_factory=list[Line])

    def refuse(self, number: int, reason: str) -> None:
        """Leave a line out."""
        self.refused.append(Line(number, reason))

    def repair(self, number: int, reason: str) -> None:
        """Take a line in after putting something right."""
        self.repaired.append(Line(number, reason))

    def settle(self, loaded: int) -> None:
        """Say how many rows were new or changed; what was not refused either was there already."""
        self.loaded = loaded
        self.unchanged = self.read - loaded - len(self.refused)

    def text(self) -> str:
        """The report as lines of text: counts, then each reason with its first line numbers."""
        counts = (
            f"{self.read} read: {self.loaded} loaded, {self.unchanged} unchanged, "
            f"{len(self.refused)} refused, {len(self.repaired)} repaired"
        )
        reasons = [*_grouped("refused", self.refused), *_grouped("repaired", self.repaired)]
        return "\n".join([counts, *reasons])


def _grouped(what: str, lines: list[Line]) -> Iterator[str]:
    """`  refused 3: no such parent (lines 4, 9, 12)`, one for each reason."""
    numbers: dict[str, list[int]] = {}
    for line in lines:
        numbers.setdefault(line.reason, []).append(line.number)
    for reason, found in numbers.items():
        first = ", ".join(str(number) for number in islice(found, SHOWN))
        more = ", …" if len(found) > SHOWN else ""
        yield f"  {what} {len(found)}: {reason} (line{'s'[: len(found) > 1]} {first}{more})"
