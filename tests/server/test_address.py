"""Where a request came from, as far as that can be believed."""

from typing import Any

import pytest

from server.address import LOCAL, Proxies

OURS = ("10.0.0.0/8", "2001:db8:1::/48")


def scope(peer: str | None, *forwarded: str) -> Any:
    headers = [(b"x-forwarded-for", each.encode()) for each in forwarded]
    return {"client": None if peer is None else (peer, 1), "headers": headers}


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "client"),
    [
        ((), "203.0.113.7", (), "203.0.113.7"),
        ((), "203.0.113.7", ("198.51.100.1",), "203.0.113.7"),
        ((), "127.0.0.1", ("198.51.100.1",), "127.0.0.1"),
        (OURS, "203.0.113.7", ("198.51.100.1",), "203.0.113.7"),
        (OURS, "10.1.2.3", (), "10.1.2.3"),
        (OURS, "10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        # Whatever a client invents stands before what our proxy wrote.
        (OURS, "10.1.2.3", ("1.1.1.1, 198.51.100.1",), "198.51.100.1"),
        (OURS, "10.1.2.3", ("1.1.1.1", "198.51.100.1, 10.9.9.9"), "198.51.100.1"),
        (OURS, "10.1.2.3", ("10.4.4.4, 10.5.5.5",), "10.4.4.4"),
        (OURS, "10.1.2.3", ("198.51.100.1, nonsense",), "10.1.2.3"),
        (OURS, "10.1.2.3", ("198.51.100.1, 999.1.1.1, 10.5.5.5",), "10.5.5.5"),
        (OURS, "10.1.2.3", ("",), "10.1.2.3"),
        # One household has 64 bits for itself.
        ((), "2001:db8:7:7:aaaa::1", (), "2001:db8:7:7::/64"),
        ((), "2001:db8:7:7:bbbb::2", (), "2001:db8:7:7::/64"),
        (OURS, "2001:db8:1::5", ("2001:db8:9:9::1",), "2001:db8:9:9::/64"),
        ((), "::ffff:203.0.113.7", (), "203.0.113.7"),
        (OURS, "::ffff:10.1.2.3", ("198.51.100.1",), "198.51.100.1"),
        (OURS, None, ("198.51.100.1",), LOCAL),
    ],
)
def test_a_client_is_whom_a_trusted_proxy_names(
    trusted: tuple[str, ...], peer: str | None, forwarded: tuple[str, ...], client: str
) -> None:
    assert Proxies(trusted).client(scope(peer, *forwarded)) == client


def test_a_setting_that_is_no_network_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not appear to be"):
        Proxies(["not a network"])
