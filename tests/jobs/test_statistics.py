"""Published counts under attack: no small one is told, by itself or by difference (ADR 12)."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import product
from math import exp
from random import Random

import pytest

from db.statistics_store import Calendar
from domain import statistics
from domain.statistics import (
    DOUBT,
    LEAST,
    MARGIN,
    SPREAD,
    STEP,
    Span,
    bounds,
    protected,
    usual_span,
)
from jobs.statistics import missing
from tests.jobs.differencing import belief, right, town

TOWNS = 8
SHANGHAI = "Asia/Shanghai"


@pytest.mark.trust(32)
def test_what_is_shown_does_not_help_to_guess_a_small_count(
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    random = Random(20251122)
    made = [town(random, random.random) for _ in range(TOWNS)]
    told, blind = right(made, 1 / (2 * SPREAD**2 + STEP**2 / 12))
    many = sum(len(each.small()) for each in made)
    figure = f"{many:,} small counts: guessed right {told:.0%} with the publication, "
    record_property("figure", f"{figure}{blind:.0%} without")
    assert many > 900
    assert told < blind + 0.03
    # The attack is one: with nothing but small counts left out, differences tell.
    monkeypatch.setattr(statistics, "STEP", 1)
    monkeypatch.setattr(statistics, "MARGIN", 0)
    bare = [town(random, lambda: 0.0) for _ in range(TOWNS)]
    told, blind = right(bare, 100)
    assert told > blind + 0.15


@pytest.mark.trust(32)
def test_who_knows_all_the_others_rules_out_hardly_any_value_of_0_to_4(
    monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    """By the numbers shown, and by what is shown at all."""
    random = Random(20251123)

    def known() -> list[list[float]]:
        made = [town(random, random.random) for _ in range(TOWNS)]
        return [belief(each, key) for each in made for key in each.small()]

    found = known()
    sure = sum(max(each) > 0.95 for each in found)
    narrowed = sum(min(each) == 0 for each in found)
    said = f"of {len(found):,} small counts {sure} told with 95 % certainty by one who knows all"
    record_property("figure", f"{said} the others, {narrowed} with a value ruled out")
    assert sure <= len(found) / 1_000
    assert narrowed <= len(found) / 200
    # The attack is one: where a cell is shown as soon as five stand behind it, it tells of a fifth.
    monkeypatch.setattr(statistics, "MARGIN", 0)
    found = known()
    assert sum(min(each) == 0 for each in found) > len(found) / 20


def shown_with(people: int) -> float:
    """How likely a cell with many tickets of so many people is to be shown, exactly."""
    ratio, total = exp(-1 / DOUBT), 0.0
    for more, fewer in product(range(30), repeat=2):
        drawn = (1 - ratio ** (more + 0.5), 1 - ratio ** (fewer + 0.5), 0.0, 0.0)
        if protected(1_000, people, iter(drawn).__next__) is not None:
            total += (1 - ratio) ** 2 * ratio ** (more + fewer)
    return total


@pytest.mark.trust(32)
def test_one_person_more_hardly_changes_whether_a_cell_is_shown(
    record_property: Callable[[str, object], None],
) -> None:
    """Of neighbours, neither the likelihood to be shown nor that not to be differs by more than the
    noise allows; but for the fifth person, who is hardly ever told of."""
    assert [shown_with(people) for people in range(LEAST)] == [0.0] * LEAST
    fifth = shown_with(LEAST)
    record_property("figure", f"a fifth person is told of with a likelihood of {fifth:.2%}")
    assert 0 < fifth < 0.002
    bound = exp(1 / DOUBT) * 1.000_001
    for people in range(LEAST, 3 * LEAST + MARGIN):
        fewer, more = shown_with(people), shown_with(people + 1)
        assert fewer <= more <= fewer * bound
        assert (1 - fewer) <= (1 - more) * bound
    assert shown_with(2 * LEAST + MARGIN) > 0.98


def test_a_count_of_few_people_is_never_shown() -> None:
    random = Random(1)
    for people in range(LEAST):
        assert {protected(count, people, random.random) for count in range(300)} == {None}


def test_a_count_is_shown_about_as_it_is() -> None:
    random = Random(2)
    for count in (5, 17, 40, 1_000):
        found = [protected(count, count, random.random) for _ in range(3_000)]
        numbers = [each for each in found if each is not None]
        assert {each % STEP for each in numbers} == {0}
        assert min(numbers) >= LEAST
        assert len(numbers) == len(found) or count < 40
        if count >= 40:
            assert abs(sum(numbers) / len(numbers) - count) < 1
            near = sum(abs(each - count) <= 10 for each in numbers)
            assert near > 0.9 * len(numbers)
            assert len(set(numbers)) > 8  # without a bound


def test_the_usual_span_is_where_the_middle_lies() -> None:
    assert usual_span({}) is None
    assert usual_span({Span.WEEK: 5}) is Span.WEEK
    assert usual_span({Span.DAY: 5, Span.LONGER: 5}) is Span.DAY
    assert usual_span({Span.DAY: 5, Span.MONTH: 10, Span.LONGER: 20}) is Span.LONGER


def test_a_month_is_the_places_own() -> None:
    assert bounds(date(2025, 12, 1), SHANGHAI) == (
        datetime(2025, 11, 30, 16, tzinfo=UTC),
        datetime(2025, 12, 31, 16, tzinfo=UTC),
    )
    march = bounds(date(2025, 3, 1), "America/New_York")  # the clock is put forward within it
    assert march == (datetime(2025, 3, 1, 5, tzinfo=UTC), datetime(2025, 4, 1, 4, tzinfo=UTC))


def test_only_whole_months_are_published_and_gaps_made_up_for() -> None:
    first = datetime(2025, 10, 31, 15, 59, tzinfo=UTC)  # a minute to November in Shanghai
    done = frozenset({date(2025, 11, 1)})

    def left(now: datetime, first: datetime | None = first) -> list[date]:
        return list(missing(Calendar(SHANGHAI, now, first, done)))

    assert left(datetime(2025, 12, 31, 15, 59, tzinfo=UTC)) == [date(2025, 10, 1)]
    assert left(datetime(2025, 12, 31, 16, 0, tzinfo=UTC)) == [date(2025, 10, 1), date(2025, 12, 1)]
    assert left(datetime(2026, 12, 31, tzinfo=UTC), None) == []
