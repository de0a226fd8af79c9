"""What would become of a ticket by itself (推演)."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import strawberry

from compiler.engine import Ready
from compiler.fields import link
from domain.forecast import Step
from domain.terms import Route
from resolvers import forecast as read_forecast
from schema.verb import InfoOf

if TYPE_CHECKING:
    from schema.org_unit import OrgUnit


@strawberry.type(description="One hop that a ticket would make by itself.")
class ForecastStep:
    sequence: int = strawberry.field(description="Its place in the forecast; the first is 1.")
    route: Route = strawberry.field(description="How the ticket would move.")
    rule: str | None = strawberry.field(
        description="Code of the profile's rule that would fire; null if none does."
    )
    at: datetime = strawberry.field(description="When.")
    due_at: datetime | None = strawberry.field(
        description="Until when the unit would have it; null if it stays there."
    )
    to_unit: Annotated["OrgUnit", strawberry.lazy("schema.org_unit")] | None = link(
        read_forecast.reached, "The unit it would come to; null if you may not see it."
    )


@strawberry.type(description="The chain that a ticket would follow if nobody acted (推演).")
class EscalationForecast:
    made: strawberry.Private[tuple[Step, ...]]

    @strawberry.field(description="Its hops, first hop first; empty if it would stay.")
    async def steps(self, info: InfoOf) -> list[ForecastStep]:
        schema: Any = info.schema
        payload = await schema.payload(info, info.context)
        units: dict[UUID, Ready] = {}
        for step in self.made:
            if step.to_unit not in units:
                units[step.to_unit] = await payload.read(info.context, step.to_unit)
        return [_laid_out(at, step, units[step.to_unit]) for at, step in enumerate(self.made, 1)]


def _laid_out(sequence: int, step: Step, unit: Ready) -> Any:
    """A step by response name, with the parts that are not read from the database."""
    ready: Any = Ready(unit)
    ready.sequence, ready.route, ready.rule = sequence, step.route, step.rule
    ready.at, ready.due_at = step.at, step.due_at
    return ready
