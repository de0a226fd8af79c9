"""The kinds of service, each with the words of its article; and what a record may say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.refusal import Refusal, RefusalCode as Code
from domain.service_record import Said, Visit, refuse_correction, refuse_record
from domain.terms import ServiceKind as Kind
from tests.conftest import SHARED

SEEDS = SHARED / "seeds"
SOURCES: dict[Kind, tuple[str, str]] = {
    Kind.VISIT: ("001", "定期开展入户走访"),
    Kind.ERRAND: ("002", "为老年人提供跑腿代购"),
    Kind.MEDIATION: ("002", "调解居民矛盾"),
    Kind.TALK: ("000", "开展反诈宣传"),
    Kind.REPAIR: ("002", "为辖区居民提供应急维修服务"),
    Kind.PATROL_FINDING: ("004", "将巡逻情况、责任人、时间做好详细记录"),
    Kind.JOB_PLACEMENT: ("000", "为待业青年联系就业200余人"),
    Kind.CARE: ("003", "提供上門理發"),
    Kind.FOLLOW_UP: ("003", "回訪問效"),
    Kind.CONTACT: ("000", "每日一联系"),
    Kind.AID: ("000", "开展入户帮扶1000余次"),
    Kind.ESCORT: ("000", "留守学生接送难"),
    Kind.PATROL: ("004", "每晚9点至10点在学校周边进行巡逻"),
    Kind.INSPECTION: ("000", "燃气安全排查"),
    Kind.CLEANING: ("003", "集體清理樓道雜物30余次"),
    Kind.CLINIC: ("002", "理发义诊"),
    Kind.ADVICE: ("002", "答疑解惑"),
    Kind.ACTIVITY: ("002", "全民大阅读”等活动8场次"),
}
"""Where each kind comes from: the article, and its words."""


@pytest.mark.skipif(not SEEDS.exists(), reason="the articles are not beside the checkout")
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_is_named_by_an_article(kind: Kind) -> None:
    article, words = SOURCES[kind]
    (path,) = SEEDS.glob(f"{article}_*.txt")
    text = path.read_text(encoding="utf-8")
    assert words in text.replace("\n", "")


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VISIT = Said(Kind.VISIT, NOW, "走访")
LONG = "字" * 4001


def test_what_has_happened_may_be_recorded() -> None:
    for at in (NOW, NOW - timedelta(days=400)):
        for kind in Kind:
            assert refuse_record(Said(kind, at, LONG[1:]), None, NOW) is None
    assert refuse_record(VISIT, Visit(needs=LONG[1:]), NOW) is None


@pytest.mark.parametrize(
    ("said", "visit", "refusal"),
    [
        (replace(VISIT, at=NOW + timedelta(microseconds=1)), None, (Code.AT_IN_FUTURE, "at")),
        (replace(VISIT, note=LONG), None, (Code.TEXT_TOO_LONG, "note", 4000)),
        (replace(VISIT, kind=Kind.TALK), Visit(), (Code.NOT_A_VISIT, "visit")),
        (VISIT, Visit(skills=LONG), (Code.TEXT_TOO_LONG, "visit.skills", 4000)),
    ],
)
def test_what_may_not(said: Said, visit: Visit | None, refusal: tuple[Any, ...]) -> None:
    assert refuse_record(said, visit, NOW) == Refusal(*refusal)


def test_a_visit_that_learnt_nothing_is_empty() -> None:
    assert Visit().empty()
    assert not Visit(difficulties="腿脚不便").empty()


@pytest.mark.parametrize(
    ("said", "reason", "learnt", "refusal"),
    [
        (replace(VISIT, note=""), "改", True, None),
        (replace(VISIT, kind=Kind.TALK), "改", False, None),
        (replace(VISIT, note=""), "\u3000", True, (Code.REASON_REQUIRED, "reason")),
        (replace(VISIT, note=""), LONG, True, (Code.TEXT_TOO_LONG, "reason", 4000)),
        (VISIT, "改", True, (Code.NOTHING_CHANGED, None)),
        (replace(VISIT, kind=Kind.TALK), "改", True, (Code.NOT_A_VISIT, "kind")),
        (replace(VISIT, note=LONG), "改", True, (Code.TEXT_TOO_LONG, "note", 4000)),
        (replace(VISIT, at=NOW + timedelta(1)), "改", True, (Code.AT_IN_FUTURE, "at")),
    ],
)
def test_corrections(
    said: Said, reason: str, learnt: bool, refusal: tuple[Any, ...] | None
) -> None:
    expected = refusal and Refusal(*refusal)
    assert refuse_correction(VISIT, said, reason, learnt=learnt, now=NOW) == expected
