"""Every table, in one place for those who need them all."""

from sqlmodel import SQLModel

from db.attachment import Attachment
from db.change import Change
from db.client_mutation import ClientMutation
from db.division import Division
from db.locality import Category, Level, Locality, ProfileRevision
from db.meeting import AgendaItem, Meeting
from db.org_unit import OrgUnit
from db.person import Person, PersonPrivate
from db.post import Appointment, Post
from db.service_record import ServiceRecord, ServiceRecordEvent, VisitPrivate
from db.ticket import EscalationHop, Ticket, TicketEvent, TicketScope
from db.webhook import Webhook, WebhookAttempt, WebhookDelivery

METADATA = SQLModel.metadata

__all__ = [
    "METADATA",
    "AgendaItem",
    "Appointment",
    "Attachment",
    "Category",
    "Change",
    "ClientMutation",
    "Division",
    "EscalationHop",
    "Level",
    "Locality",
    "Meeting",
    "OrgUnit",
    "Person",
    "PersonPrivate",
    "Post",
    "ProfileRevision",
    "ServiceRecord",
    "ServiceRecordEvent",
    "Ticket",
    "TicketEvent",
    "TicketScope",
    "VisitPrivate",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
]
