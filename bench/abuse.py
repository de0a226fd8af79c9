"""What is to hurt the server: how soon each attempt is refused, and how short the answer is.

`python -m bench.abuse [rounds]`, without a database: everything is refused before one is needed.
Time is the processor's, so that whatever else the machine does is left out.
"""

import asyncio
import gc
import statistics
import sys
import time

import orjson

from bench.report import record
from db.scope import PUBLIC
from schema.api import API
from server.errors import formatted
from server.serving import GARBAGE
from tests.abuse.corpus import CORPUS, Abuse

MOST_BYTES = 1_000

WITHIN = {7: 10, 8: 20, 9: 5}
"""Milliseconds that TRUST.md gives a row; the others have no figure."""


class Nobody:
    """The public; nothing is read for it."""

    scope = PUBLIC


async def refuse(abuse: Abuse, round_: int) -> tuple[float, int]:
    """Milliseconds of work until a document never seen before is refused, and the answer's bytes."""
    document = f"#{round_}\n{abuse.document}"
    begun = time.process_time()
    result = await API.execute(document, variable_values=abuse.variables, context_value=Nobody())
    body = orjson.dumps({"errors": [formatted(error) for error in result.errors or []]})
    return 1_000 * (time.process_time() - begun), len(body)


async def measure(rounds: int, first: int) -> list[tuple[Abuse, float, int]]:
    """The median of each attempt."""
    rows: list[tuple[Abuse, float, int]] = []
    for abuse in CORPUS:
        found = [await refuse(abuse, first + at) for at in range(rounds)]
        rows.append((abuse, statistics.median(each[0] for each in found), found[0][1]))
    return rows


def told(rows: list[tuple[Abuse, float, int]], rounds: int) -> None:
    """Print a line an attempt, and keep what each row of TRUST.md came to."""
    for abuse, took, size in rows:
        late = took > WITHIN.get(abuse.row, float("inf"))
        mark = "LATE" if late else ""
        print(f"{abuse.row:3} {took:7.1f} ms {size:5} bytes  {abuse.code:26} {abuse.name} {mark}")
    for row in sorted({abuse.row for abuse, _, _ in rows}):
        keep(row, [each for each in rows if each[0].row == row], rounds)


def keep(row: int, rows: list[tuple[Abuse, float, int]], rounds: int) -> None:
    """Record a row's slowest refusal and largest answer."""
    slowest, took, _ = max(rows, key=lambda each: each[1])
    largest = max(size for _, _, size in rows)
    within = WITHIN.get(row, float("inf"))
    late = sum(each[1] > within for each in rows)
    figure = (
        f"{len(rows)} attempts, medians of {rounds}: refused within {took:.1f} ms of work "
        f"({slowest.name}), {late} later than the goal; answers of at most {largest} bytes"
    )
    record(row, figure, not late and largest < MOST_BYTES, "python -m bench.abuse")


def main() -> None:
    """Measure as the server runs: what it holds for good is not looked through for garbage, nor what
    is new as often as usual."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    asyncio.run(measure(1, first=0))
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    told(asyncio.run(measure(rounds, first=1)), rounds)


if __name__ == "__main__":
    main()
