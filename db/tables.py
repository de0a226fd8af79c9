"""Every table, in one place for those who need them all."""

from sqlmodel import SQLModel

from db.client_mutation import ClientMutation
from db.division import Division
from db.locality import Category, Level, Locality, ProfileRevision
from db.org_unit import OrgUnit
from db.person import Person, PersonPrivate
from db.post import Appointment, Post
from db.service_record import ServiceRecord
from db.ticket import EscalationHop, Ticket, TicketEvent, TicketScope

METADATA = SQLModel.metadata

__all__ = [
    "METADATA",
    "Appointment",
    "Category",
    "ClientMutation",
    "Division",
    "EscalationHop",
    "Level",
    "Locality",
    "OrgUnit",
    "Person",
    "PersonPrivate",
    "Post",
    "ProfileRevision",
    "ServiceRecord",
    "Ticket",
    "TicketEvent",
    "TicketScope",
]
