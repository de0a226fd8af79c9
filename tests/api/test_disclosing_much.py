"""How much personal data in full anybody is given: in an answer, in a payload, within an hour."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from db.disclosure_store import LATELY
from db.scope import Scope
from domain.disclosure import MOST_PEOPLE, SPAN
from server.bucket import InMemory, Rates
from tests.api.acting import DISTRICT, GRID, NEIGHBOUR, RESIDENT, TOWN, mutation
from tests.api.limited import limited
from tests.api.served import Site, key_of
from tests.api.test_disclosure import (
    BY_ID,
    EMERGENCY,
    EVERYTHING,
    KEPT,
    count,
    known,
    parts,
    read,
    written,
)


@pytest.mark.trust(31)
async def test_a_mutation_gives_nothing_in_full(own: Site) -> None:
    """However much its payload asks for: it is refused before anything is done."""
    await known(own)
    unit, before = await own.unit("weibin", GRID), await own.count("ticket")
    new = {"unitId": unit, "title": "灯坏了", "category": "yard", "clientMutationKey": "k"}
    report = mutation("ticketReport", "reporter { private { ...P } }")
    for asked in ("phone(purpose: OWN)", " ".join(asked_often(101))):
        document = f"{report} fragment P on PersonPrivate {{ {asked} }}"
        (error,) = await own.errors(document, RESIDENT, input=new)
        assert error["extensions"]["code"] == "DISCLOSURE_IN_PAYLOAD"
    assert (await own.count("ticket"), await count(own)) == (before, 0)
    masked = mutation("ticketReport", "reporter { private { phone(purpose: null) } }")
    made = (await own.ask(masked, RESIDENT, input=new))["ticketReport"]["ticket"]
    assert made["reporter"]["private"] == {"phone": "****"}


def asked_often(aliases: int) -> list[str]:
    """One's own telephone number, under so many names."""
    return [f"p{at}: phone(purpose: OWN)" for at in range(aliases)]


def many(aliases: int) -> str:
    """One's own, asked for again and again in one request."""
    return f"{{ viewer {{ person {{ private {{ {' '.join(asked_often(aliases))} }} }} }} }}"


@pytest.mark.trust(31)
async def test_what_is_written_down_has_a_price_and_an_end(own: Site) -> None:
    """A row a fact and an answer, half a point a value; more than a hundred are refused."""
    await known(own)
    site = limited(own, rates=Rates(person=200), buckets=InMemory())
    answer = (await site.post(many(100), None, RESIDENT)).json()
    private = answer["data"]["viewer"]["person"]["private"]
    assert [*private.values()] == [KEPT["phone"]] * 100
    assert await count(own) == 1
    assert answer["extensions"]["cost"]["actual"] >= 50
    refused = await own.post(many(101), None, RESIDENT)
    assert refused.json()["errors"][0]["extensions"]["code"] == "TOO_MANY_DISCLOSURES"
    assert KEPT["phone"] not in refused.text
    assert await count(own) == 1


READ_BEFORE = """
INSERT INTO disclosure (locality_id, sequence, at, actor_id, subject_id, field, purpose, answer_id,
    digest)
SELECT 'weibin', row_number() OVER (), now() - make_interval(secs => 3000 - row_number() OVER ()),
    $1, id, 'PHONE', 'EMERGENCY', gen_random_uuid(), ''
FROM person WHERE locality_id = 'weibin' AND id <> $1 AND id <> ALL($2::uuid[]) LIMIT $3
"""
HEAD_THERE = """
INSERT INTO disclosure_head (locality_id, sequence, digest, removed_digest)
VALUES ('weibin', $1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'))
"""


async def has_read(site: Site, by: str, people: int, without: list[str]) -> None:
    """Have somebody have read of so many people less than an hour ago, and not of some."""
    others = [key_of(each) for each in without]
    done = await site.owner.execute(READ_BEFORE, (await site.person(by)).person, others, people)
    assert done == f"INSERT 0 {people}"
    await site.owner.execute(HEAD_THERE, people)


@pytest.mark.trust(31)
async def test_nobody_reads_of_more_people_than_a_need_explains(
    own: Site, record_property: Callable[[str, object], None]
) -> None:
    one, another, mine = await known(own), await known(own, NEIGHBOUR), await known(own, DISTRICT)
    await has_read(own, DISTRICT, MOST_PEOPLE - 1, [one, another])
    for _ in range(2):
        assert parts(await read(own, DISTRICT, one, "EMERGENCY", "火")) == EMERGENCY
    before = await count(own)
    given = {"id": another, "for": "EMERGENCY", "why": "火"}
    answer = await own.post(BY_ID, given, DISTRICT)
    error = answer.json()["errors"][0]["extensions"]
    assert (answer.status_code, error["code"]) == (429, "DISCLOSURE_LIMIT")
    wait = error["retryAfter"]
    assert answer.headers["retry-after"] == str(wait)
    assert 500 < wait <= 601  # the first that were read of are 50 minutes ago
    assert KEPT["phone"] not in answer.text
    assert await count(own) == before
    # What one reads of oneself, and what others read, is apart; an hour later there is room.
    assert parts(await read(own, DISTRICT, mine, "OWN")) == EVERYTHING
    assert parts(await read(own, TOWN, another, "EMERGENCY", "火")) == EMERGENCY
    await own.owner.execute("UPDATE disclosure SET at = at - interval '11 min' WHERE sequence = 1")
    assert parts(await read(own, DISTRICT, another, "EMERGENCY", "火")) == EMERGENCY
    record_property("figure", f"of {MOST_PEOPLE} people within an hour, and of no more")


async def test_of_whom_somebody_read_is_found_by_who_and_when(own: Site) -> None:
    """While others wait at the chain's head: however long the chain is."""
    await has_read(own, DISTRICT, MOST_PEOPLE, [])
    await own.owner.execute("UPDATE disclosure SET actor_id = subject_id WHERE sequence > 9")
    await own.owner.execute("ANALYZE disclosure")
    reader = (await own.person(DISTRICT)).person
    async with own.database.transaction(Scope("weibin", reader)) as connection:
        await connection.execute("SET LOCAL enable_seqscan = off")
        since = datetime.now(UTC) - SPAN
        rows = await connection.fetch(f"EXPLAIN {LATELY}", "weibin", reader, since)
    (condition,) = (row[0] for row in rows if "Index Cond" in row[0])
    assert "actor_id = " in condition
    assert "at > " in condition


async def test_who_reads_in_parallel_reads_of_no_more_people(own: Site) -> None:
    """Twenty at once, of two people, where there is room for one."""
    people = [await known(own), await known(own, NEIGHBOUR)]
    await has_read(own, DISTRICT, MOST_PEOPLE - 1, people)
    asked = ({"id": id, "for": "EMERGENCY", "why": "火"} for id in people * 10)
    answers = await asyncio.gather(*(own.post(BY_ID, given, DISTRICT) for given in asked))
    assert {each.status_code for each in answers} == {200, 429}
    read_of = {row["subject_id"] for row in (await written(own))[MOST_PEOPLE - 1 :]}
    assert len(read_of) == 1
