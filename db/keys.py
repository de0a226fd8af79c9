"""New keys and the numbers people quote."""

import secrets
from datetime import datetime
from uuid import UUID

from db.load.ids import uuid_at

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter is mistaken for a digit when read out."""


def new_key(at: datetime) -> UUID:
    """A UUIDv7 for something that happens at that moment."""
    return uuid_at(at, secrets.token_hex(16))


def new_number(prefix: str, at: datetime) -> str:
    """A number such as WB-261122-7K3F9Q: a day and a thousand million tickets to choose from."""
    tail = "".join(secrets.choice(ALPHABET) for _ in range(6))
    return f"{prefix}-{at:%y%m%d}-{tail}"
