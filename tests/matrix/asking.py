"""Asking every question as every viewer, and looking at what came."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from compiler.engine import CompiledSchema
from compiler.limits import MOST_POINTS
from db.pool import Database
from db.scope import Scope
from schema.api import API
from server.context import Context
from tests.compiler.world_plan import World
from tests.matrix.canaries import Allowed, Leak
from tests.matrix.documents import APART, LISTED, SINCE, Edge, by_ids, by_roots, every_id


@dataclass(frozen=True)
class Answer:
    """What one viewer was told, and what was asked."""

    asked: str
    variables: dict[str, Any]
    body: bytes


@dataclass
class Findings:
    """What all answers together held."""

    reached: set[Edge] = field(default_factory=set[Edge])
    """Fields that had something to say."""
    leaky: set[Edge] = field(default_factory=set[Edge])
    """Fields under which there was what should not have been there."""
    leaks: list[tuple[str, str, Leak]] = field(default_factory=list[tuple[str, str, Leak]])
    """Who was told, in answer to what, and which."""
    answers: int = 0
    _walked: set[bytes] = field(default_factory=set[bytes])
    """Answers whose fields are noted: much is told to many alike."""

    def look(self, viewer: str, answer: Answer, allowed: Allowed) -> None:
        """Look for marks in the bytes themselves, and for fields in what they say."""
        self.answers += 1
        found = set(allowed.leaks(answer.body))
        self.leaks += [(viewer, answer.asked, leak) for leak in found]
        if found or answer.body not in self._walked:
            self._walk(orjson.loads(answer.body), allowed, suspect=bool(found))
            self._walked.add(answer.body)

    def _walk(self, value: Any, allowed: Allowed, *, suspect: bool) -> bool:
        """Note the fields within; whether there was what should not have been there."""
        leaky = False
        if isinstance(value, list):
            for each in value:
                leaky |= self._walk(each, allowed, suspect=suspect)
        elif isinstance(value, dict):
            for name, below in value.items():
                edge = Edge(value.get("__typename", "?"), name.partition(APART)[0])
                if edge.field and below not in (None, [], {}):
                    self.reached.add(edge)
                within = suspect or isinstance(below, dict | list)
                if within and self._walk(below, allowed, suspect=suspect):
                    self.leaky.add(edge)
                    leaky = True
        elif suspect:
            # A number is looked for after the colon of its field.
            leaky = any(allowed.leaks(orjson.dumps({"": value})))
        return leaky


def parts(value: Any) -> Iterator[tuple[str, str, Any]]:
    """Every member of every object in an answer: the object's type, the field, its value."""
    if isinstance(value, list):
        for each in value:
            yield from parts(each)
    elif isinstance(value, dict):
        for name, below in value.items():
            if name != "__typename":
                yield value.get("__typename", "?"), name.partition(APART)[0], below
                yield from parts(below)


def questions(world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every document with every set of its variables."""
    for type_, text in by_ids():
        ids = every_id(world, type_)
        size = affordable(text, ids[:1])
        for start in range(0, len(ids), size):
            yield text, {"ids": ids[start : start + size]}
    for question in by_roots(world):
        for variables in question.variables:
            yield question.text, variables


def affordable(text: str, one: list[str]) -> int:
    """How many ids may be asked about at once."""
    prepared = API.prepare(text, None, {"ids": one})
    assert not isinstance(prepared, list), prepared
    return max(1, min(LISTED, MOST_POINTS // (prepared.cost + 1)))


async def ask(
    schema: CompiledSchema, database: Database, viewer: Scope, text: str, **variables: Any
) -> bytes:
    """The bytes of an answer; errors are answers too."""
    context = Context(database, viewer)
    result = await schema.execute(text, variable_values=variables, context_value=context)
    if result.errors:
        return orjson.dumps({"errors": [error.formatted for error in result.errors]})
    return orjson.dumps(result.data)


async def answers(
    schema: CompiledSchema, database: Database, world: World, name: str, since: str
) -> AsyncIterator[Answer]:
    """What one viewer is told, question by question."""
    for text, variables in questions(world):
        given = {key: since if value == SINCE else value for key, value in variables.items()}
        yield Answer(
            text, variables, await ask(schema, database, world.viewers[name], text, **given)
        )


async def first_cursor(database: Database, viewer: Scope) -> str:
    """The cursor of a reader who has read nothing yet."""
    told = orjson.loads(await ask(API, database, viewer, "{ changes { cursor } }"))
    now: str = told["changes"]["cursor"]
    tag, epoch, _tx, key, at = (
        base64.urlsafe_b64decode(now + "=" * (-len(now) % 4)).decode().split("|")
    )
    parts = "|".join((tag, epoch, "0", key, at))
    return base64.urlsafe_b64encode(parts.encode()).decode().rstrip("=")


async def look_as(
    schema: CompiledSchema,
    database: Database,
    world: World,
    names: Iterable[str],
    since: str,
    findings: Findings,
) -> None:
    """Ask everything as these viewers, a few at a time."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def look(name: str) -> None:
        allowed = Allowed(world, world.viewers[name])
        async with gate:
            async for answer in answers(schema, database, world, name, since):
                findings.look(name, answer, allowed)

    await asyncio.gather(*map(look, names))


AT_ONCE = 4
