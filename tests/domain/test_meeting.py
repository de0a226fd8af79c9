"""What a meeting may be called, when it was held, and which duties it fulfils."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.cadence import MET, RECORDED, refuse_duty
from domain.meeting import refuse_call, refuse_hold
from domain.profile import Duty
from domain.refusal import Refusal, RefusalCode as Code
from tests.domain.places import EIGHT, profile_of

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("例会", None),
        ("会" * 200, None),
        ("", Code.TITLE_REQUIRED),
        ("\u3000\n", Code.TITLE_REQUIRED),
        ("会" * 201, Code.TEXT_TOO_LONG),
    ],
)
def test_titles(title: str, code: Code | None) -> None:
    limit = 200 if code is Code.TEXT_TOO_LONG else None
    assert refuse_call(title) == (code and Refusal(code, "title", limit))


def test_a_meeting_is_held_once_and_not_ahead() -> None:
    assert refuse_hold(None, "记" * 4000, NOW, NOW) is None
    assert refuse_hold(NOW, "", NOW, NOW) == Refusal(Code.MEETING_HELD, "meeting_id")
    assert refuse_hold(None, "记" * 4001, NOW, NOW) == Refusal(Code.TEXT_TOO_LONG, "minutes", 4000)
    later = NOW + timedelta(microseconds=1)
    assert refuse_hold(None, "", later, NOW) == Refusal(Code.AT_IN_FUTURE, "held_at")


@pytest.mark.parametrize("name", EIGHT)
def test_a_duty_is_claimed_by_those_it_is_asked_of(name: str) -> None:
    profile = profile_of(name)
    refusal = Refusal(Code.CADENCE_UNKNOWN, "duty")
    for cadence in profile.cadences:
        for kinds in (RECORDED, MET):
            known = cadence.what in kinds
            for role in profile.roles:
                owes = known and (not cadence.roles or role.code in cadence.roles)
                found = refuse_duty(profile, cadence.code, {role.code}, kinds)
                assert found == (None if owes else refusal)
            alone = refuse_duty(profile, cadence.code, set(), kinds)
            assert alone == (None if known and not cadence.roles else refusal)
    assert refuse_duty(profile, "none", {role.code for role in profile.roles}, MET) == refusal


def test_every_duty_but_an_assessment_can_be_fulfilled() -> None:
    assert set(Duty) - RECORDED - MET == {Duty.ASSESSMENT}
