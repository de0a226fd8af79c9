"""Published counts of every unit, some of them for data consumers only."""

from datetime import UTC, date, datetime
from random import Random
from typing import Any

from domain.statistics import Breakdown, Span
from domain.terms import TicketStatus
from tests.compiler.world_plan import LEVELS

MONTHS = (date(2025, 1, 1), date(2025, 2, 1), date(2025, 3, 1))
CODES: dict[Breakdown, tuple[str, ...]] = {
    Breakdown.TOTAL: ("",),
    Breakdown.CATEGORY: ("noise", "lift", "gone"),
    Breakdown.STATUS: (TicketStatus.CLOSED, TicketStatus.REJECTED),
    Breakdown.LEVEL: tuple(line[1] for line in LEVELS),
    Breakdown.SPAN: tuple(Span),
}


def add_statistics(builder: Any, place: str) -> None:
    """Every part of every breakdown, or not, drawn apart so that nothing else changes by it."""
    random = Random(f"statistics of {place}")
    for month in MONTHS:
        at = datetime(month.year, month.month + 1, 1, 0, 30, tzinfo=UTC)
        builder.add("statistic_month", locality_id=place, month=month, published_at=at)
        for unit in builder.world.of("org_unit", place):
            for breakdown, codes in CODES.items():
                for code in random.sample(codes, random.randrange(len(codes) + 1)):
                    total = breakdown is Breakdown.TOTAL
                    builder.add(
                        "statistic",
                        locality_id=place,
                        unit_id=unit["id"],
                        breakdown=breakdown,
                        month=month,
                        code=code,
                        **{
                            name: random.choice((None, 5, 20, 1_000))
                            for name in ("opened", "closed", "overdue", "pending")
                        },
                        usual_span=random.choice((None, *Span)) if total else None,
                        top=len(unit["path"]) == 4,
                        fine=not total and random.random() < 0.4,
                    )
