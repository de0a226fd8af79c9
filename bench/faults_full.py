"""More of row 44: a PostgreSQL that takes no writes, as a standby or because its disk is full."""

import asyncio
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

from bench.client import CHIEF, Client, Ledger, calling, introduce, writing
from bench.faults_gone import READ, healed
from bench.ledger import reconcile
from bench.report import Row
from bench.site import Site, open_site, serving

SIZE = "700m"
FULL_SECONDS = 5


async def standby(site: Site) -> Row:
    """PostgreSQL comes back as a standby: it is read from, writes are told to come back later."""
    ledger, cluster = Ledger(), site.embedded.data / "pg"
    mark = cluster / "standby.signal"
    async with serving(site) as server, calling(site, server.url, ledger) as client:
        await client.report()
        await site.stop_at_once()
        mark.touch()
        shutil.chown(mark, (owned := cluster.stat()).st_uid, owned.st_gid)
        await site.revive()
        await healed(site, server.url)
        reading, before = await client.ask(READ, CHIEF), ledger.codes.copy()
        reporting = asyncio.create_task(client.report())
        while ledger.codes == before:
            await asyncio.sleep(0.02)
        told = ledger.codes - before
        await site.stop_at_once()
        mark.unlink()
        await site.revive()
        began = time.monotonic()
        await reporting
        took = time.monotonic() - began
    verdict = await reconcile(site.owner, ledger.acknowledged)
    found = f"it was read from, writes were told {dict(told)}, healed in {took:.2f} s"
    sound = verdict.holds and reading is not None and set(told) == {"503 DATABASE_UNAVAILABLE"}
    did = "PostgreSQL came back as a standby"
    return Row(44, did, f"{found}; {verdict.text()}", ledger, sound)


async def full() -> Row:
    """The disk is full, PostgreSQL's log on it included: it stops, and comes back with room."""
    did, ledger = "the disk was full under 4 writers", Ledger()
    with _small_disk() as folder:
        if folder is None:
            return Row(44, did, "not tried: only root may mount a small disk", ledger, True)
        async with open_site(folder) as site:
            await introduce(site)
            return await _filled(site, did, ledger)


@contextmanager
def _small_disk() -> Generator[Path | None]:
    """A disk that is soon full, if we may have one."""
    with tempfile.TemporaryDirectory(prefix="linli-full-") as name:
        command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "linli", name]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            yield None
            return
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", name], check=True)


async def _filled(site: Site, did: str, ledger: Ledger) -> Row:
    async with serving(site) as server, kept_up(site):
        client = Client(site, server.url, Ledger())
        async with writing(site, server.url, ledger, 4):
            await asyncio.sleep(1)
            filler = _fill(site.folder)
            until = time.monotonic() + FULL_SECONDS
            while time.monotonic() < until or not ledger.codes:
                await client.ask(READ, CHIEF)
            filler.unlink()
            took = await healed(site, server.url)
        await client.close()
    await site.reconnect()
    verdict = await reconcile(site.owner, ledger.acknowledged)
    wrong = {code for code in ledger.codes if not code.startswith("503 ")}
    found = f"healed {took:.2f} s after there was room again; {verdict.text()}"
    return Row(44, did, found, ledger, verdict.holds and not wrong)


def _fill(folder: Path) -> Path:
    """Take all the room there is, to the last block."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(65_536))
    with filler.open("ab", buffering=0) as out, suppress(OSError):
        while True:
            out.write(bytes(512))
    return filler


@asynccontextmanager
async def kept_up(site: Site) -> AsyncGenerator[None]:
    """PostgreSQL is started again if it ends, as under `linli serve`."""
    keeping = asyncio.create_task(site.embedded.keep_up())
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])
