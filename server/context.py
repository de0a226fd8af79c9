"""What an operation knows of its request: whose it is, and how to reach the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from db.disclosure_store import Facts
from db.pool import Database
from db.scope import Scope
from db.standing import OutdatedError
from server.disclosing import disclose
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
    remembered: bool = False
    """Whether the scope is one of before, which each read has to check."""

    async def fetch(self, sql: str, values: list[Any]) -> bytes:
        """Run a compiled read under the caller's scope; OutdatedError if that is another one now."""
        if not self.remembered:
            return await self.database.fetch(self.scope, sql, values)
        found = await self.database.enter(self.scope, sql, values)
        if found is None:
            raise OutdatedError
        return found

    async def disclose(self, facts: Sequence[Facts]) -> None:
        """Write down which personal data are about to be given to the caller, or raise."""
        await disclose(self.database, self.scope, facts)
