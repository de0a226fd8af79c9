"""The duty that somebody says to have fulfilled, checked against the place's profile."""

from collections.abc import Set

from db import post_store, unit_store
from domain.cadence import refuse_duty
from domain.profile import Duty
from resolvers.caller import Work, refuse


async def owed(work: Work, code: str | None, kinds: Set[Duty]) -> None:
    """Refuse a duty that the profile in force does not ask of the caller; none is always right."""
    if code is None:
        return
    locality = work.scope.locality
    _, revision = await unit_store.place(work.connection, locality)
    profile = await unit_store.profile(work.connection, locality, revision)
    roles = await post_store.roles(work.connection, locality, work.scope.person)
    refuse(refuse_duty(profile, code, roles, kinds))
