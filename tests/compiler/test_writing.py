"""Whose a row is to write: to see it, or to have made the need known, is not enough."""

import re
from dataclasses import replace
from typing import Any, TypeAlias

import asyncpg
import pytest

from db.policies import APP_ROLE
from db.scope import NOBODY, Scope
from db.tables import METADATA
from db.ticket_change import FACTS, STATE
from domain.terms import CLOSED_STATUSES
from tests.compiler.world import PLACES, World

HERE = PLACES[0]
ME, ANOTHER = "linli_person()", "(SELECT id FROM person WHERE name = 'chief' LIMIT 1)"
NEW = "gen_random_uuid()"
Bare: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


def copy(table: str, where: str = "true", **changed: str) -> str:
    """A statement that adds a row like one that is seen, with some columns said anew."""
    names = [column.name for column in METADATA.tables[table].columns if not column.computed]
    values = ", ".join(changed.get(name, name) for name in names)
    return (
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE {where} "
        "LIMIT 1"
    )


ENDED = "status = 'CLOSED', open = false"
MINE = f"reporter_id = {ME}"
OF_ANOTHER = f"recipient_id = {ME} AND person_id <> {ME}"
OWNED = f"owner_id = {ME}"
BY_A_RESIDENT = {
    ("ticket", "INSERT"): (
        copy("ticket", MINE, id=NEW, number="'anew'"),
        copy("ticket", MINE, id=NEW, number="'anew'", reporter_id=ANOTHER),
    ),
    ("ticket", "UPDATE"): tuple(
        f"UPDATE ticket SET {said} WHERE {MINE}"
        for said in (
            "status = 'CLOSED'",
            "next_due_at = NULL",
            "joint_scopes = '{0000}'",
            "handler_path = unit_path",
            "verdict = 'SATISFIED'",
        )
    ),
    ("ticket_scope", "INSERT"): (copy("ticket_scope", path="'0000000100020003'"),),
    ("ticket_scope", "UPDATE"): (f"UPDATE ticket_scope SET {ENDED}",),
    ("ticket_event", "INSERT"): (
        copy("ticket_event", MINE, id=NEW, sequence="99", actor_id=ME, verb="'CLOSE'"),
        copy("ticket_event", MINE, id=NEW, sequence="99", actor_id=ANOTHER),
        copy("ticket_event", MINE, id=NEW, sequence="99", actor_id="NULL"),
    ),
    ("ticket_event", "UPDATE"): (f"UPDATE ticket_event SET joint_scopes = NULL WHERE {MINE}",),
    ("escalation_hop", "INSERT"): (copy("escalation_hop", MINE, sequence="99", actor_id=ME),),
    ("escalation_hop", "UPDATE"): (f"UPDATE escalation_hop SET due_at = now() WHERE {MINE}",),
    ("service_record", "INSERT"): (
        copy("service_record", OF_ANOTHER, id=NEW),
        copy("service_record", OF_ANOTHER, id=NEW, person_id=ME, joint_scopes="NULL"),
    ),
    ("service_record", "UPDATE"): (f"UPDATE service_record SET note = '' WHERE {OF_ANOTHER}",),
    ("service_record_event", "INSERT"): (
        copy("service_record_event", OF_ANOTHER, sequence="99", actor_id=ME),
        copy("service_record_event", f"person_id = {ME}", sequence="99", actor_id=ANOTHER),
    ),
    ("service_record_event", "UPDATE"): ("UPDATE service_record_event SET joint_scopes = NULL",),
    ("visit_private", "INSERT"): (copy("visit_private", OF_ANOTHER),),
    ("service_record_event", "DELETE"): ("DELETE FROM service_record_event",),
    ("visit_private", "DELETE"): ("DELETE FROM visit_private",),
    ("person", "UPDATE"): (
        f"UPDATE person SET name = 'other' WHERE id <> {ME}",
        f"UPDATE person SET published = true WHERE id <> {ME}",
    ),
    ("person_private", "INSERT"): (copy("person_private", person_id=ANOTHER),),
    ("person_private", "DELETE"): ("DELETE FROM person_private",),
    ("disclosure", "INSERT"): (
        copy("disclosure", sequence="99"),
        copy("disclosure", sequence="99", actor_id=ANOTHER),
        copy("disclosure", sequence="99", actor_id=ME, locality_id=f"'{PLACES[1]}'"),
        *(
            copy("disclosure", sequence="99", actor_id=ME, at=f"now() {off} interval '6 minutes'")
            for off in "-+"
        ),
    ),
    ("disclosure", "DELETE"): ("DELETE FROM disclosure",),
    ("disclosure_head", "INSERT"): (copy("disclosure_head", locality_id=f"'{PLACES[1]}'"),),
    ("disclosure_head", "UPDATE"): tuple(
        f"UPDATE disclosure_head SET {said}"
        for said in (
            "sequence = sequence - 1",
            "sequence = sequence + 2",
            "digest = ''",
            "sequence = sequence + 1, removed = removed + 1",
            "removed = removed + 1",
            "removed_digest = ''",
        )
    ),
    ("erasure", "INSERT"): (copy("erasure", person_id=ANOTHER),),
    ("erasure", "UPDATE"): ("UPDATE erasure SET done_at = now()",),
    ("client_mutation", "DELETE"): ("DELETE FROM client_mutation",),
    ("login", "DELETE"): ("DELETE FROM login",),
    ("access_token", "DELETE"): ("DELETE FROM access_token",),
    ("access_token", "UPDATE"): tuple(
        f"UPDATE access_token SET {said} WHERE revoked_at IS NOT NULL"
        for said in (
            "revoked_at = NULL",
            "revoked_at = NULL, revoked_by_id = NULL",
            "revoked_at = now()",
            "revoked_by_id = NULL",
        )
    ),
    ("access_token", "INSERT"): (copy("access_token", id=NEW, digest="''", person_id=ANOTHER),),
    ("office", "INSERT"): (
        f"INSERT INTO office (locality_id, id, person_id, kind, granted_at, granted_by_id) "
        f"SELECT '{HERE}', {NEW}, {ME}, 'ADMINISTRATOR', now(), {ME}",
    ),
    ("office", "UPDATE"): ("UPDATE office SET valid_to = 'infinity'",),
    ("meeting", "INSERT"): (copy("meeting", id=NEW, caller_id=ME),),
    ("meeting", "UPDATE"): (
        "UPDATE meeting SET minutes = 'never said'",
        "UPDATE meeting SET held_at = now()",
    ),
    ("agenda_item", "INSERT"): (copy("agenda_item", MINE, tabled_at="now()"),),
    ("agenda_item", "UPDATE"): (f"UPDATE agenda_item SET resolution = 'yes' WHERE {MINE}",),
    ("attachment", "INSERT"): (copy("attachment", MINE, id=NEW, uploader_id=ANOTHER),),
    ("attachment", "UPDATE"): (
        f"UPDATE attachment SET object_key = 'mine' WHERE {MINE} AND uploader_id <> {ME}",
    ),
    ("change", "INSERT"): (
        "INSERT INTO change (locality_id, id, noun, key, at, unit_path, handler_path, "
        f"was_handler_path) SELECT '{HERE}', {NEW}, 'TICKET', {NEW}, now(), '0000', '0000', '0000'",
    ),
    ("change", "DELETE"): ("DELETE FROM change",),
    ("client_mutation", "INSERT"): (
        "INSERT INTO client_mutation (locality_id, person_id, client_key, input_digest, answer, "
        f"created_at) SELECT '{HERE}', {ANOTHER}, 'key', '', 'null', now()",
    ),
    ("webhook", "INSERT"): (copy("webhook", OWNED, id=NEW),),
    ("webhook", "UPDATE"): (f"UPDATE webhook SET url = 'https://mine.example' WHERE {OWNED}",),
    ("webhook", "DELETE"): ("DELETE FROM webhook",),
    ("webhook_delivery", "INSERT"): (copy("webhook_delivery", OWNED, id=NEW),),
    ("webhook_delivery", "UPDATE"): (f"UPDATE webhook_delivery SET attempts = 0 WHERE {OWNED}",),
    ("webhook_delivery", "DELETE"): ("DELETE FROM webhook_delivery",),
    ("webhook_attempt", "INSERT"): (copy("webhook_attempt", OWNED, number="99"),),
    ("webhook_attempt", "DELETE"): ("DELETE FROM webhook_attempt",),
    ("statistic", "INSERT"): (copy("statistic", code="'mine'"),),
    ("statistic_month", "INSERT"): (copy("statistic_month", month="'2025-09-01'"),),
}
"""For each thing that may be written: by somebody who serves nowhere, on rows that it sees."""

UNDER = "^@ ANY (linli_prefixes())"
BEYOND = f"NOT unit_path {UNDER} AND NOT handler_path {UNDER}"
BY_A_SECRETARY = (
    copy("ticket", f"unit_path {UNDER}", id=NEW, number="'anew'", reporter_id=ANOTHER),
    f"UPDATE ticket SET status = 'CLOSED' WHERE {BEYOND} AND joint_scopes && linli_prefixes()",
    f"UPDATE ticket_event SET handler_path = unit_path WHERE {BEYOND}",
    f"UPDATE ticket_scope SET {ENDED} WHERE path = '000000000000'",
    copy("ticket_event", f"unit_path {UNDER}", id=NEW, sequence="99", actor_id=ANOTHER),
    copy("ticket_event", f"unit_path {UNDER}", id=NEW, sequence="99", actor_id="NULL"),
    copy("escalation_hop", f"unit_path {UNDER}", sequence="99", actor_id=ANOTHER),
    copy("service_record", f"unit_path {UNDER}", id=NEW, person_id=ANOTHER),
    copy("service_record_event", f"unit_path {UNDER}", sequence="99", actor_id=ANOTHER),
    copy("meeting", f"NOT unit_path {UNDER}", id=NEW, caller_id=ME),
    f"UPDATE meeting SET minutes = 'never said' WHERE NOT unit_path {UNDER}",
    "DELETE FROM change",
    copy("office", id=NEW, granted_by_id=ANOTHER),
    copy("office", id=NEW, granted_by_id=ME, person_id=ME, kind="'AUDITOR'"),
    copy(
        "office",
        id=NEW,
        granted_by_id=ME,
        person_id=ANOTHER,
        kind="'AUDITOR'",
        valid_to="'3000-01-01'",
    ),
    "UPDATE office SET valid_to = 'infinity'",
    "UPDATE office SET revoked_at = NULL, valid_to = CURRENT_DATE + 1",
    copy("access_token", id=NEW, digest="''", person_id=ANOTHER),
    f"UPDATE person_private SET phone = '1' WHERE person_id <> {ME}",
    "DELETE FROM person_private",
    "DELETE FROM visit_private",
    "UPDATE access_token SET revoked_at = NULL WHERE revoked_at IS NOT NULL",
)
NO_RESIDENTS = {
    ("person_private", "UPDATE"),
}
"""A resident sees no other's."""

A_TOKEN = (
    "INSERT INTO access_token (locality_id, id, person_id, name, digest, scopes, created_at, "
    f"expires_at) SELECT '{HERE}', {NEW}, {ME}, '', '', '{{}}', now(), now()"
)

TOLD = (
    "INSERT INTO change (locality_id, id, noun, key, at, unit_path, handler_path, "
    f"was_handler_path, reporter_id) SELECT '{HERE}', {NEW}, 'TICKET', {NEW}, now(), path, path, "
    "path, linli_person() FROM org_unit WHERE locality_id = linli_locality() AND code = 'G1'"
)


async def refuses(bare: Bare, scope: Scope, statement: str) -> None:
    """Run a statement that is refused, or finds nothing that it may remove."""
    await bare.execute(f"BEGIN; {scope.settings()}")
    try:
        if statement.startswith("DELETE"):
            table = statement.rpartition(" ")[2]
            await bare.execute(A_TOKEN if table == "access_token" else TOLD)
            assert await bare.fetchval(f"SELECT count(*) FROM {table}")
            assert await bare.execute(statement) == "DELETE 0"
        else:
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
                await bare.execute(statement)
    finally:
        await bare.execute("ROLLBACK")


@pytest.mark.parametrize("statement", [each for some in BY_A_RESIDENT.values() for each in some])
async def test_what_a_resident_may_not_write(bare: Bare, world: World, statement: str) -> None:
    await refuses(bare, world.viewers["resident"], statement)


@pytest.mark.parametrize("statement", BY_A_SECRETARY)
async def test_what_a_secretary_may_not_write(bare: Bare, world: World, statement: str) -> None:
    await refuses(bare, world.viewers["both_trees"], statement)


async def test_everything_that_may_be_written_is_tried(bare: Bare) -> None:
    granted = {
        (table, command)
        for table in METADATA.tables
        for command in ("INSERT", "UPDATE", "DELETE")
        if await bare.fetchval(GRANTED[command == "DELETE"], table, command)
    }
    assert {*BY_A_RESIDENT, *NO_RESIDENTS} == granted


GRANTED = (
    "SELECT has_any_column_privilege($1::text, $2::text)",
    "SELECT has_table_privilege($1::text, $2::text)",
)


async def test_of_a_ticket_the_columns_that_verbs_write(bare: Bare) -> None:
    sql = """
    SELECT column_name FROM information_schema.column_privileges
    WHERE grantee = $1 AND table_name = 'ticket' AND privilege_type = 'UPDATE'
    """
    granted = {row[0] for row in await bare.fetch(sql, APP_ROLE)}
    assert granted == {"joint_scopes", "carries", *STATE, *FACTS}


async def test_only_the_server_itself_forgets_changes(bare: Bare, world: World) -> None:
    chief = world.viewers["street"]
    await refuses(bare, chief, "DELETE FROM change")
    await bare.execute(f"BEGIN; {replace(chief, person=NOBODY).settings()}")
    await bare.execute(TOLD)
    assert await bare.execute("DELETE FROM change") == "DELETE 1"
    await bare.execute("ROLLBACK")


async def test_only_the_server_itself_forgets_what_was_corrected(bare: Bare, world: World) -> None:
    chief, deletes = world.viewers["street"], "DELETE FROM service_record_event"
    await refuses(bare, chief, deletes)
    assert re.match("DELETE [1-9]", await written(bare, replace(chief, person=NOBODY), deletes))


async def written(bare: Bare, scope: Scope, statement: str) -> Any:
    """What a statement under a scope did, before it is undone."""
    await bare.execute(f"BEGIN; {scope.settings()}")
    try:
        return await bare.execute(statement)
    finally:
        await bare.execute("ROLLBACK")


async def test_what_has_ended_in_a_subtree_does_not_begin_again(bare: Bare, world: World) -> None:
    anew, near = "status = 'REPORTED', open = true", f"path {UNDER}"
    scope = world.viewers["both_trees"]
    for was, rows in (("open", "UPDATE [1-9]"), ("NOT open", "UPDATE 0$")):
        said = await written(bare, scope, f"UPDATE ticket_scope SET {anew} WHERE {was} AND {near}")
        assert re.match(rows, said), said
    await bare.execute(f"BEGIN; {scope.settings()}")
    assert await bare.fetchval(f"SELECT count(*) FROM ticket_scope WHERE NOT open AND {near}")
    await bare.execute("ROLLBACK")


@pytest.mark.trust(31)
async def test_the_chain_goes_one_row_forward_at_this_moment(bare: Bare, world: World) -> None:
    """What the refusals of above leave: as much as writing a disclosure down takes."""
    resident = world.viewers["resident"]
    for statement in (
        copy("disclosure", sequence="99", actor_id=ME, at="now() - interval '4 minutes'"),
        "UPDATE disclosure_head SET sequence = sequence + 1, digest = 'x'",
        "UPDATE disclosure_head SET sequence = sequence",
    ):
        assert (await written(bare, resident, statement)).endswith(" 1"), statement


async def test_a_verb_reaches_its_own_ticket_and_no_other(bare: Bare, world: World) -> None:
    resident = world.viewers["resident"]
    ticket = next(
        row
        for row in world.of("ticket", HERE)
        if row["reporter_id"] == resident.person
        and len(row["unit_path"]) == 12
        and row["status"] not in CLOSED_STATUSES
    )
    reaching, path = resident.reaching(ticket["unit_path"]), ticket["unit_path"]
    change = "UPDATE ticket SET status = 'WITHDRAWN' WHERE id = '{}'"
    assert await written(bare, reaching, change.format(ticket["id"])) == "UPDATE 1"
    close = f"UPDATE ticket_scope SET {ENDED} WHERE ticket_id = '{ticket['id']}'"
    assert await written(bare, reaching, close) == f"UPDATE {len(path) // 4}"
    other = next(
        row
        for row in world.of("ticket", HERE)
        if row["reporter_id"] == resident.person
        and not any(row[name].startswith(path) for name in ("unit_path", "handler_path"))
    )
    await refuses(bare, reaching, change.format(other["id"]))
