"""A viewer's scope: what the caller's appointments let it see, read anew for each request."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from db.signing import Signer

NOBODY = UUID(int=0)
"""Stands for no person: no row has this key."""


@dataclass(frozen=True)
class Scope:
    """The locality a viewer belongs to, the subtrees it serves in, its offices, and its own person."""

    locality: str = ""
    person: UUID = NOBODY
    prefixes: tuple[str, ...] = ()
    signer: Signer | None = field(default=None, repr=False, compare=False)
    """Signs the addresses of what the viewer sees."""
    offices: tuple[str, ...] = ()
    """The offices it holds today (`domain.identity.OfficeKind`)."""
    presented: bytes = b""
    """The digest of the login or access token that must still be there (`db.credential`)."""

    def reaching(self, *paths: str) -> "Scope":
        """The scope of a verb on something beyond the viewer's own units: it may write that far."""
        return replace(self, prefixes=(*self.prefixes, *paths))

    def settings(self) -> str:
        """The transaction's settings, as one batch for the simple protocol.

        Values are slugs, paths, words of closed lists, hexadecimal digits and a UUID: none can hold
        a quote, and none is taken from a request. All are set each time: a transaction may serve
        several people in turn.
        """
        return (
            f"SET LOCAL linli.scope = 'set'; SET LOCAL linli.locality = '{_plain(self.locality)}';"
            f"SET LOCAL linli.person = '{self.person}';"
            f"SET LOCAL linli.prefixes = '{_plain(','.join(self.prefixes))}';"
            f"SET LOCAL linli.offices = '{_plain(','.join(self.offices))}';"
            f"SET LOCAL linli.presented = '{self.presented.hex()}';"
        )

    def entered(self) -> list[Any]:
        """The same as the parameters of `linli_enter` (`db.standing`)."""
        prefixes, offices = list(self.prefixes), list(self.offices)
        return [self.locality, self.person, self.presented, prefixes, offices]


def _plain(text: str) -> str:
    if "'" in text or "\\" in text:
        raise ValueError("a scope's values hold no quotes")
    return text


PUBLIC = Scope()
"""Anyone: sees what is public everywhere, and no ticket, person or record."""
