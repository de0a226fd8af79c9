"""Units of the caller's place, as verbs name them."""

from compiler.ids import GlobalId
from db import unit_store
from db.unit_store import Unit
from domain.refusal import RefusalCode as Code
from resolvers.caller import Refused, Work


async def unit_named(work: Work, named: GlobalId, field: str = "unit_id") -> list[Unit]:
    """A unit and all above it that still stand, nearest first; refused if it is not of the place."""
    found: list[Unit] = []
    if named.locality == work.scope.locality:
        found = await unit_store.way_up(work.connection, named.locality, named.key)
    if not found:
        raise Refused(Code.UNIT_UNKNOWN, field)
    return found
