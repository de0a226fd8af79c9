"""Offices: given and taken by administrators, in force between their days."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection

from db import run
from db.load.identities import grant as put_office
from db.migrate import config, migrate, with_connection
from domain.identity import OfficeKind
from tests.api.acting import COMMUNITY, DISTRICT, RESIDENT
from tests.api.provider import verb
from tests.api.served import Site
from tests.api.telling import SECONDS
from tests.api.test_access_tokens import administrator, by_token, created
from tests.server.test_commands import linli

OFFICE = "office { id kind inForce grantedAt grantedBy { name } revokedAt revokedBy { name } }"
GRANT, REVOKE = verb("officeGrant", OFFICE), verb("officeRevoke", OFFICE)
MINE = "{ viewer { offices { id kind person { name } } } }"
ALL = "{ offices(first: 100) { nodes { id kind inForce } } }"


async def person_id(site: Site, who: str) -> str:
    found = await site.person(who)
    return f"person_{found.locality}_{found.person}"


async def grant(site: Site, who: str, kind: str, by: str | None = COMMUNITY) -> Any:
    given = {"personId": await person_id(site, who), "kind": kind}
    return (await site.ask(GRANT, by, input=given))["officeGrant"]


async def revoke(site: Site, office: str, by: str = COMMUNITY) -> Any:
    return (await site.ask(REVOKE, by, input={"officeId": office}))["officeRevoke"]


async def kinds(site: Site, who: str) -> list[str]:
    return [each["kind"] for each in (await site.ask(MINE, who))["viewer"]["offices"]]


@pytest.mark.trust(28)
async def test_an_administrator_gives_and_takes_offices(own: Site) -> None:
    refused = await grant(own, RESIDENT, "AUDITOR")
    assert refused["userErrors"][0]["code"] == "FORBIDDEN"
    await administrator(own, COMMUNITY)
    given = await grant(own, RESIDENT, "AUDITOR")
    assert given["userErrors"] == []
    office, name = given["office"], (await own.person(COMMUNITY)).name
    assert (office["inForce"], office["grantedBy"]["name"]) == (True, name)
    assert (await grant(own, RESIDENT, "AUDITOR"))["office"]["id"] == office["id"]
    assert await kinds(own, RESIDENT) == ["AUDITOR"]
    scope = await own.database.scope_of("weibin", (await own.person(RESIDENT)).person)
    assert scope is not None
    assert scope.offices == ("AUDITOR",)
    # One who holds another office than administrator sees its own alone, and gives none.
    assert [each["id"] for each in (await own.ask(ALL, RESIDENT))["offices"]["nodes"]] == [
        office["id"]
    ]
    assert (await grant(own, RESIDENT, "ADMINISTRATOR", RESIDENT))["userErrors"][0][
        "code"
    ] == "FORBIDDEN"
    for _ in range(2):
        taken = await revoke(own, office["id"])
        assert (taken["userErrors"], taken["office"]["inForce"]) == ([], False)
        assert taken["office"]["revokedBy"]["name"] == name
    assert await kinds(own, RESIDENT) == []
    # It can be given again, and the first stays on record.
    await grant(own, RESIDENT, "AUDITOR")
    assert [each["inForce"] for each in (await own.ask(ALL, RESIDENT))["offices"]["nodes"]] == [
        True,
        False,
    ]


async def test_whoever_was_forgotten_is_given_none(own: Site) -> None:
    await administrator(own, COMMUNITY)
    key = (await own.person(RESIDENT)).person
    await own.owner.execute("UPDATE person SET name = '已注销' WHERE id = $1", key)
    (error,) = (await grant(own, RESIDENT, "AUDITOR"))["userErrors"]
    assert (error["code"], error["field"]) == ("FORGOTTEN", "personId")


@pytest.mark.trust(28)
async def test_who_gives_offices_is_given_none_by_themselves_and_is_no_auditor(own: Site) -> None:
    """Nor is an auditor given the offices, now or in a term to come; by nobody."""
    await administrator(own, COMMUNITY)
    for kind in ("AUDITOR", "DATA_CONSUMER", "ADMINISTRATOR"):
        (error,) = (await grant(own, COMMUNITY, kind))["userErrors"]
        assert (error["code"], error["field"]) == ("NOT_TO_ONESELF", "personId")
    await administrator(own, RESIDENT)
    (error,) = (await grant(own, COMMUNITY, "AUDITOR", RESIDENT))["userErrors"]
    assert (error["code"], error["field"]) == ("OFFICES_APART", "kind")
    assert (await grant(own, COMMUNITY, "DATA_CONSUMER", RESIDENT))["userErrors"] == []
    audits = (await grant(own, DISTRICT, "AUDITOR"))["office"]["id"]
    await own.owner.execute(
        "UPDATE office SET valid_from = CURRENT_DATE + 1 WHERE kind = 'AUDITOR'"
    )
    (error,) = (await grant(own, DISTRICT, "ADMINISTRATOR"))["userErrors"]
    assert error["code"] == "OFFICES_APART"
    await own.owner.execute("UPDATE office SET valid_from = CURRENT_DATE")
    assert (await revoke(own, audits))["userErrors"] == []
    assert (await grant(own, DISTRICT, "ADMINISTRATOR"))["userErrors"] == []


async def test_two_who_grant_at_once_make_nobody_both(own: Site) -> None:
    await administrator(own, COMMUNITY)
    both = ("AUDITOR", "ADMINISTRATOR") * 5
    made = await asyncio.gather(*(grant(own, RESIDENT, kind) for kind in both))
    assert {each["userErrors"][0]["code"] for each in made if each["userErrors"]} == {
        "OFFICES_APART"
    }
    assert len(await kinds(own, RESIDENT)) == 1


@pytest.mark.trust(28)
async def test_the_database_keeps_them_apart(own: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the lock that has verbs wait for each other, too."""

    async def at_once(*_what: Any) -> None:
        """Waits for nobody."""

    monkeypatch.setattr(run, "one_by_one", at_once)
    await administrator(own, COMMUNITY)
    found = await own.person(RESIDENT)
    now = datetime.now(UTC)
    async with own.owner.transaction():
        who = own.owner, found.locality, found.person
        assert await put_office(*who, OfficeKind.AUDITOR, now)
        granting = asyncio.create_task(grant(own, RESIDENT, "ADMINISTRATOR"))
        await waits_for(own)
    (error,) = (await granting)["userErrors"]
    assert (error["code"], error["field"]) == ("OFFICES_APART", "kind")
    assert await kinds(own, RESIDENT) == ["AUDITOR"]


def _before_they_were_apart(connection: Connection) -> None:
    command.downgrade(config(connection), "0010-1")


async def test_who_was_both_before_stays_administrator(own: Site) -> None:
    await with_connection(own.scratch.owner_dsn, _before_they_were_apart)
    held = {RESIDENT: ["AUDITOR", "ADMINISTRATOR"], COMMUNITY: ["AUDITOR", "DATA_CONSUMER"]}
    for name, offices in held.items():
        person = (await own.person(name)).person
        for kind in offices:
            await own.owner.execute(HOLD, person, kind)
    await migrate(own.scratch.owner_dsn)
    assert await kinds(own, RESIDENT) == ["ADMINISTRATOR"]
    assert {*await kinds(own, COMMUNITY)} == {"AUDITOR", "DATA_CONSUMER"}
    taken = await own.owner.fetch("SELECT kind FROM office WHERE revoked_at IS NOT NULL")
    assert [row["kind"] for row in taken] == ["AUDITOR"]


HOLD = """
INSERT INTO office (locality_id, id, person_id, kind, granted_at)
VALUES ('weibin', gen_random_uuid(), $1, $2, now())
"""


async def waits_for(site: Site) -> None:
    """Until somebody waits for what this connection holds."""
    pid = site.owner.get_server_pid()
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE $1 = ANY(pg_blocking_pids(pid))"
    async with asyncio.timeout(SECONDS):
        while not await site.owner.fetchval(waiting, pid):
            await asyncio.sleep(0)


async def test_the_command_line_keeps_them_apart_too(own: Site) -> None:
    found = await own.person(RESIDENT)
    who = own.owner, found.locality, found.person
    now = datetime.now(UTC)
    assert await put_office(*who, OfficeKind.AUDITOR, now)
    assert await put_office(*who, OfficeKind.AUDITOR, now)
    assert not await put_office(*who, OfficeKind.ADMINISTRATOR, now)
    assert await put_office(*who, OfficeKind.DATA_CONSUMER, now)
    assert {*await kinds(own, RESIDENT)} == {"AUDITOR", "DATA_CONSUMER"}


@pytest.mark.trust(28)
@pytest.mark.parametrize("zone", ["<+24>-24", "<-24>24"])  # where it is tomorrow, or yesterday
async def test_the_command_line_keeps_the_servers_days(own: Site, zone: str) -> None:
    """Taken is taken at once, whatever PostgreSQL takes for its time zone."""
    name = own.scratch.owner_dsn.rpartition("/")[2].partition("?")[0]
    await own.owner.execute(f"""ALTER DATABASE "{name}" SET timezone = '{zone}'""")
    settings = {"MIGRATE_DATABASE_URL": own.scratch.owner_dsn}
    for what, held in (("grant", ["DATA_CONSUMER"]), ("revoke", [])):
        words = ("office", what, "--as", RESIDENT, "--kind", "data_consumer")
        done = await asyncio.to_thread(linli, *words, settings=settings)
        assert done.returncode == 0, done.stderr
        assert await kinds(own, RESIDENT) == held


async def test_what_cannot_be_given_or_taken(own: Site) -> None:
    await administrator(own, COMMUNITY)
    (mine,) = (await own.ask(MINE, COMMUNITY))["viewer"]["offices"]
    assert (await revoke(own, mine["id"]))["userErrors"][0]["code"] == "LAST_ADMINISTRATOR"
    abroad = await grant(own, "huazhou", "AUDITOR")
    assert abroad["userErrors"][0]["code"] == "NOT_FOUND"
    unknown = mine["id"][:-12] + "0" * 12
    assert (await revoke(own, unknown))["userErrors"][0]["code"] == "NOT_FOUND"
    await grant(own, RESIDENT, "ADMINISTRATOR")
    assert (await revoke(own, mine["id"]))["userErrors"] == []
    assert (await revoke(own, mine["id"]))["userErrors"][0]["code"] == "FORBIDDEN"


async def test_an_office_counts_between_its_days(own: Site) -> None:
    await administrator(own, RESIDENT)
    for since, until, held in (
        ("CURRENT_DATE", "'infinity'", True),
        ("CURRENT_DATE + 1", "'infinity'", False),
        ("CURRENT_DATE - 2", "CURRENT_DATE", False),
        ("CURRENT_DATE - 2", "CURRENT_DATE + 1", True),
    ):
        await own.owner.execute(f"UPDATE office SET valid_from = {since}, valid_to = {until}")
        assert await kinds(own, RESIDENT) == ["ADMINISTRATOR"] * held, (since, until)


@pytest.mark.trust(30)
async def test_a_token_without_admin_gives_no_office(own: Site) -> None:
    await administrator(own, DISTRICT)
    secret = (await created(own, DISTRICT, scopes=["WRITE"]))["secret"]
    given = {"personId": await person_id(own, RESIDENT), "kind": "AUDITOR"}
    answer = await by_token(own, secret, GRANT, input=given)
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN_SCOPE"
    assert await own.count("office") == 1
