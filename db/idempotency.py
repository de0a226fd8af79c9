"""One effect for one client key: the answer is kept with the effect, in the same transaction."""

import hashlib
from datetime import datetime
from typing import Any

import orjson

from db import run
from db.pool import Connection
from db.scope import Scope

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"
EARLIER = """
SELECT input_digest, answer FROM client_mutation
WHERE locality_id = $1 AND person_id = $2 AND client_key = $3
"""


class KeyReusedError(Exception):
    """The key was used before, with another input."""


def digest(what: str, given: dict[str, Any]) -> str:
    """A fingerprint of a mutation's name and input."""
    text = orjson.dumps([what, given], option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(text).hexdigest()


async def earlier(
    connection: Connection, scope: Scope, client_key: str, fingerprint: str
) -> dict[str, Any] | None:
    """The answer already given under the key, if any; others with the key wait for this one."""
    await connection.execute(LOCK, f"{scope.locality}/{scope.person}/{client_key}")
    found = await connection.fetchrow(EARLIER, scope.locality, scope.person, client_key)
    if found is None:
        return None
    if found["input_digest"] != fingerprint:
        raise KeyReusedError
    return orjson.loads(found["answer"])


async def remember(
    connection: Connection,
    scope: Scope,
    client_key: str,
    fingerprint: str,
    answer: dict[str, Any],
    now: datetime,
) -> None:
    """Keep the answer for as long as the effect lasts."""
    kept = {
        "locality_id": scope.locality,
        "person_id": scope.person,
        "client_key": client_key,
        "input_digest": fingerprint,
        "answer": orjson.dumps(answer),
        "created_at": now,
    }
    await run.insert(connection, "client_mutation", kept)
