"""graphql-transport-ws as it is spoken and misspoken."""

import logging
import time
from typing import Any

import orjson
import pytest
from joserfc import jwt
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from server.websocket import MOST_OPERATIONS
from tests.api.acting import COMMUNITY, GRID, RESIDENT, mutation, reported
from tests.api.served import KEY, Site
from tests.api.telling import (
    PROTOCOL,
    Phone,
    Started,
    now_of,
    phone,
    phone_of,
    told,
)

UNIT = "query($id: ID!) { orgUnit(id: $id) { name tickets(first: 2) { totalCount } } }"


async def test_queries_answer_as_over_http(shop: Site, served: Started) -> None:
    unit = await shop.unit("weibin", GRID)
    async with phone_of(shop, served, COMMUNITY) as one:
        for query, variables in (
            (UNIT, {"id": unit}),
            ("{ viewer { person { name } } __schema { queryType { name } } }", {}),
        ):
            id = await one.subscribe(query, **variables)
            body = (await shop.post(query, variables, COMMUNITY)).json()
            assert await one.take() == {"type": "next", "id": id, "payload": body}
            assert await one.take() == {"type": "complete", "id": id}


async def test_headers_of_the_handshake_serve_too(shop: Site, served: Started) -> None:
    token = await shop.token(COMMUNITY)
    async with phone(served, Authorization=f"Bearer {token}") as one:
        await one.begin()
        await one.subscribe("{ viewer { person { name } } }")
        assert (await one.take())["payload"]["data"]["viewer"]["person"] is not None


async def test_a_mutation_is_carried_out_and_answers_in_ones_language(
    shop: Site, served: Started
) -> None:
    said: dict[str, str] = {}
    for language in ("zh-CN, en;q=0.5", "en"):
        async with phone(served) as one:
            token = f"Bearer {await shop.token(RESIDENT)}"
            await one.begin(Authorization=token, acceptLanguage=language)
            new = {
                "unitId": await shop.unit("weibin", GRID),
                "title": "路灯不亮",
                "category": "yard",
            }
            await one.subscribe(mutation("ticketReport"), input=new)
            payload = (await one.take())["payload"]["data"]["ticketReport"]
            assert payload["userErrors"] == []
            await one.take()
            await one.subscribe(mutation("ticketReport"), input={**new, "category": "nothing"})
            payload = (await one.take())["payload"]["data"]["ticketReport"]
            (error,) = payload["userErrors"]
            said[language] = error["message"]
    assert said["en"].isascii()
    assert not said["zh-CN, en;q=0.5"].isascii()


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_PARSE_FAILED"),
        ('{ node(id: "x") { id } }', "BAD_ID"),
        ("subscription { ticketChanged { id } changed: ticketChanged { id } }", None),
        ("subscription { __typename }", None),
        ("subscription { ticketChanged @skip(if: true) { id } }", None),
        (f"{'{ a ' * 150}{'}' * 150}", "TOO_DEEP"),
    ],
)
async def test_what_is_no_operation_is_an_error(
    shop: Site, served: Started, query: str, code: str | None
) -> None:
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(query)
        message = await one.take()
        assert (message["type"], message["id"]) == ("error", id)
        codes = {each["extensions"]["code"] for each in message["payload"]}
        assert code is None or codes == {code}
        # The socket lives on.
        await one.send(type="ping")
        assert await one.take() == {"type": "pong"}


async def test_a_subscription_over_plain_http_is_an_error(shop: Site) -> None:
    (error,) = await shop.errors('subscription { ticketChanged(id: "x") { id } }', COMMUNITY)
    assert error["extensions"]["code"] == "OPERATION_NOT_ALLOWED"


async def test_an_id_is_free_again_once_complete(shop: Site, served: Started) -> None:
    ticket = await reported(shop)
    after = await now_of(shop, COMMUNITY)
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(id=ticket, after=after)
        await one.send(type="complete", id=id)
        await one.send(type="complete", id="unknown")
        change = await told(shop, ticket)
        payload = {"query": 'subscription($t: ID) { ticketChanged(id: $t, after: "%s") { id } }'}
        payload["query"] %= after
        await one.send(type="subscribe", id=id, payload={**payload, "variables": {"t": ticket}})
        assert await one.event(id) == {"id": change}


@pytest.mark.trust(14)
async def test_only_so_many_at_once(shop: Site, served: Started) -> None:
    ticket = await reported(shop)
    async with phone_of(shop, served, COMMUNITY) as one:
        for _ in range(MOST_OPERATIONS):
            await one.subscribe(id=ticket)
        id = await one.subscribe(id=ticket)
        message = await one.take()
        assert (message["type"], message["id"]) == ("error", id)
        assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_OPERATIONS"


BROKEN: list[tuple[Any, int]] = [
    ("", 4400),
    ("null", 4400),
    ("7", 4400),
    ("[]", 4400),
    ('"text"', 4400),
    ("{", 4400),
    ("[" * 30_000, 4400),
    ("{}", 4400),
    (b'{"type":"ping"}', 4400),
    ({"type": None}, 4400),
    ({"type": ["ping"]}, 4400),
    ({"type": "start", "id": "1", "payload": {"query": "{ __typename }"}}, 4400),
    ({"type": "connection_init"}, 4429),
    ({"type": "subscribe"}, 4400),
    ({"type": "subscribe", "id": ["1"], "payload": {"query": "{ __typename }"}}, 4400),
    ({"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}, 4400),
    ({"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": None}, 4400),
    ({"type": "subscribe", "id": "1", "payload": []}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": 1}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": "{a}", "variables": []}}, 4400),
    ({"type": "subscribe", "id": "1", "payload": {"query": "{a}", "operationName": 1}}, 4400),
    ({"type": "complete", "id": {}}, 4400),
    ("x" * 70_000, 1009),
]


@pytest.mark.trust(15)
@pytest.mark.parametrize(("frame", "code"), BROKEN, ids=lambda each: str(each)[:40])
async def test_what_is_no_message_closes_the_socket(
    shop: Site, served: Started, caplog: pytest.LogCaptureFixture, frame: Any, code: int
) -> None:
    with caplog.at_level(logging.WARNING):
        async with phone_of(shop, served, COMMUNITY) as one:
            text = orjson.dumps(frame).decode() if isinstance(frame, dict) else frame
            await one.wire.send(text)
            assert (await one.closed())[0] == code
        assert caplog.records == []


@pytest.mark.parametrize(
    ("messages", "code"),
    [
        ([{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }"}}], 4401),
        ([{"type": "connection_init", "payload": {"authorization": "Bearer x"}}], 4403),
        ([{"type": "connection_init", "payload": {"authorization": "Basic x"}}], 4403),
        ([{"type": "connection_init", "payload": {"authorization": 1}}], 4400),
        ([{"type": "connection_init", "payload": [1]}], 4400),
    ],
)
async def test_a_wrong_beginning_closes_the_socket(
    served: Started, messages: list[Any], code: int
) -> None:
    async with phone(served) as one:
        for message in messages:
            await one.send(**message)
        assert (await one.closed())[0] == code


async def test_an_operation_of_the_same_id_closes_the_socket(shop: Site, served: Started) -> None:
    ticket = await reported(shop)
    async with phone_of(shop, served, COMMUNITY) as one:
        id = await one.subscribe(id=ticket)
        await one.send(type="subscribe", id=id, payload={"query": "{ __typename }"})
        assert (await one.closed())[0] == 4409


@pytest.mark.trust(21)
@pytest.mark.parametrize("protocols", [None, [Subprotocol("graphql-ws")]])
async def test_other_protocols_are_not_spoken(served: Started, protocols: Any) -> None:
    async with connect(f"ws://{served.address}/graphql", subprotocols=protocols) as wire:
        assert (await Phone(wire).closed())[0] == 4406


@pytest.mark.trust(19)
async def test_a_foreign_page_is_turned_away(served: Started) -> None:
    url = f"ws://{served.address}/graphql"
    with pytest.raises(InvalidStatus) as refused:
        await connect(url, subprotocols=[PROTOCOL], origin=Origin("http://elsewhere.test"))
    assert refused.value.response.status_code == 403
    own = Origin(f"http://{served.address}")
    async with connect(url, subprotocols=[PROTOCOL], origin=own) as wire:
        await Phone(wire).begin()


@pytest.mark.trust(18)
async def test_a_token_ends_and_so_does_the_socket(shop: Site, served: Started) -> None:
    ticket, person = await reported(shop), await shop.person(COMMUNITY)
    claims = {"iss": "linli-demo", "sub": f"{person.locality}/{person.person}"}
    ends = int(time.time()) + 2
    token = jwt.encode({"alg": "HS256"}, {**claims, "exp": ends}, KEY)
    async with phone(served) as one:
        await one.begin(authorization=f"Bearer {token}")
        await one.subscribe(id=ticket)
        code, reason = await one.closed()
    assert (code, reason) == (4401, "This token has expired.")
    assert time.time() < ends + 1
