"""What a read becomes: its cost, its SQL, its parameters and the plan that PostgreSQL makes of it.

document + variables -> Statement -> EXPLAIN under the caller's own scope -> text
"""

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from strawberry.types.graphql import OperationType

from compiler.engine import CompiledSchema
from compiler.pretty import pretty
from db.pool import Database
from db.scope import PUBLIC, Scope
from schema.api import API
from server.dsn import owner_dsn, working_dsn
from server.people import find
from server.settings import Settings

PLANNED = "EXPLAIN (SETTINGS) "
RUN = "EXPLAIN (ANALYZE, BUFFERS, SETTINGS) "


class ExplainError(Exception):
    """The document cannot be explained; one reason a line."""


@dataclass(frozen=True)
class Asked:
    """A document with its variables, and whether it may be carried out to be measured."""

    text: str
    variables: dict[str, Any]
    operation: str | None = None
    run: bool = True


async def explain(schema: CompiledSchema, database: Database, scope: Scope, asked: Asked) -> str:
    """Everything about one read, as SQL with comments."""
    try:
        prepared = schema.prepare(asked.text, asked.operation, asked.variables)
        if isinstance(prepared, list):
            raise ExplainError("\n".join(error.message for error in prepared))
        if prepared.kind is not OperationType.QUERY:
            raise ExplainError("Only queries are one statement; this is another operation.")
        statement = schema.statement(prepared)
        values = statement.values(prepared.values.coerced, scope)
    except GraphQLError as error:
        raise ExplainError(error.message) from error
    sql = (RUN if asked.run else PLANNED) + statement.sql
    rows = await database.read(scope, lambda connection: connection.fetch(sql, *values))
    given = [f"-- ${at} = {value!r}" for at, value in enumerate(values, 1)]
    plan = [f"-- {row[0]}" for row in rows]
    return "\n".join([f"-- {prepared.cost} points", pretty(statement), *given, "", *plan])


async def explained(settings: Settings, asked: Asked, name: str | None) -> str:
    """The same on the database of these settings, as somebody or as the public sees it."""
    async with working_dsn(settings) as dsn:
        database = await Database.connect(dsn, 1)
        try:
            scope = PUBLIC if name is None else await _scope_of(settings, database, name)
            return await explain(API, database, scope, asked)
        finally:
            await database.close()


async def _scope_of(settings: Settings, database: Database, name: str) -> Scope:
    async with owner_dsn(settings) as dsn:
        if dsn is None:
            raise ExplainError("Set MIGRATE_DATABASE_URL too: people are looked up as its owner.")
        found = await find(dsn, name)
    scope = None
    if len(found) == 1:
        scope = await database.scope_of(found[0].locality, found[0].person)
    if scope is None:
        raise ExplainError(f"{len(found)} people are found as {name!r}.")
    return scope
