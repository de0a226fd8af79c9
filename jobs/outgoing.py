"""Requests that leave the house: to a checked address on the open internet, and nowhere else.

A host's name is resolved once, every address it has is checked, and the connection is made to such
an address itself: whatever the name leads to a moment later no longer matters. Redirects are not
followed, proxies are not asked, and of the answer only its status is read.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, cast

import httpcore
import httpx

from domain.webhook import Answer, DeliveryError
from domain.webhook_url import may_connect, read_url

SECONDS = 10
"""For one request, from the name to the status."""

MOST_ADDRESSES = 3
"""Tried of one host."""

Resolve = Callable[[str, int], Awaitable[list[str]]]


class AddressRefusedError(Exception):
    """The host has an address that is not to be connected to."""


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system's resolver gives them."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to checked addresses only."""

    def __init__(self, resolve: Resolve, *, private: bool) -> None:
        self._resolve = resolve
        self._private = private
        self._sockets = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's own
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first address of the host that answers, if all of them are allowed."""
        addresses = await self._resolve(host, port)
        if not all(may_connect(each, private=self._private) for each in addresses):
            raise AddressRefusedError(host)
        last: Exception = socket.gaierror(host)
        for address in addresses[:MOST_ADDRESSES]:
            try:
                return await self._sockets.connect_tcp(address, port, timeout)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last


class Outgoing:
    """Posts messages, each over a connection of its own."""

    def __init__(self, *, private: bool = False, resolve: Resolve = resolve) -> None:
        self._private = private
        self._resolve = resolve
        self._ssl = httpx.create_ssl_context(trust_env=False)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a message; what came of it, whatever it is."""
        try:
            async with asyncio.timeout(SECONDS):
                return judged(await self._status(url, body, headers))
        except AddressRefusedError:
            return Answer(error=DeliveryError.ADDRESS)
        except socket.gaierror:
            return Answer(error=DeliveryError.UNKNOWN_HOST)
        except (TimeoutError, httpcore.TimeoutException):
            return Answer(error=DeliveryError.TIMEOUT)
        except (OSError, httpcore.NetworkError, httpcore.ProtocolError) as error:
            untrusted = isinstance(error.__context__, ssl.SSLError)
            return Answer(
                error=DeliveryError.CERTIFICATE if untrusted else DeliveryError.CONNECTION
            )

    async def _status(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        to = read_url(url, private=self._private)
        if to is None:
            raise AddressRefusedError(url)
        backend = CheckedBackend(self._resolve, private=self._private)
        pool = httpcore.AsyncConnectionPool(
            ssl_context=self._ssl, max_keepalive_connections=0, network_backend=backend
        )
        where = httpcore.URL(
            scheme=to.scheme.encode(),
            host=to.host.encode(),
            port=to.port,
            target=to.target.encode(),
        )
        async with (
            pool,
            pool.stream("POST", where, headers={**headers, **OURS}, content=body) as response,
        ):
            return response.status


OURS = {"content-type": "application/json", "user-agent": "linli-webhooks"}


def judged(status: int) -> Answer:
    """What a status says: 2xx is success, a redirect is not followed, all else is failure."""
    if status // 100 == 2:
        return Answer(status)
    error = DeliveryError.REDIRECT if status // 100 == 3 else DeliveryError.STATUS
    return Answer(status, error)
