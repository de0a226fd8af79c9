"""When something is due: hours added to a moment, by the clock or by working days.

No article gives a deadline, so the hours come from the profile (DOMAIN, fact 2); a place may count
working days, as the Weifang 12345 regulation does (DOMAIN §9).
"""

from datetime import UTC, datetime, time, timedelta, tzinfo

WORKING_DAYS = 5
HOURS_A_DAY = 24


def add_hours(start: datetime, hours: int, working_hours_only: bool, tz: tzinfo) -> datetime:
    """The moment, in UTC, `hours` after `start`; 24 h are one working day where only those count."""
    if start.tzinfo is None:
        raise ValueError("a deadline starts from a moment with a time zone")
    if hours < 0:
        raise ValueError("a deadline lies ahead, not behind")
    if not working_hours_only:
        # Elapsed time is counted in UTC: local clocks jump.
        return start.astimezone(UTC) + timedelta(hours=hours)
    return _add_working(start.astimezone(tz), hours, tz).astimezone(UTC)


def _add_working(local: datetime, hours: int, tz: tzinfo) -> datetime:
    """Local time moved on by working days and then hours, never left on a weekend."""
    days, rest = divmod(hours, HOURS_A_DAY)
    weeks, days = divmod(days, WORKING_DAYS)
    wall = _opening(local.replace(tzinfo=None)) + timedelta(weeks=weeks)
    for _ in range(days):
        wall = _skip_weekend(wall + timedelta(days=1))
    wall = _skip_weekend(wall + timedelta(hours=rest))
    # An hour that the clock skips is read as the hour after it, one that it repeats as its first,
    # unless nothing was added and the moment already was the second.
    return wall.replace(tzinfo=tz, fold=0 if hours else local.fold)


def _opening(wall: datetime) -> datetime:
    """The moment itself, or Monday 00:00 when it falls on a weekend."""
    monday = _skip_weekend(wall)
    return wall if monday == wall else datetime.combine(monday.date(), time.min)


def _skip_weekend(wall: datetime) -> datetime:
    """The same time of day on Monday, when the moment falls on a weekend."""
    day = wall.weekday()
    return wall + timedelta(days=7 - day) if day >= WORKING_DAYS else wall
