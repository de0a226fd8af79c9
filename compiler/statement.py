"""A compiled operation: its SQL and how its parameters get their values."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, case, literal_column, not_, select
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect

from compiler.binds import Bind, Binds
from compiler.disclosure import Paths
from compiler.errors import InputError

DIALECT = asyncpg_dialect()


@dataclass(frozen=True)
class Statement:
    """One SQL statement that answers one operation with one JSON value."""

    sql: str
    binds: tuple[Bind, ...]
    checks: tuple[Bind, ...]
    demands: dict[str, str]
    """Codes the database may answer with instead, and what they say."""
    disclosures: Paths
    """Where values lie in the answer that are given out only once written down."""

    def values(self, variables: dict[str, Any], scope: Any) -> list[Any]:
        """The parameters for these variables and this caller; bad ones raise InputError."""
        for check in self.checks:
            check.value(variables, scope)
        values = [*self._constants]
        for at, bind in self._others:
            values[at] = bind.value(variables, scope)
        return values

    @cached_property
    def _constants(self) -> list[Any]:
        """The parameters that are always the same, None in place of each other one."""
        return [bind.value({}, None) if bind.constant else None for bind in self.binds]

    @cached_property
    def _others(self) -> list[tuple[int, Bind]]:
        """The others, with where they stand."""
        return [(at, bind) for at, bind in enumerate(self.binds) if not bind.constant]

    def checked(self, body: bytes) -> bytes:
        """The answer, which is an object; a text is the code of the demand that was not met."""
        if body.startswith(b'"'):
            code = body.decode().strip('"')
            raise InputError(code, self.demands[code])
        return body


def to_statement(query: Select[Any], binds: Binds, disclosures: Paths) -> Statement:
    """Render a query of one JSON value for asyncpg."""
    refused = [(not_(holds), _code(code)) for code, (holds, _) in binds.demands.items()]
    if refused:
        query = select(case(*refused, else_=query.scalar_subquery()))
    compiled = query.compile(dialect=DIALECT)
    names = compiled.positiontup or []
    said = {code: message for code, (_, message) in binds.demands.items()}
    ordered = binds.in_order(names, compiled.params)
    return Statement(compiled.string, ordered, tuple(binds.checks), said, disclosures)


def _code(code: str) -> ColumnElement[Any]:
    return literal_column(f"'\"{code}\"'::json", JSON())
