"""Requests that leave the house: to checked addresses only, however the name or the server lies."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from domain.webhook import Answer, DeliveryError
from jobs import outgoing
from jobs.outgoing import Outgoing, judged

HOST = "https://receiver.example.com:8443/"


class Server:
    """Answers every request with the same bytes and remembers what it was sent."""

    def __init__(self, answer: bytes) -> None:
        self.answer = answer
        self.got: list[bytes] = []
        self.port = 0
        self.closed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.got.append(await reader.readuntil(b"}"))
        writer.write(self.answer)
        await writer.drain()
        await reader.read()
        writer.close()
        self.closed.set()


@asynccontextmanager
async def serving(answer: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    made = Server(answer)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


class Names:
    """A resolver that gives one answer after another, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def test_the_body_and_the_headers_arrive() -> None:
    async with serving(b"HTTP/1.1 204 No Content\r\n\r\n") as server:
        url = f"http://127.0.0.1:{server.port}/a/b?c=d%20e"
        answer = await Outgoing(private=True).post(url, b"{}", {"webhook-id": "m"})
    assert answer == Answer(204)
    head, _, body = server.got[0].partition(b"\r\n\r\n")
    assert body == b"{}"
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "post /a/b?c=d%20e http/1.1"
    for line in (f"host: 127.0.0.1:{server.port}", "webhook-id: m", "content-length: 2"):
        assert line in lines


async def test_the_connection_is_made_to_the_checked_address_under_the_hosts_name() -> None:
    """The name is asked for once; what it would say a second time does not matter."""
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    async with serving(b"HTTP/1.1 200 OK\r\n\r\n") as server:
        url = f"http://receiver.example.com:{server.port}/"
        assert await Outgoing(private=True, resolve=names).post(url, b"{}", {}) == Answer(200)
    assert names.asked == [("receiver.example.com", server.port)]
    assert f"Host: receiver.example.com:{server.port}".encode() in server.got[0]


async def test_a_name_that_leads_elsewhere_later_is_refused_then() -> None:
    """Rebinding: a good address when the webhook was made and at first, another afterwards."""
    names = Names(["127.0.0.1"], ["169.254.169.254"])
    client = Outgoing(private=True, resolve=names)
    async with serving(b"HTTP/1.1 200 OK\r\n\r\n") as server:
        url = f"http://receiver.example.com:{server.port}/"
        assert await client.post(url, b"{}", {}) == Answer(200)
        assert await client.post(url, b"{}", {}) == Answer(error=DeliveryError.ADDRESS)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.1.2.3"],
        ["169.254.169.254"],
        ["::ffff:127.0.0.1"],
        ["64:ff9b::7f00:1"],
        ["0.0.0.0"],
        ["8.8.8.8", "127.0.0.1"],
        ["2606:4700::1111", "fe80::1"],
    ],
)
async def test_a_host_with_any_private_address_is_not_connected_to(addresses: list[str]) -> None:
    answer = await Outgoing(resolve=Names(addresses)).post(HOST, b"{}", {})
    assert answer == Answer(error=DeliveryError.ADDRESS)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://user@receiver.example.com/",
        "https://receiver.example.com./",
        "http://receiver.example.com/",
        "gopher://receiver.example.com/",
    ],
)
async def test_a_url_that_is_not_allowed_is_not_even_looked_up(url: str) -> None:
    names = Names(["8.8.8.8"])
    answer = await Outgoing(resolve=names).post(url, b"{}", {})
    assert answer == Answer(error=DeliveryError.ADDRESS)
    assert names.asked == []


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "0177.0.0.1", "127.1"])
async def test_odd_forms_of_an_address_mean_what_the_system_says(host: str) -> None:
    """Should one get as far as the resolver, it is the address behind it that is checked."""
    port = 443
    found = await outgoing.resolve(host, port)
    assert found == ["127.0.0.1"]


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with (
        serving(b"HTTP/1.1 200 OK\r\n\r\n") as server,
        serving(b"HTTP/1.1 502 Bad Gateway\r\n\r\n") as proxy,
    ):
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        answer = await Outgoing(private=True).post(f"http://127.0.0.1:{server.port}/", b"{}", {})
        assert (answer, proxy.got) == (Answer(200), [])


async def test_a_redirect_is_not_followed() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\n\r\n") as inside:
        location = f"Location: http://127.0.0.1:{inside.port}/\r\n".encode()
        async with serving(b"HTTP/1.1 308 Permanent Redirect\r\n" + location + b"\r\n") as server:
            url = f"http://127.0.0.1:{server.port}/"
            answer = await Outgoing(private=True).post(url, b"{}", {})
        assert answer == Answer(308, DeliveryError.REDIRECT)
        assert inside.got == []


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (b"SSH-2.0-OpenSSH_9.9\r\n\r\n", DeliveryError.CONNECTION),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 50_000, DeliveryError.CONNECTION),
    ],
)
async def test_what_is_no_answer_is_a_broken_connection(sent: bytes, error: DeliveryError) -> None:
    async with serving(sent) as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert await Outgoing(private=True).post(url, b"{}", {}) == Answer(error=error)


async def test_the_body_of_an_answer_is_not_read() -> None:
    """However large it says it is: the connection is closed after the head."""
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\nx") as server:
        url = f"http://127.0.0.1:{server.port}/"
        assert await Outgoing(private=True).post(url, b"{}", {}) == Answer(200)
        await asyncio.wait_for(server.closed.wait(), 5)


async def test_a_server_that_says_nothing_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "SECONDS", 0.05)
    async with serving(b"HTTP/1.1 200 OK\r\nx:") as server:
        url = f"http://127.0.0.1:{server.port}/"
        answer = await Outgoing(private=True).post(url, b"{}", {})
        assert answer == Answer(error=DeliveryError.TIMEOUT)


async def test_a_closed_port_and_an_unknown_name() -> None:
    async with serving(b"") as server:
        port = server.port
    client = Outgoing(private=True)
    answer = await client.post(f"http://127.0.0.1:{port}/", b"{}", {})
    assert answer == Answer(error=DeliveryError.CONNECTION)
    client = Outgoing(private=True, resolve=Names([]))
    answer = await client.post("http://receiver.example.com/", b"{}", {})
    assert answer == Answer(error=DeliveryError.UNKNOWN_HOST)


def self_signed(folder: Path, name: str) -> ssl.SSLContext:
    """A server's side of TLS with a certificate nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "pem").write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "pem")
    return context


async def test_a_server_must_prove_who_it_is(tmp_path: Path) -> None:
    """And it is asked for by the host's name, though connected to by its address."""
    asked: list[str | None] = []
    context = self_signed(tmp_path, "receiver.example.com")
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    async with serving(b"HTTP/1.1 200 OK\r\n\r\n", context) as server:
        url = f"https://receiver.example.com:{server.port}/"
        client = Outgoing(private=True, resolve=Names(["127.0.0.1"]))
        assert await client.post(url, b"{}", {}) == Answer(error=DeliveryError.CERTIFICATE)
    assert asked == ["receiver.example.com"]
    assert server.got == []


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_is_success(status: int) -> None:
    assert judged(status) == Answer(status)


@pytest.mark.parametrize("status", [101, 400, 401, 404, 410, 429, 500, 503])
def test_the_rest_is_failure(status: int) -> None:
    assert judged(status) == Answer(status, DeliveryError.STATUS)
