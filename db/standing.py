"""What a person may see today, read from its appointments and offices: asked anew for each request.

`STANDING` is asked by itself, or by the statement that it is for: `entering` wraps a statement so that
it first enters a scope that is remembered, if that is still the true one. So a read is one statement,
one round trip and one transaction, in which its scope is set, checked and used.
"""

from functools import lru_cache

from db.scope import NOBODY


class OutdatedError(Exception):
    """The scope that was remembered is not the true one any more; nothing was read under it."""


_TODAY = """{0}.locality_id = $1 AND {0}.person_id = $2
            AND {0}.valid_from <= CURRENT_DATE AND {0}.valid_to > CURRENT_DATE"""
_PREFIXES = f"FROM appointment a WHERE {_TODAY.format('a')}"
_OFFICES = f"FROM office o WHERE {_TODAY.format('o')}"
_PERSON = "FROM person p WHERE p.locality_id = $1 AND p.id = $2"

_STANDS = """
(EXISTS (SELECT FROM login l WHERE l.locality_id = $1 AND l.person_id = $2 AND l.digest = $3)
    OR EXISTS (SELECT FROM access_token t
        WHERE t.locality_id = $1 AND t.person_id = $2 AND t.digest = $3
            AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp()))"""

STANDING = f"""
SELECT ARRAY(SELECT DISTINCT a.unit_path COLLATE "C" {_PREFIXES} ORDER BY 1) AS prefixes,
    ARRAY(SELECT DISTINCT o.kind COLLATE "C" {_OFFICES} ORDER BY 1) AS offices
{_PERSON} AND ($3 = ''::bytea OR {_STANDS})"""
"""Of a locality, a person and what it presented (nothing: it is known otherwise)."""

_HELD = f"""SELECT ARRAY(SELECT a.unit_path {_PREFIXES}), ARRAY(SELECT o.kind {_OFFICES})
    INTO prefixes, offices"""

ENTER = f"""
CREATE OR REPLACE FUNCTION linli_enter(text, uuid, bytea, text[], text[]) RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE STRICT AS $enter$
DECLARE
    told text;
    prefixes text[];
    offices text[];
BEGIN
    told := set_config('transaction_read_only', 'on', true) || set_config('linli.scope', 'set', true)
        || set_config('linli.locality', $1, true) || set_config('linli.person', $2::text, true)
        || set_config('linli.presented', encode($3, 'hex'), true)
        || set_config('linli.prefixes', array_to_string($4, ','), true)
        || set_config('linli.offices', array_to_string($5, ','), true);
    IF $2 = '{NOBODY}' THEN
        RETURN $1 = '' AND $3 = '' AND $4 = '{{}}' AND $5 = '{{}}';
    END IF;
    -- As sets: to sort them would take longer than to read them.
    {_HELD};
    IF NOT (prefixes @> $4 AND prefixes <@ $4 AND offices @> $5 AND offices <@ $5) THEN
        RETURN false;
    END IF;
    -- Apart from the rest, which nearly all have to ask: so each part has one plan for everybody.
    IF $4 = '{{}}' AND $5 = '{{}}' THEN
        -- Whoever holds something is a person: a post or an office refers to one.
        IF NOT EXISTS (SELECT {_PERSON}) THEN
            RETURN false;
        END IF;
    END IF;
    IF $3 <> '' THEN
        RETURN {_STANDS};
    END IF;
    RETURN true;
END $enter$
"""
"""Sets a scope for the transaction, which reads only from then on; whether it is the true one.

PARALLEL UNSAFE, so that of a statement that calls it no part is read by another process before.
"""

TAKEN = "text", "uuid", "bytea", "text[]", "text[]"


LONG = 15_000
"""Characters of a statement that is not remembered: no connection keeps it prepared either."""


def entering(sql: str, given: int) -> str:
    """A statement of one value that takes `given` parameters, under a scope: `Scope.entered` follow.

    Its value is NULL, and nothing of it is looked at, if the scope is not, or no longer, the true one:
    what CASE chooses is worked out after it has chosen.
    """
    return _entering(sql, given) if len(sql) > LONG else _remembered(sql, given)


def _entering(sql: str, given: int) -> str:
    return f"SELECT CASE WHEN {_call(given)} THEN ({sql}) END"


_remembered = lru_cache(256)(_entering)


def _call(given: int) -> str:
    slots = (f"${given + at}::{type_}" for at, type_ in enumerate(TAKEN, 1))
    return f"linli_enter({', '.join(slots)})"


ENTERS = f"SELECT {_call(0)}"
"""Whether a scope is the true one: then it is set for the rest of the transaction."""
