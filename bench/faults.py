"""`python -m bench.faults [ROW …] [--full]`: things that break, done for real, and the ledger.

Each row is done to servers and workers of their own on a PostgreSQL with fsync on. One line says
what was done, what clients were told, and how that compares with the tables. It ends with 1 if a
ledger does not reconcile. `--full` takes the sizes that are promised, and some 40 minutes.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bench import (
    faults_clients,
    faults_clock,
    faults_database,
    faults_ddl,
    faults_full,
    faults_gone,
    faults_states,
    faults_writes,
)
from bench.client import introduce
from bench.report import Row, record
from bench.site import Site, open_site


@dataclass(frozen=True)
class Sizes:
    """How much of each row is done."""

    kills: int = 25
    cuts: int = 60
    seconds: int = 20
    stops: int = 10
    silence: int = 10
    terms: int = 3
    timers: int = 2_000
    workers_killed: int = 20


FULL = Sizes(
    kills=200,
    cuts=500,
    seconds=300,
    stops=50,
    silence=30,
    terms=10,
    timers=10_000,
    workers_killed=100,
)

Rows = Awaitable[Sequence[Row]]


async def _one(row: Awaitable[Row]) -> list[Row]:
    return [await row]


async def _states(site: Site) -> list[Row]:
    provoked = await faults_states.provoked(site)
    return [*provoked, await faults_full.standby(site), await faults_full.full()]


JOBS: dict[int, Callable[[Site, Sizes], Rows]] = {
    35: lambda site, _: _one(faults_writes.same_key(site, 50)),
    36: lambda site, _: _one(faults_writes.one_winner(site, 200)),
    37: lambda site, _: faults_writes.no_moves(site),
    39: lambda site, sizes: _one(faults_writes.killed(site, sizes.kills)),
    40: lambda site, sizes: _one(faults_writes.cut(site, sizes.cuts)),
    41: lambda site, sizes: _one(faults_gone.stopped(site, sizes.stops)),
    42: lambda site, sizes: faults_database.backends_killed(site, sizes.seconds),
    43: lambda site, sizes: faults_gone.frozen(site, sizes.silence),
    44: lambda site, _: _states(site),
    45: lambda site, _: _one(faults_clients.vanished(site, 20)),
    46: lambda site, sizes: _one(faults_clients.terminated(site, sizes.terms)),
    47: lambda site, sizes: faults_clock.timers(site, sizes.timers, sizes.workers_killed),
    50: lambda site, _: _one(faults_ddl.changed(site, 5)),
}
"""By the number of the row; 37 stands for 38 too."""


async def main(rows: Sequence[int], sizes: Sizes) -> bool:
    """Do the rows, printing each; whether all held."""
    sound = True
    async with open_site() as site:
        await introduce(site)
        for number in rows:
            began = time.monotonic()
            for at, row in enumerate(await JOBS[number](site, sizes)):
                print(row.text(), flush=True)
                command = f"python -m bench.faults {number}{' --full' * (sizes == FULL)}"
                record(row.number, row.figure(), row.sound, command, str(at))
                sound = sound and row.sound
            print(f"   ({time.monotonic() - began:.0f} s)", flush=True)
    return sound


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description="Things that break, done for real, and the ledger.")
    asked.add_argument("rows", nargs="*", type=int, metavar="ROW", help=f"of {list(JOBS)}")
    asked.add_argument("--full", action="store_true", help="the sizes that are promised")
    given = asked.parse_args()
    if unknown := set(given.rows) - set(JOBS):
        asked.error(f"no such row: {sorted(unknown)}")
    sys.exit(not asyncio.run(main(given.rows or list(JOBS), FULL if given.full else Sizes())))
