"""Deadlines: elapsed hours or working days, across weekends and clock changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from domain.deadline import add_hours

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = st.sampled_from([SHANGHAI, NEW_YORK, ZoneInfo("Europe/London"), ZoneInfo("Asia/Tehran")])
MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
HOURS = st.integers(0, 24 * 60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


# 2026-03-06 is a Friday.
@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-02 09:00", 24, "2026-03-03 09:00"),
        ("2026-03-06 18:00", 5, "2026-03-06 23:00"),
        ("2026-03-06 18:00", 6, "2026-03-09 00:00"),
        ("2026-03-06 23:00", 2, "2026-03-09 01:00"),
        ("2026-03-06 18:00", 24, "2026-03-09 18:00"),
        ("2026-03-06 18:00", 30, "2026-03-10 00:00"),
        ("2026-03-07 11:00", 2, "2026-03-09 02:00"),
        ("2026-03-08 11:00", 24, "2026-03-10 00:00"),
        ("2026-03-08 11:00", 0, "2026-03-09 00:00"),
        ("2026-03-04 15:30", 5 * 24, "2026-03-11 15:30"),
        ("2026-03-04 15:30", 15 * 24, "2026-03-25 15:30"),
    ],
)
def test_working_days(start, hours, due):
    assert add_hours(at(start), hours, True, SHANGHAI) == at(due)


def test_the_weekend_is_the_place_s_own():
    """Sunday 20:00 in UTC is already Monday in Shanghai."""
    start = datetime(2026, 3, 8, 20, tzinfo=UTC)
    assert add_hours(start, 1, True, SHANGHAI) == start + timedelta(hours=1)


def test_plain_hours_are_elapsed_hours_when_the_clock_jumps():
    start = datetime(2026, 3, 7, 12, tzinfo=NEW_YORK)
    due = add_hours(start, 24, False, NEW_YORK)
    assert due.astimezone(NEW_YORK).hour == 13
    assert due - start.astimezone(UTC) == timedelta(hours=24)


def test_a_working_day_ends_at_the_same_time_of_day_when_the_clock_jumps():
    start = datetime(2026, 3, 6, 12, tzinfo=NEW_YORK)
    due = add_hours(start, 24, True, NEW_YORK).astimezone(NEW_YORK)
    assert (due.day, due.hour) == (9, 12)


def test_nothing_added_in_a_repeated_hour_is_not_an_hour_less():
    """Tehran turned back on a Tuesday at midnight: 23:30 came twice."""
    zone = ZoneInfo("Asia/Tehran")
    again = datetime(2021, 9, 21, 23, 30, tzinfo=zone, fold=1)
    assert add_hours(again, 0, True, zone) == again.astimezone(UTC)


def test_no_guess_about_the_zone_and_no_going_back():
    with pytest.raises(ValueError, match="time zone"):
        add_hours(datetime(2026, 3, 6), 1, False, SHANGHAI)  # noqa: DTZ001
    with pytest.raises(ValueError, match="ahead"):
        add_hours(at("2026-03-06 12:00"), -1, False, SHANGHAI)


@given(MOMENTS, HOURS, ZONES)
def test_plain_hours_are_exact_everywhere(start, hours, zone):
    due = add_hours(start.astimezone(zone), hours, False, zone)
    assert due - start == timedelta(hours=hours)
    assert due.utcoffset() == timedelta(0)


@given(MOMENTS, HOURS, ZONES)
def test_working_time_never_ends_on_a_weekend_nor_early(start, hours, zone):
    due = add_hours(start, hours, True, zone)
    assert due.utcoffset() == timedelta(0)
    assert due.astimezone(zone).weekday() < 5
    assert due >= start


@given(MOMENTS, HOURS, HOURS)
def test_working_time_adds_up(start, one, two):
    at_once = add_hours(start, one + two, True, SHANGHAI)
    in_turn = add_hours(add_hours(start, one, True, SHANGHAI), two, True, SHANGHAI)
    assert at_once == in_turn


@given(MOMENTS, st.integers(0, 24 * 30))
def test_working_time_is_what_a_slow_count_says(start, hours):
    """Oracle: an hour at a time, counting only those that begin on a working day."""
    hour = timedelta(hours=1)
    wall = start.astimezone(SHANGHAI)
    while wall.weekday() > 4:
        wall = (wall + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    for _ in range(hours):
        wall += hour
        while wall.weekday() > 4:
            wall += timedelta(days=1)
    assert add_hours(start, hours, True, SHANGHAI) == wall
