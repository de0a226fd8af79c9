"""Settings, from the environment alone."""

import os
from dataclasses import dataclass
from pathlib import Path


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
    pool_size: int
    store: str | None
    """URL of the object store that keeps photographs; None means a folder in the data folder."""
    public_url: str
    """Origin under which clients reach the server, for whole addresses; empty for relative ones."""
    webhooks_to_private: bool
    """Whether webhooks may go to http and private addresses: for trials, never in service."""

    @classmethod
    def read(cls) -> "Settings":
        """Read LINLI_DATA, DATABASE_URL, MIGRATE_DATABASE_URL, LINLI_SECRET, LINLI_POOL_SIZE,
        LINLI_STORE, LINLI_PUBLIC_URL and LINLI_WEBHOOKS_TO_PRIVATE."""
        env = os.environ
        return cls(
            data=Path(env.get("LINLI_DATA") or ".linli"),
            database_url=env.get("DATABASE_URL") or None,
            migrate_url=env.get("MIGRATE_DATABASE_URL") or None,
            secret=env.get("LINLI_SECRET") or None,
            pool_size=int(env.get("LINLI_POOL_SIZE") or 10),
            store=env.get("LINLI_STORE") or None,
            public_url=(env.get("LINLI_PUBLIC_URL") or "").rstrip("/"),
            webhooks_to_private=env.get("LINLI_WEBHOOKS_TO_PRIVATE") == "1",
        )
