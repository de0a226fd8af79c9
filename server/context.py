"""What an operation knows of its request: whose it is, and how to reach the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.disclosure_store import Facts, write_down
from db.pool import Database
from db.scope import Scope
from server.tokens import ALL_SCOPES


@dataclass(frozen=True)
class Context:
    """The context value of every operation."""

    database: Database
    scope: Scope
    language: str = "en"
    webhooks_to_private: bool = False
    """As in `server.settings`."""
    scopes: frozenset[str] = ALL_SCOPES
    """What the caller's token is good for."""

    async def fetch(self, sql: str, values: list[Any]) -> bytes:
        """Run a compiled read under the caller's scope."""
        return await self.database.fetch(self.scope, sql, values)

    async def disclose(self, facts: Sequence[Facts]) -> None:
        """Write down which personal data are about to be given to the caller, or raise."""
        await write_down(self.database, self.scope, facts)
