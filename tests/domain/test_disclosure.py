"""For which purposes personal data open, to which posts; and the seals of the chain."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from domain.audit import FIRST, Anchor, AnchorError, Check, read_anchor, seal
from domain.disclosure import (
    MOST_PEOPLE,
    NEAR,
    RULES,
    SPAN,
    Need,
    PersonalField,
    Purpose,
    Standing,
    opens,
    wait_for,
)
from domain.person import erasure_due, refuse_correction
from domain.refusal import RefusalCode
from domain.retention import KEPT, Kept
from domain.terms import LevelKind

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def test_every_combination_of_purpose_part_and_standing() -> None:
    """Written anew as the three sentences of the rule."""
    for purpose, part, level, above, visits, handles in product(
        Purpose, PersonalField, LevelKind, (True, False), (True, False), (True, False)
    ):
        expected = (
            above
            and {
                Purpose.OWN: False,
                Purpose.CONTACT_REPORTER: handles and part is PersonalField.PHONE,
                Purpose.HOME_VISIT: visits and level in NEAR,
                Purpose.EMERGENCY: part is not PersonalField.SKILLS,
            }[purpose]
        )
        assert opens(purpose, part, Standing(level, above, visits, handles)) is expected


def test_nobody_is_near_from_a_street_or_a_district() -> None:
    far = {LevelKind.CITY, LevelKind.DISTRICT, LevelKind.STREET, LevelKind.DEPARTMENT}
    assert not far & NEAR


def test_every_purpose_has_a_rule_and_only_an_emergency_asks_why() -> None:
    assert {*RULES, Purpose.OWN} == set(Purpose)
    assert [each for each, rule in RULES.items() if rule.reasoned] == [Purpose.EMERGENCY]
    assert {rule.need for rule in RULES.values()} == set(Need)


def test_there_is_room_again_as_soon_as_enough_have_passed() -> None:
    people = [UUID(int=at) for at in range(MOST_PEOPLE + 3)]
    ago = timedelta(minutes=1)
    lately = {who: NOW - at * ago / 10 for at, who in enumerate(people[:MOST_PEOPLE])}
    assert wait_for(set(), lately, NOW) == wait_for(set(people[:9]), lately, NOW) == timedelta()
    oldest = (MOST_PEOPLE - 1) * ago / 10
    assert wait_for({people[-1]}, lately, NOW) == SPAN - oldest
    assert wait_for(set(people[-3:]), lately, NOW) == SPAN - oldest + 2 * ago / 10
    # Who is asked for again is no room that comes free.
    assert wait_for({people[-1], people[MOST_PEOPLE - 1]}, lately, NOW) == SPAN - oldest + ago / 10
    then = NOW + SPAN - oldest
    left = {who: at for who, at in lately.items() if at > then - SPAN}
    assert wait_for({people[-1]}, left, then) == timedelta()
    assert wait_for(set(people), {}, NOW) == SPAN


ROW = ("weibin", 1, NOW, UUID(int=1), None, UUID(int=2), "PHONE", "OWN", None, None, UUID(int=3))


def test_a_seal_covers_every_column_and_the_row_before() -> None:
    sealed = {seal((*ROW, None), FIRST), seal((*ROW, None), bytes(31) + b"1")}
    for at in range(len(ROW)):
        sealed.add(seal((*ROW[:at], "other", *ROW[at + 1 :], None), FIRST))
    # What is said is never taken for what is not, nor for a column.
    sealed |= {seal((*ROW, said), FIRST) for said in ("", "None", "|", "a|b")}
    assert len(sealed) == 2 + len(ROW) + 4


def test_a_chain_is_checked_from_where_it_begins() -> None:
    digest = seal((*ROW, None), FIRST)
    check = Check("weibin", 0, FIRST)
    check.read((*ROW, None), digest)
    check.end(1, digest)
    assert (check.problems, check.rows) == ([], 1)
    other = Check("weibin", 0, bytes(31) + b"1")
    other.read((*ROW, None), digest)
    assert other.problems == ["weibin: row 1 is not as it was written"]


def test_an_anchor_survives_its_line() -> None:
    bare = Anchor("weibin", 7, bytes(range(32)), NOW, None)
    assert read_anchor(bare.line(b"key"), b"key") == bare
    anchor = replace(bare, written_at=NOW)
    assert read_anchor(anchor.line()) == anchor
    assert read_anchor(anchor.line(b"key"), b"key") == anchor
    moved = anchor.line(b"key").replace('"sequence": 7', '"sequence": 8')
    aged = anchor.line(b"key").replace('"writtenAt": "2', '"writtenAt": "1')
    for line, key in (
        (anchor.line(), b"key"),
        (anchor.line(b"key"), None),
        (anchor.line(b"other"), b"key"),
        (moved, b"key"),
        (aged, b"key"),
        ("", None),
        ("[]", None),
        ('{"locality": "weibin"}', None),
    ):
        with pytest.raises(AnchorError):
            read_anchor(line, key)


@pytest.mark.parametrize(
    ("said", "serves", "code"),
    [
        ({"phone": "138-0000-0001"}, True, None),
        ({"phone": "+86 138 0000 0001"}, False, None),
        ({"phone": ""}, False, None),
        ({"phone": "call me"}, False, RefusalCode.PHONE_MALFORMED),
        ({"phone": "1" * 30}, False, RefusalCode.PHONE_MALFORMED),
        ({"phone": "１３８００００００"}, False, RefusalCode.PHONE_MALFORMED),
        ({"name": "李四"}, False, None),
        ({"name": ""}, False, RefusalCode.NAME_REQUIRED),
        ({"name": "李四"}, True, RefusalCode.FORBIDDEN),
        ({"name": "x" * 101}, False, RefusalCode.TEXT_TOO_LONG),
        ({"address": "x" * 201}, False, RefusalCode.TEXT_TOO_LONG),
        ({"needs": "x" * 4000}, False, None),
        ({"needs": "x" * 4001}, False, RefusalCode.TEXT_TOO_LONG),
    ],
)
def test_what_may_be_kept_of_a_person(
    said: dict[str, str], serves: bool, code: RefusalCode | None
) -> None:
    refusal = refuse_correction(said, serves=serves)
    assert (refusal and refusal.code) == code


def test_a_request_is_due_in_fifteen_working_days() -> None:
    """Asked on a Monday: three weeks later, whatever the zone."""
    due = erasure_due(NOW, ZoneInfo("Asia/Shanghai"))
    assert due == NOW + timedelta(weeks=3)
    saturday = NOW + timedelta(days=5)
    assert erasure_due(saturday, ZoneInfo("Asia/Shanghai")).weekday() == 6  # Sunday's end there


def test_every_class_is_kept_for_a_reason() -> None:
    assert set(KEPT) == set(Kept)
    assert all(term.days > 0 and term.why.endswith(".") for term in KEPT.values())
    # The law's three years, in any three of them.
    assert KEPT[Kept.DISCLOSURES].days >= 3 * 365 + 1
