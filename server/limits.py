"""How much of the server anybody may have, put together from the settings."""

from dataclasses import dataclass, field

from db.pool import Database
from server.address import Proxies
from server.bucket import Buckets, InDatabase, InMemory, Rates
from server.gate import Gate
from server.settings import Settings
from server.streams import Streams


@dataclass(frozen=True)
class Limits:
    """What the desk and the door hold callers to; by default, to nothing."""

    rates: Rates = field(default_factory=Rates)
    buckets: Buckets = field(default_factory=InMemory)
    gate: Gate | None = None
    proxies: Proxies = field(default_factory=Proxies)
    streams: Streams = field(default_factory=Streams)


def limits_of(settings: Settings, database: Database) -> Limits:
    """The limits that the settings name."""
    shared = settings.buckets == "database"
    return Limits(
        Rates(settings.rate_anonymous, settings.rate_person, settings.rate_consumer),
        InDatabase(database) if shared else InMemory(),
        Gate(settings.pool_size),
        Proxies(settings.trusted_proxies),
        Streams(settings.streams_person, settings.streams_anonymous),
    )
