"""Whom a ticket reaches when it is passed up, and several verbs in one operation."""

from typing import Any

from tests.api.acting import (
    CHIEF,
    COMMUNITY,
    DISTRICT,
    GRID,
    RESIDENT,
    TOWN,
    done,
    reported,
    standing,
)
from tests.api.served import Site

VACATE = """
DELETE FROM appointment a USING post p, org_unit u
WHERE p.locality_id = a.locality_id AND p.id = a.post_id AND a.locality_id = 'weibin'
    AND u.locality_id = p.locality_id AND u.id = p.unit_id
    AND u.name = $1 AND ($2 = '' OR p.role_code = $2)
"""
APPOINT = """
INSERT INTO appointment
    (locality_id, id, post_id, person_id, unit_path, capacity, valid_from, valid_to)
SELECT p.locality_id, gen_random_uuid(), p.id, $3, p.unit_path, $4, CURRENT_DATE, 'infinity'
FROM post p JOIN org_unit u ON u.locality_id = p.locality_id AND u.id = p.unit_id
WHERE p.locality_id = 'weibin' AND u.name = $1 AND p.role_code = $2
"""


async def vacate(site: Site, unit: str, role: str = "") -> None:
    assert await site.owner.execute(VACATE, unit, role) != "DELETE 0"


async def sent_to_town(site: Site) -> Any:
    """The hop of a ticket passed up to 姜谭街道."""
    ticket = await reported(site)
    town = await site.unit("weibin", "姜谭街道")
    sent = {"ticketId": ticket, "reason": "上报", "unitId": town}
    await done(site, "ticketEscalate", CHIEF, **sent)
    read = await standing(site, ticket, RESIDENT)
    assert read["handler"]["name"] == "姜谭街道"
    (hop,) = read["escalationChain"]
    assert (hop["route"], hop["rule"], hop["toUnit"]["name"]) == ("UP", None, "姜谭街道")
    return hop


async def test_a_filled_post_answers(own: Site) -> None:
    post = (await sent_to_town(own))["toPost"]
    assert (post["title"], post["cover"]) == ("镇街网格长", None)
    assert post["holder"]["name"] == (await own.person(TOWN)).name


async def test_a_vacant_post_falls_to_its_cover(own: Site) -> None:
    stand_in = await own.person(COMMUNITY)
    await vacate(own, "姜谭街道")
    cover = ("姜谭街道", "town_chief", stand_in.person, "COVER")
    await own.owner.execute(APPOINT, *cover)
    post = (await sent_to_town(own))["toPost"]
    assert post == {
        "title": "镇街网格长",
        "unit": {"name": "姜谭街道"},
        "holder": None,
        "cover": {"name": stand_in.name},
    }


async def test_without_a_cover_it_falls_to_the_post_above(own: Site) -> None:
    await vacate(own, "姜谭街道")
    post = (await sent_to_town(own))["toPost"]
    assert (post["title"], post["unit"]["name"]) == ("区级网格长", "渭滨区")
    assert post["holder"]["name"] == (await own.person(DISTRICT)).name


async def test_with_nobody_above_it_waits_at_the_nearest_post(own: Site) -> None:
    await vacate(own, "姜谭街道")
    await vacate(own, "渭滨区")
    post = (await sent_to_town(own))["toPost"]
    assert (post["title"], post["holder"]) == ("镇街网格长", None)


async def test_a_unit_s_other_posts_come_before_those_above(own: Site) -> None:
    await vacate(own, "姜谭路西社区", "community_secretary")
    ticket = await reported(own)
    await done(own, "ticketEscalate", CHIEF, ticketId=ticket, reason="上报")
    (hop,) = (await standing(own, ticket))["escalationChain"]
    assert (hop["toPost"]["title"], hop["toPost"]["unit"]["name"]) == (
        "社区网格长",
        "姜谭路西社区",
    )


async def test_an_appointment_that_ended_or_has_not_begun_counts_for_nothing(own: Site) -> None:
    await own.owner.execute(
        "UPDATE appointment a SET valid_to = CURRENT_DATE FROM post p WHERE p.id = a.post_id "
        "AND p.role_code = 'town_chief' AND a.locality_id = 'weibin'"
    )
    stand_in = await own.person(COMMUNITY)
    await own.owner.execute(APPOINT, "姜谭街道", "town_chief", stand_in.person, "COVER")
    await own.owner.execute(
        "UPDATE appointment SET valid_from = '2999-01-01' WHERE capacity = 'COVER'"
    )
    assert (await sent_to_town(own))["toPost"]["title"] == "区级网格长"


async def test_whoever_lost_the_post_lost_the_right(own: Site) -> None:
    ticket = await reported(own, by=CHIEF)
    await own.person(CHIEF)  # found while in office
    await vacate(own, GRID, "grid_chief")
    query = "mutation($t: ID!) { ticketAccept(input: {ticketId: $t}) { userErrors { code } } }"
    answer = await own.ask(query, CHIEF, t=ticket)
    assert answer["ticketAccept"]["userErrors"] == [{"code": "FORBIDDEN"}]


NOW = "ticket { status hops: escalationChain { sequence } } userErrors { code }"
ALL_AT_ONCE = """
mutation All($ticket: ID!, $grid: ID!, $why: String!) {
  taken: ticketAccept(input: {ticketId: $ticket}) { ...Now }
  again: ticketAccept(input: {ticketId: $ticket}) { ...Now }
  sent: ticketDispatch(input: {ticketId: $ticket, unitId: $grid}) { ...Now }
  up: ticketEscalate(input: {ticketId: $ticket, reason: $why}) { ...Now }
  unsigned: ticketResolve(input: {ticketId: $ticket, resolution: "办好"}) { ...Now }
  signed: ticketSign(input: {ticketId: $ticket}) { ...Now }
  solved: ticketResolve(input: {ticketId: $ticket, resolution: "办好"}) { ...Now }
  checked: ticketVerify(input: {ticketId: $ticket}) { ...Now }
  heard: ticketFollowUp(input: {ticketId: $ticket, verdict: SATISFIED}) { ...Now }
  filed: ticketClose(input: {ticketId: $ticket}) { ...Now }
}
""".replace("...Now", NOW)


async def test_verbs_of_one_operation_run_in_order(shop: Site) -> None:
    ticket, grid = await reported(shop), await shop.unit("weibin", GRID)
    given = {"ticket": ticket, "grid": grid, "why": "上报"}
    data = await shop.ask(ALL_AT_ONCE, COMMUNITY, **given)
    assert [
        (name, p["ticket"] and p["ticket"]["status"], [e["code"] for e in p["userErrors"]])
        for name, p in data.items()
    ] == [
        ("taken", "ACCEPTED", []),
        ("again", None, ["NOT_ALLOWED_FROM_STATUS"]),
        ("sent", "DISPATCHED", []),
        ("up", "DISPATCHED", []),
        ("unsigned", None, ["NOT_ALLOWED_FROM_STATUS"]),
        ("signed", "IN_PROGRESS", []),
        ("solved", "RESOLVED", []),
        ("checked", "VERIFIED", []),
        ("heard", "FOLLOWED_UP", []),
        ("filed", "CLOSED", []),
    ]
    hops = [len(p["ticket"]["hops"]) for p in data.values() if p["ticket"]]
    assert hops == [0, 1, 2, 2, 2, 2, 2, 2]


async def test_a_payload_is_read_as_any_answer_is(shop: Site) -> None:
    ticket = await reported(shop)
    query = """
    mutation($input: TicketAcceptInput!, $no: Boolean!) {
      __typename
      mine: ticketAccept(input: $input) {
        ... on TicketPayload { errors: userErrors { __typename code } key: clientMutationKey }
        ticket { state: status again: number @include(if: $no) body @skip(if: true) }
        same: ticket { __typename ... on Node { id } }
      }
    }
    """
    given = {"ticketId": ticket, "clientMutationKey": f"as asked {ticket}"}
    assert await shop.ask(query, CHIEF, input=given, no=False) == {
        "__typename": "Mutation",
        "mine": {
            "errors": [],
            "key": f"as asked {ticket}",
            "ticket": {"state": "ACCEPTED"},
            "same": {"__typename": "Ticket", "id": ticket},
        },
    }


async def test_named_fragments_in_a_payload(shop: Site) -> None:
    ticket = await reported(shop)
    query = """
    mutation($t: ID!) { ticketAccept(input: {ticketId: $t}) { ...Payload } }
    fragment Payload on TicketPayload { ticket { ...A ...B } userErrors { code } }
    fragment A on Ticket { state: status orgUnit { ancestors { name } } }
    fragment B on Ticket { orgUnit { ancestors { level { name } } } }
    """
    above = ("渭滨区", "区级网格"), ("姜谭街道", "镇街网格"), ("姜谭路西社区", "社区网格")
    assert await shop.ask(query, CHIEF, t=ticket) == {
        "ticketAccept": {
            "ticket": {
                "state": "ACCEPTED",
                "orgUnit": {"ancestors": [{"name": n, "level": {"name": v}} for n, v in above]},
            },
            "userErrors": [],
        }
    }


async def test_a_payload_s_own_typename(shop: Site) -> None:
    query = "mutation($t: ID!) { ticketAccept(input: {ticketId: $t}) { __typename } }"
    answer = await shop.ask(query, CHIEF, t=await reported(shop))
    assert answer == {"ticketAccept": {"__typename": "TicketPayload"}}


async def test_a_payload_without_its_noun(shop: Site) -> None:
    query = "mutation($t: ID!) { ticketAccept(input: {ticketId: $t}) { clientMutationKey } }"
    ticket = await reported(shop)
    assert await shop.ask(query, CHIEF, t=ticket) == {"ticketAccept": {"clientMutationKey": None}}
    assert (await standing(shop, ticket))["status"] == "ACCEPTED"


async def test_two_operations_of_one_document_have_payloads_of_their_own(shop: Site) -> None:
    query = """
    mutation One($t: ID!) { ticketAccept(input: {ticketId: $t}) { ticket { id } } }
    mutation Two($t: ID!) { ticketAccept(input: {ticketId: $t}) { ticket { status } } }
    """
    first, second = await reported(shop), await reported(shop)
    one = await shop.ask(query, CHIEF, operation="One", t=first)
    assert one == {"ticketAccept": {"ticket": {"id": first}}}
    two = await shop.ask(query, CHIEF, operation="Two", t=second)
    assert two == {"ticketAccept": {"ticket": {"status": "ACCEPTED"}}}


async def test_the_reporter_follows_a_ticket_that_left_the_grid(shop: Site) -> None:
    ticket = await reported(shop)
    await done(shop, "ticketEscalate", DISTRICT, ticketId=ticket, reason="上报")
    read = await standing(shop, ticket, RESIDENT)
    assert read["handler"]["name"] == "姜谭路西社区"
    assert len(read["escalationChain"]) == 1
