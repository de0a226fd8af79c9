"""A compiled operation: its SQL and how its parameters get their values."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect

from compiler.binds import Bind, Binds

DIALECT = asyncpg_dialect()


@dataclass(frozen=True)
class Statement:
    """One SQL statement that answers one operation with one JSON value."""

    sql: str
    binds: tuple[Bind, ...]
    checks: tuple[Bind, ...]

    def values(self, variables: dict[str, Any], scope: Any) -> list[Any]:
        """The parameters for these variables and this caller; bad ones raise InputError."""
        for check in self.checks:
            check.value(variables, scope)
        return [bind.value(variables, scope) for bind in self.binds]


def to_statement(query: Select[Any], binds: Binds) -> Statement:
    """Render a query for asyncpg."""
    compiled = query.compile(dialect=DIALECT)
    names = compiled.positiontup or []
    return Statement(compiled.string, binds.in_order(names, compiled.params), tuple(binds.checks))
