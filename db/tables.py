"""Every table, in one place for those who need them all."""

from sqlmodel import SQLModel

from db.access_token import AccessToken
from db.attachment import Attachment
from db.change import Change
from db.client_mutation import ClientMutation
from db.disclosure import Disclosure, DisclosureHead
from db.division import Division
from db.erasure import Erasure
from db.locality import Category, Level, Locality, ProfileRevision
from db.login import Login
from db.meeting import AgendaItem, Meeting
from db.office import Office
from db.org_unit import OrgUnit
from db.person import Person, PersonPrivate
from db.post import Appointment, Post
from db.service_record import ServiceRecord, ServiceRecordEvent, VisitPrivate
from db.statistics import Statistic, StatisticMonth
from db.ticket import EscalationHop, Ticket, TicketEvent, TicketScope
from db.webhook import Webhook, WebhookAttempt, WebhookDelivery

METADATA = SQLModel.metadata

__all__ = [
    "METADATA",
    "AccessToken",
    "AgendaItem",
    "Appointment",
    "Attachment",
    "Category",
    "Change",
    "ClientMutation",
    "Disclosure",
    "DisclosureHead",
    "Division",
    "Erasure",
    "EscalationHop",
    "Level",
    "Locality",
    "Login",
    "Meeting",
    "Office",
    "OrgUnit",
    "Person",
    "PersonPrivate",
    "Post",
    "ProfileRevision",
    "ServiceRecord",
    "ServiceRecordEvent",
    "Statistic",
    "StatisticMonth",
    "Ticket",
    "TicketEvent",
    "TicketScope",
    "VisitPrivate",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
]
