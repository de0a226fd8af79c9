"""Running an operation as the server does, and reading its answer with nothing lost."""

import json
from dataclasses import dataclass, field
from typing import Any

from server.context import Context


@dataclass(frozen=True)
class Counting(Context):
    """The server's context, counting the statements it is asked to run."""

    statements: list[str] = field(default_factory=list)

    async def fetch(self, sql: str, values: list[Any]) -> bytes:
        self.statements.append(sql)
        return await super().fetch(sql, values)


def members(pairs: list[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    """A JSON object with its order and any double members."""
    return tuple(pairs)


def exact(body: bytes | str) -> Any:
    """JSON with the order of its members kept."""
    return json.loads(body, object_pairs_hook=members)
