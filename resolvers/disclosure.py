"""Personal data in full, by `domain.disclosure`'s rules as SQL."""

from collections.abc import Callable
from typing import Annotated, Any

import strawberry
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Text,
    and_,
    any_,
    case,
    exists,
    func,
    literal_column,
    null,
    select,
    type_coerce,
)
from sqlmodel import col

from compiler.disclosure import Disclosed, pair
from compiler.errors import InputError
from compiler.scope import ScopeBinds
from db.tables import (
    Appointment,
    Level,
    Locality,
    OrgUnit,
    Post,
    ProfileRevision,
    Ticket,
)
from domain.disclosure import NEAR, RULES, Need, PersonalField, Purpose
from domain.terms import Term
from resolvers.rows import holds

LONGEST_REASON = 200

DISCLOSING = 5
"""Objects that asking for a value counts: in full it is written down, and kept for years."""

ForPurpose = Annotated[
    Purpose | None,
    strawberry.argument(
        description="What you read it in full for. It is given to those whose duty and need that "
        "is, and null to others; who read it, and for what, is written down and can be seen by "
        "the person. Of 200 others at most within an hour. Queries and subscriptions give it; a "
        "mutation that asks for it is refused before it does anything."
    ),
]
Reason = Annotated[
    str | None,
    strawberry.argument(
        description="Why, in your words, at most 200 characters; an EMERGENCY needs it. The "
        "person can see it."
    ),
]


def right_reason(text: str) -> str:
    """A reason that says something, in 200 characters; anything else is a BAD_REASON error."""
    if not text.strip() or len(text) > LONGEST_REASON:
        raise InputError("BAD_REASON", f"Say why, in at most {LONGEST_REASON} characters.")
    return text


def disclosing(
    part: PersonalField,
    masked: Callable[[Any, ScopeBinds], ColumnElement[Any]],
    subject: str,
    record: str | None = None,
) -> Any:
    """A resolver of one part of somebody's personal data: masked, or in full for a purpose.

    `subject` and `record` are the columns that name the person and the record of a visit.
    """

    def resolver(
        row: Any, viewer: ScopeBinds, purpose: ForPurpose = None, reason: Reason = None
    ) -> Any:
        if reason is not None:
            viewer.binds.check_also(reason, right_reason)
        if purpose is None:
            return masked(row, viewer)
        if reason is None and purpose in RULES and RULES[purpose].reasoned:
            raise InputError("REASON_REQUIRED", "Say why: the person can see it.")
        about = getattr(row, subject)
        facts = _facts(part, purpose, about, reason, record and getattr(row, record))
        value = getattr(row, part.value.lower())
        if purpose is Purpose.OWN:
            own = and_(about == viewer.person, col(value).is_not(None))
            return Disclosed(case((own, pair(facts, value)), else_=null()))
        return Disclosed(_by_post(row, viewer, part, purpose, about, facts))

    return resolver


def _facts(
    part: PersonalField, purpose: Purpose, subject: Any, reason: Any, record: Any
) -> dict[str, ColumnElement[Any]]:
    told = {"field": _text(part), "purpose": _text(purpose), "subject": subject}
    given = {"reason": reason, "record": record}
    return told | {name: value for name, value in given.items() if value is not None}


def _text(term: Term) -> ColumnElement[str]:
    return literal_column(f"'{term.value}'", Text)


def _by_post(
    row: Any,
    viewer: ScopeBinds,
    part: PersonalField,
    purpose: Purpose,
    subject: Any,
    facts: dict[str, ColumnElement[Any]],
) -> ColumnElement[Any]:
    """The pair, by the caller's nearest post that opens it; null if none does."""
    rule = RULES[purpose]
    if part not in rule.fields:
        return null()
    value = getattr(row, part.value.lower())
    handled = rule.need is Need.TICKET
    known: dict[str, Any] = {
        **facts,
        "post": col(Post.id),
        **({"ticket": col(Ticket.id)} if handled else {}),
    }
    found = select(pair(known, value)).where(
        *_serving(row, viewer), col(value).is_not(None), col(subject).is_not(None)
    )
    if rule.near:
        found = found.where(_near(row))
    if rule.need is Need.VISITS:
        found = found.where(_owes_visits(row))
    order = [func.length(col(Post.unit_path)).desc(), col(Post.id)]
    if handled:
        found = found.where(*_handling(row, subject))
        order.append(col(Ticket.id))
    return found.order_by(*order).limit(literal_column("1")).correlate(None).scalar_subquery()


def _serving(row: Any, viewer: ScopeBinds) -> list[ColumnElement[bool]]:
    """The posts that the caller holds or covers today in the row's unit or above."""
    above = type_coerce(row.unit_path, Text()).op("^@", is_comparison=True)(col(Post.unit_path))
    return [
        col(Appointment.locality_id) == row.locality_id,
        col(Appointment.person_id) == viewer.person,
        holds(Appointment, None),
        col(Post.locality_id) == row.locality_id,
        col(Post.id) == col(Appointment.post_id),
        above,
    ]


def _near(row: Any) -> ColumnElement[bool]:
    kinds = literal_column(f"'{{{','.join(sorted(NEAR))}}}'::text[]", ARRAY(Text()))
    return (
        exists()
        .where(
            col(OrgUnit.locality_id) == row.locality_id,
            col(OrgUnit.id) == col(Post.unit_id),
            col(Level.locality_id) == row.locality_id,
            col(Level.code) == col(OrgUnit.level_code),
            col(Level.kind) == any_(kinds),
        )
        .correlate(Post)
    )


VISITS = """'$.cadences[*] ? (@.what == "VISIT").roles[*] ? (@ == $role)'::jsonpath"""


def _owes_visits(row: Any) -> ColumnElement[bool]:
    """Whether the profile in force asks visits of the post."""
    asked = func.jsonb_build_object(literal_column("'role'"), col(Post.role_code))
    return (
        exists()
        .where(
            col(Locality.id) == row.locality_id,
            col(ProfileRevision.locality_id) == row.locality_id,
            col(ProfileRevision.revision) == col(Locality.revision),
            func.jsonb_path_exists(col(ProfileRevision.body), literal_column(VISITS), asked),
        )
        .correlate(Post)
    )


def _handling(row: Any, subject: Any) -> list[Any]:
    return [
        col(Ticket.locality_id) == row.locality_id,
        col(Ticket.reporter_id) == subject,
        col(Ticket.open),
        col(Ticket.handler_path) == col(Post.unit_path),
    ]
