"""Forged and foreign cursors and ids: an error with a code, or rows of one's own; never a 500."""

import base64
import os
from random import Random
from typing import Any

import orjson
import pytest

from db.pool import Database
from schema.api import API
from tests.compiler.world import World
from tests.matrix.asking import ask
from tests.matrix.canaries import Allowed
from tests.matrix.documents import NODES, TYPES, every_id, inner, selection
from tests.matrix.narrowing import is_page

COUNT = int(os.environ.get("FUZZ_COUNT") or 2_000)
WEAK = ("resident", "partner", "data consumer", "street elsewhere")
REFUSED = {"BAD_CURSOR", "BAD_TEXT", "BAD_ID", "CURSOR_EXPIRED"}
NOISE = (
    "-5",
    "arrayconnection:-5",
    "YXJyYXljb25uZWN0aW9uOi01",
    "",
    "=",
    "====",
    "-1",
    "9" * 40,
    "１２",
    "null",
    "%00",
    "../../etc/passwd",
    "' OR 1=1 --",
    "x" * 5_000,
)
PARTS = (
    "-1",
    "0",
    "1_000",
    "١٢",
    "2147483648",
    str(2**63),
    "9" * 30,
    "NaN",
    "1e3",
    "now()",
    "infinity",
    "10000-01-01 00:00:00+00",
    "0001-01-01 00:00:00+14",
    "9999-12-31 23:59:59.999999+00",
    "2025-03-02 02:00:00",
    "{00000000-0000-7000-8000-000000000000}",
    "urn:uuid:00000000-0000-7000-8000-000000000000",
    "",
    "|",
    "\x00",
    "\u202e",
    "'; SELECT 1 --",
)


def lists() -> list[str]:
    """A question after a cursor, for each list there is."""
    found = []
    for name, field in API.core.query_type.fields.items():
        if is_page(field):
            where = 'locality: "riverside", ' if "locality" in field.args else ""
            found.append(asked(name, field, where, "", ""))
    for type_ in NODES:
        for name, field in TYPES[type_].fields.items():
            if is_page(field):
                before = f"nodes(ids: $ids) {{ __typename ... on {type_} {{ "
                found.append(asked(name, field, "", before, " } }"))
    return found


def asked(name: str, field: Any, where: str, before: str, after: str) -> str:
    of = selection(inner(inner(field.type).fields["nodes"].type), 0)
    ids = ", $ids: [ID!]!" if before else ""
    page = f"{{ __typename totalCount edges {{ __typename cursor node {of} }} }}"
    return (
        f"query($c: String{ids}) {{ {before} a: {name}({where}after: $c, first: 5) {page} "
        f"b: {name}({where}before: $c, last: 5) {page} {after} }}"
    )


async def cursors(database: Database, world: World, texts: list[str], ids: Any) -> list[str]:
    """Cursors of all lists, as somebody is given them who sees a whole place."""
    found: set[str] = set()
    for text in texts:
        given = {"ids": ids[text]} if "$ids" in text else {}
        body = await ask(API, database, world.viewers["district"], text, c=None, **given)
        found |= set(strings(orjson.loads(body), "cursor"))
    return sorted(found)


def strings(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from [each] if key == name else strings(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from strings(each, name)


def forged(random: Random, cursor: str) -> str:
    """A cursor that was given out, changed in one way or another."""
    match random.randrange(6):
        case 0:
            return random.choice(NOISE)
        case 1:
            return cursor  # of another list, order or viewer
        case 2:
            at = random.randrange(len(cursor) + 1)
            return cursor[:at] + random.choice("Az09-_=+/ ") + cursor[at + random.randrange(2) :]
        case 3:
            return cursor[: random.randrange(len(cursor))]
    plain = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode().split("|")
    plain[random.randrange(len(plain))] = random.choice(PARTS)
    return base64.urlsafe_b64encode("|".join(plain).encode()).decode().rstrip("=")


@pytest.mark.trust(33)
async def test_forged_cursors(database: Database, world: World, record_property: Any) -> None:
    random, texts = Random(33), lists()
    ids = {text: some_ids(world, text) for text in texts}
    valid = await cursors(database, world, texts, ids)
    assert len(valid) > 50
    allowed = {name: Allowed(world, world.viewers[name]) for name in WEAK}
    refused = 0
    for _ in range(COUNT):
        text, name = random.choice(texts), random.choice(WEAK)
        given = {"ids": ids[text]} if "$ids" in text else {}
        cursor = forged(random, random.choice(valid))
        body = await ask(API, database, world.viewers[name], text, c=cursor, **given)
        refused += told(body, allowed[name], cursor)
    assert COUNT / 2 < refused < COUNT
    record_property("figure", f"{COUNT:,} cursors, {refused:,} refused by code, no foreign row")


def some_ids(world: World, text: str) -> list[str]:
    """Ids of the type whose list is asked."""
    type_ = next((name for name in NODES if f"... on {name} " in text), None)
    return every_id(world, type_)[:3] if type_ else []


def told(body: bytes, allowed: Allowed, sent: str) -> bool:
    """Whether it was refused; nothing else but an answer of one's own may come."""
    assert not list(allowed.leaks(body)), sent
    answer = orjson.loads(body)
    if set(answer) != {"errors"}:
        return False
    assert {error["extensions"]["code"] for error in answer["errors"]} <= REFUSED, (sent, answer)
    return True


@pytest.mark.trust(33)
async def test_forged_ids(database: Database, world: World, record_property: Any) -> None:
    random = Random(34)
    texts = [
        f"query($id: ID!) {{ {name}(id: $id) {selection(inner(field.type), 0)} }}"
        for name, field in API.core.query_type.fields.items()
        if "id" in field.args
    ]
    texts.append(f"query($id: ID!) {{ nodes(ids: [$id]) {selection(TYPES['Node'], 0)} }}")
    valid = [each for type_ in NODES for each in every_id(world, type_)]
    allowed = {name: Allowed(world, world.viewers[name]) for name in WEAK}
    refused = 0
    for _ in range(COUNT):
        text, name = random.choice(texts), random.choice(WEAK)
        id = forged_id(random, random.choice(valid))
        body = await ask(API, database, world.viewers[name], text, id=id)
        refused += told(body, allowed[name], id)
    assert COUNT / 2 < refused < COUNT
    record_property("figure", f"{COUNT:,} ids, {refused:,} refused by code, no foreign row")


def forged_id(random: Random, id: str) -> str:
    """An id that was given out, changed in one way or another."""
    tag, place, key = id.split("_", 1)[0], id.split("_", 1)[1].rsplit("_", 1)[0], id[-36:]
    match random.randrange(6):
        case 0:
            return random.choice(NOISE)
        case 1:
            return id
        case 2:
            at = random.randrange(len(id))
            return id[:at] + random.choice("aZ09_-'\n\x00\u202e٣ ") + id[at + random.randrange(2) :]
        case 3:
            return f"{random.choice(('unit', 'ticket', 'person', 'token', 'x'))}_{place}_{key}"
        case 4:
            return f"{tag}_{random.choice(('old_town', 'riverside', 'nowhere', ''))}_{key}"
    return f"{tag}_{place}_{random.choice((key.upper(), key[:-1], '{' + key + '}', key + key))}"
