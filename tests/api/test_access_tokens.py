"""Access tokens: made once, kept as a hash, good for what they say, and revoked at once."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosedError

from domain.identity import CHECKSUM, access_token, locality_of
from tests.api.acting import COMMUNITY, RESIDENT, mutation, reported
from tests.api.provider import verb
from tests.api.served import Site, key_of
from tests.api.telling import SECONDS, listening, now_of, phone, told

MADE = "accessToken { id name scopes expiresAt lastUsedAt revokedAt person { name } } secret"
CREATE = verb("accessTokenCreate", MADE)
REVOKE = verb("accessTokenRevoke", "accessToken { id revokedAt }")
WHO = "{ viewer { person { name } } }"
OWN = "{ viewer { accessTokens { totalCount nodes { id name lastUsedAt revokedAt } } } }"
ALL = "{ accessTokens(first: 100) { nodes { id name person { name } } } }"
REPORT = mutation("ticketReport")


def soon(**span: float) -> str:
    return (datetime.now(UTC) + timedelta(**(span or {"days": 30}))).isoformat()


async def created(site: Site, by: str = COMMUNITY, **given: Any) -> Any:
    """The payload of an access token that must be made."""
    said = {"name": "a program", "scopes": ["READ"], "expiresAt": soon(), **given}
    made = (await site.ask(CREATE, by, input=said))["accessTokenCreate"]
    assert made["userErrors"] == [], made
    return made


async def by_token(site: Site, secret: str, query: str = WHO, **variables: Any) -> httpx.Response:
    return await site.post(query, variables, headers={"authorization": f"Bearer {secret}"})


async def code_of(site: Site, secret: str, query: str = WHO, **variables: Any) -> str | None:
    errors = (await by_token(site, secret, query, **variables)).json().get("errors")
    return errors and errors[0]["extensions"]["code"]


@pytest.mark.trust(30)
async def test_a_token_speaks_for_its_person_and_only_a_hash_is_kept(own: Site) -> None:
    made = await created(own, scopes=["WRITE"], clientMutationKey="k")
    secret, token = made["secret"], made["accessToken"]
    assert token["scopes"] == ["READ", "WRITE"]
    name = (await own.person(COMMUNITY)).name
    assert token["person"] == {"name": name}
    answer = await by_token(own, secret)
    assert answer.json()["data"]["viewer"]["person"]["name"] == name
    row = await own.owner.fetchrow("SELECT * FROM access_token")
    assert row is not None
    assert row["digest"] == hashlib.sha256(secret.encode()).digest()
    # Nowhere else in the database, whole or in part.
    part = secret.rpartition("_")[2][:12]
    for (table,) in await own.owner.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    ):
        sql = f"SELECT count(*) FROM {table} t WHERE strpos(t::text, $1) > 0"
        assert await own.owner.fetchval(sql, part) == 0, table
    # Sent again under its key the request tells what was made, without the secret.
    given = {"name": "a program", "scopes": ["WRITE"], "expiresAt": token["expiresAt"]}
    again = (
        await own.post(CREATE, {"input": {**given, "clientMutationKey": "k"}}, COMMUNITY)
    ).json()
    found = again["data"]["accessTokenCreate"]
    assert (found["userErrors"], found["secret"]) == ([], None)
    assert found["accessToken"]["id"] == token["id"]
    assert await own.count("access_token") == 1


async def test_a_token_that_was_mistyped_reaches_no_table(shop: Site) -> None:
    secret = (await created(shop))["secret"]
    assert locality_of(secret) == "weibin"
    assert locality_of(secret[:-1] + ("0" if secret[-1] != "0" else "1")) is None
    forged = access_token("weibin", "0" * 32)
    wrong = [
        secret[:-1],
        secret + "0",
        secret.replace("weibin", "huazhou"),
        secret.upper(),
        forged,
        access_token("nowhere", "0" * 32),
        "linli_pat_",
        "linli_pat_weibin_" + "0" * (32 + CHECKSUM),
        "linli_pat_" + "x" * 50_000,
        "linli_pat_weibin'; DROP TABLE ticket; --_" + "0" * 38,
    ]
    for token in wrong:
        assert (await by_token(shop, token)).status_code == 401, token
    assert await code_of(shop, secret) is None


@pytest.mark.trust(30)
async def test_a_token_that_may_read_writes_nothing(own: Site) -> None:
    """Over HTTP, WebSocket and server-sent events; aliases, fragments and names change nothing."""
    secret = (await created(own))["secret"]
    unit = await own.unit("weibin", COMMUNITY.partition("/")[2])
    before = await own.count("ticket")
    given = {"unitId": unit, "title": "x", "body": "x", "category": "yard"}
    queries = (
        REPORT,
        "mutation A($input: TicketReportInput!) { ...F } "
        "fragment F on Mutation { x: ticketReport(input: $input) { ticket { id } } }",
    )
    headers = {"authorization": f"Bearer {secret}"}
    async with listening(own) as server, phone(server) as one:
        await one.begin(authorization=f"Bearer {secret}")
        for query in queries:
            assert await code_of(own, secret, query, input=given) == "FORBIDDEN_SCOPE"
            streamed = await own.post(
                query, {"input": given}, headers={**headers, "accept": "text/event-stream"}
            )
            assert "FORBIDDEN_SCOPE" in streamed.text
            await one.subscribe(query, input=given)
            message = await one.take()
            assert message["type"] == "error"
            assert message["payload"][0]["extensions"]["code"] == "FORBIDDEN_SCOPE"
        await one.subscribe(WHO)
        assert (await one.take())["type"] == "next"
    assert await own.count("ticket") == before


@pytest.mark.trust(30)
async def test_a_token_makes_none_that_may_more(shop: Site) -> None:
    secrets = {
        name: (await created(shop, scopes=scopes))["secret"]
        for name, scopes in (("write", ["WRITE"]), ("admin", ["WRITE", "ADMIN"]), ("read", []))
    }
    for name, scopes, code in (
        ("read", [], "FORBIDDEN_SCOPE"),
        ("write", ["READ"], "FORBIDDEN_SCOPE"),
        ("write", ["ADMIN"], "FORBIDDEN_SCOPE"),
        ("admin", ["READ", "WRITE", "ADMIN"], None),
    ):
        given = {"name": "x", "scopes": scopes, "expiresAt": soon()}
        answer = await by_token(shop, secrets[name], CREATE, input=given)
        errors = answer.json().get("errors", [{"extensions": {"code": None}}])
        assert errors[0]["extensions"]["code"] == code, name
        # Refused in one way, whichever scope it is: before anything is done.
        assert answer.status_code == (200 if code is None else 403), name


@pytest.mark.trust(30)
async def test_what_wants_more_than_the_token_has_is_refused_whole(own: Site) -> None:
    """Whatever stands beside it, behind an alias and a fragment."""
    secret = (await created(own, scopes=["WRITE"]))["secret"]
    unit = await own.unit("weibin", COMMUNITY.partition("/")[2])
    query = """mutation($new: TicketReportInput!, $token: AccessTokenRevokeInput!) {
        ticketReport(input: $new) { ticket { id } } ...Also }
        fragment Also on Mutation { also: accessTokenRevoke(input: $token) { accessToken { id } } }"""
    given = {
        "new": {"unitId": unit, "title": "x", "category": "yard"},
        "token": {"accessTokenId": "nothing"},
    }
    before = await own.count("ticket")
    answer = await by_token(own, secret, query, **given)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["scope"]) == (403, "admin")
    assert await own.count("ticket") == before


async def test_what_a_token_may_not_be(own: Site) -> None:
    for given, code, field in (
        ({"expiresAt": soon(seconds=-1)}, "DUE_IN_PAST", "expiresAt"),
        ({"expiresAt": soon(days=367)}, "TOO_LATE", "expiresAt"),
        ({"name": "x" * 101}, "TEXT_TOO_LONG", "name"),
        ({"scopes": ["ADMIN"]}, "SCOPES_INCOMPLETE", "scopes"),
        ({"scopes": ["READ", "ADMIN"]}, "SCOPES_INCOMPLETE", "scopes"),
    ):
        said = {"name": "a program", "scopes": [], "expiresAt": soon(), **given}
        made = (await own.ask(CREATE, COMMUNITY, input=said))["accessTokenCreate"]
        (error,) = made["userErrors"]
        assert (error["code"], error["field"]) == (code, field)
        assert (made["secret"], made["accessToken"]) == (None, None)
    said = {"name": "a program", "scopes": [], "expiresAt": soon()}
    made = [await own.post(CREATE, {"input": said}, COMMUNITY) for _ in range(51)]
    errors = [each.json()["data"]["accessTokenCreate"]["userErrors"] for each in made]
    assert [bool(each) for each in errors] == [False] * 50 + [True]
    assert errors[-1][0]["code"] == "LIMIT_REACHED"
    assert (await own.errors(CREATE, None, input=said))[0]["extensions"][
        "code"
    ] == "UNAUTHENTICATED"


async def test_its_own_person_and_administrators_see_and_revoke_it(own: Site) -> None:
    mine, another = await created(own, COMMUNITY), await created(own, RESIDENT)
    seen = (await own.ask(ALL, COMMUNITY))["accessTokens"]["nodes"]
    assert [each["id"] for each in seen] == [mine["accessToken"]["id"]]
    given = {"accessTokenId": another["accessToken"]["id"]}
    refused = (await own.ask(REVOKE, COMMUNITY, input=given))["accessTokenRevoke"]
    assert refused["userErrors"][0]["code"] == "NOT_FOUND"
    await administrator(own, COMMUNITY)
    seen = (await own.ask(ALL, COMMUNITY))["accessTokens"]["nodes"]
    assert {each["id"] for each in seen} == {each["accessToken"]["id"] for each in (mine, another)}
    assert (await own.ask(OWN, COMMUNITY))["viewer"]["accessTokens"]["totalCount"] == 1
    for _ in range(2):
        done = (await own.ask(REVOKE, COMMUNITY, input=given))["accessTokenRevoke"]
        assert done["userErrors"] == []
        assert done["accessToken"]["revokedAt"]
    assert (await by_token(own, another["secret"])).status_code == 401
    # Of another place, an administrator sees and revokes nothing.
    abroad = await created(own, "huazhou")
    given = {"accessTokenId": abroad["accessToken"]["id"]}
    refused = (await own.ask(REVOKE, COMMUNITY, input=given))["accessTokenRevoke"]
    assert refused["userErrors"][0]["code"] == "NOT_FOUND"
    assert (await by_token(own, abroad["secret"])).status_code == 200


async def administrator(site: Site, who: str) -> None:
    """Make somebody an administrator, as the command line does."""
    person = await site.person(who)
    await site.owner.execute(
        "INSERT INTO office (locality_id, id, person_id, kind, granted_at) "
        "VALUES ($1, gen_random_uuid(), $2, 'ADMINISTRATOR', now())",
        person.locality,
        person.person,
    )


@pytest.mark.trust(28, 30)
async def test_what_ends_a_token_ends_it_at_the_next_request(own: Site) -> None:
    ends = (
        "UPDATE access_token SET revoked_at = now()",
        "UPDATE access_token SET expires_at = now()",
        "DELETE FROM access_token",
    )
    for statement in ends:
        secret = (await created(own))["secret"]
        assert await code_of(own, secret) is None
        await own.owner.execute(statement)
        assert await code_of(own, secret) == "UNAUTHENTICATED", statement


@pytest.mark.trust(18, 30)
async def test_a_token_revoked_in_mid_stream_ends_it(own: Site) -> None:
    made = await created(own)
    ticket = await reported(own)
    async with listening(own) as server, phone(server) as one:
        await one.begin(authorization=f"Bearer {made['secret']}")
        id = await one.subscribe(id=ticket, after=await now_of(own, COMMUNITY))
        await told(own, ticket)
        assert (await one.event(id))["ticketId"] == ticket
        given = {"accessTokenId": made["accessToken"]["id"]}
        await own.ask(REVOKE, COMMUNITY, input=given)
        await told(own, ticket)
        closed, _ = await one.closed()
        assert closed == 4401
        with pytest.raises(ConnectionClosedError):  # nothing was sent before the end
            await one.wire.recv()


@pytest.mark.trust(18)
async def test_a_quiet_stream_ends_too(own: Site) -> None:
    """Nothing happens to what is listened to: who lost something is told all the same."""
    made, ticket = await created(own), await reported(own)
    async with listening(own) as server, phone(server) as one:
        await one.begin(authorization=f"Bearer {made['secret']}")
        id = await one.subscribe(id=ticket, after=await now_of(own, COMMUNITY))
        await told(own, ticket)
        await one.event(id)
        await own.owner.execute("DELETE FROM access_token")
        assert (await one.closed())[0] == 4401


async def test_its_use_is_noted_once_an_hour(own: Site) -> None:
    made = await created(own)
    key = key_of(made["accessToken"]["id"])
    noted = "SELECT last_used_at FROM access_token WHERE id = $1"
    assert await own.owner.fetchval(noted, key) is None
    assert await code_of(own, made["secret"]) is None
    if noting := {*own.app.state.answers.callers.bearers.noting}:
        await asyncio.wait(noting, timeout=SECONDS)
    assert (first := await own.owner.fetchval(noted, key)) is not None
    assert await code_of(own, made["secret"]) is None
    (token,) = (await own.ask(OWN, COMMUNITY))["viewer"]["accessTokens"]["nodes"]
    assert token["lastUsedAt"]
    assert await own.owner.fetchval(noted, key) == first
