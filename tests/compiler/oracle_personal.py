"""Personal data, masked or in full for a purpose, and who read them; by the domain's own rule."""

from datetime import date
from typing import Any

from domain.disclosure import PersonalField, Purpose, Standing, opens
from domain.terms import CLOSED_STATUSES, LevelKind
from tests.compiler.oracle_fields import (
    FIELDS,
    Args,
    Field,
    Listing,
    Thing,
    field,
    holds,
    thing,
)
from tests.compiler.oracle_links import here
from tests.compiler.oracle_records import learnt
from tests.compiler.oracle_sight import Sight
from tests.compiler.world import LEVELS, Row

KINDS = {code: LevelKind(kind) for _, code, _, kind, _ in LEVELS}
PARTS = {
    "phone": PersonalField.PHONE,
    "address": PersonalField.ADDRESS,
    "livingSituation": PersonalField.LIVING_SITUATION,
    "needs": PersonalField.NEEDS,
    "skills": PersonalField.SKILLS,
    "difficulties": PersonalField.DIFFICULTIES,
}


def facts(
    sight: Sight, row: Row, part: PersonalField, purpose: Purpose, who: Any, today: date
) -> Any:
    """What is to be written down of giving a part out; None if it is not given."""
    if row[part.lower()] is None or who is None:
        return None
    if purpose is Purpose.OWN:
        return {} if who == sight.viewer.person else None
    found = [
        (-len(post["unit_path"]), post["id"], ticket)
        for post in posts(sight, row, today)
        for standing, ticket in standings(sight, row, post, who)
        if opens(purpose, part, standing)
    ]
    if not found:
        return None
    _, post, ticket = min(found, key=lambda each: (*each[:2], str(each[2])))
    told = {"post": str(post)}
    return {**told, "ticket": str(ticket)} if purpose is Purpose.CONTACT_REPORTER else told


def posts(sight: Sight, row: Row, today: date) -> list[Row]:
    """The posts that the viewer holds or covers today in the row's place."""
    mine = sight.rows("appointment", **here(row), person_id=sight.viewer.person)
    ids = {each["post_id"] for each in mine if holds(each, today)}
    return [post for post in sight.rows("post", **here(row)) if post["id"] in ids]


def standings(sight: Sight, row: Row, post: Row, who: Any) -> list[tuple[Standing, Any]]:
    """How a post stands to a person: without any ticket, and by each that it handles."""
    unit = sight.one("org_unit", **here(row), id=post["unit_id"])
    (revision,) = (each["revision"] for each in sight.rows("locality", id=row["locality_id"]))
    profile = sight.one("profile_revision", **here(row), revision=revision)
    assert unit is not None
    assert profile is not None
    level, above = KINDS[unit["level_code"]], row["unit_path"].startswith(post["unit_path"])
    visits = any(
        cadence["what"] == "VISIT" and post["role_code"] in cadence["roles"]
        for cadence in profile["body"]["cadences"]
    )
    handled = [
        ticket["id"]
        for ticket in sight.rows("ticket", **here(row), reporter_id=who)
        if ticket["status"] not in CLOSED_STATUSES and ticket["handler_path"] == post["unit_path"]
    ]
    plain = (Standing(level, above, visits), None)
    return [plain, *((Standing(level, above, visits, True), ticket) for ticket in handled)]


def disclosed(part: PersonalField, masked: Field, subject: str, record: str | None) -> Field:
    """Masked, or for a purpose in full; then it is told who was given it."""

    def read(sight: Sight, row: Row, args: Args, day: date) -> Any:
        if args.get("purpose") is None:
            return masked(sight, row, args, day)
        purpose, who = Purpose(args["purpose"]), row[subject]
        told = facts(sight, row, part, purpose, who, args["today"])
        if told is None:
            return None
        told |= {"field": part.value, "purpose": purpose.value, "subject": str(who)}
        told |= {"record": str(row[record])} if record else {}
        told |= {"reason": args["reason"]} if args.get("reason") is not None else {}
        sight.disclosed.append(told)
        return row[part.lower()]

    return read


def starred(name: str) -> Field:
    return lambda sight, row, args, day: None if row[name] is None else "****"


for own, part in PARTS.items():
    private = FIELDS.get(("PersonPrivate", own), starred(part.lower()))
    FIELDS["PersonPrivate", own] = disclosed(part, private, "person_id", None)
    if own not in ("phone", "address"):
        of_visit = disclosed(part, learnt(part.lower()), "recipient_id", "service_record_id")
        FIELDS["Visit", own] = of_visit


@field("Viewer.accessLog")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    me = sight.viewer
    return Listing(
        "Disclosure",
        lambda: sight.rows("disclosure", locality_id=me.locality, subject_id=me.person),
    )


@field("Locality.accessLog")
def _(sight: Sight, row: Row, args: Args, day: date) -> Listing:
    return Listing("Disclosure", lambda: sight.rows("disclosure", locality_id=row["id"]))


@field("Viewer.erasure")
def _(sight: Sight, row: Row, args: Args, day: date) -> Thing | None:
    me = sight.viewer
    return thing("Erasure", sight.one("erasure", locality_id=me.locality, person_id=me.person))


@field("Disclosure.digest")
def _(sight: Sight, row: Row, args: Args, day: date) -> str:
    return row["digest"].hex()


def person_id(column: str) -> Field:
    return lambda sight, row, args, day: f"person_{row['locality_id']}_{row[column]}"


FIELDS["Disclosure", "actorId"] = person_id("actor_id")
FIELDS["Disclosure", "subjectId"] = person_id("subject_id")
