"""Reads under a scope of the very moment they read: for what goes on for long, many in one go."""

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from db.pool import Connection, Database, scope_from
from db.scope import Scope
from db.standing import ENTERS, STANDING

ENOUGH = 0.5
"""Seconds after which a transaction begins no further reading: the rest is for another one."""

Values = Callable[[], list[Any]]

Ask = Callable[[Scope | None], tuple[str, Values]]
"""What to read under the scope that was found (None: of nobody): a statement and its values."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One JSON value that somebody is to have."""

    own: Scope
    """Who it is, before it is known what they may see."""
    known: Scope | None
    """What they could see when they were here last."""
    ask: Ask
    alike: Hashable
    """Readings of one person that are alike have one answer."""


async def fetch_freshly(
    database: Database, readings: Sequence[Reading]
) -> list[bytes | Exception | None]:
    """For each its answer, or what `ask` raised, or None if there was no time for it.

    Each is read under its person's own scope; scopes and answers are as of one moment.
    """
    deadline = time.monotonic() + ENOUGH

    async def work(connection: Connection) -> list[bytes | Exception | None]:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        found: list[bytes | Exception | None] = [None] * len(readings)
        people: dict[Scope, list[int]] = {}
        for at, reading in enumerate(readings):
            people.setdefault(reading.own, []).append(at)
        for own, places in people.items():
            if time.monotonic() < deadline:
                answers = await _of_one(connection, own, [readings[at] for at in places])
                for at, answer in zip(places, answers, strict=True):
                    found[at] = answer
        return found

    return await database.read(readings[0].own, work)


async def _of_one(
    connection: Connection, own: Scope, readings: Sequence[Reading]
) -> list[bytes | Exception]:
    """The answers to readings of one person: what they may see now, and then what they ask."""
    standing = await _standing(connection, own, readings[0].known)
    known: dict[Hashable, bytes] = {}
    answers: list[bytes | Exception] = []
    for reading in readings:
        try:
            sql, values = reading.ask(standing)
            answer = known.get(reading.alike)
            given = values() if answer is None else []
        except Exception as error:  # whatever it is, it is told to this one alone
            answers.append(error)
            continue
        if answer is None:
            answer = known[reading.alike] = await connection.fetchval(sql, *given)
        answers.append(answer)
    return answers


async def _standing(connection: Connection, own: Scope, known: Scope | None) -> Scope | None:
    """The scope of a person, set for what follows: the one that is known, if it is the true one."""
    if known is not None and await connection.fetchval(ENTERS, *known.entered()):
        return known
    await connection.execute(own.settings())
    row = await connection.fetchrow(STANDING, own.locality, own.person, own.presented)
    standing = scope_from(own, row)
    if standing is not None:
        await connection.execute(standing.settings())
    return standing
