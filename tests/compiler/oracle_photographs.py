"""Photographs of tickets, and their addresses signed by the book."""

import hashlib
import hmac
from datetime import date

from tests.compiler.oracle_fields import Args, Thing, field
from tests.compiler.oracle_links import here
from tests.compiler.oracle_sight import Sight
from tests.compiler.world import TAGS, Row
from tests.compiler.world_photographs import SIGNER


@field("Ticket.attachments")
def _(sight: Sight, row: Row, args: Args, day: date) -> list[Thing]:
    photographs = sight.rows("attachment", **here(row), ticket_id=row["id"])
    stored = [each for each in photographs if each["stored_at"] is not None]
    stored.sort(key=lambda each: (each["phase"] == "AFTER", each["stored_at"], each["id"]))
    return [Thing("Attachment", each) for each in stored]


@field("Attachment.url")
def _(sight: Sight, row: Row, args: Args, day: date) -> str | None:
    if row["stored_at"] is None:
        return None
    photograph = f"{TAGS['attachment']}_{row['locality_id']}_{row['id']}"
    person = sight.viewer.person
    period = f"linli photograph {int(SIGNER.clock()) // 1800}".encode()
    key = hmac.digest(SIGNER.secret, period, hashlib.sha256)
    signature = hmac.digest(key, f"read {photograph} {person}".encode(), hashlib.sha256).hex()
    return f"{SIGNER.base}/attachments/{photograph}?by={person}&signature={signature}"
