"""The fields of tickets and service records, their lists and the filters of those."""

from datetime import date, datetime

from domain.terms import TicketVerb
from tests.compiler.oracle_fields import (
    Args,
    Listing,
    Thing,
    field,
    named,
    thing,
    things,
)
from tests.compiler.oracle_links import among, below, depth, here
from tests.compiler.oracle_sight import Sight
from tests.compiler.world import Row
from tests.domain.ticket_samples import CELLS

OPEN_ENDS = ("CLOSED", "REJECTED", "MERGED", "WITHDRAWN")


def during(value: datetime | None, span: Args | None) -> bool:
    tests = {
        "gte": lambda a, b: a >= b,
        "gt": lambda a, b: a > b,
        "lte": lambda a, b: a <= b,
        "lt": lambda a, b: a < b,
    }
    bounds = {name: text for name, text in (span or {}).items() if text is not None}
    return all(
        value is not None and tests[name](value, datetime.fromisoformat(text))
        for name, text in bounds.items()
    )


def is_open(ticket: Row) -> bool:
    return ticket["status"] not in OPEN_ENDS


def matching_tickets(tickets: list[Row], args: Args) -> list[Row]:
    given = args.get("filter") or {}

    def wanted(ticket: Row) -> bool:
        choices = {"category": "category_code", "appealType": "appeal_type"}
        names = ("status", "severity", "category", "channel", "appealType", "concern")
        return (
            all(among(ticket[choices.get(name, name)], given.get(name)) for name in names)
            and (given.get("open") is None or is_open(ticket) == given["open"])
            and during(ticket["created_at"], given.get("createdAt"))
            and during(ticket["due_at"], given.get("dueAt"))
        )

    return [ticket for ticket in tickets if wanted(ticket)]


def matching_records(records: list[Row], args: Args) -> list[Row]:
    given = args.get("filter") or {}
    return [
        record
        for record in records
        if among(record["kind"], given.get("kind")) and during(record["at"], given.get("at"))
    ]


def placed(path: str, unit: Row, within: str) -> bool:
    """Whether something at a path belongs to a unit's list."""
    own = path == unit["path"]
    if within == "SELF":
        return own
    under = below(path, unit["path"])
    if within == "CHILDREN":
        return under and depth(path) == depth(unit["path"]) + 1
    return own or under


@field("Ticket.open")
def _(sight: Sight, row: Row, args: Args, day: date) -> bool:
    return is_open(row)


@field("Ticket.allowedVerbs")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[str]:
    """The matrix written out by hand, as far as a verb is the viewer's."""
    path, serving = row["handler_path"], sight.viewer.prefixes
    over = [each for each in serving if path[: len(each)] == each]
    near = any(row["unit_path"][: len(each)] == each for each in serving)
    reporter = row["reporter_id"] is not None and row["reporter_id"] == sight.viewer.person
    theirs = {
        "RULE": any(each != path or depth(path) == 1 for each in over),
        "WITHDRAW": reporter,
        "VERIFY": bool(over) or near,
        "CLOSE": bool(over) or near,
        "FOLLOW_UP": bool(over) or reporter or near,
        "REOPEN": bool(over) or reporter or near,
    }
    bound = () if row["returnable"] else ("DISPUTE", "RETURN")
    return [
        verb.value
        for verb in TicketVerb
        if (row["status"], verb) in CELLS and verb not in bound and theirs.get(verb, bool(over))
    ]


@field("Ticket.category")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    return thing("Category", sight.one("category", **here(row), code=row["category_code"]))


@field("Ticket.nextHop")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    return None if row["next_route"] is None else Thing("NextHop", row)


@field("Ticket.escalationChain")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    hops = sight.rows("escalation_hop", **here(row), ticket_id=row["id"])
    return things("EscalationHop", hops, "sequence")


@field("Ticket.events")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    def read() -> list[Row]:
        return sight.rows("ticket_event", **here(row), ticket_id=row["id"])

    return Listing("TicketEvent", read)


@field("Query.tickets")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    def read() -> list[Row]:
        return matching_tickets(sight.rows("ticket", locality_id=named(sight, args)), args)

    return Listing("Ticket", read)


@field("OrgUnit.tickets")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    within = args.get("within", "SUBTREE")

    def read() -> list[Row]:
        found = sight.rows("ticket", **here(row))
        near = [ticket for ticket in found if placed(ticket["unit_path"], row, within)]
        return matching_tickets(near, args)

    return Listing("Ticket", read)


@field("OrgUnit.desk")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    def read() -> list[Row]:
        held = sight.rows("ticket", **here(row), handler_unit_id=row["id"])
        return matching_tickets([ticket for ticket in held if is_open(ticket)], args)

    return Listing("Ticket", read)


@field("Query.serviceRecords")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    def read() -> list[Row]:
        return matching_records(sight.rows("service_record", locality_id=named(sight, args)), args)

    return Listing("ServiceRecord", read)


@field("Ticket.serviceRecords")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    def read() -> list[Row]:
        found = sight.rows("service_record", **here(row), ticket_id=row["id"])
        return matching_records(found, args)

    return Listing("ServiceRecord", read)


@field("OrgUnit.serviceRecords")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    within = args.get("within", "SUBTREE")

    def read() -> list[Row]:
        found = sight.rows("service_record", **here(row))
        near = [record for record in found if placed(record["unit_path"], row, within)]
        return matching_records(near, args)

    return Listing("ServiceRecord", read)
