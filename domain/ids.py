"""Identifiers that cannot be mistaken for one another (DESIGN §7)."""

from typing import NewType
from uuid import UUID

UnitId = NewType("UnitId", UUID)
PersonId = NewType("PersonId", UUID)
PostId = NewType("PostId", UUID)
TicketId = NewType("TicketId", UUID)
