"""Photographs of tickets, some of them still awaited."""

from typing import Any

from db.signing import Signer
from domain.terms import PhotoPhase
from tests.compiler.world_plan import NAMES

LABELS = ("locality_id", "unit_path", "handler_path", "joint_scopes", "reporter_id")
SIGNER = Signer(b"the world's secret", "https://linli.example", clock=lambda: 1_740_816_000.0)
"""Signs for every viewer, at one moment."""


def add_photographs(builder: Any, place: str) -> None:
    """Up to three photographs of each ticket."""
    people = builder.world.of("person", place)
    for ticket in builder.world.of("ticket", place):
        for _ in range(builder.random.randrange(4)):
            stored = builder.maybe(builder.moment(), 0.8)
            facts = {
                "media_type": builder.any(("image/jpeg", "image/webp")),
                "size": builder.random.randrange(10_000_000),
                "width": builder.random.randrange(4_096),
                "height": builder.random.randrange(4_096),
                "digest": f"{builder.random.getrandbits(256):064x}",
                "object_key": "canary/object key",
            }
            builder.add(
                "attachment",
                **{name: ticket[name] for name in LABELS},
                id=builder.key(),
                ticket_id=ticket["id"],
                phase=builder.any(PhotoPhase),
                name=builder.any(NAMES),
                requested_at=builder.moment(),
                stored_at=stored,
                uploader_id=builder.any(people)["id"],
                **(facts if stored else dict.fromkeys(facts)),
            )
