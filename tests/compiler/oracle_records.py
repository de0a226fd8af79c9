"""What hangs on service records, and meetings with their agendas."""

from datetime import date

from tests.compiler.oracle_fields import Args, Field, Listing, Thing, field, parse_id, thing, things
from tests.compiler.oracle_links import here
from tests.compiler.oracle_sight import Sight
from tests.compiler.oracle_tickets import during, placed
from tests.compiler.world import Row


@field("ServiceRecord.corrections")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    earlier = sight.rows("service_record_event", **here(row), service_record_id=row["id"])
    return things("ServiceRecordCorrection", earlier, "sequence")


@field("ServiceRecord.visit")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    found = sight.one("visit_private", **here(row), service_record_id=row["id"])
    return thing("Visit", found)


def learnt(name: str) -> Field:
    """In full for the visitor and the visited, masked for others."""

    def read(sight: Sight, row: Row, args: Args, day: date) -> str | None:
        if sight.viewer.person in (row["person_id"], row["recipient_id"]):
            return row[name]
        return None if row[name] is None else "****"

    return read


field("Visit.livingSituation")(learnt("living_situation"))
for own in ("needs", "skills", "difficulties"):
    field(f"Visit.{own}")(learnt(own))


@field("Query.meeting")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    _, locality, key = parse_id(args["id"], "meeting")
    return thing("Meeting", sight.one("meeting", locality_id=locality, id=key))


@field("Meeting.agenda")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    items = sight.rows("agenda_item", **here(row), meeting_id=row["id"])
    return things("AgendaItem", items, "tabled_at", "ticket_id")


@field("Ticket.agenda")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    items = sight.rows("agenda_item", **here(row), ticket_id=row["id"])
    return things("AgendaItem", items, "tabled_at", "meeting_id")


@field("OrgUnit.meetings")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    within, given = args.get("within", "SUBTREE"), args.get("filter") or {}
    held = given.get("held")

    def wanted(meeting: Row) -> bool:
        near = placed(meeting["unit_path"], row, within) and during(meeting["at"], given.get("at"))
        return near and (held is None or (meeting["held_at"] is not None) == held)

    return Listing("Meeting", lambda: [m for m in sight.rows("meeting", **here(row)) if wanted(m)])
