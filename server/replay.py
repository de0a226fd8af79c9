"""`linli replay`: what a changed profile would have made of a place's past tickets, as text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from db import replay_store
from db.replay_store import PlaceUnits
from domain.ids import UnitId
from domain.profile import Profile
from domain.replay import Course, Difference, Past, Totals, difference, replay, totals
from domain.ticket import Hop
from server.dsn import connected

USUAL = timedelta(days=30)
SHOWN = 20
"""Differing tickets that are listed."""


class ReplayError(Exception):
    """The profile cannot be tried on the place."""


@dataclass(frozen=True)
class Asked:
    """The place, the profile to try, and the days on which the tickets were opened."""

    locality: str
    file: Path
    profile: Profile
    since: date | None
    until: date | None


async def replay_place(dsn: str, asked: Asked) -> str:
    """Run the place's tickets under their own profile and under the one to try; the report."""
    if asked.profile.slug != asked.locality:
        raise ReplayError(
            f"{asked.file} is the profile of {asked.profile.slug!r}, not of {asked.locality!r}."
        )
    connection = await connected(dsn)
    try:
        own = await replay_store.revisions(connection, asked.locality)
        if not own:
            raise ReplayError(f"There is no place {asked.locality!r}.")
        units = await replay_store.units(connection, asked.locality)
        _check_levels(asked, units)
        since, until = _span(asked, await connection.fetchval("SELECT now()"))
        pasts = await replay_store.pasts(connection, asked.locality, since, until)
    finally:
        await connection.close()
    courses = _run(asked, own, units, pasts, until)
    return "\n".join(_Report(asked, units.names, since, until, *courses).lines())


def _check_levels(asked: Asked, units: PlaceUnits) -> None:
    """Every level at which the place has units must be known to the profile."""
    known = {level.code for level in asked.profile.levels}
    used = [way[0].level_code for way in units.ways.values()]
    lacking = [f"{code!r} ({used.count(code)} units)" for code in sorted({*used} - known)]
    if lacking:
        raise ReplayError(f"{asked.file} lacks levels that the place uses: {', '.join(lacking)}.")


def _span(asked: Asked, now: datetime) -> tuple[datetime, datetime]:
    """The start of the first day, and the end of the last one or now; the last 30 days if unsaid."""
    zone = ZoneInfo(asked.profile.time_zone)
    until = now
    if asked.until is not None:
        next_day = asked.until + timedelta(days=1)
        until = min(now, datetime.combine(next_day, time.min, zone))
    since = until - USUAL
    if asked.since is not None:
        since = datetime.combine(asked.since, time.min, zone)
    if since >= until:
        raise ReplayError("The first day must lie before the last one, and not in the future.")
    return since, until


def _run(
    asked: Asked,
    own: Mapping[int, Profile],
    units: PlaceUnits,
    pasts: Sequence[Past],
    until: datetime,
) -> tuple[list[Course], list[Course], list[Difference]]:
    """Both courses of each ticket, and where they part."""
    before = [replay(own[past.revision], past, units.ways, until) for past in pasts]
    after = [replay(asked.profile, past, units.ways, until) for past in pasts]
    parted = map(difference, pasts, before, after)
    return before, after, [each for each in parted if each]


@dataclass(frozen=True)
class _Report:
    """What was asked and what came of it."""

    asked: Asked
    names: Mapping[UnitId, str]
    since: datetime
    until: datetime
    before: list[Course]
    after: list[Course]
    differ: list[Difference]

    def lines(self) -> Iterator[str]:
        """The totals side by side, then the tickets that differ."""
        span = f"{self._moment(self.since)} to {self._moment(self.until)}"
        yield f"{self.asked.locality}: tickets opened, and followed, from {span}"
        yield f"{'':<24}{'as opened':>18}{self.asked.file.name[-24:]:>26}"
        yield from self._compared(totals(self.before), totals(self.after))
        yield f"tickets whose chain differs: {len(self.differ)}"
        yield from self._parted()

    def _compared(self, one: Totals, other: Totals) -> Iterator[str]:
        yield _row("tickets", len(self.before), len(self.after))
        yield _row("hops", sum(one.hops.values()), sum(other.hops.values()))
        for route in sorted({*one.hops, *other.hops}):
            yield _row(f"  {route.value}", one.hops.get(route, 0), other.hops.get(route, 0))
        yield _row("  overdue, by the clock", one.overdue, other.overdue)
        yield _row("acts not allowed", one.skipped, other.skipped)
        yield _row("earliest hop", self._moment(one.earliest), self._moment(other.earliest))
        yield _row("latest hop", self._moment(one.latest), self._moment(other.latest))

    def _parted(self) -> Iterator[str]:
        for each in islice(self.differ, SHOWN):
            ends = f"{self._hop(each.before)} | {self._hop(each.after)}"
            yield f"  {each.number} hop {each.sequence}: {ends}"
        if len(self.differ) > SHOWN:
            yield f"  and {len(self.differ) - SHOWN} more"

    def _hop(self, hop: Hop | None) -> str:
        if hop is None:
            return "none"
        by = hop.rule or "by hand"
        return f"{hop.route.value} to {self.names[hop.to_unit]} {self._moment(hop.at)} ({by})"

    def _moment(self, at: datetime | None) -> str:
        """A moment on the place's clock."""
        zone = ZoneInfo(self.asked.profile.time_zone)
        return f"{at.astimezone(zone):%Y-%m-%d %H:%M}" if at else "none"


def _row(name: str, before: int | str, after: int | str) -> str:
    return f"{name:<24}{before:>18}{after:>26}"
