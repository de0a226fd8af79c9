"""Service records with their corrections and what visits learnt; meetings and agendas."""

from typing import Any

from domain.terms import ServiceKind
from tests.compiler.world_plan import NAMES, PLACES, Row

LABELS = ("locality_id", "unit_path", "handler_path", "joint_scopes")
LEARNT = ("living_situation", "needs", "skills", "difficulties")


def scopes(builder: Any, place: str) -> list[str] | None:
    """Units called to help, and all above them."""
    path = builder.any(builder.world.of("org_unit", place))["path"]
    return builder.maybe([path[: end + 4] for end in range(0, len(path), 4)], 0.2)


def add_record(builder: Any, place: str, ticket: Row | None) -> None:
    """A service, for a ticket or for none."""
    unit = builder.any(builder.world.of("org_unit", place))
    people = builder.world.of("person", place)
    record = builder.add(
        "service_record",
        locality_id=place,
        id=builder.key(),
        kind=builder.any(ServiceKind),
        at=builder.moment(),
        note=builder.maybe(builder.any(NAMES)),
        ticket_id=ticket and ticket["id"],
        unit_id=unit["id"],
        unit_path=unit["path"],
        handler_path=ticket["handler_path"] if ticket else unit["path"],
        person_id=builder.any((people[1], builder.any(people)))["id"],
        recipient_id=builder.reporter(place),
        cadence_code=builder.maybe("duty"),
        joint_scopes=scopes(builder, place),
        corrections=builder.random.randrange(3),
    )
    _add_to_record(builder, record)


def _add_to_record(builder: Any, record: Row) -> None:
    """A record's corrections, and what its visit learnt."""
    own = {"service_record_id": record["id"]}
    people = ("person_id", "recipient_id")
    labels = {name: record[name] for name in (*LABELS, *people)}
    for sequence in range(1, record["corrections"] + 1):
        said = {
            "at": builder.moment(),
            "actor_id": builder.any(builder.world.of("person", record["locality_id"]))["id"],
            "reason": builder.any(NAMES),
            "kind": builder.any(ServiceKind),
            "served_at": builder.moment(),
            "note": builder.maybe(builder.any(NAMES)),
        }
        builder.add("service_record_event", **own, **labels, **said, sequence=sequence)
    if builder.random.random() < 0.5:
        learnt = {name: builder.maybe(f"secret {name}") for name in LEARNT}
        seen = {name: record[name] for name in ("locality_id", "unit_path", *people)}
        builder.add("visit_private", **own, **seen, **learnt)


def add_meetings(builder: Any, place: str) -> None:
    """Meetings of any unit, with any tickets before them."""
    for _ in range(40 if place == PLACES[0] else 5):
        unit = builder.any(builder.world.of("org_unit", place))
        meeting = builder.add(
            "meeting",
            locality_id=place,
            id=builder.key(),
            title=builder.any(NAMES),
            cadence_code=builder.maybe("monthly"),
            at=builder.moment(),
            held_at=builder.maybe(builder.moment()),
            minutes=builder.maybe(builder.any(NAMES)),
            unit_id=unit["id"],
            unit_path=unit["path"],
            caller_id=builder.any(builder.world.of("person", place))["id"],
            created_at=builder.moment(),
        )
        tickets = builder.world.of("ticket", place)
        for ticket in builder.random.sample(tickets, builder.random.randrange(4)):
            labels = {name: ticket.get(name) for name in (*LABELS, "reporter_id")}
            builder.add(
                "agenda_item",
                **labels,
                meeting_id=meeting["id"],
                ticket_id=ticket["id"],
                tabled_at=builder.moment(),
                resolution=builder.maybe(builder.any(NAMES)),
                resolved_at=builder.maybe(builder.moment()),
            )
