"""How long each class of data is kept, and why (DOMAIN §8; PIPL Arts. 19 and 47).

What belongs to a ticket's history stays as long as the ticket: it is the record of public work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Kept(StrEnum):
    """What is kept for a time only."""

    CHANGES = "CHANGES"
    DELIVERIES = "DELIVERIES"
    KEYS = "KEYS"
    TOKENS = "TOKENS"
    VISITS = "VISITS"
    DISCLOSURES = "DISCLOSURES"


@dataclass(frozen=True, slots=True)
class Term:
    """How many days something is kept, and why so long and no longer."""

    days: int
    why: str

    @property
    def span(self) -> timedelta:
        """The same as a length of time."""
        return timedelta(days=self.days)


KEPT: Mapping[Kept, Term] = {
    Kept.CHANGES: Term(
        31, "A cursor of `changes` holds for 30 days; what it stands for, a day more."
    ),
    Kept.DELIVERIES: Term(31, "A webhook's owner looks into what failed within the month."),
    Kept.KEYS: Term(90, "An app that was offline for a season may still send its mutation again."),
    Kept.TOKENS: Term(180, "Whoever asks which program had access finds it for half a year."),
    Kept.VISITS: Term(
        730, "What a visit learnt serves the next ones; after two years it misleads."
    ),
    Kept.DISCLOSURES: Term(
        1096, "Whoever read personal data can be asked about it for three years."
    ),
}
"""Counted from: the change; the delivery; the mutation; a token's end or revocation; the visit; the
disclosure."""
