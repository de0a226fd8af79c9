"""Settings, from the environment alone."""

import os
import re
import sys
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path


class SettingsError(ValueError):
    """A variable holds what it cannot mean."""


class UnreachableError(Exception):
    """The database that the settings name does not let us in; in one line, why."""


@dataclass(frozen=True)
class Settings:
    """What the environment says; every part has a default that suits a trial."""

    data: Path
    """Folder of the embedded database and the signing secret."""
    database_url: str | None
    """DSN of the app role; None means an embedded PostgreSQL."""
    migrate_url: str | None
    """DSN of the owner role, for migrations and loading."""
    secret: str | None
    """Signs demo tokens; None means one kept in the data folder."""
    workers: int
    """Processes that answer requests."""
    pool_size: int
    """Database connections of each of these."""
    store: str | None
    """URL of the object store that keeps photographs; None means a folder in the data folder."""
    public_url: str
    """Origin under which clients reach the server, for whole addresses; empty for relative ones."""
    rate_anonymous: int
    """Points a second for each address that the public calls from; 0 for no limit."""
    rate_person: int
    """Points a second for each person."""
    rate_consumer: int
    """Points a second for each data consumer."""
    streams_anonymous: int
    """WebSockets and streams of events that the public keeps open from an address, in each process;
    0 for no limit."""
    streams_person: int
    """The same of each person."""
    buckets: str
    """Where the points are counted: in the `memory` of each process, or in the `database` for all
    together; by default the latter, if there are several workers."""
    trusted_proxies: tuple[str, ...]
    """Addresses and networks whose X-Forwarded-For is believed."""
    log: str
    """`json`, `text` or `off`; by default text on a terminal."""
    log_level: str
    ide: bool
    """Whether browsers are given pages, GraphiQL among them; by default in a demo only."""
    introspection: str
    """Who may ask the schema what it is: `on` for all, `people` for callers with a token (the
    default but in a demo), `off`."""
    origins: tuple[str, ...]
    """Origins whose pages may call, as browsers send them; none by default."""
    documents: Path | None
    """Manifest of the trusted documents, as `linli documents sign` writes it."""
    documents_key: Path | None
    """Public key of who signs the manifest, in PEM."""
    documents_only: str
    """Who may send trusted documents only: nobody (`off`), callers without a token (`anonymous`)
    or `all`."""
    webhooks_to_private: bool
    """Whether webhooks may go to http and private addresses: for trials, never in service."""
    issuers: Path | None = None
    """The identity providers whose tokens are taken (`server.issuers`); None for no file."""
    demo: bool = False
    """Whether tokens of `linli token` are taken: for trials, never in service."""
    anchor_file: Path | None = None
    """Where the worker adds, daily, how far the chains of disclosures reach; None for nowhere."""
    anchor_key: str | None = None
    """Signs those anchors; None leaves them unsigned."""

    @property
    def signing(self) -> bytes | None:
        """The key of anchors as bytes."""
        return self.anchor_key.encode() if self.anchor_key else None

    @classmethod
    def read(cls, workers: int | None = None) -> "Settings":
        """Read DATABASE_URL, MIGRATE_DATABASE_URL and the variables that begin with LINLI_.

        `workers`, if given, stands for LINLI_WORKERS.
        """
        env = os.environ
        demo = _flag("LINLI_DEMO")
        workers = workers or _number("LINLI_WORKERS", 1, 1)
        return cls(
            data=Path(env.get("LINLI_DATA") or ".linli"),
            database_url=_dsn("DATABASE_URL"),
            migrate_url=_dsn("MIGRATE_DATABASE_URL"),
            secret=env.get("LINLI_SECRET") or None,
            workers=workers,
            pool_size=_number("LINLI_POOL_SIZE", 10, 1),
            store=env.get("LINLI_STORE") or None,
            public_url=(env.get("LINLI_PUBLIC_URL") or "").rstrip("/"),
            rate_anonymous=_number("LINLI_RATE_ANONYMOUS", 50),
            rate_person=_number("LINLI_RATE_PERSON", 200),
            rate_consumer=_number("LINLI_RATE_CONSUMER", 1_000),
            streams_anonymous=_number("LINLI_STREAMS_ANONYMOUS", 50),
            streams_person=_number("LINLI_STREAMS_PERSON", 100),
            buckets=_one_of("LINLI_BUCKETS", *(BUCKETS if workers == 1 else BUCKETS[::-1])),
            trusted_proxies=_networks("LINLI_TRUSTED_PROXIES"),
            log=_one_of("LINLI_LOG", *(LOGS if sys.stderr.isatty() else LOGS[::-1]), "off"),
            log_level=_one_of("LINLI_LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"),
            ide=_flag("LINLI_IDE", demo),
            introspection=_one_of(
                "LINLI_INTROSPECTION", *(("on", "people") if demo else ("people", "on")), "off"
            ),
            origins=_origins("LINLI_ORIGINS"),
            documents=_path("LINLI_DOCUMENTS"),
            documents_key=_path("LINLI_DOCUMENTS_KEY"),
            documents_only=_one_of("LINLI_DOCUMENTS_ONLY", "off", "anonymous", "all"),
            webhooks_to_private=_flag("LINLI_WEBHOOKS_TO_PRIVATE"),
            issuers=_path("LINLI_ISSUERS"),
            demo=demo,
            anchor_file=_path("LINLI_ANCHOR_FILE"),
            anchor_key=env.get("LINLI_ANCHOR_KEY") or None,
        )


ORIGIN = re.compile(r"https?://[a-z0-9.\-\[\]:]+")

LOGS = ("text", "json")
BUCKETS = ("memory", "database")
SCHEMES = ("postgresql://", "postgres://")
ON = {"1", "true", "yes", "on"}
OFF = {"0", "false", "no", "off"}


def _number(name: str, default: int, least: int = 0) -> int:
    """A whole number, not too small."""
    text = os.environ.get(name) or str(default)
    if not (text.isascii() and text.isdecimal()) or int(text) < least:
        raise SettingsError(f"{name} is a whole number from {least}, not {text!r}.")
    return int(text)


def _one_of(name: str, *words: str) -> str:
    """One of some words, the first by default."""
    found = os.environ.get(name) or words[0]
    if found not in words:
        raise SettingsError(f"{name} is one of {', '.join(sorted(words))}, not {found!r}.")
    return found


def _flag(name: str, default: bool = False) -> bool:
    """Whether something is on."""
    text = os.environ.get(name) or ("on" if default else "off")
    if text.lower() not in ON | OFF:
        said = "on or off, yes or no, true or false, 1 or 0"
        raise SettingsError(f"{name} is one of {said}, not {text!r}.")
    return text.lower() in ON


def _dsn(name: str) -> str | None:
    """The URL of a database, if one is named; it is not repeated, for it may hold a password."""
    found = os.environ.get(name)
    if found and not found.startswith(SCHEMES):
        raise SettingsError(f"{name} is a URL such as postgresql://user:password@host/database.")
    return found or None


def _names(name: str) -> tuple[str, ...]:
    """Names with commas between."""
    found = (each.strip() for each in (os.environ.get(name) or "").split(","))
    return tuple(each for each in found if each)


def _networks(name: str) -> tuple[str, ...]:
    """Addresses and networks with commas between."""
    found = _names(name)
    for network in found:
        try:
            ip_network(network, strict=False)
        except ValueError as error:
            said = f"{name} has addresses such as 10.0.0.0/8, not {network!r}."
            raise SettingsError(said) from error
    return found


def _path(name: str) -> Path | None:
    """A file, if one is named."""
    found = os.environ.get(name)
    return Path(found) if found else None


def _origins(name: str) -> tuple[str, ...]:
    """Origins with commas between, as browsers send them; `*` is none."""
    found = _names(name)
    for origin in found:
        if not ORIGIN.fullmatch(origin):
            raise SettingsError(f"{name} has origins such as https://example.org, not {origin!r}.")
    return found
