"""Where a webhook may go: which URLs it may have, and which addresses may be connected to."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

LONGEST_URL = 2_000
LONGEST_NAME = 253
"""Of a host, in letters (RFC 1035)."""

HTTPS_PORT = 443
LOWEST_FREE_PORT = 1024
"""Below it lie the ports of services that are not ours to talk to, 443 apart."""

LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{LABEL}(?:\.{LABEL})*)(?::(?P<port>[0-9]{{1,5}}))?"
    r"(?P<target>(?:/[A-Za-z0-9._~!$&'()*+,;=:@/%-]*)?(?:\?[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)?)",
    re.IGNORECASE
    | re.ASCII,  # without ASCII, a long s or a Kelvin sign is a letter s or k in another case
)
"""No user, no fragment, no bracket, no backslash, no trailing dot; ASCII only: an international name
is written in its `xn--` form. What is not in here is not a matter of two parsers' opinions."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL taken apart, once: nothing after this parses it again."""

    scheme: str
    host: str
    port: int
    target: str


def read_url(text: str, *, private: bool = False) -> Target | None:
    """A URL that a webhook may have, or None; `private` is for trials on one's own machine."""
    match = URL.fullmatch(text)
    if match is None or len(text) > LONGEST_URL or len(match["host"]) > LONGEST_NAME:
        return None
    scheme, host = match["scheme"].lower(), match["host"].lower()
    port = int(match["port"] or (HTTPS_PORT if scheme == "https" else 80))
    target = match["target"]
    if not target.startswith("/"):
        target = f"/{target}"
    found = Target(scheme, host, port, target)
    if private:
        return found if 0 < port < 2**16 else None
    return found if scheme == "https" and _sensible(port) and _is_name(host) else None


def _sensible(port: int) -> bool:
    return port == HTTPS_PORT or LOWEST_FREE_PORT <= port < 2**16


def _is_name(host: str) -> bool:
    """Whether it is a full name: not one label, nor a number, however an address is written."""
    labels = host.split(".")
    return len(labels) > 1 and labels[-1][0].isalpha() and labels[-1] not in INWARD


INWARD = {"localhost", "local", "internal", "intranet", "lan", "home", "corp", "localdomain"}
"""Top labels that mean the inside of somebody's network."""

UNICAST = IPv6Network("2000::/3")
TUNNELS = (IPv6Network("2001::/32"), IPv6Network("2002::/16"))
"""Teredo and 6to4: an IPv4 address inside, which may be anything."""

INSIDE = tuple(map(IPv4Network, ("168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24")))
"""Global by number to some version of Python, but answered inside: clouds' own services, and 6to4 relays."""


def is_public(address: str) -> bool:
    """Whether an address lies on the open internet, in any network's view.

    IPv4 inside IPv6 (mapped, NAT64, 6to4, Teredo) is refused whatever it holds.
    """
    ip = ip_address(address)
    if isinstance(ip, IPv6Address):
        tunnelled = any(ip in network for network in TUNNELS)
        return ip in UNICAST and ip.is_global and not tunnelled
    return (
        ip.is_global
        and not ip.is_multicast
        and not ip.is_reserved
        and not any(ip in network for network in INSIDE)
    )


def may_connect(address: str, *, private: bool = False) -> bool:
    """Whether a webhook may be sent to an address; `private` lets trials stay at home."""
    if is_public(address):
        return True
    ip = ip_address(address)
    return private and ip.is_private and not ip.is_link_local and not ip.is_unspecified
