"""Where a request came from: the peer of the connection, or whom a trusted proxy names."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from starlette.types import Scope

LOCAL = "local"
"""Stands for a client without an address: one on a socket of this machine's files."""

REMEMBERED = 4_096


class Proxies:
    """The proxies whose X-Forwarded-For is believed: none unless they are named."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = [ip_network(each, strict=False) for each in trusted]
        self.trust = lru_cache(REMEMBERED)(self._trust)

    def _trust(self, address: str) -> bool:
        """Whether an address is that of a trusted proxy."""
        found = _parsed(address)
        return found is not None and any(found in network for network in self._trusted)

    def in_front(self, scope: Scope) -> bool:
        """Whether a request was handed on by a trusted proxy."""
        return bool(self._trusted) and self.trust(_peer(scope))

    def client(self, scope: Scope) -> str:
        """The address of a request's client; of an IPv6 one its /64, which is one household's.

        A header is read from its end: whatever the first trusted proxy did not write itself may be
        anybody's invention.
        """
        address = _peer(scope)
        if self._trusted and self.trust(address):
            for name in reversed(_forwarded(scope["headers"])):
                if _parsed(name) is None:
                    break
                address = name
                if not self.trust(name):
                    break
        return network_of(address)


def _peer(scope: Scope) -> str:
    client: Any = scope.get("client")
    return client[0] if client else LOCAL


def _forwarded(headers: Iterable[tuple[bytes, bytes]]) -> list[str]:
    lines = [value.decode("latin-1") for name, value in headers if name == b"x-forwarded-for"]
    return [each.strip() for line in lines for each in line.split(",")]


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


@lru_cache(REMEMBERED)
def network_of(address: str) -> str:
    """The network that one client has for itself: an IPv4 address, or 64 bits of IPv6."""
    found = _parsed(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return LOCAL if found is None else str(found)
