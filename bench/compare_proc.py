"""What processes have used, as Linux keeps it in /proc: processor seconds and memory."""

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True)
class Used:
    """Processor seconds so far of a server and of PostgreSQL."""

    server: float
    postgres: float

    def since(self, before: "Used") -> "Used":
        """What came to it after an earlier look."""
        return Used(self.server - before.server, self.postgres - before.postgres)


def used(server: int, postmaster: int) -> Used:
    """A look at both."""
    below = _families()
    return Used(_seconds(server, below), _seconds(postmaster, below))


def memory(pid: int) -> float:
    """Resident megabytes of a process and all below it."""
    below = _families()
    return sum(_resident(each) for each in _family(pid, below)) / 1024


def _seconds(pid: int, below: dict[int, list[int]]) -> float:
    """Of a process and all below it, those that have ended included."""
    fields = (_stat(str(each))[11:15] for each in _family(pid, below))
    return sum(int(each) for four in fields for each in four) / TICKS


def _families() -> dict[int, list[int]]:
    """The processes that each process has begun."""
    below: dict[int, list[int]] = defaultdict(list)
    for each in PROC.iterdir():
        if each.name.isdigit():
            below[int(_stat(each.name)[1])].append(int(each.name))
    return below


def _family(pid: int, below: dict[int, list[int]]) -> list[int]:
    return [pid, *(each for child in below[pid] for each in _family(child, below))]


def _resident(pid: int) -> int:
    try:
        lines = (PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def _stat(pid: str) -> list[str]:
    """The fields after the name, which may hold anything."""
    try:
        return (PROC / pid / "stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return ["0"] * 20
