"""Keys made from what they stand for, so that loading the same thing twice makes the same key."""

from datetime import datetime
from hashlib import blake2b
from uuid import UUID

RANDOM_BITS = 74
VERSION = 7 << 76
VARIANT = 2 << 62


def uuid_at(at: datetime, *named: str) -> UUID:
    """A key in UUIDv7 layout: sorts by the time, and its random part is a hash of the names."""
    digest = blake2b("\x1f".join(named).encode(), digest_size=10).digest()
    bits = int.from_bytes(digest) & ((1 << RANDOM_BITS) - 1)
    high, low = bits >> 62, bits & ((1 << 62) - 1)
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | VERSION | high << 64 | VARIANT | low)
