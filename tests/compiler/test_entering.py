"""A read that enters its scope by itself, in the one statement that it is."""

from dataclasses import replace

import asyncpg
import pytest

from db.pool import Database
from db.scope import NOBODY, PUBLIC, Scope
from db.standing import ENTERS, LONG, entering
from tests.compiler.world import World

SEEN = "SELECT json_build_array(count(*)) FROM ticket"


async def counted(database: Database, scope: Scope) -> bytes | None:
    return await database.enter(scope, SEEN, [])


async def test_every_viewer_enters_and_sees_what_a_transaction_shows(
    database: Database, world: World
) -> None:
    counts: set[bytes] = set()
    for viewer in world.viewers.values():
        seen = await database.fetch(viewer, SEEN, [])
        assert await counted(database, viewer) == seen
        counts.add(seen)
    assert len(counts) > 3


async def test_whoever_claims_what_is_not_theirs_sees_nothing(
    database: Database, world: World
) -> None:
    """Another scope than today's, wider or narrower, is none."""
    chief, worker = world.viewers["street"], world.viewers["worker"]
    assert chief.prefixes
    assert worker.prefixes
    for claimed in (
        replace(worker, prefixes=chief.prefixes),
        replace(worker, prefixes=()),
        replace(worker, prefixes=(*worker.prefixes, *chief.prefixes)),
        replace(worker, offices=("AUDITOR",)),
        replace(worker, presented=b"\1" * 32),
        replace(worker, locality="elsewhere"),
        replace(worker, person=NOBODY),
        replace(PUBLIC, prefixes=chief.prefixes),
        replace(PUBLIC, offices=("AUDITOR",)),
        replace(PUBLIC, locality=chief.locality),
    ):
        assert await counted(database, claimed) is None, claimed
    for at in range(5):
        given = [None if at == each else one for each, one in enumerate(worker.entered())]
        assert await database.alone(f"{ENTERS} AS entered", *given) == (None,)


async def test_nothing_is_worked_out_for_a_scope_that_is_not_true(
    database: Database, world: World
) -> None:
    """What would fail if it were looked at is not."""
    fails = "SELECT to_json(1 / (count(*) - count(*))) FROM ticket"
    worker = world.viewers["worker"]
    assert await database.enter(replace(worker, prefixes=()), fails, []) is None
    with pytest.raises(asyncpg.DivisionByZeroError):
        await database.enter(worker, fails, [])


async def test_what_was_entered_ends_with_its_statement(
    bare: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    viewer = world.viewers["street"]
    left = "SELECT count(*) FROM ticket"
    for scope in (viewer, replace(viewer, prefixes=()), PUBLIC):
        await bare.fetchval(entering(SEEN, 0), *scope.entered())
        assert await bare.fetchval(left) == 0
        assert await bare.fetchval("SHOW transaction_read_only") == "off"
        settings = (
            "SELECT concat(linli_locality(), linli_person(), linli_prefixes(), linli_offices())"
        )
        assert await bare.fetchval(settings) in ("", "{}{}")


async def test_a_statement_that_entered_only_reads(database: Database, world: World) -> None:
    viewer = world.viewers["street"]
    mode = "SELECT to_json(current_setting('transaction_read_only'))"
    assert await database.enter(viewer, mode, []) == b'"on"'
    with pytest.raises(asyncpg.ActiveSQLTransactionError):
        undone = "SELECT to_json(set_config('transaction_read_only', 'off', true))"
        await database.enter(viewer, undone, [])


def test_very_long_statements_are_not_remembered_wrapped() -> None:
    """Else hundreds of them would be kept in full, though hardly one comes twice."""
    for length, remembered in ((LONG, True), (LONG + 1, False)):
        sql = SEEN.ljust(length)
        once, again = entering(sql, 0), entering(sql, 0)
        assert once == again
        assert (once is again) == remembered
