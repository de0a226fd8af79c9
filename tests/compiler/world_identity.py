"""Offices and access tokens, of the named viewers and others; no choice is drawn."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from domain.identity import OfficeKind
from tests.compiler.world_plan import ALWAYS, CLOSED, FOR_EVER, PLACES, START

if TYPE_CHECKING:
    from tests.compiler.world_builder import Builder


def add_identity(builder: "Builder", place: str) -> None:
    """The secretary is the place's administrator; the worker was its auditor once."""
    named = {row["name"]: row for row in builder.world.of("person", place)}
    first = PLACES.index(place) * 100
    secretary, worker, resident = (named[name] for name in ("secretary", "worker", "resident"))
    held = [
        (secretary, OfficeKind.ADMINISTRATOR, ALWAYS, FOR_EVER),
        (worker, OfficeKind.AUDITOR, ALWAYS, CLOSED),
        (resident, OfficeKind.DATA_CONSUMER, FOR_EVER, FOR_EVER),
        (builder.world.of("person", place)[6], OfficeKind.AUDITOR, ALWAYS, FOR_EVER),
    ]
    for at, (person, kind, since, until) in enumerate(held):
        builder.add(
            "office",
            locality_id=place,
            id=UUID(int=first + at + 1, version=4),
            person_id=person["id"],
            kind=kind,
            valid_from=since,
            valid_to=until,
            granted_at=START + timedelta(hours=at),
            granted_by_id=secretary["id"] if at else None,
            revoked_at=None if until == FOR_EVER else START,
            revoked_by_id=None if until == FOR_EVER else worker["id"],
        )
    for at, person in enumerate((resident, resident, worker, secretary)):
        builder.add(
            "access_token",
            locality_id=place,
            id=UUID(int=first + at + 1, version=4),
            person_id=person["id"],
            name=f"canary program {at}",
            digest=bytes([first + at]) * 32,
            scopes=["READ", "WRITE"][: at + 1],
            created_at=START,
            expires_at=START + timedelta(days=9_000 * (at + 1)),
            last_used_at=START if at == 2 else None,
            revoked_at=START if at == 1 else None,
            revoked_by_id=secretary["id"] if at == 1 else None,
        )
