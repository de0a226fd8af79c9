"""Tickets, their append-only events and their escalation hops."""

from sqlalchemy import Boolean, CheckConstraint, Column, Computed, Index, UniqueConstraint
from sqlmodel import Field

from db.base import PlaceRow
from db.columns import C_TEXT, UUID, datetime, key, line, moment, one_of, path, paths, place, refers
from domain.terms import (
    CLOSED_STATUSES,
    AppealType,
    Channel,
    ConcernClass,
    Route,
    Severity,
    TicketStatus,
    TicketVerb,
    Verdict,
)

CLOSED = ", ".join(f"'{status}'" for status in CLOSED_STATUSES)


class Ticket(PlaceRow, table=True):
    """A need somebody made known, and where it stands. Its events say how it came there."""

    __table_args__ = (
        UniqueConstraint("locality_id", "number"),
        Index(
            "ix_ticket_newest",
            "locality_id",
            "created_at",
            "id",
            postgresql_include=["unit_path", "status"],
        ),
        Index(
            "ix_ticket_newest_open",
            "locality_id",
            "created_at",
            "id",
            postgresql_include=["unit_path"],
            postgresql_where="open",
        ),
        Index("ix_ticket_status", "locality_id", "status", "created_at", "id"),
        Index("ix_ticket_unit", "locality_id", "unit_path", "created_at", "id"),
        Index("ix_ticket_reporter", "locality_id", "reporter_id", "created_at"),
        Index(
            "ix_ticket_handler",
            "locality_id",
            "handler_unit_id",
            "created_at",
            "id",
            postgresql_where="open",
        ),
        Index(
            "ix_ticket_merged",
            "locality_id",
            "merged_into_id",
            postgresql_where="merged_into_id IS NOT NULL",
        ),
        Index(
            "ix_ticket_due",
            "locality_id",
            "next_due_at",
            "id",
            postgresql_where="next_due_at IS NOT NULL",
        ),
        one_of("status", TicketStatus),
        one_of("severity", Severity),
        one_of("appeal_type", AppealType),
        one_of("concern", ConcernClass),
        one_of("channel", Channel),
        one_of("verdict", Verdict),
        one_of("next_route", Route),
        refers("unit_id", "org_unit"),
        refers("handler_unit_id", "org_unit"),
        refers("next_unit_id", "org_unit"),
        refers("reporter_id", "person"),
        refers("category_code", "category", "code"),
        refers("profile_revision", "profile_revision", "revision"),
        refers("merged_into_id", "ticket"),
    )

    locality_id: str = place()
    id: UUID = key()
    number: str = Field(sa_type=C_TEXT)
    title: str = line()
    body: str = line(default="")
    status: TicketStatus = line()
    open: bool = Field(
        default=None,
        sa_column=Column(Boolean, Computed(f"status NOT IN ({CLOSED})", persisted=True)),
    )
    severity: Severity = line()
    appeal_type: AppealType = line()
    concern: ConcernClass | None = line(default=None)
    channel: Channel = line()
    category_code: str = Field(sa_type=C_TEXT)
    profile_revision: int
    unit_id: UUID
    unit_path: str = path()
    """Where the need arose; never changes."""
    handler_unit_id: UUID
    handler_path: str = path()
    """The unit that answers for it now."""
    joint_scopes: list[str] | None = paths()
    """The units called to help it (吹哨报到) and all above them: they see it too."""
    reporter_id: UUID | None = None
    created_at: datetime = moment()
    due_at: datetime | None = moment(default=None)
    """The case clock; only an extension, or a pause that the profile names, moves it."""
    paused_at: datetime | None = moment(default=None)
    """Since when both clocks stand still."""
    merged_into_id: UUID | None = None
    carries: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How many other reports were merged into it."""
    resolution: str | None = line(default=None)
    resolved_at: datetime | None = moment(default=None)
    verified_at: datetime | None = moment(default=None)
    verdict: Verdict | None = line(default=None)
    closed_at: datetime | None = moment(default=None)
    returnable: bool = True
    hops: int = 0
    """Sequence of the current hop; a timer set for another hop is stale."""
    hop_started_at: datetime = moment()
    hop_due_at: datetime | None = moment(default=None)
    """The hop clock: when the unit that has it should be done."""
    next_route: Route | None = line(default=None)
    next_rule: str | None = line(default=None)
    next_unit_id: UUID | None = None
    next_due_at: datetime | None = moment(default=None)


class TicketScope(PlaceRow, table=True):
    """That a ticket lies in a subtree: one row for its unit and for every unit above it.

    It keeps "the newest in a subtree", and the newest of a status, as cheap for a whole city as for
    one building (ADR 7).
    """

    __table_args__ = (
        Index(
            "ix_ticket_scope_open",
            "locality_id",
            "path",
            "created_at",
            "ticket_id",
            postgresql_where="open",
        ),
        Index("ix_ticket_scope_status", "locality_id", "path", "status", "created_at", "ticket_id"),
        one_of("status", TicketStatus),
        CheckConstraint(f"open = (status NOT IN ({CLOSED}))", name="open"),
        refers("ticket_id", "ticket"),
    )

    locality_id: str = place()
    path: str = Field(primary_key=True, sa_type=C_TEXT)
    created_at: datetime = moment(primary_key=True)
    ticket_id: UUID = Field(primary_key=True)
    status: TicketStatus = line()
    open: bool


class TicketEvent(PlaceRow, table=True):
    """One thing that happened to a ticket; written once, never changed."""

    __table_args__ = (
        UniqueConstraint("locality_id", "ticket_id", "sequence"),
        one_of("verb", TicketVerb),
        one_of("from_status", TicketStatus),
        one_of("to_status", TicketStatus),
        one_of("verdict", Verdict),
        refers("ticket_id", "ticket"),
        refers("actor_id", "person"),
    )

    locality_id: str = place()
    id: UUID = key()
    ticket_id: UUID
    sequence: int
    verb: TicketVerb = line()
    from_status: TicketStatus | None = line(default=None)
    to_status: TicketStatus = line()
    at: datetime = moment()
    actor_id: UUID | None = None
    note: str | None = line(default=None)
    verdict: Verdict | None = line(default=None)
    due_at: datetime | None = moment(default=None)
    """The new case deadline that an extension sets."""
    unit_path: str = path()
    handler_path: str = path()
    joint_scopes: list[str] | None = paths()
    reporter_id: UUID | None = None


class EscalationHop(PlaceRow, table=True):
    """One stay of a ticket at a unit: how it came, why, and how long the unit has."""

    __table_args__ = (
        one_of("route", Route),
        refers("ticket_id", "ticket"),
        refers("from_unit_id", "org_unit"),
        refers("to_unit_id", "org_unit"),
        refers("to_post_id", "post"),
        refers("actor_id", "person"),
    )

    locality_id: str = place()
    ticket_id: UUID = Field(primary_key=True)
    sequence: int = Field(primary_key=True)
    route: Route = line()
    from_unit_id: UUID | None = None
    to_unit_id: UUID
    to_post_id: UUID | None = None
    actor_id: UUID | None = None
    """Who moved it; nobody means the clock did."""
    rule: str | None = line(default=None)
    reason: str | None = line(default=None)
    at: datetime = moment()
    due_at: datetime | None = moment(default=None)
    left_at: datetime | None = moment(default=None)
    unit_path: str = path()
    handler_path: str = path()
    joint_scopes: list[str] | None = paths()
    reporter_id: UUID | None = None
