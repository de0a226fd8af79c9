"""Where each webhook is in the outbox: nothing is passed over, whatever becomes of the database."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from db.embedded import Embedded
from db.migrate import migrate
from jobs.webhooks import SOON
from server.places import load_places
from tests.api.acting import DISTRICT, GRID, reported
from tests.api.hooks import Receiver, Worker, hooked, receiving
from tests.api.served import Site
from tests.conftest import FAST, Scratch

GOES_BACK = {**FAST, "hot_standby": "off", "restore_command": "false", "shared_buffers": "16MB"}
"""What a database needs so that it can be told to recover, as after a restore or a promotion."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder other accounts can pass through: pytest's own tmp_path is private."""
    made = Path(tempfile.mkdtemp(prefix="linli-test-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


async def test_a_change_waits_for_those_that_may_yet_come_before_it(
    own: Site, receiver: Receiver
) -> None:
    await hooked(own, DISTRICT, GRID, receiver.url)
    transaction = own.owner.transaction()
    await transaction.start()
    await own.owner.fetchval("SELECT pg_current_xact_id()")
    await reported(own)
    worker = Worker(own)
    assert await worker.look() == SOON
    await worker.courier.rest()
    assert receiver.got == []
    await transaction.rollback()
    await worker.work()
    assert len(receiver.got) == 1


async def test_loaded_into_another_database_it_goes_on_from_there(
    own: Site, receiver: Receiver
) -> None:
    """Its transactions bear other numbers: the old place must not hide what comes."""
    await hooked(own, DISTRICT, GRID, receiver.url)
    await own.owner.execute("UPDATE webhook SET seen_epoch = 'another', seen_tx = 2^60::bigint")
    worker = Worker(own)
    await worker.work()
    ticket = await reported(own)
    await worker.work()
    assert [each.data["id"] for each in receiver.got] == [ticket]


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Site]:
    """A PostgreSQL of the test's own, served."""
    async with Embedded(folder / "data", GOES_BACK) as embedded:
        await migrate(embedded.owner_dsn)
        await load_places(embedded.owner_dsn)
        site = await Site.open(Scratch(embedded, "linli"), size=4)
        try:
            yield site
        finally:
            await site.close()


async def test_restored_or_promoted_it_passes_over_nothing(folder: Path) -> None:
    """The timeline is another one, the numbers run on."""
    async with started(folder) as site, receiving(site) as receiver:
        await hooked(site, DISTRICT, GRID, receiver.url)
        ticket = await reported(site)
        before = await site.owner.fetchval(TIMELINE)
    signal = folder / "data" / "pg" / "recovery.signal"
    signal.touch()
    signal.chmod(0o666)  # under root PostgreSQL runs as another account
    async with started(folder) as site, receiving(site) as receiver:
        assert await site.owner.fetchval(TIMELINE) == before + 1
        await site.owner.execute("UPDATE webhook SET url = $1", receiver.url)
        await Worker(site).work()
        assert [each.data["id"] for each in receiver.got] == [ticket]


TIMELINE = "SELECT timeline_id FROM pg_control_checkpoint()"
