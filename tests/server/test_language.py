"""Which language a client is spoken to."""

import pytest

from server.language import negotiate


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "en"),
        ("en", "en"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-Hans-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("zh;q=0.8, en;q=0.9", "en"),
        ("en;q=0.8, zh;q=0.9", "zh-Hans"),
        ("fr, zh;q=0.3, en;q=0.2", "zh-Hans"),
        ("fr", "en"),
        ("*", "en"),
        ("zh;q=0", "en"),
        ("en;q=0, *", "zh-Hans"),
        ("en;q=0.4, *;q=0.5", "zh-Hans"),
        ("zh;q=0.5, *", "en"),
        ("zh, en", "zh-Hans"),
        ("en, zh", "en"),
        ("ZH-cn ; q=1", "zh-Hans"),
        ("zh;q=nonsense, en;q=0.1", "en"),
        ("zh;q=7, en;q=0.1", "en"),
        ("zh;q=nan, en;q=0.1", "en"),
        ("zho", "en"),
        (",;,=,;q=", "en"),
    ],
)
def test_the_heaviest_wins(accepted: str, language: str) -> None:
    assert negotiate(accepted) == language
