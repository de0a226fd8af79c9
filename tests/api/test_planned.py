"""`extensions.explain`: beside an answer, what the query became; for administrators alone."""

from typing import Any

import orjson
import pytest

from server.accept import GRAPHQL_JSON
from server.bucket import Rates
from server.planned import PRICE
from tests.api.acting import COMMUNITY, RESIDENT
from tests.api.limited import limited
from tests.api.served import Site
from tests.api.test_access_tokens import administrator

ASKED = "{ localities { slug roots { name } } }"


async def explained(site: Site, by: str | None, query: str = ASKED, explain: Any = True) -> Any:
    """The answer to a query that wants to be explained."""
    body = orjson.dumps({"query": query, "extensions": {"explain": explain}})
    headers = {"content-type": "application/json", "accept": GRAPHQL_JSON, **await site.headers(by)}
    async with site.client() as client:
        return await client.post("/graphql", content=body, headers=headers)


async def test_an_administrator_is_told_what_a_query_became(own: Site) -> None:
    plain = await own.ask(ASKED, COMMUNITY)
    await administrator(own, COMMUNITY)
    told = (await explained(own, COMMUNITY)).json()
    assert told["data"] == plain
    explanation = told["extensions"]["explain"]
    assert explanation["points"] > 0
    assert "JSON_OBJECT(" in explanation["sql"]
    assert any("org_unit" in line for line in explanation["plan"])
    # How many rows there are, of other places too, is nobody's business.
    assert not any("rows=" in line or "cost=" in line for line in explanation["plan"])
    assert "extensions" not in (await explained(own, COMMUNITY, explain=False)).json()


async def test_others_are_not(own: Site) -> None:
    for who in (COMMUNITY, RESIDENT, None):
        answer = await explained(own, who)
        assert answer.status_code == 403
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "FORBIDDEN_OFFICE"
        assert error["extensions"]["office"] == "ADMINISTRATOR"
        assert "data" not in answer.json()


async def test_only_queries_of_one_statement_are_explained(own: Site) -> None:
    await administrator(own, COMMUNITY)
    mutation = 'mutation { ticketSign(input: {ticketId: "x"}) { ticket { id } } }'
    (error,) = (await explained(own, COMMUNITY, mutation)).json()["errors"]
    assert error["extensions"]["code"] == "OPERATION_NOT_ALLOWED"
    described = (await explained(own, COMMUNITY, "{ __schema { queryType { name } } }")).json()
    assert described["extensions"]["explain"] is None
    answer = await explained(own, COMMUNITY, explain="yes")
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_BODY"


async def test_it_has_its_price(own: Site) -> None:
    await administrator(own, COMMUNITY)
    dear = limited(own, rates=Rates(0, 200, 0))
    plain = (await dear.post(ASKED, by=COMMUNITY)).json()["extensions"]["cost"]
    plain = (await dear.post(ASKED, by=COMMUNITY)).json()["extensions"]["cost"]
    told = (await explained(dear, COMMUNITY)).json()["extensions"]
    assert told["cost"]["actual"] == plain["actual"] + PRICE
    assert told["explain"]["points"] == plain["requested"]


@pytest.mark.trust(28)
async def test_what_was_remembered_of_somebody_is_what_they_have(own: Site) -> None:
    """Each request is answered under the scope of its own moment, as one before it was."""
    mine = "{ viewer { offices { kind } } }"
    person = await own.person(COMMUNITY)

    async def offices() -> list[str]:
        found = (await own.ask(mine, COMMUNITY))["viewer"]["offices"]
        return [each["kind"] for each in found]

    assert [await offices(), await offices()] == [[], []]
    await administrator(own, COMMUNITY)
    assert [await offices(), await offices()] == [["ADMINISTRATOR"]] * 2
    ended = "UPDATE office SET valid_to = CURRENT_DATE WHERE person_id = $1"
    await own.owner.execute(ended, person.person)
    assert [await offices(), await offices()] == [[], []]
