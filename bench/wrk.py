"""wrk, as the benches use it: a script of ours says what is sent, figures come back.

It takes a small part of what a client in Python takes of the machine that both sides share.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from tempfile import NamedTemporaryFile

TIMEOUT = 60

DONE = """
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\\nTOLD {"answers":%d,"micros":%d,"p50":%.3f,"p99":%.3f,"refused":%d,"broken":%d}\\n',
    summary.requests, summary.duration, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
"""

MIX = """
local requests = {%s}
math.randomseed(os.time())
function request() return requests[math.random(#requests)] end
"""
PAUSE = "function delay() return math.random(0, %d) end\n"


@dataclass(frozen=True)
class Seen:
    """What wrk saw."""

    answers: int
    seconds: float
    p50: float
    p99: float
    """Milliseconds, of all answers."""
    refused: int
    """Answers with a status of 400 or more."""
    broken: int
    """Requests without an answer."""

    @property
    def per_second(self) -> float:
        """Answers a second, of any status."""
        return self.answers / self.seconds


def one_of(requests: Sequence[str], pause: float = 0) -> str:
    """The script that sends one of these whole requests at a time, each `pause` seconds after an
    answer: up to twice as long, so that clients do not keep step."""
    mix = MIX % ", ".join(_quoted(each) for each in requests)
    return mix + (PAUSE % round(pause * 2_000) if pause else "")


async def wrk(url: str, script: str, clients: int, seconds: float) -> Seen:
    """Have so many clients send for so long; FileNotFoundError where there is no wrk."""
    command = ["wrk", "-t1", f"-c{clients}", f"-d{max(1, round(seconds))}s"]
    with NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script + DONE)
        file.flush()
        process = await asyncio.create_subprocess_exec(
            *(*command, "--timeout", f"{TIMEOUT}s", "-s", file.name, url),
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await process.communicate()
    told = json.loads(said.decode().rpartition("TOLD ")[2])
    return Seen(seconds=told.pop("micros") / 1e6, **told)


def _quoted(text: str) -> str:
    """As a text of Lua, byte by byte."""
    return '"' + "".join(f"\\{byte:03}" for byte in text.encode()) + '"'
