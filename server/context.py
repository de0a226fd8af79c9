"""What an operation knows of its request: whose it is, and how to reach the database."""

from dataclasses import dataclass
from typing import Any

from db.pool import Database
from db.scope import Scope


@dataclass(frozen=True)
class Context:
    """The context value of every operation."""

    database: Database
    scope: Scope
    language: str = "en"
    webhooks_to_private: bool = False
    """As in `server.settings`."""

    async def fetch(self, sql: str, values: list[Any]) -> bytes:
        """Run a compiled read under the caller's scope."""
        return await self.database.fetch(self.scope, sql, values)
