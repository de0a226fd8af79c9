"""Every field of every type as a plain function of a Python row."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from tests.compiler.oracle_sight import Sight
from tests.compiler.world import FOR_EVER, TAGS, Row

Args = dict[str, Any]


class Refusal(Exception):
    """The whole operation is refused with a code."""


@dataclass(frozen=True)
class Thing:
    """An object of a GraphQL type over a row."""

    type: str
    row: Row


@dataclass(frozen=True)
class Listing:
    """A connection's rows before paging; read only when something asks for them."""

    type: str
    read: Callable[[], list[Row]]


Field = Callable[[Sight, Row, Args, date], Any]

TABLES = {
    "OrgUnit": "org_unit",
    "Person": "person",
    "Post": "post",
    "Ticket": "ticket",
    "ServiceRecord": "service_record",
    "Meeting": "meeting",
    "Attachment": "attachment",
    "Webhook": "webhook",
    "WebhookDelivery": "webhook_delivery",
    "TicketEvent": "ticket_event",
    "Statistic": "statistic",
    "Disclosure": "disclosure",
    "AccessToken": "access_token",
    "Office": "office",
}
NODES = tuple(name for name in TABLES if TABLES[name] in TAGS)
# Fields that are not simply the column of the same name: see `field_of`.
FIELDS: dict[tuple[str, str], Field] = {}
UNKNOWN = """\
The oracle cannot read {type}.{name}: the world's rows of it have no `{column}`.
If that is a column, give those rows a value for it where they are made, in
tests/compiler/world_builder.py or the world_*.py of the noun. If it is not, say in
tests/compiler/oracle_fields.py, or the oracle_*.py of the noun, what the answer must be:
FIELDS["{type}", "{name}"] = column("…") for a column of another name, link("Type", "…_id") for the
row that an id names, or a function under @field("{type}.{name}") for all else."""


def field(*names: str) -> Callable[[Field], Field]:
    """Register a function for fields written as `Type.field`."""

    def decorate(function: Field) -> Field:
        for name in names:
            type_, _, own = name.partition(".")
            FIELDS[type_, own] = function
        return function

    return decorate


def scalar(value: Any) -> Any:
    """A column's value as JSON has it: times in UTC, without zeros that say nothing."""
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat()
        return re.sub(r"(\.\d*?)0+\+", r"\1+", text)
    return value.isoformat() if isinstance(value, date) else value


def column(name: str) -> Field:
    return lambda sight, row, args, day: scalar(row[name])


def field_of(type_: str, name: str) -> Field:
    """How a field is read: as said here or beside its noun, or else from the column of its name."""
    return FIELDS.get((type_, name)) or plain(type_, name)


def plain(type_: str, name: str) -> Field:
    """The column of the same name in snake case, which the world's rows must have."""
    own = re.sub("[A-Z]", lambda m: f"_{m[0].lower()}", name)

    def read(sight: Sight, row: Row, args: Args, day: date) -> Any:
        assert own in row, UNKNOWN.format(type=type_, name=name, column=own)
        return scalar(row[own])

    return read


FIELDS["Locality", "slug"] = column("id")
FIELDS["Ticket", "hopCount"] = column("hops")
FIELDS["Ticket", "carriedCount"] = column("carries")
FIELDS["ServiceRecord", "duty"] = column("cadence_code")
FIELDS["Meeting", "duty"] = column("cadence_code")
FIELDS["NextHop", "route"] = column("next_route")
FIELDS["NextHop", "rule"] = column("next_rule")
FIELDS["NextHop", "dueAt"] = column("next_due_at")


def link(type_: str, column_: str) -> Field:
    """The row of the same locality whose id a column names."""

    def read(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
        return thing(
            type_, sight.one(TABLES[type_], locality_id=row["locality_id"], id=row[column_])
        )

    return read


for name, type_, column_ in (
    ("OrgUnit.parent", "OrgUnit", "parent_id"),
    ("Person.unit", "OrgUnit", "unit_id"),
    ("Post.unit", "OrgUnit", "unit_id"),
    ("Ticket.orgUnit", "OrgUnit", "unit_id"),
    ("Ticket.handler", "OrgUnit", "handler_unit_id"),
    ("Ticket.reporter", "Person", "reporter_id"),
    ("Ticket.mergedInto", "Ticket", "merged_into_id"),
    ("NextHop.toUnit", "OrgUnit", "next_unit_id"),
    ("EscalationHop.fromUnit", "OrgUnit", "from_unit_id"),
    ("EscalationHop.toUnit", "OrgUnit", "to_unit_id"),
    ("EscalationHop.toPost", "Post", "to_post_id"),
    ("EscalationHop.actor", "Person", "actor_id"),
    ("TicketEvent.actor", "Person", "actor_id"),
    ("ServiceRecord.orgUnit", "OrgUnit", "unit_id"),
    ("ServiceRecord.person", "Person", "person_id"),
    ("ServiceRecord.recipient", "Person", "recipient_id"),
    ("ServiceRecord.ticket", "Ticket", "ticket_id"),
    ("ServiceRecordCorrection.actor", "Person", "actor_id"),
    ("Attachment.uploader", "Person", "uploader_id"),
    ("Meeting.unit", "OrgUnit", "unit_id"),
    ("Meeting.caller", "Person", "caller_id"),
    ("AgendaItem.meeting", "Meeting", "meeting_id"),
    ("AgendaItem.ticket", "Ticket", "ticket_id"),
    ("Webhook.owner", "Person", "owner_id"),
    ("AccessToken.person", "Person", "person_id"),
    ("Office.person", "Person", "person_id"),
    ("Office.grantedBy", "Person", "granted_by_id"),
    ("Office.revokedBy", "Person", "revoked_by_id"),
    ("Webhook.orgUnit", "OrgUnit", "unit_id"),
    ("WebhookDelivery.webhook", "Webhook", "webhook_id"),
    ("WebhookDelivery.ticket", "Ticket", "ticket_id"),
    ("WebhookDelivery.serviceRecord", "ServiceRecord", "service_record_id"),
    ("Statistic.orgUnit", "OrgUnit", "unit_id"),
    ("Disclosure.post", "Post", "post_id"),
    ("Disclosure.actor", "Person", "actor_id"),
    ("Disclosure.subject", "Person", "subject_id"),
):
    field(name)(link(type_, column_))


def thing(type_: str, row: Row | None) -> Thing | None:
    return None if row is None else Thing(type_, row)


def things(type_: str, rows: list[Row], *order: str) -> list[Thing]:
    return [Thing(type_, row) for row in sorted(rows, key=lambda r: [r[name] for name in order])]


def holds(row: Row, day: date) -> bool:
    return row["valid_from"] <= day < row["valid_to"]


def many(value: Any) -> Any:
    """A list argument may be given as its only item."""
    return value if value is None or isinstance(value, list) else [value]


def parse_id(text: str, tag: str | None = None) -> tuple[str, str, UUID]:
    """Tag, locality and key of a global id."""
    match = re.fullmatch(r"([a-z]+)_([a-z][a-z0-9_]*)_([0-9a-f-]{36})", text)
    if match is None or (tag and match[1] != tag):
        raise Refusal("BAD_ID")
    return match[1], match[2], UUID(match[3])


def named(sight: Sight, args: Args) -> str:
    """The locality an argument names, or the caller's own."""
    if args.get("locality") is not None:
        return args["locality"]
    if not sight.viewer.locality:
        raise Refusal("LOCALITY_REQUIRED")
    return sight.viewer.locality


# What every noun has.


def global_id(type_: str) -> Field:
    tag = TAGS[TABLES[type_]]
    return lambda sight, row, args, day: f"{tag}_{row['locality_id']}_{row['id']}"


for name in NODES:
    field(f"{name}.id")(global_id(name))


@field("OrgUnit.validTo", "Division.validTo")
def _(sight: Sight, row: Row, args: Args, day: date) -> Any:
    return None if row["valid_to"] == FOR_EVER else scalar(row["valid_to"])


@field("OrgUnit.division", "Locality.division")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    return thing("Division", sight.one("division", code=row["division_code"]))


# Roots.


@field("Query.viewer")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing:
    return Thing("Viewer", {})


@field("Viewer.person")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    me = sight.viewer
    return thing("Person", sight.one("person", locality_id=me.locality, id=me.person))


@field("Viewer.locality")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    return thing("Locality", sight.one("locality", id=sight.viewer.locality))


def node(sight: Sight, text: str) -> Thing | None:
    tag, locality, key = parse_id(text)
    for type_ in NODES:
        if TAGS[TABLES[type_]] == tag:
            return thing(type_, sight.one(TABLES[type_], locality_id=locality, id=key))
    return None


@field("Query.node")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    return node(sight, args["id"])


@field("Query.nodes")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing | None]:
    return [node(sight, text) for text in many(args["ids"])]


@field("Query.localities")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    return things("Locality", sight.rows("locality"), "id")


@field("Query.locality")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    return thing("Locality", sight.one("locality", id=args["slug"]))


@field("Query.division")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    return thing("Division", sight.one("division", code=args["code"]))


@field("Query.orgUnit")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    _, locality, key = parse_id(args["id"], "unit")
    unit = sight.one("org_unit", locality_id=locality, id=key)
    return thing("OrgUnit", unit) if unit and holds(unit, day) else None


@field("Query.ticket")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    _, locality, key = parse_id(args["id"], "ticket")
    return thing("Ticket", sight.one("ticket", locality_id=locality, id=key))


@field("Query.ticketByNumber")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    found = sight.one("ticket", locality_id=named(sight, args), number=args["number"])
    return thing("Ticket", found)
