"""The chain that a ticket would follow if nobody acted."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from compiler.fields import Scoped
from compiler.ids import GlobalId
from compiler.scope import ScopeBinds
from db import ticket_lock, unit_store
from db.pool import Connection
from db.tables import OrgUnit
from domain.forecast import Step, forecast
from resolvers.caller import Caller


def reached(scope: ScopeBinds) -> Scoped:
    """The unit that a step leads to."""
    return Scoped(select(OrgUnit).where(col(OrgUnit.id) == scope.key), scope.locality)


async def simulate(caller: Caller, ticket: GlobalId, until: datetime) -> tuple[Step, ...] | None:
    """What the clock would do until an instant; None if there is no such ticket for the caller."""
    scope = caller.scope
    if ticket.locality != scope.locality:
        return None

    async def laid_out(connection: Connection) -> tuple[Step, ...] | None:
        held = await ticket_lock.look(connection, scope, ticket.key)
        if held is None:
            return None
        place, path = scope.locality, held.handler_path
        profile = await unit_store.profile(connection, place, held.profile_revision)
        known = await unit_store.units(connection, place, [path])
        chain = unit_store.steps(unit_store.upwards(known, path))
        return forecast(profile, held.state, chain, until, held.now)

    return await caller.database.read(scope, laid_out)
