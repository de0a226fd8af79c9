"""The chain of disclosures: whoever changes it, superuser or not, is found out."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest
import pytest_asyncio

from db.disclosure_chain import heads, verify
from db.embedded import Embedded
from domain.audit import FIRST, SEALED, Anchor, read_anchor, seal
from jobs.anchors import Anchoring, anchor
from tests.api.acting import RESIDENT, WORKER
from tests.api.served import Site
from tests.api.test_disclosure import known, read
from tests.conftest import with_database

Superuser: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
ROOT = Path(__file__).parents[2]
READINGS = 5
ROWS = READINGS * 6


@pytest_asyncio.fixture
async def chain(own: Site, server: Embedded) -> AsyncIterator[Superuser]:
    """A chain of thirty rows, before somebody who may do anything."""
    id = await known(own)
    for _ in range(READINGS):
        await read(own, WORKER, id, "HOME_VISIT")
    name = own.scratch.owner_dsn.rpartition("/")[2]
    superuser = await asyncpg.connect(with_database(server.superuser_dsn, name))
    yield superuser
    await superuser.close()


async def problems(chain: Superuser, *anchors: Anchor) -> list[str]:
    """What is found of 渭滨's chain."""
    (check,) = await verify(chain, anchors)
    return check.problems


async def seal_anew(chain: Superuser, start: int) -> None:
    """Seal the chain anew from a row on, and move its head along."""
    before = "SELECT digest FROM disclosure WHERE sequence = $1"
    digest = await chain.fetchval(before, start - 1) or FIRST
    columns = ", ".join(SEALED)
    sql = f"SELECT {columns} FROM disclosure WHERE sequence >= $1 ORDER BY sequence"
    for row in await chain.fetch(sql, start):
        digest = seal(tuple(row), digest)
        change = "UPDATE disclosure SET digest = $2 WHERE sequence = $1"
        await chain.execute(change, row["sequence"], digest)
    await chain.execute(
        "UPDATE disclosure_head SET digest = $1, sequence = (SELECT max(sequence) FROM disclosure)",
        digest,
    )


SWAP = """
UPDATE disclosure SET sequence = -sequence WHERE sequence IN (7, 19);
UPDATE disclosure SET sequence = 26 + sequence WHERE sequence < 0;
"""
ANOTHER = "(SELECT id FROM person WHERE locality_id = 'weibin' AND id <> {} LIMIT 1)"
EDITS = {
    "at": "at + interval '1 us'",
    "actor_id": ANOTHER.format("actor_id"),
    "post_id": "NULL",
    "subject_id": ANOTHER.format("subject_id"),
    "field": "CASE field WHEN 'PHONE' THEN 'NEEDS' ELSE 'PHONE' END",
    "purpose": "'OWN'",
    "ticket_id": "gen_random_uuid()",
    "record_id": "gen_random_uuid()",
    "answer_id": "gen_random_uuid()",
    "reason": "'None'",
    "digest": "decode(repeat('00', 32), 'hex')",
}
UP_TO_ITS_ANCHOR = """
UPDATE disclosure_head SET removed = sequence, removed_digest = digest; DELETE FROM disclosure
"""
TAMPERED = {
    **{
        f"UPDATE disclosure SET {column} = {value} WHERE sequence = 7": "row 7 is not as it was"
        for column, value in EDITS.items()
    },
    "DELETE FROM disclosure WHERE sequence = 7": "rows 7 to 7 are missing",
    "DELETE FROM disclosure WHERE sequence BETWEEN 7 AND 9": "rows 7 to 9 are missing",
    "DELETE FROM disclosure WHERE sequence = 1": "rows 1 to 1 are missing",
    f"DELETE FROM disclosure WHERE sequence = {ROWS}": f"ends at row {ROWS - 1}, its head says",
    SWAP: "row 7 is not as it was",
    "DELETE FROM disclosure_head": f"ends at row {ROWS}, its head says 0",
    "DELETE FROM disclosure": "ends at row 0, its head says",
    UP_TO_ITS_ANCHOR: f"rows up to {ROWS} were removed before their time",
}
"""What is done, and what is said of it."""


@pytest.mark.trust(53)
async def test_whatever_a_superuser_does_to_a_row_is_found(
    chain: Superuser, record_property: Callable[[str, object], None]
) -> None:
    (kept,) = await heads(chain)
    assert await problems(chain, kept) == []
    for done, said in TAMPERED.items():
        transaction = chain.transaction(isolation="repeatable_read")
        await transaction.start()
        await chain.execute(done)
        found = await problems(chain) or await problems(chain, kept)
        assert any(said in each for each in found), (done, found)
        await transaction.rollback()
    assert await problems(chain) == []
    record_property("figure", f"{len(TAMPERED)} ways of tampering, each found")


@pytest.mark.trust(53)
async def test_a_chain_sealed_anew_is_found_by_an_anchor_only(chain: Superuser) -> None:
    """What hides without an anchor is shown by the one that was kept elsewhere."""
    (kept,) = await heads(chain)
    assert kept.sequence == ROWS
    for done, start in (
        ("UPDATE disclosure SET purpose = 'OWN' WHERE sequence = 7", 7),
        (f"DELETE FROM disclosure WHERE sequence > {ROWS - 6}", ROWS - 6),
    ):
        transaction = chain.transaction(isolation="repeatable_read")
        await transaction.start()
        await chain.execute(done)
        await seal_anew(chain, start)
        assert await problems(chain) == []
        found = await problems(chain, kept)
        assert len(found) == 1, found
        assert f"row {ROWS} is not" in found[0] or f"anchor was taken at {ROWS}" in found[0]
        await transaction.rollback()
    assert await problems(chain, kept) == []
    await chain.execute("DELETE FROM disclosure; DELETE FROM disclosure_head")
    assert await problems(chain, kept) != []


@pytest.mark.trust(53)
async def test_removing_rows_under_the_name_of_age_is_found(chain: Superuser) -> None:
    """The head says where the chain begins: an anchor tells that what is gone was young."""
    (kept,) = await heads(chain)
    older = Anchor(kept.locality, 5, await digest_of(chain, 5), kept.at, kept.at)
    digest = await digest_of(chain, 10)
    await chain.execute("DELETE FROM disclosure WHERE sequence <= 10")
    move = "UPDATE disclosure_head SET removed = 10, removed_digest = $1"
    await chain.execute(move, digest)
    assert await problems(chain, kept) == []
    found = await problems(chain, older, kept)
    assert found == ["weibin: rows up to 10 were removed before their time"]


async def digest_of(chain: Superuser, sequence: int) -> bytes:
    return await chain.fetchval("SELECT digest FROM disclosure WHERE sequence = $1", sequence)


async def test_anchors_are_kept_in_a_file_and_signed(
    own: Site, chain: Superuser, tmp_path: Path
) -> None:
    file, key = tmp_path / "anchors", b"a key"
    assert await anchor(own.database, Anchoring(file, key)) == 1
    await read(own, RESIDENT, await known(own), "OWN")
    assert await anchor(own.database, Anchoring(file, key)) == 1
    lines = file.read_text().splitlines()
    anchors = [read_anchor(line, key) for line in lines]
    assert [each.sequence for each in anchors] == [ROWS, ROWS + 6]
    assert await problems(chain, *anchors) == []


async def linli(
    site: Site, *words: str, key: str = "", dsn: str | None = None
) -> tuple[int | None, str, str]:
    """`linli audit` beside the server: how it ended, and what it said."""
    env = {
        "PATH": "",
        "PYTHONPATH": str(ROOT),
        "MIGRATE_DATABASE_URL": dsn or site.scratch.owner_dsn,
        "LINLI_ANCHOR_KEY": key,
    }
    code = "from server.cli import main; main()"
    made = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, "audit", *words, env=env, stdout=PIPE, stderr=PIPE
    )
    out, err = await made.communicate()
    return made.returncode, out.decode(), err.decode()


@pytest.mark.trust(53)
async def test_the_command_line_anchors_and_verifies(
    own: Site, chain: Superuser, tmp_path: Path
) -> None:
    status, said, _ = await linli(own, "anchor", "--locality", "weibin", key="a key")
    assert status == 0
    assert json.loads(said)["sequence"] == ROWS
    file = tmp_path / "anchors"
    file.write_text(said)
    sound = f"weibin: {ROWS} rows up to {ROWS}"
    assert await linli(own, "verify") == (0, f"{sound}, not anchored\n", "")
    given = ("verify", "--anchor", str(file))
    assert await linli(own, *given, key="a key") == (0, f"{sound}, anchored\n", "")
    status, _, error = await linli(own, *given, key="another key")
    assert (status, error) == (1, f"{file}:1: the signature is not right\n")
    # Signed, it says nothing to whoever cannot check that.
    status, _, error = await linli(own, *given)
    assert status == 1
    assert error.startswith(f"{file}:1: it is signed, and LINLI_ANCHOR_KEY is not set")
    await chain.execute("UPDATE disclosure SET reason = 'other' WHERE sequence = 3")
    status, _, error = await linli(own, *given, key="a key")
    assert (status, error) == (1, "weibin: row 3 is not as it was written\n")
    endless = {**json.loads(said), "sequence": 0}
    for nonsense in (b"nonsense", b"\xff", json.dumps(endless).replace(" 0,", " 1e400,").encode()):
        file.write_bytes(nonsense)
        status, _, error = await linli(own, *given)
        assert (status, error) == (1, f"{file}:1: not an anchor\n")
    file.write_bytes(b"")
    assert await linli(own, *given) == (1, "", f"{file}: no anchor is in it\n")


@pytest.mark.trust(53)
async def test_a_role_that_sees_no_row_is_not_told_that_all_is_well(
    own: Site, chain: Superuser
) -> None:
    assert await own.count("disclosure") == ROWS
    for command in ("verify", "anchor"):
        status, said, error = await linli(own, command, dsn=own.scratch.app_dsn)
        assert (status, said) == (1, ""), (command, said)
        assert "Row security hides the record from this role" in error
