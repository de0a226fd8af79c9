"""Requests to be forgotten (删除个人信息请求)."""

from datetime import datetime

from compiler.fields import column, entity
from db import tables


@entity(
    tables.Erasure,
    "A request that what is kept of a person be deleted (删除请求). It is carried out once none of "
    "their tickets is open and they hold no post. Tickets stay, without the name, and so do visits without "
    "what was noted and learnt at them; nothing more is recorded of them then.",
)
class Erasure:
    requested_at: datetime = column("When it was asked for.")
    due_at: datetime = column("When it has to be done, unless an open ticket or a post stands by.")
    done_at: datetime | None = column("When it was done; null until then.")
