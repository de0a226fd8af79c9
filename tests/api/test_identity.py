"""Who is believed: tokens of identity providers, and everything that is not quite one."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey

from server import jwks
from server.issuers import Issuer
from tests.api.acting import COMMUNITY, DISTRICT, RESIDENT
from tests.api.provider import (
    ALGORITHMS,
    AUDIENCE,
    EC,
    ED,
    ISSUER,
    RSA,
    behind,
    claims,
    hosting,
    known,
    part,
    public,
    signed,
    symmetric,
    trusting,
)
from tests.api.served import KEY, Site

WHO = "{ viewer { person { name } } }"


async def says(site: Site, token: str, locality: str | None = None) -> httpx.Response:
    sent = {"authorization": f"Bearer {token}"}
    return await site.post(WHO, headers=sent | ({"linli-locality": locality} if locality else {}))


async def believed(site: Site, token: str, who: str, locality: str | None = None) -> None:
    answer = await says(site, token, locality)
    assert answer.status_code == 200, answer.text
    name = answer.json()["data"]["viewer"]["person"]["name"]
    assert name == (await site.person(who)).name


async def refused(
    site: Site,
    token: str,
    code: str = "UNAUTHENTICATED",
    status: int = 401,
    locality: str | None = None,
) -> None:
    answer = await says(site, token, locality)
    assert (answer.status_code, list(answer.json())) == (status, ["errors"]), (token, answer.text)
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    challenge = answer.headers.get("www-authenticate")
    assert challenge == ('Bearer error="invalid_token"' if status == 401 else None)


@pytest.mark.trust(29)
async def test_a_token_of_a_provider_says_who_asks(shop: Site, tmp_path: Path) -> None:
    site = trusting(shop, tmp_path)
    await known(site, DISTRICT)
    keys = {"RS256": RSA, "PS256": RSA, "ES256": EC, "EdDSA": ED}
    for algorithm in ALGORITHMS:
        await believed(site, signed(claims(), algorithm, keys[algorithm]), DISTRICT)
    changes: list[dict[str, Any]] = [
        {"aud": ["other", AUDIENCE]},
        {"nbf": time.time() + 20},
        {"exp": time.time() - 20},
        {"iat": None},
        {"roles": ["admin"], "locality": "huazhou"},
    ]
    for change in changes:
        await believed(site, signed(claims(**change)), DISTRICT)
    for kind in ("at+jwt", "application/at+jwt", "AT+JWT", None):
        await believed(site, signed(claims(), typ=kind), DISTRICT)
    await refused(shop, signed(claims()))  # a server that was not told of the provider


HUGE = 10**400


@pytest.mark.trust(29)
async def test_other_claims_are_refused(shop: Site, tmp_path: Path) -> None:
    site = trusting(shop, tmp_path)
    await known(site, DISTRICT)
    now = time.time()
    changes: list[dict[str, Any]] = [
        *({"exp": exp} for exp in (None, 1, now - 31, "later", [now + 60], True, HUGE, -HUGE)),
        *({"nbf": nbf} for nbf in (now + 60, "now", True, HUGE, {})),
        *({"iat": iat} for iat in (now + 60, "now", False)),
        *({"iss": iss} for iss in (None, "other", [ISSUER], ISSUER + "/", {"a": 1}, "linli-demo")),
        *({"aud": aud} for aud in (None, "other", [], ["other"], {AUDIENCE: 1}, AUDIENCE + "/")),
        *({"sub": sub} for sub in (None, "", 5, ["somebody"], "x" * 300, "some\x00body", "nobody")),
    ]
    for change in changes:
        await refused(site, signed(claims(**change)))
    await believed(site, signed(claims()), DISTRICT)


@pytest.mark.trust(29)
async def test_only_the_providers_signature_counts(
    shop: Site, tmp_path: Path, record_property: Any
) -> None:
    site = trusting(shop, tmp_path)
    await known(site, DISTRICT)
    good = signed(claims())
    head, body, seal = good.encode().split(b".")
    foreign = RSAKey.generate_key(2048, {"kid": "rsa"})
    secrets = (RSA.as_pem(private=False), json.dumps(RSA.as_dict(private=False)).encode(), b"")
    jwk = foreign.as_dict(private=False)
    doubled = json.dumps(claims())[:-1].encode() + b', "sub": "somebody"}'
    nested = json.dumps(claims())[:-1].encode() + b', "x": {"a": 1, "a": 2}}'
    attacks: list[str | bytes] = [
        *(symmetric(claims(), secret) for secret in (*secrets, KEY.raw_value)),
        *(part({"alg": alg, "kid": "rsa"}) + b"." + body + b"." for alg in ("none", "None", "")),
        *(part({"alg": alg, "kid": "rsa"}) + b"." + body + b"." + seal for alg in ("none", [], 1)),
        part({"kid": "rsa"}) + b"." + body + b"." + seal,
        signed(claims(), key=foreign),
        signed(claims(), key=foreign, name="other"),
        signed(claims(), key=foreign, jwk=jwk),
        signed(claims(), key=foreign, jku="https://attacker.example/jwks"),
        signed(claims(), key=foreign, x5u="https://attacker.example/cert"),
        signed(claims(), jku="https://attacker.example/jwks"),
        signed(claims(), jwk=RSA.as_dict(private=False)),
        signed(claims(), crit=["exp"], exp=1),
        signed(claims(), crit=[]),
        signed(claims(), b64=True),
        signed(claims(), name="../../../../dev/zero"),
        signed(claims(), "RS512"),
        signed(claims(), "ES256", EC, "rsa"),
        signed(claims(), typ="dpop+jwt"),
        signed(claims(), typ=["JWT"]),
        *(part({"alg": "RS256", "kid": kid}) + b"." + body + b"." + seal for kid in (5, [], {})),
        part({"alg": "RS256"}) + b"." + body + b"." + seal,
        part(b'{"alg": "none", "alg": "RS256", "kid": "rsa"}') + b"." + body + b"." + seal,
        signed(doubled),
        signed(nested),
        signed(b"[]"),
        signed(b"null"),
        signed(b"not json"),
        signed(b"\xff\xfe"),
        signed(b"[" * 5_000),
        signed(b'{"exp": ' + b"9" * 5_000 + b"}"),
        signed(claims(more="x" * 9_000)),
        head + b"." + part(claims("nobody")) + b"." + seal,
        head + b"." + body + b".",
        head + b"." + body,
        head + b"." + body + b"." + seal[:-4] + b"AAAA",
        good + "=",
        good + "." + good,
        signed(good.encode(), cty="JWT"),
        "a.b.c.d.e",
        "..",
    ]
    for attack in attacks:
        await refused(site, attack if isinstance(attack, str) else attack.decode())
    await believed(site, good, DISTRICT)
    record_property("figure", f"{len(attacks)} forged tokens, none believed")


async def test_a_login_is_of_a_place(shop: Site, tmp_path: Path) -> None:
    site = trusting(shop, tmp_path)
    elsewhere = "huazhou"
    await known(site, DISTRICT, "twice")
    await believed(site, signed(claims("twice")), DISTRICT)
    await known(site, elsewhere, "twice")
    site = trusting(shop, tmp_path)
    token = signed(claims("twice"))
    await refused(site, token, "LOCALITY_REQUIRED", 400)
    assert "weibin" not in (await says(site, token)).text
    await believed(site, token, DISTRICT, locality="weibin")
    await believed(site, token, elsewhere, locality=elsewhere)
    for place in ("bailong", "nowhere", "x" * 5_000):
        await refused(site, token, locality=place)
    # A provider of one place speaks for that place alone.
    bound = trusting(shop, tmp_path, locality="weibin")
    await believed(bound, token, DISTRICT)
    await refused(bound, token, locality=elsewhere)
    # The header binds every other kind of token as well.
    demo = await shop.token(DISTRICT)
    await refused(site, demo, locality=elsewhere)


@pytest.mark.trust(28, 29)
async def test_a_login_that_is_removed_is_refused_at_once(own: Site, tmp_path: Path) -> None:
    site, token = trusting(own, tmp_path), signed(claims())
    await refused(site, token)
    await known(site, DISTRICT)
    await believed(site, token, DISTRICT)
    await own.owner.execute("DELETE FROM login")
    await refused(site, token)


@pytest.mark.trust(28)
async def test_a_role_that_is_removed_and_a_unit_that_moves(own: Site) -> None:
    """Done by the owner's own SQL: the next request of the same token sees otherwise."""
    seen = "{ tickets { totalCount } }"
    before = (await own.ask(seen, COMMUNITY))["tickets"]["totalCount"]
    assert before
    person = (await own.person(COMMUNITY)).person
    paths = await own.owner.fetch(
        "SELECT DISTINCT unit_path FROM appointment WHERE person_id = $1", person
    )
    # The unit is moved under another label; its tickets follow with it, or stay behind.
    (path,) = (row[0] for row in paths)
    moved = path[:-4] + "zzzz"
    await own.owner.execute(
        "UPDATE org_unit SET path = $2 WHERE path = $1 AND locality_id = 'weibin'", path, moved
    )
    await own.owner.execute(
        "UPDATE appointment SET unit_path = $2 WHERE unit_path = $1 AND locality_id = 'weibin'",
        path,
        moved,
    )
    assert (await own.ask(seen, COMMUNITY))["tickets"]["totalCount"] == 0
    await own.owner.execute(
        "UPDATE appointment SET unit_path = $2 WHERE unit_path = $1 AND locality_id = 'weibin'",
        moved,
        path,
    )
    assert (await own.ask(seen, COMMUNITY))["tickets"]["totalCount"] == before
    await own.owner.execute(
        "UPDATE appointment SET valid_to = CURRENT_DATE WHERE person_id = $1", person
    )
    assert (await own.ask(seen, COMMUNITY))["tickets"]["totalCount"] == 0


async def test_a_bare_server_takes_no_demo_token(shop: Site) -> None:
    from server.app import make_app

    twin = Site(shop.scratch, shop.database, shop.owner)
    twin.app = make_app(twin.database, KEY)
    await refused(twin, await shop.token(RESIDENT))


# Keys that come over the network.


def remote(site: Site, url: str | None, issuer: str = ISSUER) -> Site:
    return behind(site, Issuer(issuer, (AUDIENCE,), url, ALGORITHMS))


@pytest.mark.trust(29)
async def test_keys_are_fetched_once_and_unknown_names_cause_no_flood(shop: Site) -> None:
    await known(shop, DISTRICT)
    async with hosting() as host:
        host.pages["/jwks"] = json.dumps(public(RSA)).encode()
        site = remote(shop, f"{host.url}/jwks")
        tokens = [signed(claims(jti=str(at))) for at in range(20)]
        await asyncio.gather(*(believed(site, token, DISTRICT) for token in tokens))
        assert host.asked == ["/jwks"]
        await asyncio.gather(
            *(refused(site, signed(claims(), name=f"unknown {at}")) for at in range(20))
        )
        assert host.asked == ["/jwks"]


@pytest.mark.trust(29)
async def test_a_key_that_was_withdrawn_long_ago_is_not_believed(
    shop: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await known(shop, DISTRICT)
    monkeypatch.setattr(jwks, "PAUSE", 0)
    async with hosting() as host:
        host.pages["/jwks"] = json.dumps(public(RSA, EC)).encode()
        site = remote(shop, f"{host.url}/jwks")
        await believed(site, signed(claims()), DISTRICT)
        host.pages["/jwks"] = json.dumps(public(EC)).encode()
        monkeypatch.setattr(jwks, "FRESH", 0)
        monkeypatch.setattr(jwks, "STALE", 0)
        # Nobody came meanwhile: the first to come is not taken for one of before.
        await refused(site, signed(claims(jti="later")))
        # While the issuer does not answer, its other keys serve on, and nobody waits twice.
        host.status = "500 Internal Server Error"
        for name in ("one", "two"):
            await believed(site, signed(claims(jti=name), "ES256", EC), DISTRICT)


async def test_keys_that_cannot_be_had_are_no_refusal(shop: Site) -> None:
    await known(shop, DISTRICT)
    token = signed(claims())
    async with hosting() as host:
        good = json.dumps(public(RSA)).encode()
        for status, body in (
            ("500 Internal Server Error", good),
            ("302 Found", good),
            ("200 OK", b""),
            ("200 OK", b"[]"),
            ("200 OK", b"{}"),
            ("200 OK", b'{"keys": 5}'),
            ("200 OK", b"[" * 10_000),
            ("200 OK", good + b" " * 300_000),
        ):
            host.status, host.pages["/jwks"] = status, body
            site = remote(shop, f"{host.url}/jwks")
            await refused(site, token, "ISSUER_UNAVAILABLE", 503)
            assert (await site.post(WHO, by=RESIDENT)).status_code == 200  # others are served
        host.status, host.pages["/jwks"] = "200 OK", good
        await believed(remote(shop, f"{host.url}/jwks"), token, DISTRICT)


@pytest.mark.trust(29)
async def test_keys_that_are_not_for_this_are_left_out(shop: Site, tmp_path: Path) -> None:
    await known(shop, DISTRICT)
    weak = RSAKey.generate_key(1024, {"kid": "weak"})
    secret = OctKey.generate_key(256, {"kid": "oct"})
    for_other = {**RSA.as_dict(private=False), "alg": "PS256", "kid": "ps"}
    entries: list[Any] = [
        {**EC.as_dict(private=False), "use": "enc"},
        RSA.as_dict(private=True),
        weak.as_dict(private=False),
        secret.as_dict(private=True),
        for_other,
        {"kty": "new"},
        5,
        ED.as_dict(private=False),
    ]
    site = trusting(shop, tmp_path)
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": entries}))
    for token in (
        signed(claims(), "ES256", EC),
        signed(claims()),
        signed(claims(), key=weak),
        signed(claims(), "HS256", secret),
        signed(claims(), name="ps"),
    ):
        await refused(site, token)
    await believed(site, signed(claims(), "PS256", name="ps"), DISTRICT)
    await believed(site, signed(claims(), "EdDSA", ED), DISTRICT)


async def test_a_discovery_document_says_where_the_keys_are(shop: Site) -> None:
    async with hosting() as host:
        await known(shop, DISTRICT, issuer=host.url)
        host.pages["/jwks"] = json.dumps(public(RSA)).encode()
        page = "/.well-known/openid-configuration"
        token = signed(claims(iss=host.url))
        for named, url in (
            (host.url + "/", f"{host.url}/jwks"),
            (host.url, "http://login.example.org/jwks"),
            (host.url, 5),
        ):
            host.pages[page] = json.dumps({"issuer": named, "jwks_uri": url}).encode()
            await refused(remote(shop, None, host.url), token, "ISSUER_UNAVAILABLE", 503)
        host.pages[page] = json.dumps({"issuer": host.url, "jwks_uri": f"{host.url}/jwks"}).encode()
        await believed(remote(shop, None, host.url), token, DISTRICT)
