"""Giving and taking offices: for administrators of the place."""

from uuid import UUID

from compiler.ids import GlobalId
from db import run
from db.keys import new_key
from db.office import HELD, HELD_APART, TODAY, UNLESS_APART, granting
from domain.identity import OfficeKind, excluded_by
from domain.person import ERASED_NAME
from domain.refusal import RefusalCode as Code
from resolvers.caller import Refused, Work


def _check_administrator(work: Work) -> None:
    if OfficeKind.ADMINISTRATOR.value not in work.scope.offices:
        raise Refused(Code.FORBIDDEN)


async def grant(work: Work, person: GlobalId, kind: OfficeKind) -> UUID:
    """Give an office to somebody else of the place from today on; who holds it keeps that one."""
    _check_administrator(work)
    locality = work.scope.locality
    await run.one_by_one(work.connection, granting(locality))
    name = None
    if person.locality == locality:
        name = await work.connection.fetchval(NAME, locality, person.key)
    if name is None:
        raise Refused(Code.NOT_FOUND, "person_id")
    if name == ERASED_NAME:
        raise Refused(Code.FORGOTTEN, "person_id")
    if person.key == work.scope.person:
        raise Refused(Code.NOT_TO_ONESELF, "person_id")
    held = await work.connection.fetchval(HELD, locality, person.key, kind)
    if held is not None:
        return held
    apart = [*excluded_by(kind)]
    if await work.connection.fetchval(HELD_APART, locality, person.key, apart):
        raise Refused(Code.OFFICES_APART, "kind")
    now = await work.now()
    facts = {
        "locality_id": locality,
        "id": (key := new_key(now)),
        "person_id": person.key,
        "kind": kind,
        "valid_from": now.date(),
        "granted_at": now,
        "granted_by_id": work.scope.person,
    }
    if not await run.insert(work.connection, "office", facts, UNLESS_APART):
        raise Refused(Code.OFFICES_APART, "kind")
    return key


async def revoke(work: Work, office: GlobalId) -> UUID:
    """Take an office at once; again changes nothing. A place keeps its last administrator."""
    _check_administrator(work)
    locality = work.scope.locality
    await run.one_by_one(work.connection, granting(locality))
    found = None
    if office.locality == locality:
        found = await work.connection.fetchrow(LOCK, locality, office.key)
    if found is None:
        raise Refused(Code.NOT_FOUND, "office_id")
    if not found["held"]:
        return office.key
    last = found["kind"] == OfficeKind.ADMINISTRATOR.value
    if last and await work.connection.fetchval(COUNT, locality) == 1:
        raise Refused(Code.LAST_ADMINISTRATOR)
    now = await work.now()
    said = {"valid_to": now.date(), "revoked_at": now, "revoked_by_id": work.scope.person}
    await run.update(work.connection, "office", said, {"locality_id": locality, "id": office.key})
    return office.key


# Whoever is being forgotten meanwhile is so first, or holds the office and is not: `db.erasure_store`.
NAME = "SELECT name FROM person WHERE locality_id = $1 AND id = $2 FOR KEY SHARE"
LOCK = f"""
SELECT kind, {TODAY} AS held FROM office WHERE locality_id = $1 AND id = $2 FOR UPDATE
"""  # noqa: S608  # a constant of ours
COUNT = f"""
SELECT count(DISTINCT person_id) FROM office
WHERE locality_id = $1 AND kind = 'ADMINISTRATOR' AND {TODAY}
"""  # noqa: S608  # as above
