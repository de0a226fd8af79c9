"""One key, one effect; a failure midway leaves nothing."""

from typing import Any

import pytest

from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    GRID,
    RESIDENT,
    act,
    done,
    mutation,
    refused,
    reported,
    standing,
)
from tests.api.served import Site


async def new_ticket(site: Site, key: str | None, **given: Any) -> dict[str, Any]:
    """The input of a report."""
    unit = await site.unit("weibin", GRID)
    new = {"unitId": unit, "title": "试", "category": "yard", "clientMutationKey": key}
    return {**new, **given}


@pytest.mark.trust(35)
async def test_the_same_key_and_input_answer_again_and_do_nothing(shop: Site) -> None:
    given = await new_ticket(shop, "replay")
    first = await act(shop, "ticketReport", RESIDENT, "id number", **given)
    before = await shop.count("ticket"), await shop.count("ticket_event")
    for _ in range(3):
        assert await act(shop, "ticketReport", RESIDENT, "id number", **given) == first
    assert (await shop.count("ticket"), await shop.count("ticket_event")) == before
    assert first["clientMutationKey"] == "replay"


async def test_every_verb_may_be_repeated(shop: Site) -> None:
    ticket = await reported(shop)
    grid = await shop.unit("weibin", GRID)
    steps: list[tuple[str, dict[str, Any]]] = [
        ("ticketAccept", {"note": "看过"}),
        ("ticketDispatch", {"unitId": grid}),
        ("ticketEscalate", {"reason": "上报"}),
        ("serviceRecordAdd", {"kind": "VISIT", "at": "2026-01-01T08:00:00+08:00"}),
        ("ticketSign", {}),
        ("ticketResolve", {"resolution": "办好"}),
        ("ticketVerify", {}),
        ("ticketFollowUp", {"verdict": "SATISFIED"}),
        ("ticketClose", {}),
    ]
    for field, given in steps:
        sent = {**given, "ticketId": ticket, "clientMutationKey": f"{field} {ticket}"}
        first = await act(shop, field, COMMUNITY, **sent)
        assert first["userErrors"] == []
        before = await standing(shop, ticket)
        assert await act(shop, field, COMMUNITY, **sent) == first
        assert await standing(shop, ticket) == before


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("ticketReport", {"title": "试2"}),
        ("ticketReport", {"severity": "MAJOR"}),
        ("ticketReport", {"channel": "HOTLINE"}),
        ("ticketReport", {"body": " "}),
    ],
)
@pytest.mark.trust(35)
async def test_another_input_under_the_key_is_an_error(
    shop: Site, field: str, other: dict[str, Any]
) -> None:
    given = await new_ticket(shop, f"reused {other}")
    await done(shop, field, RESIDENT, **given)
    before = await shop.count("ticket")
    expected = ("KEY_REUSED", "clientMutationKey")
    assert await refused(shop, field, RESIDENT, **{**given, **other}) == expected
    assert await shop.count("ticket") == before


async def test_another_verb_under_the_key_is_an_error(shop: Site) -> None:
    ticket = await reported(shop)
    sent = {"ticketId": ticket, "clientMutationKey": f"one key {ticket}"}
    await done(shop, "ticketAccept", CHIEF, **sent)
    answer = await refused(shop, "ticketEscalate", CHIEF, **sent, reason="上报")
    assert answer == ("KEY_REUSED", "clientMutationKey")


@pytest.mark.trust(35)
async def test_two_people_may_use_one_key(shop: Site) -> None:
    given = await new_ticket(shop, "shared")
    made = {(await done(shop, "ticketReport", who, **given))["id"] for who in (RESIDENT, CHIEF)}
    assert len(made) == 2


async def test_a_refusal_leaves_the_key_free(shop: Site) -> None:
    given = await new_ticket(shop, "corrected", title="")
    assert (await refused(shop, "ticketReport", RESIDENT, **given))[0] == "TITLE_REQUIRED"
    await done(shop, "ticketReport", RESIDENT, **{**given, "title": "试"})


async def test_an_empty_key_is_not_taken_for_none(shop: Site) -> None:
    """An app's empty default would have a double tap make two tickets."""
    before = await shop.count("ticket")
    given = await new_ticket(shop, "")
    answer = await refused(shop, "ticketReport", RESIDENT, **given)
    assert answer == ("KEY_EMPTY", "clientMutationKey")
    assert await shop.count("ticket") == before


BREAK = """
CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'secret words of the driver'; END $$;
CREATE TRIGGER broken BEFORE INSERT ON {} FOR EACH ROW EXECUTE FUNCTION broken()
"""


@pytest.mark.parametrize("table", ["ticket", "ticket_event", "client_mutation"])
@pytest.mark.trust(35)
async def test_a_failure_midway_leaves_nothing(own: Site, table: str) -> None:
    given = await new_ticket(own, "broken")
    tables = ("ticket", "ticket_event", "client_mutation")
    before = [await own.count(each) for each in tables]
    await own.owner.execute(BREAK.format(table))
    answer = await own.post(mutation("ticketReport"), {"input": given}, RESIDENT)
    assert "secret" not in answer.text
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL"
    assert [await own.count(each) for each in tables] == before
    await own.owner.execute(f"DROP TRIGGER broken ON {table}")
    await done(own, "ticketReport", RESIDENT, **given)


async def test_a_failure_midway_leaves_a_ticket_as_it_was(own: Site) -> None:
    ticket = await reported(own)
    before = await standing(own, ticket)
    await own.owner.execute(BREAK.format("escalation_hop"))
    sent = {"ticketId": ticket, "reason": "上报", "clientMutationKey": "broken"}
    answer = await own.post(mutation("ticketEscalate"), {"input": sent}, CHIEF)
    assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert await standing(own, ticket) == before
    await own.owner.execute("DROP TRIGGER broken ON escalation_hop")
    await done(own, "ticketEscalate", CHIEF, **sent)
