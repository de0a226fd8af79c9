"""The identity providers whose tokens are taken, as a TOML file names them.

[[issuer]]
issuer = "https://login.example.org/realms/linli"   # as in its tokens
audience = "https://linli.example.org"              # or a list: one must be in a token
jwks = "https://login.example.org/certs"            # or a file; left out: by OpenID discovery
algorithms = ["RS256"]                              # asymmetric ones
leeway = 30                                         # seconds that clocks may differ, 60 at most
scopes = ["read", "write", "admin"]                 # what its tokens let do, at most
locality = "weibin"                                 # if it speaks for one place only
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from server.tokens import ALL_SCOPES, ISSUER

ALGORITHMS = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA", "Ed25519"),
)
"""With a key pair: whoever can check a token cannot make one."""

LONGEST_LEEWAY = 60
LOOPBACK = {"127.0.0.1", "::1", "localhost"}
FIELDS = {"issuer", "audience", "jwks", "algorithms", "leeway", "scopes", "locality"}


class IssuersError(Exception):
    """The file of issuers is wrong: what, where."""


@dataclass(frozen=True)
class Issuer:
    """One identity provider, and what its tokens are good for here."""

    issuer: str
    audience: tuple[str, ...]
    jwks: str | Path | None
    """Where its keys are; None: where its discovery document says."""
    algorithms: tuple[str, ...]
    leeway: int = 30
    scopes: frozenset[str] = ALL_SCOPES
    locality: str | None = None


def secure(url: str) -> bool:
    """Whether keys from a URL can be trusted: https, or this very machine for a trial."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def read_issuers(file: Path | None) -> tuple[Issuer, ...]:
    """The issuers of a file; none without one. An IssuersError says all that is wrong with it."""
    if file is None:
        return ()
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise IssuersError(f"{file}: {error}") from error
    tables = data.get("issuer")
    if set(data) != {"issuer"} or not isinstance(tables, list) or not tables:
        raise IssuersError(f"{file}: it is a list of [[issuer]] and nothing else.")
    listed = cast("list[Any]", tables)
    wrong = [
        f"{file}: issuer {n}: {why}" for n, each in enumerate(listed, 1) for why in _wrong(each)
    ]
    if wrong:
        raise IssuersError("\n".join(wrong))
    found = tuple(_issuer(each, file.parent) for each in listed)
    if len({each.issuer for each in found}) < len(found):
        raise IssuersError(f"{file}: an issuer is named twice.")
    return found


def _wrong(table: Any) -> Iterator[str]:
    """What is wrong with one table."""
    if not isinstance(table, dict):
        yield "it is a table."
        return
    given = cast("Mapping[str, Any]", table)
    for name in sorted(set(given) - FIELDS):
        yield f"`{name}` means nothing here."
    issuer, jwks = given.get("issuer"), given.get("jwks")
    if not isinstance(issuer, str) or not issuer or issuer == ISSUER:
        yield "`issuer` is the text in its tokens."
    if not _texts(given.get("audience")):
        yield "`audience` is a text or several."
    if not set(_texts(given.get("algorithms")) or ("",)) <= set(ALGORITHMS):
        yield f"`algorithms` are some of {', '.join(ALGORITHMS)}."
    scopes = set(_texts(given.get("scopes", "read")))
    if scopes not in ({"read"}, {"read", "write"}, ALL_SCOPES):
        yield "`scopes` are read; read and write; or read, write and admin."
    leeway = given.get("leeway", 0)
    if type(leeway) is not int or not 0 <= leeway <= LONGEST_LEEWAY:
        yield f"`leeway` is a number of seconds, {LONGEST_LEEWAY} at most."
    if not isinstance(given.get("locality", ""), str):
        yield "`locality` is a place's slug."
    if not isinstance(jwks, str | None):
        yield "`jwks` is a URL or a file."
    elif not secure(str(issuer if jwks is None else jwks)) and (jwks is None or "://" in jwks):
        yield "its keys come by https (by http from this machine only)."


def _texts(given: Any) -> tuple[str, ...]:
    """A text, or a list of them; nothing of anything else."""
    listed = cast("list[object]", given if isinstance(given, list) else [given])
    texts = tuple(each for each in listed if isinstance(each, str) and each)
    return texts if len(texts) == len(listed) else ()


def _issuer(given: Mapping[str, Any], folder: Path) -> Issuer:
    jwks: str | None = given.get("jwks")
    at = folder / jwks if jwks is not None and "://" not in jwks else jwks
    return Issuer(
        issuer=given["issuer"],
        audience=_texts(given["audience"]),
        jwks=at,
        algorithms=_texts(given["algorithms"]),
        leeway=given.get("leeway", Issuer.leeway),
        scopes=frozenset(_texts(given["scopes"])) if "scopes" in given else ALL_SCOPES,
        locality=given.get("locality"),
    )
