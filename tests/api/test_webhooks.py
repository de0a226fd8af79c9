"""Making, seeing, changing and removing webhooks: by the heads of a tree, and nobody else."""

import asyncio
from typing import Any

import asyncpg
import pytest

from db import idempotency
from db.scope import Scope
from domain.webhook import MOST_WEBHOOKS, secret_text
from schema.api import API
from tests.api.acting import CHIEF, COMMUNITY, DISTRICT, ELSEWHERE, GRID, RESIDENT, done, reported
from tests.api.hooks import READ, URL, Worker, hooked, new, read, receiving, refusal, send
from tests.api.served import Site

UNKNOWN = "00000000-0000-7000-8000-000000000000"
LIST = "{ webhooks(first: 100) { totalCount nodes { id } } }"


async def listed(site: Site, by: str) -> set[str]:
    """The webhooks somebody sees."""
    return {each["id"] for each in (await site.ask(LIST, by))["webhooks"]["nodes"]}


async def test_whoever_serves_at_the_top_makes_one_and_sees_it(shop: Site) -> None:
    given = {"name": "大屏", "verbs": ["SIGN", "ACCEPT", "SIGN"], "nouns": ["TICKET"]}
    webhook, secret = await hooked(shop, DISTRICT, GRID, URL, **given)
    assert secret.startswith("whsec_")
    shown = await read(shop, webhook, DISTRICT)
    owner = (await shop.person(DISTRICT)).name
    assert shown == {
        "id": webhook,
        "name": "大屏",
        "url": URL,
        "nouns": ["TICKET"],
        "verbs": ["ACCEPT", "SIGN"],
        "ended": None,
        "endedAt": None,
        "failingSince": None,
        "formerUntil": None,
        "owner": {"name": owner},
        "orgUnit": {"name": GRID},
        "deliveries": {"totalCount": 0, "nodes": []},
    }
    assert webhook in await listed(shop, DISTRICT)
    node = "query($id: ID!) { node(id: $id) { __typename id } }"
    found = await shop.ask(node, DISTRICT, id=webhook)
    assert found["node"] == {"__typename": "Webhook", "id": webhook}


async def test_the_secret_is_nowhere_to_be_read(shop: Site) -> None:
    webhook, secret = await hooked(shop, DISTRICT, GRID, URL)
    assert "secret" not in str(await read(shop, webhook, DISTRICT)).lower()
    fields = {
        f"{name}.{own}"
        for name, type_ in API.core.type_map.items()
        for own in getattr(type_, "fields", {})
    }
    telling = {each for each in fields if each.partition(".")[2].lower().endswith("secret")}
    assert telling == {
        "WebhookSecretPayload.secret",
        "Mutation.webhookRotateSecret",
        "AccessTokenCreatePayload.secret",
    }
    kept = await shop.owner.fetchval("SELECT string_agg(answer::text, '') FROM client_mutation")
    assert secret not in (kept or "")


@pytest.mark.parametrize("by", [CHIEF, COMMUNITY, RESIDENT])
async def test_nobody_below_the_top_makes_one(shop: Site, by: str) -> None:
    assert await refusal(shop, "webhookCreate", by, **await new(shop)) == ("FORBIDDEN", None)


async def test_a_unit_of_another_place_is_unknown(shop: Site) -> None:
    given = await new(shop, unitId=f"unit_weibin_{UNKNOWN}")
    assert await refusal(shop, "webhookCreate", DISTRICT, **given) == ("UNIT_UNKNOWN", "unitId")
    given = await new(shop)
    assert await refusal(shop, "webhookCreate", ELSEWHERE, **given) == ("UNIT_UNKNOWN", "unitId")


@pytest.mark.parametrize("by", [CHIEF, RESIDENT, ELSEWHERE])
async def test_others_see_no_more_than_if_it_did_not_exist(shop: Site, by: str) -> None:
    webhook, _ = await hooked(shop, DISTRICT, GRID, URL)
    absent = f"webhook_weibin_{UNKNOWN}"
    assert await listed(shop, by) == set()
    for text in (READ, "query($id: ID!) { node(id: $id) { id } }"):
        real = await shop.post(text, {"id": webhook}, by)
        assert real.content == (await shop.post(text, {"id": absent}, by)).content
    for field in ("webhookUpdate", "webhookDelete", "webhookRotateSecret"):
        for id_ in (webhook, absent):
            found = await refusal(shop, field, by, webhookId=id_)
            assert found == ("NOT_FOUND", "webhookId")
    assert (await read(shop, webhook, DISTRICT))["ended"] is None


async def test_the_public_must_say_who_it_is(shop: Site) -> None:
    text = "mutation($input: WebhookCreateInput!) { webhookCreate(input: $input) { secret } }"
    (error,) = await shop.errors(text, input=await new(shop))
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    found = await shop.ask('{ webhooks(locality: "weibin") { totalCount } }')
    assert found["webhooks"]["totalCount"] == 0


async def test_a_name_has_an_end(shop: Site) -> None:
    given = await new(shop, name="大" * 101)
    assert await refusal(shop, "webhookCreate", DISTRICT, **given) == ("TEXT_TOO_LONG", "name")


async def test_it_is_told_of_something(shop: Site) -> None:
    """No verbs are all of them; of no kind of thing it would never hear."""
    webhook, _ = await hooked(shop, DISTRICT, GRID, URL)
    for field, given in (
        ("webhookCreate", await new(shop, nouns=[])),
        ("webhookUpdate", {"webhookId": webhook, "nouns": []}),
    ):
        assert await refusal(shop, field, DISTRICT, **given) == ("NOUNS_REQUIRED", "nouns")


async def test_one_key_makes_one_webhook_and_shows_its_secret_once(shop: Site) -> None:
    given = await new(shop, clientMutationKey="webhook 1")
    asked = "webhook { id } secret"
    first = await send(shop, "webhookCreate", DISTRICT, asked, **given)
    again = await send(shop, "webhookCreate", DISTRICT, asked, **given)
    assert first["webhook"] == again["webhook"]
    assert first["secret"] is not None
    assert again["secret"] is None


async def test_a_place_has_a_limited_number(own: Site) -> None:
    """Also when many are made at once."""
    given = await new(own)
    asked = "webhook { id }"
    made = await asyncio.gather(
        *(send(own, "webhookCreate", DISTRICT, asked, **given) for _ in range(MOST_WEBHOOKS + 4))
    )
    codes = [each["userErrors"][0]["code"] for each in made if each["userErrors"]]
    assert codes == ["LIMIT_REACHED"] * 4
    assert await own.count("webhook") == MOST_WEBHOOKS
    some = next(each["webhook"]["id"] for each in made if each["webhook"])
    await send(own, "webhookDelete", DISTRICT, "webhookId", webhookId=some)
    assert (await send(own, "webhookCreate", DISTRICT, asked, **given))["userErrors"] == []


async def test_it_is_changed_switched_off_and_on(shop: Site) -> None:
    webhook, _ = await hooked(shop, DISTRICT, GRID, URL)
    asked = "webhook { name url nouns verbs ended }"
    given = {"webhookId": webhook, "name": "新", "verbs": ["CLOSE"], "enabled": False}
    changed = await send(shop, "webhookUpdate", DISTRICT, asked, **given)
    assert changed["webhook"] == {
        "name": "新",
        "url": URL,
        "nouns": ["TICKET"],
        "verbs": ["CLOSE"],
        "ended": "BY_HAND",
    }
    given = {"webhookId": webhook, "url": f"{URL}/2", "nouns": None, "enabled": True}
    changed = await send(shop, "webhookUpdate", DISTRICT, asked, **given)
    assert (changed["webhook"]["url"], changed["webhook"]["ended"]) == (f"{URL}/2", None)
    given = {"webhookId": webhook, "url": "http://localhost/"}
    found = await refusal(shop, "webhookUpdate", DISTRICT, **given)
    assert found == ("URL_NOT_ALLOWED", "url")


@pytest.mark.parametrize("everything", [None, []])
async def test_narrowed_to_some_verbs_it_can_be_told_all_again(
    shop: Site, everything: list[str] | None
) -> None:
    asked = "webhook { verbs }"
    webhook, _ = await hooked(shop, DISTRICT, GRID, URL, verbs=["CLOSE"])
    given = {"webhookId": webhook}
    left = await send(shop, "webhookUpdate", DISTRICT, asked, **given, name="新")
    assert left["webhook"] == {"verbs": ["CLOSE"]}
    changed = await send(shop, "webhookUpdate", DISTRICT, asked, **given, verbs=everything)
    assert changed["webhook"] == {"verbs": None}
    webhook, _ = await hooked(shop, DISTRICT, GRID, URL, verbs=everything)
    assert (await read(shop, webhook, DISTRICT))["verbs"] is None


async def test_the_secret_shown_is_the_one_kept_though_the_transaction_was_repeated(
    own: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    left, remember = ["one failure"], idempotency.remember

    async def fails_once(*given: Any) -> None:
        await remember(*given)
        if left:
            raise asyncpg.DeadlockDetectedError(left.pop())

    monkeypatch.setattr(idempotency, "remember", fails_once)
    webhook, secret = await hooked(own, DISTRICT, GRID, URL, clientMutationKey="made")
    kept = "SELECT secret FROM webhook"
    assert secret == secret_text(await own.owner.fetchval(kept))
    left.append("one failure")
    given = {"webhookId": webhook, "clientMutationKey": "rotated"}
    payload = await send(own, "webhookRotateSecret", DISTRICT, "secret", **given)
    assert secret != payload["secret"] == secret_text(await own.owner.fetchval(kept))
    assert not left


async def test_it_is_removed_with_its_deliveries(own: Site) -> None:
    async with receiving(own) as receiver:
        webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
        await reported(own)
        await Worker(own).work()
    assert await own.count("webhook_attempt") == 1
    payload = await send(own, "webhookDelete", DISTRICT, "webhookId", webhookId=webhook)
    assert payload == {"webhookId": webhook, "userErrors": []}
    for table in ("webhook", "webhook_delivery", "webhook_attempt"):
        assert await own.count(table) == 0
    found = await refusal(own, "webhookDelete", DISTRICT, webhookId=webhook)
    assert found == ("NOT_FOUND", "webhookId")


async def test_its_owner_without_a_post_sees_it_and_may_do_nothing(own: Site) -> None:
    webhook, _ = await hooked(own, DISTRICT, GRID, URL)
    owner = (await own.person(DISTRICT)).person
    await own.owner.execute("DELETE FROM appointment WHERE person_id = $1", owner)
    assert (await read(own, webhook, DISTRICT))["url"] == URL
    found = await refusal(own, "webhookDelete", DISTRICT, webhookId=webhook)
    assert found == ("FORBIDDEN", None)


async def test_deliveries_are_listed_by_status_and_kept_from_others(own: Site) -> None:
    async with receiving(own) as receiver:
        webhook, _ = await hooked(own, DISTRICT, GRID, receiver.url)
        receiver.answers = ["400 Bad Request"]
        await reported(own)
        worker = Worker(own)
        await worker.work()
        ticket = await reported(own)
        await done(own, "ticketAccept", CHIEF, ticketId=ticket)
        await worker.work()
    text = """query($id: ID!, $status: DeliveryStatus!) { webhook(id: $id) {
        deliveries(filter: { status: { in: [$status] } }) { totalCount nodes { id } }
    } }"""
    counts = {
        status: (await own.ask(text, DISTRICT, id=webhook, status=status))["webhook"]["deliveries"]
        for status in ("PENDING", "DELIVERED", "FAILED", "WITHHELD")
    }
    assert {name: each["totalCount"] for name, each in counts.items()} == {
        "PENDING": 1,
        "DELIVERED": 2,
        "FAILED": 0,
        "WITHHELD": 0,
    }
    delivery = counts["DELIVERED"]["nodes"][0]["id"]
    node = "query($id: ID!) { node(id: $id) { id } }"
    assert (await own.ask(node, DISTRICT, id=delivery))["node"] == {"id": delivery}
    for by in (CHIEF, ELSEWHERE):
        assert (await own.ask(node, by, id=delivery))["node"] is None
        found = await refusal(own, "webhookDeliveryReplay", by, deliveryId=delivery)
        assert found == ("NOT_FOUND", "deliveryId")


async def test_the_tables_alone_keep_it_from_others(own: Site) -> None:
    """Row security, without the compiled predicate."""
    webhook, _ = await hooked(own, DISTRICT, GRID, URL)
    assert webhook
    for by, seen in ((DISTRICT, 1), (CHIEF, 0), (RESIDENT, 0), (ELSEWHERE, 0)):
        person = await own.person(by)
        scope = await own.database.scope_of(person.locality, person.person)
        assert scope is not None
        async with own.database.transaction(scope) as connection:
            assert await connection.fetchval("SELECT count(*) FROM webhook") == seen, by
    async with own.database.transaction(Scope()) as connection:
        assert await connection.fetchval("SELECT count(*) FROM webhook") == 0
