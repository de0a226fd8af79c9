"""Photographs of a ticket (照片)."""

from datetime import datetime

import strawberry

from compiler.fields import column, entity, link, value
from db import tables
from domain.terms import PhotoPhase
from resolvers import attachment as read_attachment, person as read_person, rows
from schema.node import Node
from schema.person import Person


@entity(
    tables.Attachment,
    "A photograph of a ticket (照片), before or after the work. Where it was taken, and all else a "
    "camera writes into its file, is taken out when it is stored.",
)
class Attachment(Node):
    id: strawberry.ID = value(rows.node_id(read_attachment.TAG), "Global id.")
    phase: PhotoPhase = column("Whether it shows the matter before or after the work.")
    name: str = column("What whoever took it calls it.")
    media_type: str | None = column(
        "How it is encoded, such as `image/jpeg`; null until it is stored."
    )
    size: int | None = column("How many bytes it has; null until it is stored.")
    width: int | None = column("How many pixels it is wide, upright; null until it is stored.")
    height: int | None = column("How many pixels it is high, upright; null until it is stored.")
    stored_at: datetime | None = column("When it was stored; null while it is awaited.")
    uploader: Person | None = link(
        read_person.of("uploader_id"), "Who attached it; null if you may not see them."
    )
    url: str | None = value(
        read_attachment.url,
        "Where to fetch it, without a token: good for you alone, for half an hour to an hour, and "
        "only while you see the ticket. Beginning with `/`, it is meant of this server. Null until "
        "it is stored.",
    )
