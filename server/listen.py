"""The sockets that are served: bound before there is a database, listening once there is one."""

import errno
import os
import socket
from collections.abc import Iterable

BACKLOG = 2_048
"""Connections that wait to be accepted, at most."""

AT_ONCE = 32
"""Connections that are accepted in one turn of the event loop, at most."""


class ListenError(Exception):
    """The address cannot be listened on."""


def bind(host: str, port: int, *, shared: bool = False) -> list[socket.socket]:
    """A socket for each address of the host; `shared` with other servers of this account."""
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except OSError as error:
        raise _failed(host, port, error) from error
    made: list[socket.socket] = []
    absent = OSError(errno.EADDRNOTAVAIL, "no such address here")
    for family, address in dict.fromkeys((each[0], each[4]) for each in found):
        try:
            made.append(_bound(family, address, shared=shared))
        except OSError as error:
            # A name may stand for an IPv6 address on a machine that speaks none.
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                for each in made:
                    each.close()
                raise _failed(host, port, error) from error
    if not made:
        raise _failed(host, port, absent)
    return made


def listen(listeners: Iterable[socket.socket]) -> None:
    """Take connections from now on: they wait until they are accepted."""
    for each in listeners:
        host, port = each.getsockname()[:2]
        try:
            each.listen(BACKLOG)
        except OSError as error:
            raise _failed(host, port, error) from error


def repeated(listeners: Iterable[socket.socket]) -> list[socket.socket]:
    """Each of them many times over, for an event loop that accepts one connection of each a turn.

    libuv does (its pull request 3696), and in a flood a turn takes milliseconds: whoever comes then,
    if only to ask how the server is, would wait behind hundreds. This is for a process that has its
    sockets for itself: of several, the first to wake would take all that there is.
    """
    if os.name != "posix":  # asyncio's own loop, which takes all that wait, and a socket once
        return [*listeners]
    return [same for each in listeners for same in (each, *(each.dup() for _ in range(1, AT_ONCE)))]


def address_of(listener: socket.socket) -> str:
    """Where it is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _bound(family: int, address: object, *, shared: bool) -> socket.socket:
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # elsewhere it lets two servers have one port
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if shared:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind(address)  # pyright: ignore[reportArgumentType]  # of its family, as it was found
    except BaseException:
        made.close()
        raise
    return made


def _failed(host: str, port: int, error: OSError) -> ListenError:
    why = (error.strerror or str(error)).lower()
    return ListenError(f"Cannot listen on {host or 'any address'}, port {port}: {why}.")
