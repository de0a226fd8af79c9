"""Offices: given and taken by administrators, in force between their days."""

from typing import Any

import pytest

from tests.api.acting import COMMUNITY, DISTRICT, RESIDENT
from tests.api.provider import verb
from tests.api.served import Site
from tests.api.test_access_tokens import administrator, by_token, created

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
