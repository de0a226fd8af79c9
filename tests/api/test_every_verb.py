"""The whole table of the state machine through the API: each verb tried in each status."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from domain.terms import TicketStatus, TicketVerb
from domain.ticket_table import NEXT, ROUTES
from tests.api.acting import DISTRICT, RESIDENT, act, refused, standing
from tests.api.living import INPUTS, LIFE, does, lived, told
from tests.api.served import Site, key_of

VERBS = {field: TicketVerb(field[6:].upper().replace("FOLLOWUP", "FOLLOW_UP")) for field in INPUTS}
"""The mutations, and the verb that each carries out."""

TOLD = """
SELECT noun, verb, at, unit_path, handler_path, was_handler_path, joint_scopes, reporter_id
FROM change WHERE key = $1 ORDER BY tx, id
"""
LABELS = "SELECT unit_path, handler_path, joint_scopes, reporter_id FROM ticket WHERE id = $1"
TRACES = ("ticket_event", "escalation_hop", "change", "agenda_item", "client_mutation")


def test_there_is_a_mutation_for_every_verb_and_a_way_to_every_status() -> None:
    assert set(VERBS.values()) == set(TicketVerb) - {TicketVerb.REPORT}
    assert {"REPORTED", *LIFE} == set(TicketStatus)
    assert all(NEXT[TicketStatus(b), VERBS[field]] == s for s, (b, field, _) in LIFE.items())


def whose(field: str) -> str:
    """Somebody who may use the verb in any status in which it is one."""
    return RESIDENT if field == "ticketWithdraw" else DISTRICT


def ways(status: str) -> list[str]:
    """The verbs that the table has for a status, as mutations."""
    return [f for f, verb in VERBS.items() if (TicketStatus(status), verb) in NEXT]


async def ready(site: Site, ticket: str, field: str) -> Mapping[str, Any]:
    """The verb's input; to be sent down, the ticket is sent up first."""
    if field == "ticketReturn":
        await does(site, "ticketEscalate", DISTRICT, ticket)
        await does(site, "ticketSign", DISTRICT, ticket)
    return await told(site, field)


async def traces(site: Site) -> list[int]:
    return [await site.count(table) for table in TRACES]


CARRIED_OUT = [(status, field) for status in TicketStatus for field in ways(status)]


@pytest.mark.parametrize(("status", "field"), CARRIED_OUT)
async def test_what_the_table_has_is_carried_out(shop: Site, status: str, field: str) -> None:
    ticket = await lived(shop, status)
    given = await ready(shop, ticket, field)
    before, outbox = await standing(shop, ticket), await shop.owner.fetch(TOLD, key_of(ticket))
    payload = await act(shop, field, whose(field), "status", ticketId=ticket, **given)
    to = NEXT[TicketStatus(status), VERBS[field]].value
    assert (payload["userErrors"], payload["ticket"]) == ([], {"status": to})
    assert await shop.astray() == []
    after = await standing(shop, ticket)
    *history, event = after["events"]["nodes"]
    assert history == before["events"]["nodes"]
    assert (event["verb"], event["fromStatus"], event["toStatus"]) == (VERBS[field], status, to)
    assert event["sequence"] == len(history) + 1
    assert event["actor"]["name"] == (await shop.person(whose(field))).name
    assert event["note"] == (given.get("reason") or given.get("resolution"))
    _check_hops(before, after, event, field)
    *earlier, said = await shop.owner.fetch(TOLD, key_of(ticket))
    assert earlier == outbox
    await _check_said(shop, ticket, said, outbox[-1], event)


async def _check_said(site: Site, ticket: str, said: Any, last: Any, event: Any) -> None:
    """The outbox tells of it, to those whose it is now and those whose it was."""
    assert (said["noun"], said["verb"]) == ("TICKET", event["verb"])
    assert said["at"] == datetime.fromisoformat(event["at"])
    now = await site.owner.fetchrow(LABELS, key_of(ticket))
    assert now is not None
    assert {name: said[name] for name in dict(now)} == dict(now)
    assert said["was_handler_path"] == last["handler_path"]


def _check_hops(before: Any, after: Any, event: Any, field: str) -> None:
    """A verb with a route adds its hops, the first of them to the handler; no other does."""
    were, hops = before["escalationChain"], after["escalationChain"]
    stays, new = hops[: len(were)], hops[len(were) :]
    assert len(new) == (2 if field == "ticketJoin" else VERBS[field] in ROUTES)
    assert after["hopCount"] == len(hops)
    assert [(hop["at"], hop["toUnit"]) for hop in stays] == [(h["at"], h["toUnit"]) for h in were]
    ended = event["at"] if new or not after["open"] else None
    # Those called to help are done with it when it leaves JOINT, the unit that leads is not.
    parted = event["at"] if before["status"] == "JOINT" else ended
    helped = [hop["toUnit"] != before["handler"] for hop in were]
    left = [
        hop["leftAt"] or (parted if each else ended) for hop, each in zip(were, helped, strict=True)
    ]
    assert [hop["leftAt"] for hop in stays] == left
    assert after["handler"] == (new[0]["toUnit"] if new else before["handler"])
    for hop in new:
        # The ruling here confirms the handler: nothing goes across.
        assert hop["route"] == ("DISPATCH" if field == "ticketRule" else ROUTES[VERBS[field]])
        assert (hop["at"], hop["reason"]) == (event["at"], event["note"])
        assert (hop["actor"], hop["leftAt"]) == (event["actor"], None)
        assert hop["fromUnit"] == before["handler"]


@pytest.mark.parametrize("status", TicketStatus)
async def test_what_the_table_has_not_is_refused_and_leaves_no_trace(
    shop: Site, status: str
) -> None:
    ticket = await lived(shop, status)
    given = {field: await told(shop, field) for field in INPUTS if field not in ways(status)}
    before = await standing(shop, ticket), await traces(shop)
    for field, each in given.items():
        answer = await refused(shop, field, whose(field), ticketId=ticket, **each)
        assert answer == ("NOT_ALLOWED_FROM_STATUS", None), field
    assert (await standing(shop, ticket), await traces(shop)) == before
