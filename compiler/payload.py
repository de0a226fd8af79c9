"""A mutation's payload: what was made or changed, read again as the client asked for it."""

from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from compiler.disclosure import Facts
from compiler.scope import Beside
from compiler.statement import Statement


class Caller(Protocol):
    """What the engine needs of the request's context."""

    @property
    def scope(self) -> Any:
        """The caller's scope; its attributes feed the statement's scope parameters."""
        ...

    async def fetch(self, sql: str, values: list[Any]) -> bytes:
        """Run a statement that yields one JSON value."""
        ...

    async def disclose(self, facts: list[Facts]) -> None:
        """Write down for good which values are about to be given out, or raise."""
        ...


class Ready(dict[str, Any]):
    """A finished dictionary by response name, with the verb's own fields as attributes."""


@dataclass(frozen=True)
class Payload:
    """What a mutation made or changed, ready to be read once its key is known; it discloses nothing."""

    names: tuple[str, ...]
    statement: Statement | None
    variables: dict[str, Any]

    async def read(self, caller: Caller, key: Any) -> Ready:
        """The fields of ours by response name; all null if there is no key."""
        if key is None or self.statement is None:
            return Ready(dict.fromkeys(self.names))
        sent = self.statement.values(self.variables, Beside(caller.scope, key=key))
        return Ready(orjson.loads(await caller.fetch(self.statement.sql, sent)))
