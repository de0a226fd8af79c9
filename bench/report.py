"""What a row of faults came to."""

from dataclasses import dataclass

from bench.client import Ledger


@dataclass(frozen=True)
class Row:
    """One row of the table of faults, done for real."""

    number: int
    did: str
    found: str
    ledger: Ledger
    sound: bool

    def text(self) -> str:
        """One line."""
        mark = "holds " if self.sound else "BROKEN"
        waited = (
            f"; longest until answered {self.ledger.longest:.1f} s" if self.ledger.longest else ""
        )
        told = f"; answers that were none: {self.ledger.seen()}{waited}"
        return f"{self.number} {mark} {self.did}: {self.found}{told}"
