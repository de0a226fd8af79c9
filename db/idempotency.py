"""One effect for one client key: the answer is kept with the effect, in the same transaction."""

import hashlib
from typing import Any

import orjson

from db.pool import Connection
from db.scope import Scope

EARLIER = """
SELECT input_digest, answer FROM client_mutation
WHERE locality_id = $1 AND person_id = $2 AND client_key = $3
"""
REMEMBER = """
INSERT INTO client_mutation (locality_id, person_id, client_key, input_digest, answer, created_at)
VALUES ($1, $2, $3, $4, $5, clock_timestamp())
"""


class KeyReusedError(Exception):
    """The key was used before, with another input."""


def digest(what: str, given: dict[str, Any]) -> str:
    """A fingerprint of a mutation's name and input."""
    text = orjson.dumps([what, given], option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(text).hexdigest()


def lock(scope: Scope, client_key: str) -> str:
    """What a transaction under a key begins with: others with the key wait for its end."""
    whose = f"{scope.locality}/{scope.person}/{client_key}"
    number = int.from_bytes(hashlib.sha256(whose.encode()).digest()[:8], signed=True)
    return f"SELECT pg_advisory_xact_lock({number})"


async def earlier(
    connection: Connection, scope: Scope, client_key: str, fingerprint: str
) -> dict[str, Any] | None:
    """The answer already given under the key, if any; the key's lock is had."""
    found = await connection.fetchrow(EARLIER, scope.locality, scope.person, client_key)
    if found is None:
        return None
    if found["input_digest"] != fingerprint:
        raise KeyReusedError
    return orjson.loads(found["answer"])


async def remember(
    connection: Connection, scope: Scope, client_key: str, fingerprint: str, answer: dict[str, Any]
) -> None:
    """Keep the answer for as long as the effect lasts."""
    kept = scope.locality, scope.person, client_key, fingerprint, orjson.dumps(answer)
    await connection.execute(REMEMBER, *kept)
