"""Tickets of the past as `linli replay` reads them: reports and what people did, not the clock."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias
from uuid import UUID

from db.load.copy import Owner
from db.paths import lineage
from domain.escalation import UnitStep
from domain.ids import PersonId, TicketId, UnitId
from domain.profile import Profile
from domain.profile_parse import parse_profile
from domain.replay import Act, Past
from domain.terms import Severity, TicketVerb, Verdict
from domain.ticket_table import ROUTES

if TYPE_CHECKING:
    import asyncpg

Row: TypeAlias = "asyncpg.Record"


@dataclass(frozen=True)
class PlaceUnits:
    """The units of a place: the way up from each, and what it is called."""

    ways: dict[UnitId, tuple[UnitStep, ...]]
    names: dict[UnitId, str]


async def revisions(connection: Owner, locality: str) -> dict[int, Profile]:
    """Every revision of the place's profile; none if there is no such place."""
    found = await connection.fetch(REVISIONS, locality)
    return {
        row["revision"]: parse_profile(
            json.loads(row["body"]), f"{locality} revision {row['revision']}"
        )
        for row in found
    }


async def units(connection: Owner, locality: str) -> PlaceUnits:
    """All units of the place."""
    found = await connection.fetch(UNITS, locality)
    at = {row["path"]: UnitStep(UnitId(row["id"]), row["level_code"]) for row in found}
    return PlaceUnits(
        {step.unit_id: tuple(at[p] for p in reversed(lineage(path))) for path, step in at.items()},
        {UnitId(row["id"]): row["name"] for row in found},
    )


async def pasts(connection: Owner, locality: str, since: datetime, until: datetime) -> list[Past]:
    """The tickets opened from one instant until before another, oldest first."""
    span = (locality, since, until)
    events = _by_ticket(await connection.fetch(EVENTS, *span))
    hops = _by_ticket(await connection.fetch(HOPS, *span))
    found = await connection.fetch(TICKETS, *span)
    return [_past(row, events.get(row["id"], []), hops.get(row["id"], [])) for row in found]


def _by_ticket(rows: Sequence[Row]) -> dict[UUID, list[Row]]:
    found: dict[UUID, list[Row]] = {}
    for row in rows:
        found.setdefault(row["ticket_id"], []).append(row)
    return found


def _past(ticket: Row, events: Sequence[Row], hops: Sequence[Row]) -> Past:
    return Past(
        id=TicketId(ticket["id"]),
        number=ticket["number"],
        opened_at=ticket["created_at"],
        unit=UnitId(ticket["unit_id"]),
        reporter=_person(ticket["reporter_id"]),
        severity=Severity(ticket["severity"]),
        category=ticket["category_code"],
        hours=ticket["hours"],
        revision=ticket["profile_revision"],
        acts=tuple(_acts(ticket, events, hops)),
    )


def _acts(ticket: Row, events: Sequence[Row], hops: Sequence[Row]) -> Iterator[Act]:
    """What people did, each act with the hops that it made, and with whom the ticket lay then."""
    handler, ahead = UnitId(ticket["unit_id"]), [*hops]
    for event in events:
        made = _made_by(event, ahead)
        del ahead[: len(made)]
        if event["verb"] != TicketVerb.REPORT and not _by_clock(event, made):
            yield _act(ticket, event, handler, made)
        if made:
            handler = UnitId(made[0]["to_unit_id"])


def _made_by(event: Row, hops: Sequence[Row]) -> list[Row]:
    """The hops of an event: one if its verb makes any, and one to each unit called to help."""
    if event["verb"] not in ROUTES or not hops or hops[0]["at"] != event["at"]:
        return []
    called = [
        hop
        for hop in hops[1:]
        if event["verb"] == TicketVerb.JOIN
        and (hop["route"], hop["at"]) == (hops[0]["route"], event["at"])
    ]
    return [hops[0], *called]


def _by_clock(event: Row, made: Sequence[Row]) -> bool:
    """Whether a rule moved it, and nobody; a loaded file may know no actors and no rules."""
    return event["actor_id"] is None and any(hop["rule"] for hop in made)


def _act(ticket: Row, event: Row, handler: UnitId, made: Sequence[Row]) -> Act:
    verb, to = TicketVerb(event["verb"]), made[0]["to_unit_id"] if made else None
    stays = to == handler and verb is not TicketVerb.DISPATCH
    return Act(
        verb=verb,
        at=event["at"],
        actor=_person(event["actor_id"]),
        handler=handler,
        to=None if to is None or stays else UnitId(to),
        joined=tuple(UnitId(hop["to_unit_id"]) for hop in made[1:]),
        due_at=event["due_at"] or ticket["due_at"],
        verdict=Verdict(said) if (said := event["verdict"] or ticket["verdict"]) else None,
        into=TicketId(into) if (into := ticket["merged_into_id"]) else None,
    )


def _person(key: UUID | None) -> PersonId | None:
    return PersonId(key) if key else None


REVISIONS = "SELECT revision, body FROM profile_revision WHERE locality_id = $1 ORDER BY revision"
UNITS = """
SELECT id, path, level_code, name FROM org_unit WHERE locality_id = $1 ORDER BY path
"""
TICKETS = """
SELECT t.*, c.hours FROM ticket t
JOIN category c ON c.locality_id = $1 AND c.code = t.category_code
WHERE t.locality_id = $1 AND t.created_at >= $2 AND t.created_at < $3
ORDER BY t.created_at, t.number
"""
EVENTS = """
SELECT e.ticket_id, e.verb, e.at, e.actor_id, e.verdict, e.due_at FROM ticket t
JOIN ticket_event e ON e.locality_id = $1 AND e.ticket_id = t.id
WHERE t.locality_id = $1 AND t.created_at >= $2 AND t.created_at < $3
ORDER BY e.ticket_id, e.sequence
"""
HOPS = """
SELECT h.ticket_id, h.route, h.to_unit_id, h.rule, h.at FROM ticket t
JOIN escalation_hop h ON h.locality_id = $1 AND h.ticket_id = t.id
WHERE t.locality_id = $1 AND t.created_at >= $2 AND t.created_at < $3
ORDER BY h.ticket_id, h.sequence
"""
