"""`extensions.explain`: beside the answer to a query, what it became; for administrators of a place.

Without the planner's estimates, which tell how many rows there are, of other places too: whoever runs
the server has them from `linli explain`.
"""

from typing import Any

from compiler.engine import CompiledSchema, Prepared
from compiler.pretty import pretty
from domain.identity import OfficeKind
from server import errors
from server.context import Context
from server.failed import refused

PRICE = 10
"""Points that an explanation costs beside what it explains: planning takes longer than most reading."""

PLANNED = "EXPLAIN (COSTS OFF) "


def check_may(context: Context) -> None:
    """Failed if the caller is no administrator."""
    if OfficeKind.ADMINISTRATOR not in context.scope.offices:
        raise refused(errors.OFFICE, office=OfficeKind.ADMINISTRATOR)


async def planned(
    schema: CompiledSchema, prepared: Prepared, context: Context
) -> dict[str, Any] | None:
    """The points, the SQL and its plan; None if it is more than one statement."""
    if not schema.reads(prepared):
        return None
    statement = schema.statement(prepared)
    values = statement.values(prepared.values.coerced, context.scope)
    rows = await context.database.read(
        context.scope, lambda connection: connection.fetch(PLANNED + statement.sql, *values)
    )
    return {"points": prepared.cost, "sql": pretty(statement), "plan": [row[0] for row in rows]}
