"""The role that serves: it owns nothing, passes no policy by, and may write little."""

import asyncpg
import pytest

from db.tables import METADATA
from tests.compiler.world import World

ROLE = """
SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication
FROM pg_roles WHERE rolname = current_user
"""
OWNED = """
SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user
UNION ALL SELECT count(*) FROM pg_proc WHERE pg_get_userbyid(proowner) = current_user
UNION ALL SELECT count(*) FROM pg_namespace WHERE pg_get_userbyid(nspowner) = current_user
UNION ALL SELECT count(*) FROM pg_database WHERE pg_get_userbyid(datdba) = current_user
UNION ALL SELECT count(*) FROM pg_auth_members
    WHERE member = (SELECT oid FROM pg_roles WHERE rolname = current_user)
"""

# What is kept for a time only, and what its owner may take back.
FORGOTTEN = {
    "access_token",
    "change",
    "client_mutation",
    "disclosure",
    "login",
    "person_private",
    "service_record_event",
    "visit_private",
    "webhook",
    "webhook_attempt",
    "webhook_delivery",
}


async def test_the_app_owns_nothing_and_passes_no_policy_by(
    bare: "asyncpg.Connection[asyncpg.Record]",
) -> None:
    assert await bare.fetchval("SELECT current_user") == "linli_app"
    assert set((await bare.fetchrow(ROLE)) or [True]) == {False}
    assert {row[0] for row in await bare.fetch(OWNED)} == {0}
    secured = await bare.fetch(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relrowsecurity "
        "AND relnamespace = 'public'::regnamespace"
    )
    assert {row[0] for row in secured} == set(METADATA.tables)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ticket_event SET note = 'never said'",
        "UPDATE ticket_event SET verb = 'CLOSE'",
        "UPDATE escalation_hop SET reason = 'never said'",
        "UPDATE service_record SET person_id = recipient_id",
        "UPDATE service_record_event SET note = 'never said'",
        "UPDATE service_record_event SET reason = 'never said'",
        "UPDATE visit_private SET needs = 'never said'",
        "UPDATE meeting SET title = 'never called'",
        "UPDATE agenda_item SET tabled_at = now()",
        "UPDATE ticket SET severity = 'MAJOR'",
        "UPDATE ticket SET unit_path = '0000'",
        "UPDATE ticket SET reporter_id = NULL",
        "UPDATE ticket SET created_at = now()",
        "UPDATE ticket_scope SET path = '0000'",
        "UPDATE attachment SET uploader_id = reporter_id",
        "UPDATE webhook SET owner_id = linli_person()",
        "UPDATE webhook SET root_path = '0000'",
        "UPDATE webhook_delivery SET ticket_id = NULL",
        "UPDATE webhook_delivery SET owner_id = linli_person()",
        "UPDATE change SET at = now()",
        "UPDATE webhook_attempt SET error = NULL",
        "UPDATE person SET published = true",
        "UPDATE person_private SET phone = '1'",
        "UPDATE org_unit SET path = ''",
        "UPDATE appointment SET unit_path = '0000'",
        "UPDATE access_token SET digest = ''",
        "UPDATE access_token SET scopes = '{ADMIN}'",
        "UPDATE access_token SET expires_at = 'infinity'",
        "UPDATE office SET kind = 'AUDITOR'",
        "UPDATE office SET person_id = linli_person()",
        "UPDATE login SET person_id = linli_person()",
        "INSERT INTO login DEFAULT VALUES",
        "UPDATE disclosure SET reason = NULL",
        "UPDATE disclosure SET digest = NULL",
        "UPDATE erasure SET person_id = linli_person()",
        "UPDATE client_mutation SET input_digest = ''",
        "INSERT INTO appointment DEFAULT VALUES",
        "INSERT INTO person DEFAULT VALUES",
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql RETURN 1",
        "CREATE OR REPLACE FUNCTION linli_scope_set() RETURNS boolean LANGUAGE sql RETURN true",
        "CREATE SCHEMA mine",
        "DROP POLICY seen ON ticket",
        "ALTER TABLE ticket DISABLE ROW LEVEL SECURITY",
        "SET ROLE linli_owner",
        *(f"DELETE FROM {table}" for table in sorted(set(METADATA.tables) - FORGOTTEN)),
        *(f"TRUNCATE {table}" for table in sorted(METADATA.tables)),
    ],
)
async def test_what_the_app_may_not_do(
    bare: "asyncpg.Connection[asyncpg.Record]", world: World, statement: str
) -> None:
    await bare.execute(f"BEGIN; {world.viewers['street'].settings()}")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await bare.execute(statement)
    await bare.execute("ROLLBACK")


async def test_only_the_routing_label_of_an_event_may_change(
    bare: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """Of events where the viewer serves, and of no others."""
    here = "^@ ANY (linli_prefixes())"
    serving = f"unit_path {here} OR handler_path {here}"
    seen = f"SELECT count(*) FROM ticket_event WHERE {serving}"
    changed = f"UPDATE ticket_event SET handler_path = handler_path WHERE {serving}"
    for name, viewer in world.viewers.items():
        await bare.execute(f"BEGIN; {viewer.settings()}")
        count = await bare.fetchval(seen)
        assert await bare.execute(changed) == f"UPDATE {count}", name
        await bare.execute("ROLLBACK")
