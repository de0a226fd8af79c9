"""Who asks: tokens that hold, and all that do not; never a 500, and never somebody else."""

import base64
import json
import time
from typing import Any
from uuid import UUID

import httpx
import pytest
from joserfc import jws, jwt
from joserfc.jwk import OctKey

from server.tokens import Identity, issue
from tests.api.acting import DISTRICT
from tests.api.served import KEY, Site

WHO = "{ viewer { person { name } } }"
HUGE = 10**400
FOREIGN = OctKey.import_key("another secret, as long as the tests' own")


async def answer_to(site: Site, authorization: str) -> httpx.Response:
    return await site.post(WHO, headers={"authorization": authorization})


def refused(answer: httpx.Response) -> None:
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert "data" not in answer.json()


async def test_a_token_says_who_asks(demo: Site) -> None:
    token = await demo.token(DISTRICT)
    expected = {"data": {"viewer": {"person": {"name": (await demo.person(DISTRICT)).name}}}}
    for scheme in ("Bearer", "bearer", "BEARER"):
        assert (await answer_to(demo, f"{scheme} {token}")).json() == expected


@pytest.mark.parametrize("scheme", ["", "Bearer", "Bearer ", "Basic dTpw", "Token x", "x"])
async def test_another_scheme_is_refused(demo: Site, scheme: str) -> None:
    refused(await answer_to(demo, scheme))


async def claims(site: Site) -> dict[str, Any]:
    person, now = await site.person(DISTRICT), int(time.time())
    sub = f"{person.locality}/{person.person}"
    return {"iss": "linli-demo", "sub": sub, "iat": now, "exp": now + 600}


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


async def test_the_claims_of_these_tests_are_good(demo: Site) -> None:
    token = jwt.encode({"alg": "HS256"}, await claims(demo), KEY)
    assert (await answer_to(demo, f"Bearer {token}")).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 1},
        {"exp": None},
        {"exp": "later"},
        {"exp": [2**40]},
        {"exp": HUGE},
        {"exp": True},
        {"iss": "somebody"},
        {"iss": None},
        {"sub": None},
        {"sub": 5},
        {"sub": "weibin"},
        {"sub": "weibin/x"},
        {"sub": ""},
        {"sub": f"wei\0bin/{UUID(int=1)}"},
        {"sub": f"\ud800/{UUID(int=1)}"},
        {"sub": f"{'w' * 4_000}/{UUID(int=1)}"},
        {"nbf": 2**40},
    ],
    ids=lambda change: str(change)[:40],
)
async def test_other_claims_are_refused(demo: Site, change: dict[str, Any]) -> None:
    changed = {k: v for k, v in {**await claims(demo), **change}.items() if v is not None}
    token = jws.serialize_compact({"alg": "HS256"}, json.dumps(changed), KEY)
    refused(await answer_to(demo, f"Bearer {token}"))


async def test_only_our_signature_counts(demo: Site) -> None:
    good = await claims(demo)
    ours = jwt.encode({"alg": "HS256"}, good, KEY)
    head, body, seal = ours.split(".")
    other = part({**good, "sub": f"weibin/{UUID(int=1)}"})
    unsigned = f"{part({'alg': 'none'})}.{body}."
    for token in (
        jwt.encode({"alg": "HS256"}, good, FOREIGN),
        jwt.encode({"alg": "HS512"}, good, KEY, algorithms=["HS512"]),
        unsigned,
        f"{part({'alg': 'None'})}.{body}.",
        f"{part({'alg': 'none'})}.{body}.{seal}",
        f"{head}.{other}.{seal}",
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{body}.{seal[:-4]}AAAA",
        f"{part([])}.{body}.{seal}",
        f"{part({})}.{body}.{seal}",
        f"{part({'alg': 'HS256', 'crit': ['x'], 'x': 1})}.{body}.{seal}",
        f"{ours} {ours}",
        "a.b.c.d.e",
        "....",
        "x" * 50_000,
        jws.serialize_compact({"alg": "HS256"}, b"[]", KEY),
        jws.serialize_compact({"alg": "HS256"}, b"not json", KEY),
    ):
        refused(await answer_to(demo, f"Bearer {token}"))


async def test_letters_that_are_not_ascii(demo: Site) -> None:
    async with demo.client() as client:
        sent: Any = {"authorization": b"Bearer \xe9\xff", "content-type": "application/json"}
        refused(await client.post("/graphql", json={"query": WHO}, headers=sent))


async def test_nobody_s_token_is_refused(demo: Site) -> None:
    """The person must be there, and be of that place."""
    person = (await demo.person(DISTRICT)).person
    for identity in (
        Identity("weibin", UUID(int=0)),
        Identity("weibin", UUID(int=7)),
        Identity("huazhou", person),
        Identity("nowhere", person),
        Identity("", person),
    ):
        refused(await answer_to(demo, f"Bearer {issue(KEY, identity)}"))


async def test_a_bad_token_is_not_the_public(demo: Site) -> None:
    """What the public may read is refused to a caller whose token does not hold."""
    headers = {"authorization": "Bearer x.y.z"}
    refused(await demo.post("{ localities { slug } }", headers=headers))
    assert (await demo.post("{ localities { slug } }")).status_code == 200
