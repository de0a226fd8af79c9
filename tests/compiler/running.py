"""Running an operation as the server does, and reading its answer with nothing lost."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from db.disclosure_store import Facts
from db.pool import Database
from schema.api import API
from server.context import Context
from tests.compiler.world import World


@dataclass(frozen=True)
class Counting(Context):
    """The server's context, counting the statements it is asked to run."""

    statements: list[str] = field(default_factory=list)
    told: list[Facts] = field(default_factory=list)
    """What would have been written down of the personal data given out."""

    async def fetch(self, sql: str, values: list[Any]) -> bytes:
        self.statements.append(sql)
        return await super().fetch(sql, values)

    async def disclose(self, facts: Sequence[Facts]) -> None:
        # The world stays as it is.
        self.told.extend(facts)


def members(pairs: list[tuple[str, Any]]) -> tuple[tuple[str, Any], ...]:
    """A JSON object with its order and any double members."""
    return tuple(pairs)


def exact(body: bytes | str) -> Any:
    """JSON with the order of its members kept."""
    return json.loads(body, object_pairs_hook=members)


async def ask(
    database: Database, world: World, text: str, viewer: str = "street", **variables: Any
) -> Any:
    """The data, or the codes of the errors, as somebody gets them: the street's chief, if not said."""
    for code in ("C1", "S"):
        text = text.replace(f"unit/{code}", world.global_id("org_unit", world.unit(code)))
    caller = Counting(database, world.viewers[viewer])
    result = await API.execute(text, variable_values=variables, context_value=caller)
    if result.errors:
        assert caller.statements == []
        return [(error.extensions or {}).get("code") for error in result.errors]
    return orjson.loads(orjson.dumps(result.data))
