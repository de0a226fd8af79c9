"""The second wall: row-level security and grants, put in force at each migration.

Rendered from db.visibility (whose rows are seen) and db.writing (whose may be written).
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.dialects import postgresql

from db.standing import ENTER
from db.tables import METADATA, AccessToken, Login
from db.viewer import Settings
from db.visibility import SEEN, everyone
from db.writing import COMMANDS, UNENDED, WRITTEN, Command

APP_ROLE = "linli_app"

WRITES = {
    "ticket": "INSERT, UPDATE (status, handler_unit_id, handler_path, joint_scopes, due_at, "
    "paused_at, hops, hop_started_at, hop_due_at, returnable, verdict, next_route, next_rule, "
    "next_unit_id, next_due_at, resolution, resolved_at, verified_at, closed_at, merged_into_id, "
    "carries)",
    "ticket_scope": "INSERT, UPDATE (status, open)",
    "ticket_event": "INSERT, UPDATE (handler_path, joint_scopes)",
    "escalation_hop": "INSERT, UPDATE (handler_path, joint_scopes, left_at, due_at)",
    "service_record": "INSERT, UPDATE (handler_path, joint_scopes, kind, at, note, corrections)",
    "service_record_event": "INSERT, DELETE, UPDATE (handler_path, joint_scopes)",
    "visit_private": "INSERT, DELETE",
    "person": "UPDATE (name, published)",
    "person_private": "INSERT, DELETE, UPDATE (phone, address, living_situation, needs, skills, "
    "difficulties)",
    "disclosure": "INSERT, DELETE",
    "disclosure_head": "INSERT, UPDATE (sequence, digest, removed, removed_digest)",
    "erasure": "INSERT, UPDATE (requested_at, due_at, done_at)",
    "login": "DELETE",
    "meeting": "INSERT, UPDATE (held_at, minutes)",
    "agenda_item": "INSERT, UPDATE (handler_path, joint_scopes, resolution, resolved_at)",
    "attachment": "INSERT, UPDATE (handler_path, joint_scopes, stored_at, media_type, size, width, "
    "height, digest, object_key)",
    "change": "INSERT, DELETE",
    "client_mutation": "INSERT, DELETE",
    "webhook": "INSERT, DELETE, UPDATE (name, url, nouns, verbs, secret, former_secret, "
    "former_until, seen_epoch, seen_tx, seen_id, failing_since, ended, ended_at)",
    "webhook_delivery": "INSERT, DELETE, UPDATE (status, attempts, replayed_after, "
    "next_attempt_at)",
    "webhook_attempt": "INSERT, DELETE",
    "statistic": "INSERT",
    "statistic_month": "INSERT",
    "office": "INSERT, UPDATE (valid_to, revoked_at, revoked_by_id)",
    "access_token": "INSERT, DELETE, UPDATE (last_used_at, revoked_at, revoked_by_id)",
}
"""What the app may write. Events are append-only: only their routing labels may change."""

PRESENTED: tuple[type[Any], ...] = (Login, AccessToken)
"""What is also seen, and not written, by whoever presents its digest (`db.credential`)."""

FUNCTIONS = (
    ("linli_locality", "text", "current_setting('linli.locality', true)"),
    ("linli_prefixes", "text[]", "string_to_array(current_setting('linli.prefixes', true), ',')"),
    ("linli_offices", "text[]", "string_to_array(current_setting('linli.offices', true), ',')"),
    (
        "linli_presented",
        "bytea",
        "decode(coalesce(current_setting('linli.presented', true), ''), 'hex')",
    ),
    ("linli_person", "uuid", "nullif(current_setting('linli.person', true), '')::uuid"),
    ("linli_scope_set", "boolean", "current_setting('linli.scope', true) <> ''"),
)
"""`linli.scope` is set in every transaction of ours; without it no policy lets a row pass."""


def render(condition: ColumnElement[bool]) -> str:
    """A condition as SQL text, constants written out."""
    compiled = condition.compile(
        dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}
    )
    return str(compiled)


ONCE = {
    "linli_scope_set()": "(SELECT linli_scope_set())",
    "linli_prefixes()": "(SELECT linli_prefixes())::text[]",
}
"""What nearly each row is asked, as a sub-select: looked up once for a statement."""


def seen(row: type[Any]) -> str:
    """The policy's condition: that a scope is set, and lets a row pass."""
    if SEEN[row] is everyone:
        return render(Settings.known)
    condition = render(and_(Settings.known, SEEN[row](Settings())))
    # Each sub-select costs a statement as much as some twenty rows that look a setting up, and a
    # statement has dozens of tables: so only what comes first, which decides nearly always.
    for look, once in ONCE.items():
        condition = condition.replace(look, once, 1)
    return condition


def steps() -> Iterator[list[str]]:
    """What puts grants and policies in force, again and again with one result: a table a step."""
    yield list(_functions())
    yield from ([*_of_table(row)] for row in SEEN)


def _functions() -> Iterator[str]:
    for name, type_, body in FUNCTIONS:
        signature = f"{name}() RETURNS {type_} LANGUAGE sql STABLE PARALLEL SAFE"
        yield f"CREATE OR REPLACE FUNCTION {signature} RETURN {body}"
    yield ENTER
    yield f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}"


def _of_table(row: type[Any]) -> Iterator[str]:
    """One table's: nobody ever sees it between the old and the new ones."""
    table = row.__tablename__
    condition = seen(row)
    yield f"REVOKE ALL ON {table} FROM {APP_ROLE}"
    yield f"GRANT SELECT ON {table} TO {APP_ROLE}"
    if table in WRITES:
        yield f"GRANT {WRITES[table]} ON {table} TO {APP_ROLE}"
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"DROP POLICY IF EXISTS seen ON {table}"
    yield f"CREATE POLICY seen ON {table} TO {APP_ROLE} USING ({condition})"
    if row in PRESENTED:
        yield f"DROP POLICY IF EXISTS presented ON {table}"
        presented = f"CREATE POLICY presented ON {table} FOR SELECT TO {APP_ROLE}"
        yield f"{presented} USING (linli_scope_set() AND digest = linli_presented())"
    for command in COMMANDS:
        yield from _narrowed(row, command)


def _narrowed(row: type[Any], command: Command) -> Iterator[str]:
    """Of the rows seen, those that one command may write."""
    table, name = row.__tablename__, f"written_by_{command.lower()}"
    yield f"DROP POLICY IF EXISTS {name} ON {table}"
    rule = WRITTEN.get(row, {}).get(command)
    if rule is not None:
        condition = render(rule(Settings()))
        # What is to be changed is asked only as it is to be: whoever sees a row may lock it.
        was = render(UNENDED[row](Settings())) if row in UNENDED else "true"
        asked = {"INSERT": "WITH CHECK", "UPDATE": f"USING ({was}) WITH CHECK", "DELETE": "USING"}
        policy = f"CREATE POLICY {name} ON {table} AS RESTRICTIVE FOR {command} TO {APP_ROLE}"
        yield f"{policy} {asked[command]} ({condition})"


def missing() -> set[str]:
    """Tables without a rule in db.visibility; must be empty."""
    return set(METADATA.tables) - {str(row.__tablename__) for row in SEEN}
