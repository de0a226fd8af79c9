"""The tables of a place as SQLAlchemy models: the columns that the four requests read."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

PLACE = "simulated"


class Base(DeclarativeBase):
    pass


class Level(Base):
    __tablename__ = "level"
    locality_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]


class Category(Base):
    __tablename__ = "category"
    locality_id: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Person(Base):
    __tablename__ = "person"
    locality_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class OrgUnit(Base):
    __tablename__ = "org_unit"
    __table_args__ = (
        ForeignKeyConstraint(["locality_id", "parent_id"], ["org_unit.locality_id", "org_unit.id"]),
        ForeignKeyConstraint(["locality_id", "level_code"], ["level.locality_id", "level.code"]),
    )
    locality_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    parent_id: Mapped[UUID | None]
    level_code: Mapped[str]
    path: Mapped[str]
    position: Mapped[int]
    code: Mapped[str]
    name: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]


class Post(Base):
    __tablename__ = "post"
    __table_args__ = (
        ForeignKeyConstraint(["locality_id", "unit_id"], ["org_unit.locality_id", "org_unit.id"]),
    )
    locality_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    unit_id: Mapped[UUID]
    title: Mapped[str]
    kind: Mapped[str]
    position: Mapped[int]


class Appointment(Base):
    __tablename__ = "appointment"
    __table_args__ = (
        ForeignKeyConstraint(["locality_id", "post_id"], ["post.locality_id", "post.id"]),
        ForeignKeyConstraint(["locality_id", "person_id"], ["person.locality_id", "person.id"]),
    )
    locality_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID]
    person_id: Mapped[UUID]
    capacity: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date]


class Ticket(Base):
    __tablename__ = "ticket"
    __table_args__ = (
        ForeignKeyConstraint(["locality_id", "unit_id"], ["org_unit.locality_id", "org_unit.id"]),
        ForeignKeyConstraint(
            ["locality_id", "next_unit_id"], ["org_unit.locality_id", "org_unit.id"]
        ),
        ForeignKeyConstraint(["locality_id", "reporter_id"], ["person.locality_id", "person.id"]),
        ForeignKeyConstraint(
            ["locality_id", "category_code"], ["category.locality_id", "category.code"]
        ),
    )
    locality_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str]
    title: Mapped[str]
    status: Mapped[str]
    severity: Mapped[str]
    open: Mapped[bool]
    category_code: Mapped[str]
    unit_id: Mapped[UUID]
    reporter_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    next_route: Mapped[str | None]
    next_rule: Mapped[str | None]
    next_unit_id: Mapped[UUID | None]
    next_due_at: Mapped[datetime | None]


class TicketScope(Base):
    __tablename__ = "ticket_scope"
    __table_args__ = (
        ForeignKeyConstraint(["locality_id", "ticket_id"], ["ticket.locality_id", "ticket.id"]),
    )
    locality_id: Mapped[str] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    open: Mapped[bool]


class EscalationHop(Base):
    __tablename__ = "escalation_hop"
    __table_args__ = (
        ForeignKeyConstraint(["locality_id", "ticket_id"], ["ticket.locality_id", "ticket.id"]),
        ForeignKeyConstraint(
            ["locality_id", "from_unit_id"], ["org_unit.locality_id", "org_unit.id"]
        ),
        ForeignKeyConstraint(
            ["locality_id", "to_unit_id"], ["org_unit.locality_id", "org_unit.id"]
        ),
    )
    locality_id: Mapped[str] = mapped_column(primary_key=True)
    ticket_id: Mapped[UUID] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(primary_key=True)
    route: Mapped[str]
    reason: Mapped[str | None]
    rule: Mapped[str | None]
    at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    from_unit_id: Mapped[UUID | None]
    to_unit_id: Mapped[UUID]


class ServiceRecord(Base):
    __tablename__ = "service_record"
    __table_args__ = (
        ForeignKeyConstraint(["locality_id", "ticket_id"], ["ticket.locality_id", "ticket.id"]),
        ForeignKeyConstraint(["locality_id", "person_id"], ["person.locality_id", "person.id"]),
    )
    locality_id: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str | None]
    ticket_id: Mapped[UUID | None]
    person_id: Mapped[UUID]
