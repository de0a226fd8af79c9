"""Signed addresses: whoever holds one may fetch or store one photograph, in one person's name.

The key they are signed with is derived from the server's secret and changes every half hour; one
signed with the key before still holds. The database signs them too, within a statement: HMAC-SHA256
is two rounds of SHA-256, so it needs only the pads of the moment's key, never the secret.
"""

import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

PERIOD = 1_800
"""Seconds for which one key signs; an address holds for one to two of them."""

BLOCK = 64
"""Bytes in a block of SHA-256."""


@dataclass(frozen=True)
class Signer:
    """Signs addresses and checks them."""

    secret: bytes = field(repr=False)
    base: str = ""
    """What an address begins with: the server's public origin, or nothing."""
    clock: Callable[[], float] = time.time

    def pads(self) -> bytes:
        """The key of the moment as HMAC's inner pad and outer pad, a block each."""
        key = self._key(0).ljust(BLOCK, b"\0")
        return bytes(byte ^ pad for pad in (0x36, 0x5C) for byte in key)

    def holds(self, message: str, signature: str) -> bool:
        """Whether a signature is of this message and still good."""
        given = signature.encode()
        return any(
            hmac.compare_digest(self.signature(message, ago).encode(), given) for ago in (0, 1)
        )

    def signature(self, message: str, ago: int = 0) -> str:
        """HMAC-SHA256 of a message, by the key of this period or of an earlier one."""
        return hmac.new(self._key(ago), message.encode(), sha256).hexdigest()

    def _key(self, ago: int) -> bytes:
        period = int(self.clock()) // PERIOD - ago
        return hmac.new(self.secret, f"linli photograph {period}".encode(), sha256).digest()


def to_read(photograph: str, person: object) -> str:
    """What is signed for somebody to fetch a photograph."""
    return f"read {photograph} {person}"


def to_store(photograph: str, person: object, until: int) -> str:
    """What is signed for somebody to store a photograph, up to a moment in Unix time."""
    return f"store {photograph} {person} {until}"
