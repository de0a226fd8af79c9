"""An identity provider of the tests: keys, tokens, and a JWKS over loopback or in a file."""

import asyncio
import base64
import hmac
import json
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from db.credential import login_digest
from db.load.identities import put_login
from server.app import make_app
from server.issuers import Issuer
from tests.api.served import KEY, Site

ISSUER = "https://login.example.org/realms/linli"
AUDIENCE = "https://linli.example.org"
RSA = RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
ED = OKPKey.generate_key("Ed25519", {"kid": "ed"})
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


def public(*keys: Key) -> dict[str, Any]:
    """A JWKS."""
    return {"keys": [key.as_dict(private=False) for key in keys]}


def part(value: object) -> bytes:
    """A part of a token."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=")


def claims(subject: str = "somebody", **changed: Any) -> dict[str, Any]:
    """Good claims, some of them changed, those that are None left out."""
    now = int(time.time())
    good = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "iat": now, "exp": now + 600}
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def signed(
    said: Any, algorithm: str = "RS256", key: Key = RSA, name: str | None = None, **header: Any
) -> str:
    """A token over claims, or over the bytes of a payload."""
    payload = said if isinstance(said, bytes) else json.dumps(said).encode()
    head = {"alg": algorithm, "kid": name or key.kid, "typ": "JWT", **header}
    head = {name: value for name, value in head.items() if value is not None}
    own = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    own.max_header_length = 100_000
    own.check_header = lambda header: None
    return jws.serialize_compact(head, payload, key, registry=own)


def verb(field: str, asked: str) -> str:
    """A mutation and all that its payload has beside the usual."""
    input_type = f"{field[0].upper()}{field[1:]}Input"
    return (
        f"mutation($input: {input_type}!) {{ {field}(input: $input) "
        f"{{ {asked} userErrors {{ code field }} }} }}"
    )


def symmetric(said: Any, secret: bytes) -> bytes:
    """A token signed as if what everybody knows were a secret."""
    body = part({"alg": "HS256", "kid": "rsa", "typ": "JWT"}) + b"." + part(said)
    return body + b"." + part(hmac.digest(secret, body, "sha256"))


def trusting(site: Site, folder: Path, *keys: Key, **more: Any) -> Site:
    """The site behind a server that takes tokens of the provider, whose keys are in a file."""
    file = folder / "jwks.json"
    file.write_text(json.dumps(public(*(keys or (RSA, EC, ED)))))
    return behind(site, Issuer(ISSUER, (AUDIENCE,), file, ALGORITHMS, **more))


def behind(site: Site, *issuers: Issuer) -> Site:
    """The site behind a server that takes tokens of those issuers, and of the demo."""
    twin = Site(site.scratch, site.database, site.owner)
    twin.app = make_app(twin.database, KEY, bell=twin.bell, issuers=issuers, demo=True)
    return twin


async def known(site: Site, who: str, subject: str = "somebody", issuer: str = ISSUER) -> None:
    """Let a subject of the provider be somebody."""
    person = await site.person(who)
    digest = login_digest(issuer, subject)
    await put_login(site.owner, person.locality, issuer, subject, digest, person.person)


@dataclass
class Host:
    """What a host on loopback answers with, and how often it was asked."""

    pages: dict[str, bytes] = field(default_factory=dict[str, bytes])
    asked: list[str] = field(default_factory=list[str])
    status: str = "200 OK"
    url: str = ""


@asynccontextmanager
async def hosting() -> AsyncGenerator[Host]:
    """A host that answers GET."""
    host = Host()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split()[1].decode()
        host.asked.append(path)
        body = host.pages.get(path, b"")
        said = f"HTTP/1.1 {host.status}\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n"
        writer.write(said.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield host
