"""Identifiers that cannot be mistaken for one another (DESIGN §7)."""

from typing import NewType
from uuid import UUID

LocalityId = NewType("LocalityId", str)
DivisionCode = NewType("DivisionCode", str)
UnitId = NewType("UnitId", UUID)
PersonId = NewType("PersonId", UUID)
PostId = NewType("PostId", UUID)
AppointmentId = NewType("AppointmentId", UUID)
TicketId = NewType("TicketId", UUID)
EventId = NewType("EventId", UUID)
HopId = NewType("HopId", UUID)
ServiceRecordId = NewType("ServiceRecordId", UUID)
